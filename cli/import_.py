"""`salesloop import`: takes in a file of customers, products, orders or feedback, and shows how far it is."""

import time
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO

import typer

from cli.plainly import plainly
from domain.imports.rules import ImportKind

if TYPE_CHECKING:
    from domain.intake.loader import ImportOutcome, Progress
    from domain.intake.rows import Reject

READ_BYTES = 1024 * 1024
ROWS_A_LINE = 100_000
EXIT_WITH_REJECTS = 3


def import_(
    kind: Annotated[ImportKind, typer.Argument(help="What the rows are.")],
    file: Annotated[Path, typer.Argument(help="CSV or JSON Lines, UTF-8.", exists=True, dir_okay=False, readable=True)],
) -> None:
    """Import a file; what is there already is changed, the same file again changes nothing.

    Rows that cannot be taken go to FILE.rejects.csv, with line, field and reason. Exit 0: every row landed; 3: there
    are rejects; 1: the file as a whole was refused, and nothing is changed.
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
    """This will import a file into a database, tell people what happens, and leave the rejects beside the file.

    Raises: CannotRun.
    """
    from domain.imports.commands import import_file
    from domain.kernel.actor import Actor
    from domain.kernel.clock import system_clock
    from domain.kernel.refusals import Refusal
    from runtime.database import connected
    from runtime.refusal import CannotRun

    began = time.monotonic()
    actor = Actor(name="command line", administrator=True)
    with ExitStack() as stack:
        file = stack.enter_context(path.open("rb"))
        show = stack.enter_context(_progress(path))
        rejects = stack.enter_context(_RejectsBeside(path))
        await stack.enter_async_context()
    ...
