"""What a text is about: its keyphrases, in their normal form, in the order in which they first occur.

Chinese is cut by jieba's dictionary; kept are the words that it calls nouns (looking the tag up is far faster than
tagging) and the verbs of trade. English keeps what looks like a noun, in the singular, and two such side by side.
General words, and words of praise and blame, are left out: the mood is measured elsewhere.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from functools import cache
from itertools import islice
from tempfile import TemporaryDirectory
from typing import Any

from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS
from vaderSentiment.vaderSentiment import SentimentIntensityAnalyzer

from domain.feedback.text.language import CHINESE, ENGLISH
from domain.feedback.text.vocabulary import ASPECTS_EN, DEPENDENT_ZH, GENERAL_EN, GENERAL_ZH, SOLD_ZH, TRADE_ZH

MOST_PHRASES = 40
LONGEST_PHRASE = 60
_NOUNS = ("n", "nz", "vn", "an")
_HAN = re.compile(r"[\u3400-\u9fff]+")
_ENGLISH_TOKEN = re.compile(r"[a-z]+(?:['-][a-z]+)*|[^\s]")
_LIKE_VERB_OR_ADJECTIVE = re.compile(r".*(ly|ed|est|ful|able|ible|ous|ive|ing)")
_SINGULARS = {
    "lens": "lens",
    "christmas": "christmas",
    "gas": "gas",
    "series": "series",
    "news": "news",
    "movies": "movie",
    "cookies": "cookie",
}


def keyphrases(text: str, language: str) -> tuple[str, ...]:
    """This will give the first 40 different keyphrases of a Chinese or English text; none of any other language."""
    if language == CHINESE:
        return _first(_chinese(text))
    if language == ENGLISH:
        return _first(_english(text))
    return ()


def prepare() -> None:
    """This will load the Chinese dictionary, about a second; jieba's cache of it goes where nobody else can write."""
    with TemporaryDirectory() as folder:
        tokenizer = _tokenizer()
        tokenizer.tmp_dir = folder
        tokenizer.initialize()
    _kept_words()
    _passed_over()


def _first(found: Iterator[str]) -> tuple[str, ...]:
    short = (phrase for phrase in found if len(phrase) <= LONGEST_PHRASE)
    return tuple(islice(dict.fromkeys(short), MOST_PHRASES))


def _chinese(text: str) -> Iterator[str]:
    kept, cut = _kept_words(), _tokenizer().lcut
    for run in _HAN.findall(text):
        before = ""
        for word in cut(run, HMM=False):
            if word in DEPENDENT_ZH:
                if before:
                    yield before + word
                before = ""
            elif word in kept:
                yield word
                before = word
            else:
                before = ""


def _english(text: str) -> Iterator[str]:
    before = ""
    for token in _ENGLISH_TOKEN.findall(text.lower().replace("\u2019", "'")):
        word = _english_noun(token)
        if word:
            yield word
        if word and before and word != before:
            yield f"{before} {word}"
        before = word


@cache
def _passed_over() -> frozenset[str]:
    """English words that name nothing: stop words, general ones, and those of praise and blame."""
    lexicon: dict[str, float] = SentimentIntensityAnalyzer().lexicon
    moods = {word for word, valence in lexicon.items() if abs(valence) >= 0.8}
    return frozenset(ENGLISH_STOP_WORDS | GENERAL_EN | moods)


def _english_noun(token: str) -> str:
    """The singular of what may be a noun, or nothing."""
    word = _singular(token.removesuffix("'s"))
    if word in ASPECTS_EN:
        return word
    general = not _passed_over().isdisjoint((token, word))
    if len(word) < 3 or "'" in word or general or _LIKE_VERB_OR_ADJECTIVE.fullmatch(word):
        return ""
    return word


def _singular(word: str) -> str:
    if word in _SINGULARS:
        return _SINGULARS[word]
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")) and len(word) > 3:
        return word[:-1]
    return word


@cache
def _tokenizer() -> Any:
    with warnings.catch_warnings(action="ignore"):  # its source has escapes that newer Pythons complain of
        import jieba

    jieba.setLogLevel(logging.WARNING)
    return jieba.Tokenizer()


@cache
def _kept_words() -> frozenset[str]:
    with _tokenizer().get_dict_file() as lines:
        entries = (line.decode("utf-8").split() for line in lines)
        nouns = {entry[0] for entry in entries if len(entry) == 3 and entry[2] in _NOUNS and len(entry[0]) > 1}
    return frozenset((nouns | TRADE_ZH) - GENERAL_ZH - SOLD_ZH)
