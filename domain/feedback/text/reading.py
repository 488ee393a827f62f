"""Reading texts: language, mood and keyphrases of each, told by the text alone, however they are batched."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

from domain.feedback.text.language import CHINESE, ENGLISH, detect_language
from domain.feedback.text.phrases import keyphrases, prepare
from domain.feedback.text.sentiment import ENGLISH_ACCURACY, Accuracy, ChineseJudge, english_scores, label

GENERATION = "2"
"""Counts up whenever our code would read the same text differently."""


@dataclass(frozen=True, slots=True)
class Reading:
    """What was found in one text: ISO 639 language, mood in thousandths (None where nobody can tell), keyphrases."""

    language: str
    sentiment: int | None
    label: str | None
    phrases: tuple[str, ...]


class Reader:
    """Reads texts; the first Chinese one takes some seconds, for the models are trained then."""

    def __init__(self) -> None:
        prepare()
        self._chinese = ChineseJudge()

    @property
    def version(self) -> str:
        """What a reading depends on besides the text: where it changes, texts are read again."""
        packages = ("jieba", "scikit-learn", "snownlp", "vaderSentiment")
        return "|".join([GENERATION, *(f"{name} {version(name)}" for name in packages)])

    @property
    def accuracy(self) -> dict[str, Accuracy]:
        """How often the mood is told right, by language, measured on texts that the judge had not seen."""
        return {CHINESE: self._chinese.accuracy, ENGLISH: ENGLISH_ACCURACY}

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """This will read each text. It computes for a while: call it off the event loop."""
        languages = [detect_language(text) for text in texts]
        scores = self._scores(texts, languages)
        return [
            Reading(language, score, None if score is None else label(score), keyphrases(text, language))
            for text, language, score in zip(texts, languages, scores, strict=True)
        ]

    def _scores(self, texts: Sequence[str], languages: Sequence[str]) -> list[int | None]:
        judges: dict[str, Callable[[Sequence[str]], list[int]]] = {
            CHINESE: self._chinese.scores,
            ENGLISH: english_scores,
        }
        scores: list[int | None] = [None] * len(texts)
        for language, judge in judges.items():
            places = [place for place, found in enumerate(languages) if found == language]
            for place, score in zip(places, judge([texts[place] for place in places]), strict=True):
                scores[place] = score
        return scores
