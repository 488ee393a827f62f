"""What a text is found to be about."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feedback.text.phrases import LONGEST_PHRASE, MOST_PHRASES, keyphrases


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("酒店的房间很大,早餐一般,前台服务员态度很差", ("房间", "早餐", "前台", "服务员", "态度")),
        ("散热不好,翻译太差,包装破了,快递慢", ("散热", "翻译", "包装", "快递")),
        ("送货速度很快,隔音效果差", ("送货", "送货速度", "隔音", "隔音效果")),
        ("房间,房间,还是房间", ("房间",)),
        ("问题很多,东西不好,感觉一般", ()),
    ],
)
def test_chinese_phrases(text: str, phrases: tuple[str, ...]) -> None:
    assert keyphrases(text, "zh") == phrases


@pytest.mark.parametrize(
    ("text", "phrases"),
    [
        ("The batteries died and the chargers' cables were missing", ("battery", "charger", "cable")),
        ("Battery life is poor. Life goes on.", ("battery", "life", "battery life")),
        ("Customer\u2019s parcel: shipping was slow, packaging damaged", ("parcel", "shipping", "packaging")),
        ("I really love these great things, they doesn't disappoint", ()),
    ],
)
def test_english_phrases(text: str, phrases: tuple[str, ...]) -> None:
    assert keyphrases(text, "en") == phrases


def test_unknown_languages_have_none() -> None:
    assert keyphrases("anything", "und") == ()


@given(st.text(max_size=300), st.sampled_from(["zh", "en"]))
def test_phrases_are_few_short_and_different(text: str, language: str) -> None:
    found = keyphrases(text, language)
    assert len(set(found)) == len(found) <= MOST_PHRASES
    assert all(0 < len(phrase) <= LONGEST_PHRASE for phrase in found)


def test_there_is_a_bound() -> None:
    letters = "bcdfghjklmnpqrtvwxz"
    many = " ".join(a + b + "o" for a in letters for b in letters)
    assert len(keyphrases(many, "en")) == MOST_PHRASES


@pytest.mark.parametrize(
    ("language", "text"), [("en", "The manual could be clearer. "), ("zh", "说明书不够清楚,送货速度很快。")]
)
def test_reading_takes_no_time_to_speak_of(language: str, text: str) -> None:
    """Some hundredths of a millisecond a sentence; the bound is fifty times as much, for slow machines."""
    keyphrases(text, language)
    began = time.process_time()
    for _ in range(500):
        keyphrases(text, language)
    assert time.process_time() - began < 1
