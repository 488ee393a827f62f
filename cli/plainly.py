"""How a command says that it cannot do what was asked: a few lines on standard error and an exit code, no traceback."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from runtime.refusal import CannotRun


@contextmanager
def plainly() -> Iterator[None]:
    """This will turn what the machine or its settings do not allow into lines for people; settings exit with 2."""
    try:
        yield
    except CannotRun as refusal:
        for line in str(refusal).splitlines():
            typer.echo(f"salesloop: {line}", err=True)
        raise typer.Exit(refusal.exit_code) from None
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
