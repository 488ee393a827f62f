"""`salesloop migrate`: brings the database to the newest migration."""

import typer

from cli.plainly import plainly


def migrate() -> None:
    """Apply pending migrations, and say which."""
    import asyncio

    from runtime import database
    from runtime.embedded import attach
    from runtime.probes import probe_database
    from runtime.settings import read_settings

    with plainly():
        settings = read_settings()
        with attach(settings, "migrate") as running:
            asyncio.run(probe_database(running.database_url))
            applied = asyncio.run(database.migrate(running.database_url))
    for name in applied:
        typer.echo(f"applied {name}")
    typer.echo("The database is up to date.")


async def require_migrated(database_url: str) -> None:
    """This will refuse a database that lacks migrations: a command that writes rows does not change tables by the way.

    Raises: CannotRun.
    """
    from runtime.database import pending_migrations
    from runtime.refusal import CannotRun

    if await pending_migrations(database_url):
        raise CannotRun("the database lacks migrations; run: salesloop migrate")
