"""`salesloop token`: prints a bearer token, for people at a terminal and for scripts."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from cli.plainly import plainly

if TYPE_CHECKING:
    from runtime.settings import Settings


def token(
    email: Annotated[
        str | None, typer.Argument(help="The user's e-mail address; the demo administrator's if left out.")
    ] = None,
) -> None:
    """Print a bearer token for a user."""
    import asyncio

    from runtime.embedded import attach
    from runtime.settings import read_settings

    with plainly():
        settings = read_settings()
        with attach(settings, "token") as running:
            typer.echo(asyncio.run(_token(email, settings, running.database_url)))


async def _token(email: str | None, settings: "Settings", database_url: str) -> str:
    from cli.demo import ADMIN_EMAIL
    from domain.access.queries import user_named
    from domain.access.sessions import Way, sign_in
    from domain.access.tokens import TokenKey
    from domain.kernel.actor import HERE
    from domain.kernel.clock import system_clock
    from runtime.database import connected
    from runtime.refusal import CannotRun
    from runtime.token_key import signing_key

    key = TokenKey(signing_key(settings), timedelta(minutes=settings.token_minutes))
    async with connected(database_url, pool_size=1):
        user = await user_named(email or ADMIN_EMAIL)
        if user is not None:
            signed = await sign_in(user, "salesloop token", HERE, way=Way.UNASKED, key=key, at=system_clock())
            return signed.access.text
    remedy = (
        "take one in with `salesloop user create`" if email else "load the demo with `salesloop demo`, or name a user"
    )
    raise CannotRun(f"there is no active user {email or ADMIN_EMAIL}: {remedy}")
