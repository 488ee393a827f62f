"""`make ide`: builds what /graphiql serves from its recipe, by Node from its wheel and the packages of the lock."""

import subprocess
from pathlib import Path

from bench.node import NODE, workshop

HERE = Path(__file__).parent
BUILT = HERE.parent / "api" / "http" / "ide" / "built"

with workshop(HERE) as place:
    subprocess.run([NODE, "build.mjs", BUILT], cwd=place, check=True)
