"""`salesloop audit`: checks that nobody has tampered with the event log, and says where if somebody has."""

import re
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from cli.plainly import plainly

if TYPE_CHECKING:
    from domain.kernel.seals import Fault
    from runtime.settings import Settings

audit = typer.Typer(help="The audit trail.", no_args_is_help=True)
STEP = 10_000
MOST_SHOWN = 20


class Kept(NamedTuple):
    """The head of the chain as somebody has kept it elsewhere."""

    place: int
    chain: str


def kept(text: str) -> Kept:
    """This will read a head as `verify` prints it. Raises BadParameter."""
    found = re.fullmatch(r"([0-9]{1,18}):([0-9a-f]{64})", text)
    if found is None:
        raise typer.BadParameter("give it as `salesloop audit verify` prints it: a number, a colon, 64 digits.")
    return Kept(int(found[1]), found[2])


@audit.callback()
def group() -> None:
    """The audit trail."""


@audit.command()
def verify(
    head: Annotated[
        Kept | None,
        typer.Option(
            parser=kept,
            metavar="PLACE:CHAIN",
            help="What `verify` printed earlier: shows whether the end was cut off.",
        ),
    ] = None,
) -> None:
    """Check every sealed event and the chain of seals; ends with 1 where something was tampered with."""
    import asyncio

    from runtime.embedded import attach
    from runtime.settings import read_settings

    with plainly():
        settings = read_settings()
        with attach(settings, "audit") as running:
            faulty = asyncio.run(_verify(running.database_url, settings.with_engines(running.database_url, ""), head))
    if faulty:
        raise typer.Exit(1)


async def _verify(database_url: str, settings: "Settings", known: Kept | None) -> bool:
    from datetime import timedelta

    from domain.access.tokens import TokenKey
    from domain.kernel import seals
    from runtime.database import connected
    from runtime.token_key import former_keys, signing_key

    keys = TokenKey(signing_key(settings), timedelta(), former_keys(settings)).seal_keys
    found, redacted, place, next_told = list[seals.Fault](), 0, seals.BEGINNING, STEP
    async with connected(database_url, pool_size=1):
        end = await seals.head()
        found += _compared(known, await seals.seal_at(known.place) if known else None)
        while True:
            checked = await seals.verify(keys, after=place)
            if checked.reached == place:
                break
            found += checked.faults
            redacted += checked.redacted
            place = checked.reached
            if place.seal_id >= next_told:
                typer.echo(f"{place.seal_id:,} of {end.seal_id:,} seals checked …", err=True)
                next_told += STEP
        found += await seals.inserted_behind()
        fresh = await seals.unsealed()
    for fault in found[:MOST_SHOWN]:
        where = f"event {fault.event_id}" if fault.event_id else f"seal {fault.seal_id}"
        typer.echo(f"{where}: {fault.what}")
    if len(found) > MOST_SHOWN:
        typer.echo(f"… and {len(found) - MOST_SHOWN:,} more")
    typer.echo(f"{place.seal_id:,} events checked, {len(found):,} faults; {fresh:,} are newer than the last seal.")
    if redacted:
        typer.echo(f"Personal data was erased from {redacted:,} of them, as the house itself can prove.")
    typer.echo(f"The head of the chain is {place.seal_id}:{place.chain}")
    return bool(found)


def _compared(known: Kept | None, stored: str | None) -> list["Fault"]:
    """What a head that was kept elsewhere says about the chain."""
    from domain.kernel.seals import Fault

    if known is None or known.chain == stored:
        return []
    return [Fault("the chain no longer leads to the head that was kept", None, known.place)]
