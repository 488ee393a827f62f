"""What is printed: the machine, the versions, plain tables; figures come from this run and from nowhere else."""

import os
import platform
from collections.abc import Iterable, Sequence
from importlib import metadata
from pathlib import Path
from statistics import median

DISTRIBUTIONS = ("strawberry-graphql", "graphql-core", "tortoise-orm", "asyncpg", "uvicorn", "orjson")


def machine() -> str:
    """This will say on what we measure."""
    versions = ", ".join(f"{name} {metadata.version(name)}" for name in DISTRIBUTIONS)
    return (
        f"{_processor()}, {os.cpu_count()} cores, {_memory_gibibytes():.1f} GiB; {platform.system()} "
        f"{platform.release()}\nPython {platform.python_version()}, {versions}"
    )


def heading(text: str, remark: str) -> None:
    """This will begin a section: what is measured, and how."""
    print(f"\n{text}\n{'-' * len(text)}\n{remark}\n", flush=True)


def table(header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """This will print rows below a header: the first column to the left, figures to the right."""
    cells = [list(header), *([_cell(value) for value in row] for row in rows)]
    widths = [max(len(row[column]) for row in cells) for column in range(len(header))]
    for row in cells:
        first, *others = (f"{text:{'<' if i == 0 else '>'}{widths[i]}}" for i, text in enumerate(row))
        print("  ".join([first, *others]).rstrip(), flush=True)


def verdict(text: str, met: bool) -> None:
    """This will say whether a target was met."""
    print(f"{'met   ' if met else 'MISSED'}  {text}", flush=True)


def ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    """This will give the ratio of the medians of two series of rounds."""
    return median(ours) / median(theirs)


def _cell(value: object) -> str:
    return (
        f"{value:,.2f}"
        if isinstance(value, float) and abs(value) < 100
        else (f"{value:,.0f}" if isinstance(value, float | int) else str(value))
    )


def _processor() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def _memory_gibibytes() -> float:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
