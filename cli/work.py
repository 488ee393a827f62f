"""`salesloop work`: one worker, until it is told to stop."""

from typing import Annotated

import typer

from cli.plainly import plainly


def work(supervised: Annotated[bool, typer.Option(hidden=True)] = False) -> None:
    """Run jobs."""
    import asyncio

    from runtime.embedded import attach
    from runtime.lifeline import leave_with_supervisor
    from runtime.settings import read_settings
    from runtime.telemetry import configure_logging
    from workers.main import run

    with plainly():
        settings = read_settings()
        configure_logging(settings)
        if supervised:
            leave_with_supervisor()
        with attach(settings, "work") as running:
            asyncio.run(run(settings.with_engines(running.database_url, running.redis_url)))
