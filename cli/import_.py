"""`salesloop import`: takes in a file of customers, products, orders or feedback, and shows how far it is."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from cli.migrate import require_migrated
from cli.plainly import plainly
from domain.imports.rules import ImportKind

if TYPE_CHECKING:
    from domain.intake.loader import ImportOutcome, Progress, TakeRejects
    from domain.intake.rows import Reject

READ_BYTES = 1024 * 1024
ROWS_A_LINE = 100_000
EXIT_WITH_REJECTS = 3


def import_(
    kind: Annotated[ImportKind, typer.Argument(help="What the rows are.")],
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines, UTF-8.", exists=True, dir_okay=False, readable=True)],
) -> None:
    """Import a file: what is new is created, what differs is changed, the same file again changes nothing.

    Rows that cannot be taken go to FILE.rejects.csv with line, field and reason. Exit 0: every row landed; 3: there
    are rejects; 1: the file as a whole was refused.
    """
    import asyncio

    from runtime.embedded import attach
    from runtime.settings import read_settings

    with plainly():
        settings = read_settings()
        with attach(settings, "import") as running:
            outcome = asyncio.run(import_into(running.database_url, kind, file))
    if outcome.rejected:
        raise typer.Exit(EXIT_WITH_REJECTS)


async def import_into(database_url: str, kind: ImportKind, path: Path) -> "ImportOutcome":
    """This will import a file into a database, say how it goes, and leave the rejects beside the file.

    Raises: CannotRun where the file as a whole is refused, or a migration is pending.
    """
    from runtime.database import connected

    await require_migrated(database_url)
    began, rejects = time.monotonic(), rejects_beside(path)
    rejects.unlink(missing_ok=True)
    async with connected(database_url, pool_size=2):
        with path.open("rb") as file, _telling(path) as progress, _writing(rejects) as take:
            outcome = await _import(kind, file, progress, take)
    _sum_up(path, outcome, time.monotonic() - began)
    return outcome


def rejects_beside(path: Path) -> Path:
    """This will name the file that the rejects of a file go to."""
    return path.with_name(f"{path.name}.rejects.csv")


async def _import(kind: ImportKind, file: BinaryIO, progress: "Progress", take: "TakeRejects") -> "ImportOutcome":
    from domain.imports.commands import import_file
    from domain.kernel.actor import Actor
    from domain.kernel.clock import system_clock
    from domain.kernel.permissions import EVERY_GRANT
    from domain.kernel.refusals import Invalid
    from runtime.refusal import CannotRun

    by = Actor(name="command line", grants=EVERY_GRANT)
    try:
        return await import_file(kind, _chunks(file), by=by, at=system_clock(), progress=progress, rejects=take)
    except Invalid as refusal:
        raise CannotRun(f"{file.name}: {refusal.message}") from None


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := file.read(READ_BYTES):
        yield chunk


@contextmanager
def _writing(path: Path) -> "Iterator[TakeRejects]":
    """Made with the first reject, so that there is no file where there are none."""
    from domain.intake.rejects import HEADER, as_csv

    with ExitStack() as stack:
        file: BinaryIO | None = None

        async def take(rejects: "Sequence[Reject]") -> None:
            nonlocal file
            if file is None:
                file = stack.enter_context(path.open("wb"))
                file.write(HEADER)
            file.write(as_csv(rejects))

        yield take


@contextmanager
def _telling(path: Path) -> "Iterator[Progress]":
    """A bar where somebody looks on, otherwise a line now and then."""
    from rich.console import Console
    from rich.progress import Progress as Bar

    told = 0
    with Bar(console=Console(stderr=True), transient=True, disable=not Console(stderr=True).is_terminal) as bar:
        task = bar.add_task(path.name, total=path.stat().st_size)

        async def progress(done: int, outcome: "ImportOutcome") -> None:
            nonlocal told
            bar.update(task, completed=done, description=f"{path.name} {outcome.read:,} rows")
            if bar.disable and outcome.read >= told + ROWS_A_LINE:
                told = outcome.read
                typer.echo(f"{path.name}: {outcome.read:,} rows", err=True)

        yield progress


def _sum_up(path: Path, outcome: "ImportOutcome", seconds: float) -> None:
    typer.echo(
        f"{path.name}: {outcome.read:,} rows in {seconds:.1f} s ({outcome.read / seconds:,.0f} rows/s); "
        f"{outcome.created:,} created, {outcome.changed:,} changed, {outcome.unchanged:,} unchanged, "
        f"{outcome.rejected:,} rows rejected"
    )
    if outcome.rejected:
        typer.echo(f"The rejects, with line, field and reason: {rejects_beside(path)}")
