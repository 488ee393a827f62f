"""Themes: keyphrases that occur together in what many customers say.

Themes are found from counts alone: in how many items a phrase occurs, and any two together. Whoever keeps the
phrases of each item can count again at any time, so themes found step by step equal themes found at once.

The heaviest phrase that belongs to no theme yet heads a new one. A phrase joins the head it is most associated
with, by normalised pointwise mutual information (Bouma 2009, "Normalized (Pointwise) Mutual Information in
Collocation Extraction"), if that is enough; ties go to the heavier head, then by the alphabet.

The quotes of a theme are the items that hold most of its phrases, of these the nearest to 60 characters, then by id.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from uuid import UUID, uuid5

MOST_PHRASES = 250
MOST_THEMES = 30
FEWEST_ITEMS = 5
RAREST = 400
TOGETHER = 0.18
NAMESPACE = UUID("6f1d9f5e-0c53-5b52-9d5c-3b8f3c1f7a10")
LABEL_PHRASES = 3


@dataclass(frozen=True, slots=True)
class PhraseCounts:
    """Of one language: how many items were read, in how many each phrase occurs, and any two phrases together.

    `together` is keyed by the two phrases in the order of the alphabet.
    """

    language: str
    items: int
    phrases: Mapping[str, int]
    together: Mapping[tuple[str, str], int]


@dataclass(frozen=True, slots=True)
class Theme:
    """A theme as it was found: its language, a label for people, its phrases, the heaviest first."""

    language: str
    label: str
    phrases: tuple[str, ...]


def enough(items: int) -> int:
    """This will say in how many items of a language a phrase must occur to count: 1 in 400, and at least 5."""
    return max(FEWEST_ITEMS, -(-items // RAREST))


def discover(counts: PhraseCounts) -> list[Theme]:
    """This will find the themes of a language, the heaviest first; at most 30."""
    least = enough(counts.items)
    kept = sorted((phrase for phrase, n in counts.phrases.items() if n >= least), key=lambda p: (-counts.phrases[p], p))
    members: dict[str, list[str]] = {}
    for phrase in kept[:MOST_PHRASES]:
        best = max(members, key=lambda head: (_association(counts, head, phrase), counts.phrases[head]), default=None)
        if best is not None and _association(counts, best, phrase) >= TOGETHER:
            members[best].append(phrase)
        elif len(members) < MOST_THEMES:
            members[phrase] = [phrase]
    return [Theme(counts.language, " · ".join(found[:LABEL_PHRASES]), tuple(found)) for found in members.values()]


def _association(counts: PhraseCounts, one: str, other: str) -> float:
    both = counts.together.get((min(one, other), max(one, other)), 0)
    if both == 0:
        return -1.0
    if both == counts.items:
        return 1.0
    expected = counts.phrases[one] * counts.phrases[other] / counts.items
    return log(both / expected) / -log(both / counts.items)


def new_identity(theme: Theme) -> UUID:
    """This will give the id of a theme that is new: the same for the same language and head phrase."""
    return uuid5(NAMESPACE, f"{theme.language}:{theme.phrases[0]}")


def keep_identities(known: Mapping[UUID, Theme], found: Sequence[Theme], counts: Mapping[str, int]) -> list[UUID]:
    """This will give each found theme its id: that of the known one it shares most weight with, else a new one.

    Each known id is given once, the largest overlap first. `counts` weighs the phrases.
    """
    overlaps = [
        (sum(counts.get(p, 0) for p in set(theme.phrases) & set(old.phrases)), -place, key)
        for place, theme in enumerate(found)
        for key, old in known.items()
        if theme.language == old.language
    ]
    given: dict[int, UUID] = {}
    for weight, negative_place, key in sorted(overlaps, key=lambda o: (-o[0], -o[1], o[2])):
        if weight > 0 and -negative_place not in given and key not in given.values():
            given[-negative_place] = key
    taken = set(given.values())
    for place, theme in enumerate(found):
        if place not in given:
            identity = new_identity(theme)
            while identity in taken or identity in known:
                identity = uuid5(NAMESPACE, f"{identity}:{theme.phrases[0]}")
            given[place] = identity
            taken.add(identity)
    return [given[place] for place in range(len(found))]
