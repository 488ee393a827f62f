"""Which language a text is in, told by its script; enough for the two that we judge."""

import re

CHINESE, ENGLISH, UNDETERMINED = "zh", "en", "und"
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-z]")
_FOREIGN_LATIN = re.compile(r"[\u00c0-\u024f]")
_ENGLISH_WORDS = frozenset(
    "the and to of is it was in for this with not but you are my on very i a they we have had be so that at all".split()
)


def detect_language(text: str) -> str:
    """This will give `zh`, `en`, or `und` where the text is in neither of the two or too short to tell.

    Chinese is told by Han characters without kana or hangul; English by Latin letters and at least one of its
    commonest words, or a very short text without accents.
    """
    han, latin = len(_HAN.findall(text)), len(_LATIN.findall(text))
    if han and not _KANA_OR_HANGUL.search(text) and han * 3 >= latin:
        return CHINESE
    if latin < 3 or _KANA_OR_HANGUL.search(text) or _FOREIGN_LATIN.search(text):
        return UNDETERMINED
    words = re.findall(r"[a-z']+", text.lower())
    return ENGLISH if len(words) <= 4 or any(word in _ENGLISH_WORDS for word in words) else UNDETERMINED
