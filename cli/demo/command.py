"""`salesloop demo`: loads the demo company into a database."""

import time
from collections.abc import Callable
from typing import Annotated

import typer

from cli.demo import DEALS
from cli.migrate import require_migrated
from cli.plainly import plainly

Opportunities = Annotated[
    int, typer.Option(min=1_000, max=1_000_000, help="How many deals to make up, with all that belongs to them.")
]


def demo(opportunities: Opportunities = DEALS) -> None:
    """Load the demo company and its administrator; loaded again, it changes nothing."""
    import asyncio

    from runtime.embedded import attach
    from runtime.settings import read_settings

    with plainly():
        settings = read_settings()
        with attach(settings, "demo") as running:
            asyncio.run(load_into(running.database_url, typer.echo, opportunities))


async def load_into(database_url: str, tell: Callable[[str], None], opportunities: int = DEALS) -> None:
    """This will load the demo into a migrated database that has it not, or not all of it.

    Raises: DemoNotInstalled, CannotRun where a migration is pending.
    """
    from cli.demo import loop
    from cli.demo.company import is_loaded, load
    from domain.kernel.clock import system_clock
    from runtime.database import connected

    began, at = time.monotonic(), system_clock()
    await require_migrated(database_url)
    async with connected(database_url, pool_size=4, statement_timeout_seconds=0):
        done = await is_loaded()
        if not done:
            loaded = await load(at=at, progress=tell)
            tell(
                f"Demo: {loaded.customers:,} customers, {loaded.orders:,} orders, {loaded.feedback:,} feedback items, "
                f"{loaded.products} products, {loaded.contacts:,} contacts in {time.monotonic() - began:.0f} s"
            )
        there = await loop.complete(opportunities, at=at, progress=tell)
    if there is None:
        tell(f"Demo: {opportunities:,} deals and all around them, generated; {time.monotonic() - began:.0f} s in all")
    elif there == opportunities:
        tell("The demo is loaded.")
    else:
        tell(f"The demo is loaded, with {there:,} deals; another size goes into an empty database.")
