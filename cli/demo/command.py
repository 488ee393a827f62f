"""`salesloop demo`: loads the demo company into a database."""

import time
from collections.abc import Callable

import typer

from cli.migrate import require_migrated
from cli.plainly import plainly


def demo() -> None:
    """Load the demo company and its administrator; loaded again, it changes nothing."""
    import asyncio

    from runtime.embedded import attach
    from runtime.settings import read_settings

    with plainly():
        settings = read_settings()
        with attach(settings, "demo") as running:
            asyncio.run(load_into(running.database_url, typer.echo))


async def load_into(database_url: str, tell: Callable[[str], None]) -> None:
    """This will load the demo into a migrated database that has it not, or not all of it.

    Raises: DemoNotInstalled, CannotRun where a migration is pending.
    """
    from cli.demo.company import is_loaded, load
    from domain.kernel.clock import system_clock
    from runtime.database import connected

    began = time.monotonic()
    await require_migrated(database_url)
    async with connected(database_url, pool_size=4, statement_timeout_seconds=60):
        if await is_loaded():
            tell("The demo is loaded.")
            return
        loaded = await load(at=system_clock(), progress=tell)
    tell(
        f"Demo: {loaded.customers:,} customers, {loaded.orders:,} orders, {loaded.feedback:,} feedback items, "
        f"{loaded.products} products, {loaded.contacts:,} contacts in {time.monotonic() - began:.0f} s"
    )
