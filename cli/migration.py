"""`salesloop migration`: writes the next migration from the difference between the models and the history.

Tortoise writes live defaults of the domain into its migrations; a migration must still run when those have long
changed, so they are taken out here. For the same reason the models keep enums in plain character fields.
"""

import asyncio
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from tortoise.migrations.autodetector import MigrationAutodetector

_PLAIN = (
    (r"^from tortoise import migrations\n", "from migrations import Step\n"),
    (r"^class Migration\(migrations\.Migration\)", "class Migration(Step)"),
    (r"^from domain\..*\n", ""),
    (r"^from (orjson|tortoise\.fields\.data) import .*\n", ""),
    (r", encoder=JSON_DUMPS, decoder=loads", ""),
    (r", default=new_id", ""),
    (r"default=\w+\.([A-Z_]+)", lambda match: f"default={match[1].lower()!r}"),
    (r"OnDelete\.([A-Z_]+)", lambda match: f"fields.{match[1]}"),
    (r"^from tortoise\.fields\.base import OnDelete\n", ""),
    # Tortoise 1.1 does not create the constraints of a new table; left out here, the next run adds them.
    (r"^(            options=.*)'constraints': \[.*?\], ('indexes'|'pk_attr')", r"\1\2"),
)


def migration() -> None:
    """Write what the models have and the migrations lack; for those who change models."""
    written = asyncio.run(write_migrations())
    for path in written:
        typer.echo(path)
    if not written:
        typer.echo("Models and migrations agree.")


async def missing_migrations() -> "MigrationAutodetector":
    """This will compare the models with the history; no database is asked."""
    from tortoise import Tortoise
    from tortoise.context import require_context
    from tortoise.migrations.autodetector import MigrationAutodetector

    from runtime.database import tortoise_config

    config = tortoise_config("postgresql:///salesloop")
    await Tortoise.init(config=config, init_connections=False)
    apps = require_context().apps
    if apps is None:
        raise RuntimeError("Tortoise was set up without models")
    return MigrationAutodetector(apps, config["apps"])


async def write_migrations() -> list[Path]:
    """This will write what is missing, and return the files; none where models and history agree."""
    detector = await missing_migrations()
    written = [Path(path) for path in await detector.write()]
    _make_plain(written)
    return written


def _make_plain(paths: Iterable[Path]) -> None:
    for path in paths:
        text = path.read_text()
        for pattern, replacement in _PLAIN:
            text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
        path.write_text(text)
