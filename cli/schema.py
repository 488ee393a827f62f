"""`salesloop schema`: the GraphQL schema as text."""

import difflib
from pathlib import Path
from typing import Annotated

import typer

SHOWN_LINES = 40


def schema(
    check: Annotated[Path | None, typer.Option(help="Compare with this file; exit 1 where it is stale.")] = None,
) -> None:
    """Print the GraphQL schema, or compare it with a file."""
    from api.schema import build_schema, print_sorted

    text = print_sorted(build_schema())
    if check is None:
        typer.echo(text, nl=False)
        return
    before = check.read_text(encoding="utf-8") if check.exists() else ""
    if before == text:
        typer.echo(f"{check} is up to date.")
        return
    changes = difflib.unified_diff(before.splitlines(), text.splitlines(), str(check), "the code", lineterm="")
    for _, line in zip(range(SHOWN_LINES), changes, strict=False):
        typer.echo(line, err=True)
    typer.echo(f"salesloop: {check} is stale; write it again with: salesloop schema > {check}", err=True)
    raise typer.Exit(1)
