"""`salesloop user create`: takes in a user; the first one of a house without a demo is made so."""

import sys
from typing import Annotated

import typer

from cli.plainly import plainly

user = typer.Typer(help="Users of the house.", no_args_is_help=True)


@user.callback()
def group() -> None:
    """Users of the house."""


@user.command()
def create(
    email: Annotated[str, typer.Argument(help="What the user signs in with.")],
    name: Annotated[str, typer.Option(help="What colleagues call them.")],
    role: Annotated[
        list[str] | None, typer.Option(help="What they may do, such as `sales representative`; may be repeated.")
    ] = None,
    administrator: Annotated[bool, typer.Option("--administrator", help="Sees and may do everything.")] = False,
) -> None:
    """Take in a user; the password is asked for, or read from standard input."""
    import asyncio

    from runtime.embedded import attach
    from runtime.settings import read_settings

    with plainly():
        settings = read_settings()
        secret = _ask()
        with attach(settings, "user") as running:
            asyncio.run(
                _create(
                    running.database_url,
                    email,
                    name,
                    secret,
                    [*(role or ()), *(["administrator"] if administrator else ())],
                )
            )
    typer.echo(f"{email} can sign in.")


def _ask() -> str:
    if sys.stdin.isatty():
        answer: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
        return answer
    return sys.stdin.readline().rstrip("\n")


async def _create(database_url: str, email: str, name: str, password: str, roles: list[str]) -> None:
    from domain.access.queries import roles_named
    from domain.access.users import create_user
    from domain.kernel.actor import SYSTEM
    from domain.kernel.clock import system_clock
    from domain.kernel.refusals import Refusal
    from runtime.database import connected
    from runtime.refusal import CannotRun

    async with connected(database_url, pool_size=1):
        try:
            given = await roles_named(*roles)
            await create_user(email, name, password, roles=given, by=SYSTEM, at=system_clock())
        except KeyError as unknown:
            raise CannotRun(
                f"there is no role {unknown}; `sales representative` is one, the API's `roles` has all"
            ) from None
        except Refusal as refusal:
            raise CannotRun(refusal.message) from None
