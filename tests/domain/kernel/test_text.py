"""What may be stored as text, and what is none."""

import pytest

from domain.kernel.refusals import Invalid
from domain.kernel.text import clean_text

UNSEEN = [
    "",
    " \t\n",
    "\u200b",
    "\u200b \u200d\ufeff",
    "\u2060\u00ad",
    "\x01\x7f",
    "\u00a0\u3000",
    "\u202e",
    "\u2028",
    "\u3164\u115f",
]


@pytest.mark.parametrize("text", UNSEEN)
def test_text_of_which_nothing_is_seen_is_empty(text: str) -> None:
    with pytest.raises(Invalid, match="name is empty; give it at least one character"):
        clean_text(text, "input", "name", longest=10)
    assert clean_text(text, "note", longest=10, blank=True) == ""


@pytest.mark.parametrize("text", ["a", "\u200ba", "👩\u200d💻", "می\u200cخواهم", "0", ".", "客户", "\u0301a"])
def test_text_of_which_something_is_seen_stays_as_it_is(text: str) -> None:
    assert clean_text(f" {text}\n", "name", longest=10) == text


@pytest.mark.parametrize("text", ["a\x00", "\ud800"])
def test_what_cannot_be_stored_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="NUL character or half a surrogate pair"):
        clean_text(text, "name", longest=10)
