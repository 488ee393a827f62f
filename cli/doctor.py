"""`salesloop doctor`: looks at everything that Salesloop needs, and says what to do where something is missing."""

import json
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import typer


@dataclass(frozen=True)
class Finding:
    """One thing looked at: whether it is well, what was found, and what to do where it is not."""

    check: str
    ok: bool
    found: str
    remedy: str = ""


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Findings as JSON.")] = False) -> None:
    """Check everything that Salesloop needs; exit 1 where something is wrong."""
    findings = list(_findings())
    typer.echo(json.dumps([asdict(each) for each in findings], indent=2) if as_json else _table(findings))
    if not all(each.ok for each in findings):
        raise typer.Exit(1)


def _findings() -> Iterator[Finding]:
    from cli.checks import OF_SETTINGS, OF_THIS_MACHINE
    from runtime.settings import SettingsRefused, read_settings

    for name, look in OF_THIS_MACHINE.items():
        yield _look(name, look)
    try:
        settings = read_settings()
    except SettingsRefused as refusal:
        yield Finding("settings", False, "; ".join(refusal.lines), "set these variables right, or unset them")
        return
    yield Finding("settings", True, settings.environment)
    for name, examine in OF_SETTINGS.items():
        yield _look(name, lambda examine=examine: examine(settings))  # type: ignore[misc]


def _look(name: str, look: Callable[[], str]) -> Finding:
    """A refusal's text holds its remedy, unless it has one of its own; whatever else a check meets is a finding too."""
    from runtime.telemetry import mask

    try:
        return Finding(name, True, look())
    except Exception as refusal:
        return Finding(name, False, mask(str(refusal)) or type(refusal).__name__, getattr(refusal, "remedy", ""))


def _table(findings: list[Finding]) -> str:
    width = max(len(each.check) for each in findings)
    lines: list[str] = []
    for each in findings:
        lines.append(f"{'✓' if each.ok else '✗'} {each.check:<{width}}  {each.found}")
        lines += [f"  {'':<{width}}  → {each.remedy}"] if each.remedy else []
    return "\n".join(lines)
