"""Which language a text is in, told by its script and its commonest words; enough for the two that we judge.

A further language needs a line here, a judge in `sentiment.py` and a cutter in `phrases.py`.
"""

import re

CHINESE, ENGLISH, UNDETERMINED = "zh", "en", "und"
_HAN = re.compile(r"[\u3400-\u9fff\uf900-\ufaff]")
_KANA_OR_HANGUL = re.compile(r"[\u3040-\u30ff\u31f0-\u31ff\u1100-\u11ff\uac00-\ud7af]")
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_OTHER_LETTER = re.compile(r"[\u0370-\u1fff\ua640-\uabff]")
_ACCENT = re.compile(r"[\u00c0-\u024f]")
_WORD = re.compile(r"[a-z\u00e0-\u024f]+")
_ENGLISH = frozenset(
    """the and to of it is was for this with not but you are my on very we they have had so that at all were be has
    been our your their them there after before when what which if than too can could will would should only just never
    still again about more most good great bad really works""".split()
)
_NEIGHBOURS = frozenset(
    """der die das und ist nicht ein eine mit sehr war ich zu den auf le la les et est un une des pas très je du que
    el los las y es muy por con para il che è non molto sono di per o os uma não muito com het een van niet zeer ik
    era esta pour dans avec wir aber""".split()
)
_SHORT = 4


def detect_language(text: str) -> str:
    """This will give `zh`, `en`, or `und` where the text is in neither of the two or too short to tell.

    Chinese is told by Han characters without kana or hangul, a quarter of the letters at least. English is told by
    Latin letters and more of its own commonest words than of its neighbours'; four words or fewer without any of
    either pass as English if they bear no accent.
    """
    if _KANA_OR_HANGUL.search(text):
        return UNDETERMINED
    han, latin, other = (len(script.findall(text)) for script in (_HAN, _LATIN, _OTHER_LETTER))
    if han and han * 3 >= latin + other:
        return CHINESE
    if latin < 3 or other > latin:
        return UNDETERMINED
    return ENGLISH if _reads_as_english(text.lower()) else UNDETERMINED


def _reads_as_english(text: str) -> bool:
    words = _WORD.findall(text)
    own, foreign = (sum(word in common for word in words) for common in (_ENGLISH, _NEIGHBOURS))
    if own or foreign:
        return own > foreign
    return len(words) <= _SHORT and not _ACCENT.search(text)
