"""Themes: keyphrases that occur together in what many customers say.

Themes are found from counts alone: in how many items a phrase occurs, and any two together. Whoever keeps the
phrases of each item can count again at any time, so themes found step by step equal themes found at once.

From the heaviest phrase to the lightest, each follows the heavier one that it is most associated with, by normalised
pointwise mutual information (Bouma 2009, "Normalized (Pointwise) Mutual Information in Collocation Extraction"), if
that is enough and the leader's head draws it too; a phrase that contains a heavier one follows that. A phrase
without a leader heads a theme of its own. (Each point after its nearest denser one: Rodriguez & Laio 2014,
"Clustering by fast search and find of density peaks".) Every phrase is in one theme at most, and an item belongs to
the themes that it holds phrases of. Association is counted in whole thousandths, and ties go to the heavier phrase,
then by the alphabet, so nothing depends on any order.

The quotes of a theme are the items that hold most of its phrases, of these the nearest to 60 characters, then by id.
"""

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from uuid import UUID, uuid5

MOST_PHRASES = 400
MOST_THEMES = 40
FEWEST_ITEMS = 5
FEWEST_TOGETHER = 3
RAREST = 400
LONE_SHARE = 100
FOLLOWS = 300
BEARS = 200
LABEL_PHRASES = 3
NAMESPACE = UUID("6f1d9f5e-0c53-5b52-9d5c-3b8f3c1f7a10")
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class PhraseCounts:
    """Of one language: how many items hold a phrase, in how many each phrase occurs, and any two phrases together.

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
    """This will find the themes of a language, the heaviest first; at most 40.

    A phrase that nothing follows is a theme where it occurs in 1 of 100 items.
    """
    phrases = _heaviest(counts)
    groups: dict[str, list[str]] = defaultdict(list)
    for phrase, head in _heads(counts, phrases).items():
        groups[head].append(phrase)
    telling = [group for group in groups.values() if len(group) > 1 or _lone_enough(counts, group[0])]
    telling.sort(key=lambda group: (-sum(counts.phrases[phrase] for phrase in group), group[0]))
    return [Theme(counts.language, _label(group), tuple(group)) for group in telling[:MOST_THEMES]]


def association(counts: PhraseCounts, one: str, other: str) -> int:
    """This will give how much two phrases attract each other, in thousandths: -1000 never, 0 by chance, 1000 always.

    Source: Bouma 2009, ln(p(x,y) / p(x)p(y)) / -ln p(x,y). Less than three items together count as never.
    """
    both = counts.together.get((min(one, other), max(one, other)), 0)
    if both < FEWEST_TOGETHER:
        return -1000
    if both >= counts.items:
        return 1000
    expected = counts.phrases[one] * counts.phrases[other] / counts.items
    return round(1000 * log(both / expected) / -log(both / counts.items))


def contains(phrase: str, part: str) -> bool:
    """This will say whether a phrase holds another as a whole: 服务态度 holds 态度, battery life holds life."""
    if _HAN.search(phrase):
        return part in phrase and part != phrase
    return set(part.split()) < set(phrase.split())


def new_identity(theme: Theme) -> UUID:
    """This will give the id of a theme that is new: the same for the same language and head phrase."""
    return uuid5(NAMESPACE, f"{theme.language}:{theme.phrases[0]}")


def keep_identities(known: Mapping[UUID, Theme], found: Sequence[Theme], counts: Mapping[str, int]) -> list[UUID]:
    """This will give each found theme its id: that of the known one it shares most weight with, else a new one.

    Each known id is given once, the largest overlap first; a known theme whose id is not given has dissolved.
    `counts` weighs the phrases.
    """
    given: dict[int, UUID] = {}
    taken: set[UUID] = set()
    for _, place, key in sorted(_overlaps(known, found, counts)):
        if place not in given and key not in taken:
            given[place] = key
            taken.add(key)
    for place, theme in enumerate(found):
        if place not in given:
            given[place] = _unused(new_identity(theme), theme, taken | known.keys())
            taken.add(given[place])
    return [given[place] for place in range(len(found))]


def _heaviest(counts: PhraseCounts) -> list[str]:
    least = enough(counts.items)
    frequent = [phrase for phrase, items in counts.phrases.items() if items >= least]
    return sorted(frequent, key=lambda phrase: (-counts.phrases[phrase], phrase))[:MOST_PHRASES]


def _heads(counts: PhraseCounts, phrases: Sequence[str]) -> dict[str, str]:
    """The head of each phrase's theme, which may be itself; `phrases` come heaviest first."""
    heads: dict[str, str] = {}
    for phrase in phrases:
        pull = {heavier: association(counts, heavier, phrase) for heavier in heads}
        leaders = [heavier for heavier in heads if contains(phrase, heavier)] or [
            heavier for heavier in heads if pull[heavier] >= FOLLOWS and pull[heads[heavier]] >= BEARS
        ]
        leader = max(leaders, key=lambda heavier: pull[heavier], default=None)  # of equal ones the first, the heaviest
        heads[phrase] = phrase if leader is None else heads[leader]
    return heads


def _lone_enough(counts: PhraseCounts, phrase: str) -> bool:
    return counts.phrases[phrase] * LONE_SHARE >= counts.items


def _label(phrases: Sequence[str]) -> str:
    """The heaviest phrases that say something new: none that contains another of them, or is contained."""
    shown: list[str] = []
    for phrase in phrases:
        if not any(contains(phrase, other) or contains(other, phrase) for other in shown):
            shown.append(phrase)
    return " · ".join(shown[:LABEL_PHRASES])


def _overlaps(
    known: Mapping[UUID, Theme], found: Sequence[Theme], counts: Mapping[str, int]
) -> list[tuple[int, int, UUID]]:
    """(-shared weight, place in `found`, known id) of each pair of one language that shares some."""
    shared = [
        (-sum(counts.get(phrase, 0) for phrase in set(theme.phrases).intersection(old.phrases)), place, key)
        for place, theme in enumerate(found)
        for key, old in known.items()
        if theme.language == old.language
    ]
    return [overlap for overlap in shared if overlap[0] < 0]


def _unused(identity: UUID, theme: Theme, used: set[UUID]) -> UUID:
    while identity in used:
        identity = uuid5(NAMESPACE, f"{identity}:{theme.phrases[0]}")
    return identity
