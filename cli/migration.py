"""`salesloop migration`: writes the next migration from the difference between the models and the history.

Tortoise writes live defaults of the domain into its migrations; a migration must still run when those have long
changed, so they are taken out here. For the same reason the models keep enums in plain character fields.
"""

import re
from collections.abc import Iterable
from pathlib import Path

from tortoise import Tortoise
from tortoise.context import require_context
from tortoise.migrations.autodetector import MigrationAutodetector

from runtime.database import tortoise_config

_PLAIN = (
    (r"^from domain\..*\n", ""),
    (r"^from (orjson|tortoise\.fields\.data) import .*\n", ""),
    (r", encoder=JSON_DUMPS, decoder=loads", ""),
    (r", default=new_id", ""),
    (r"default=\w+\.([A-Z_]+)", lambda match: f"default={match[1].lower()!r}"),
    (r"OnDelete\.([A-Z_]+)", lambda match: f"fields.{match[1]}"),
    (r"^from tortoise\.fields\.base import OnDelete\n", ""),
    # Tortoise 1.1 does not create the constraints of a new table; left out here, the next round adds them.
    (r"^(            options=.*)'constraints': \[.*?\], ('indexes'|'pk_attr')", r"\1\2"),
)


async def write_migration(database_url: str) -> list[Path]:
    """This will write what the models have and the history lacks, and return the files; none where they agree."""
    config = tortoise_config(database_url)
    await Tortoise.init(config=config, init_connections=False)
    apps = require_context().apps
    if apps is None:
        raise RuntimeError("Tortoise was set up without models")
    written: list[Path] = []
    while paths := await MigrationAutodetector(apps, config["apps"]).write():
        _make_plain(Path(path) for path in paths)
        written += [Path(path) for path in paths]
    return written


def _make_plain(paths: Iterable[Path]) -> None:
    for path in paths:
        text = path.read_text()
        for pattern, replacement in _PLAIN:
            text = re.sub(pattern, replacement, text, flags=re.MULTILINE)
        path.write_text(text)
