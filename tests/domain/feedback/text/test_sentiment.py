"""The mood of texts, and whether the stated accuracy is held out indeed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feedback.text import sentiment
from domain.feedback.text.reading import Reader
from domain.feedback.text.sentiment import FOLDS, english_scores, fold_of, label


@pytest.mark.parametrize(
    ("text", "mood"),
    [
        ("非常满意,服务态度很好,下次还会再来", "positive"),
        ("内容不错,翻译流畅,值得一读", "positive"),
        ("太差了,再也不会来了,服务态度极其恶劣", "negative"),
        ("散热很差,风扇声音大,用了两天就死机", "negative"),
        ("I love it, wonderful and friendly support!", "positive"),
        ("Good value, works well.", "positive"),
        ("Terrible. The worst support ever, a complete waste of money.", "negative"),
        ("Support never answered my calls.", "negative"),
        ("The parcel arrived on Monday.", "neutral"),
    ],
)
def test_moods(reader: Reader, text: str, mood: str) -> None:
    (reading,) = reader.read([text])
    assert reading.label == mood
    assert reading.sentiment is not None
    assert np.sign(reading.sentiment) == {"positive": 1, "neutral": 0, "negative": -1}[mood]


def test_the_chinese_judge_is_as_good_as_it_says(reader: Reader) -> None:
    accuracy = reader.accuracy["zh"]
    assert accuracy.texts == 17_363
    assert 0.848 < accuracy.share < 0.86


def test_accuracy_is_what_the_scores_of_the_corpus_add_up_to(reader: Reader) -> None:
    texts, sides = sentiment._corpus()
    margins = [reading.sentiment for reading in reader.read(texts[::40])]
    right = np.mean(
        [(score > 0) == side for score, side in zip(margins, sides[::40], strict=True) if score is not None]
    )
    assert right == pytest.approx(reader.accuracy["zh"].share, abs=0.05)


def test_no_text_is_judged_by_a_model_that_saw_it(reader: Reader) -> None:
    """A model that has seen a fold knows its sides nearly by heart; the one that judges it does not."""
    texts, sides = sentiment._corpus()
    places = [place for place, text in enumerate(texts) if fold_of(text) == 3]
    counts, answers = (
        sentiment._counts([texts[place] for place in places]),
        np.array([sides[place] for place in places]),
    )
    right = [float((model.predict(counts) == answers).mean()) for model in reader._chinese.models]
    assert right[3] < 0.9
    assert all(share > 0.95 for fold, share in enumerate(right) if fold != 3)


@given(st.text(alphabet="房间很好服务太差ABab12", min_size=1), st.text(alphabet=" ,.!。,!\n", max_size=5))
def test_copies_of_a_text_share_its_fold(text: str, marks: str) -> None:
    assert fold_of(marks + marks.join(text) + marks) == fold_of(text.upper()) < FOLDS


@given(st.lists(st.text(max_size=60), max_size=4))
def test_scores_lie_on_the_scale(texts: list[str]) -> None:
    assert all(-1000 <= score <= 1000 for score in english_scores(texts))


def test_labels_part_at_a_quarter() -> None:
    assert [label(score) for score in (-1000, -250, -249, 0, 249, 250, 1000)] == [
        "negative", "negative", "neutral", "neutral", "neutral", "positive", "positive",
    ]  # fmt: skip


# A hand-written set, no data of others: it watches over regressions and says nothing about accuracy.
GOOD = ["Fast delivery and great quality.", "The staff were friendly and the room spacious.", "Reliable, never had a problem.",
        "Excellent book, my kids love it.", "Easy to install and works perfectly.", "Prompt answers, very helpful team."]  # fmt: skip
BAD = ["The screen cracked after a week.", "Overpriced and slow.", "Refund took two months, unhelpful staff.",
       "Flimsy plastic, broke on day one.", "It does not work.", "The room was dirty and smelly."]  # fmt: skip


def test_plain_english_is_told_right() -> None:
    assert all(score > 0 for score in english_scores(GOOD))
    assert all(score < 0 for score in english_scores(BAD))
