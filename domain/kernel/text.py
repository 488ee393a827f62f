"""Text discipline: what PostgreSQL and JSON cannot carry is refused before it reaches them."""

import re

from domain.kernel.refusals import Invalid

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def clean_text(value: str, *field: str, longest: int, blank: bool = False) -> str:
    """This will return the text stripped of outer white space, at most `longest` characters.

    Raises Invalid for NUL, lone surrogates, too long, or (unless `blank`) empty text; names `field`.
    """
    label = field[-1] if field else "text"
    if _UNSTORABLE.search(value):
        raise Invalid(f"{label} holds a NUL character or half a surrogate pair; remove it.", *field)
    text = value.strip()
    if len(text) > longest:
        raise Invalid(f"{label} has {len(text)} characters; at most {longest} are kept.", *field)
    if not text and not blank:
        raise Invalid(f"{label} is empty; give it at least one character.", *field)
    return text
