"""Text discipline: what PostgreSQL and JSON cannot carry is refused before it reaches them."""

import re
import unicodedata

from domain.kernel.refusals import Invalid

_EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSEEN = {"Cc", "Cf", "Zl", "Zp", "Zs"}
_FILLERS = frozenset("\u115f\u1160\u2800\u3164\uffa0")


def clean_text(value: str, *field: str, longest: int, blank: bool = False) -> str:
    """This will return the text stripped of outer white space, at most `longest` characters.

    Text of which nothing is seen (zero-width, control and format characters) is empty. Raises Invalid for NUL, lone
    surrogates, too long, or (unless `blank`) empty text; names `field`.
    """
    if _UNSTORABLE.search(value):
        raise Invalid("{field} holds a NUL character or half a surrogate pair; remove it.", *field)
    text = value.strip() if _is_seen(value) else ""
    if len(text) > longest:
        raise Invalid(f"{{field}} has {len(text)} characters; at most {longest} are kept.", *field)
    if not text and not blank:
        raise Invalid("{field} is empty; give it at least one character.", *field)
    return text


def _is_seen(text: str) -> bool:
    return any(unicodedata.category(letter) not in _UNSEEN and letter not in _FILLERS for letter in text)


def check_email(address: str | None, *field: str) -> str | None:
    """This will return the e-mail address in lower case. Raises Invalid where it is none (RFC 5321 lengths)."""
    if address is None:
        return None
    email = clean_text(address, *field, longest=254).lower()
    if not _EMAIL.fullmatch(email):
        raise Invalid("{field} is not an e-mail address; write it like name@example.org.", *field)
    return email
