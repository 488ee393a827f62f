"""What is read in a text, and the themes that phrases add up to."""

import random
import subprocess
import sys
from collections import Counter
from itertools import combinations
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.feedback.text.language import detect_language
from domain.feedback.text.phrases import keyphrases
from domain.feedback.text.reading import Reader
from domain.feedback.text.themes import PhraseCounts, Theme, discover, keep_identities, new_identity


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("房间很干净,服务也不错", "zh"),
        ("客服 never answered, 太差了", "zh"),
        ("The delivery was late and the box was damaged.", "en"),
        ("Great service!", "en"),
        ("部屋はとてもきれいでした", "und"),
        ("배송이 늦었어요", "und"),
        ("Die Lieferung kam viel zu spät und war beschädigt", "und"),
        ("12345 !!!", "und"),
        ("", "und"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect_language(text) == language


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("非常满意,服务态度很好,下次还会再来", "positive"),
        ("太差了,再也不会来了,服务态度极其恶劣", "negative"),
        ("I love it, wonderful and friendly support!", "positive"),
        ("Terrible. The worst support ever, a complete waste of money.", "negative"),
        ("The parcel arrived on Monday.", "neutral"),
    ],
)
def test_moods(reader: Reader, text: str, label: str) -> None:
    (reading,) = reader.read([text])
    assert reading.label == label
    assert reading.sentiment is not None
    assert (reading.sentiment > 0) == (label == "positive")


def test_nobody_judges_what_nobody_understands(reader: Reader) -> None:
    (reading,) = reader.read(["部屋はとてもきれいでした"])
    assert (reading.language, reading.sentiment, reading.label, reading.phrases) == ("und", None, None, ())


def test_the_chinese_judge_is_as_good_as_it_says(reader: Reader) -> None:
    accuracy = reader.accuracy["zh"]
    assert accuracy.texts > 17_000
    assert 0.83 < accuracy.share < 0.90


def test_a_known_review_is_judged_without_itself(reader: Reader) -> None:
    training = reader._chinese._training
    text = next(iter(sorted(training.folds)))
    (seen,) = reader.read([text])
    margins = [model.decision_function(_features(reader, text))[0] for model in training.models]
    assert seen.sentiment == round(float(_tanh(margins[training.folds[text]] / 2)) * 1000)


def _features(reader: Reader, text: str) -> object:
    from domain.feedback.text.sentiment import _counts

    return reader._chinese._training.weighting.transform(_counts([text]))


def _tanh(value: float) -> float:
    from math import tanh

    return tanh(value)


TEXTS = st.lists(
    st.sampled_from(
        ["房间很好", "屏幕太小", "late delivery and rude support", "部屋", "", "a", "价格便宜质量好", "the price"]
    )
    | st.text(max_size=30),
    max_size=12,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(texts=TEXTS)
def test_a_reading_depends_on_its_text_alone(reader: Reader, texts: list[str]) -> None:
    assert reader.read(texts) == [reading for text in texts for reading in reader.read([text])]


def test_keyphrases_name_what_it_is_about() -> None:
    assert set(keyphrases("酒店的房间很大,早餐一般,前台服务员态度很差", "zh")) >= {
        "酒店",
        "房间",
        "早餐",
        "前台",
        "态度",
    }
    assert set(keyphrases("The batteries died and the chargers' cables were missing", "en")) >= {
        "battery",
        "charger",
        "cable",
    }
    assert keyphrases("问题很多,东西不好", "zh") == ()
    assert keyphrases("anything", "und") == ()


ITEMS = st.lists(st.sets(st.sampled_from("abcdefgh"), min_size=1, max_size=5), min_size=8, max_size=60)


def count(items: list[set[str]]) -> PhraseCounts:
    phrases = Counter(phrase for item in items for phrase in item)
    together = Counter(pair for item in items for pair in combinations(sorted(item), 2))
    return PhraseCounts("en", len(items), phrases, together)


@given(ITEMS, st.randoms())
def test_themes_do_not_depend_on_any_order(items: list[set[str]], chance: random.Random) -> None:
    first = discover(count(items))
    chance.shuffle(items)
    assert discover(count(items)) == first
    phrases = [phrase for theme in first for phrase in theme.phrases]
    assert len(set(phrases)) == len(phrases)


def test_phrases_that_occur_together_make_a_theme() -> None:
    items = [{"room", "breakfast"}] * 12 + [{"room"}] * 8 + [{"screen", "battery"}] * 10 + [{"screen"}] * 5
    assert [theme.phrases for theme in discover(count(items))] == [("room", "breakfast"), ("screen", "battery")]


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


def test_readings_are_the_same_in_every_process() -> None:
    code = "from domain.feedback.text.phrases import keyphrases as k; print(k('酒店的房间很大,早餐一般', 'zh'))"
    runs = [
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        )
        for seed in ("1", "2")
    ]
    assert runs[0].stdout == runs[1].stdout != ""
