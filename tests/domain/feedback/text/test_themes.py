"""The themes that phrases add up to, and the ids by which they are known."""

import random
from collections import Counter
from collections.abc import Collection, Sequence
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feedback.text.phrases import keyphrases
from domain.feedback.text.sentiment import _corpus
from domain.feedback.text.themes import (
    MOST_THEMES,
    PhraseCounts,
    Theme,
    association,
    contains,
    discover,
    keep_identities,
    new_identity,
)

ITEMS = st.lists(st.sets(st.sampled_from("abcdefgh"), min_size=1, max_size=5), min_size=8, max_size=60)


def count(items: Sequence[Collection[str]], language: str = "en") -> PhraseCounts:
    """Counts as the aggregation does by SQL."""
    held = [sorted(set(item)) for item in items if item]
    phrases = Counter(phrase for item in held for phrase in item)
    together = Counter(pair for item in held for pair in combinations(item, 2))
    return PhraseCounts(language, len(held), phrases, together)


@pytest.mark.parametrize(
    ("one", "other", "both", "npmi"),
    [
        (50, 50, 25, 0),
        (20, 20, 20, 1000),
        (50, 20, 20, 431),
        (50, 50, 5, -537),
        (50, 50, 0, -1000),
        (100, 100, 100, 1000),
    ],
)
def test_association_is_normalised_pointwise_mutual_information(one: int, other: int, both: int, npmi: int) -> None:
    """Bouma 2009: 0 for independence, 1 for complete co-occurrence; ln(.2/.1)/-ln(.2) = .4307, ln(.05/.25)/-ln(.05) = -.5372."""
    counts = PhraseCounts("en", 100, {"a": one, "b": other}, {("a", "b"): both} if both else {})
    assert association(counts, "a", "b") == association(counts, "b", "a") == npmi


@given(ITEMS, st.randoms())
def test_themes_do_not_depend_on_any_order(items: list[set[str]], chance: random.Random) -> None:
    first = discover(count(items))
    chance.shuffle(items)
    counts = count(items)
    turned = PhraseCounts(
        "en", counts.items, dict(reversed(counts.phrases.items())), dict(reversed(counts.together.items()))
    )
    assert discover(counts) == discover(turned) == first
    phrases = [phrase for theme in first for phrase in theme.phrases]
    assert len(set(phrases)) == len(phrases)
    assert len(first) <= MOST_THEMES


def test_phrases_that_occur_together_make_a_theme() -> None:
    items = [{"room", "breakfast"}] * 12 + [{"room"}] * 8 + [{"screen", "battery"}] * 10 + [{"screen"}] * 5
    assert [theme.phrases for theme in discover(count(items))] == [("room", "breakfast"), ("screen", "battery")]


def test_a_phrase_follows_the_one_that_it_contains() -> None:
    items = [{"服务"}] * 30 + [{"服务态度"}] * 9 + [{"battery"}] * 8 + [{"battery life"}] * 6
    assert [theme.phrases for theme in discover(count(items))] == [("服务", "服务态度"), ("battery", "battery life")]
    assert contains("服务态度", "态度")
    assert contains("battery life", "life")
    assert not contains("price", "ice")
    assert not contains("房间", "房间")


def test_labels_say_nothing_twice() -> None:
    items = [{"battery", "battery life", "life", "charger"}] * 9 + [{"screen"}] * 20
    labels = [theme.label for theme in discover(count(items))]
    assert labels == ["battery · charger · life", "screen"]


def test_rare_phrases_make_no_theme() -> None:
    assert discover(count([{"room"}] * 4)) == []
    assert discover(count([])) == []


@pytest.fixture(scope="module")
def demo() -> list[tuple[str, ...]]:
    """The keyphrases of a sixth of the demo's reviews."""
    texts, _ = _corpus()
    return [keyphrases(text, "zh") for text in texts[::6]]


def test_the_demo_talks_about_what_customers_talk_about(demo: list[tuple[str, ...]]) -> None:
    themes = discover(count(demo, "zh"))
    shown = {word for theme in themes for word in theme.label.split(" · ")}
    assert shown >= {"房间", "服务", "前台", "价格", "性价比", "散热", "作者", "上网", "送货"}
    assert not shown & {"问题", "东西", "时候", "感觉", "酒店"}
    assert 15 <= len(themes) <= MOST_THEMES
    assert max(len(theme.phrases) for theme in themes) < 40


def test_ids_stay_when_a_few_items_come(demo: list[tuple[str, ...]]) -> None:
    before, after = count(demo[:-30], "zh"), count(demo, "zh")
    known = {new_identity(theme): theme for theme in discover(before)}
    found = discover(after)
    keys = keep_identities(known, found, after.phrases)
    assert len(set(keys)) == len(found)
    assert len(known.keys() & set(keys)) >= len(known) - 2


def test_ids_stay_with_the_weight() -> None:
    old = Theme("en", "x", ("room", "breakfast"))
    key = new_identity(old)
    grown = Theme("en", "y", ("breakfast", "room", "coffee"))
    other = Theme("en", "z", ("screen",))
    weights = {"room": 9, "breakfast": 10, "coffee": 5, "screen": 7}
    assert keep_identities({key: old}, [other, grown], weights) == [new_identity(other), key]


def test_an_id_is_given_once() -> None:
    old = Theme("en", "x", ("room", "breakfast"))
    halves = [Theme("en", "a", ("room",)), Theme("en", "b", ("breakfast",))]
    keys = keep_identities({new_identity(old): old}, halves, {"room": 9, "breakfast": 5})
    assert keys[0] == new_identity(old)
    assert len(set(keys)) == 2
    assert all(isinstance(key, UUID) for key in keys)


def test_languages_share_no_id() -> None:
    old, new = Theme("en", "x", ("wifi",)), Theme("zh", "x", ("wifi",))
    assert keep_identities({new_identity(old): old}, [new], {"wifi": 9}) == [new_identity(new)]
    assert new_identity(old) != new_identity(new)
