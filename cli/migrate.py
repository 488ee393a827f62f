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
