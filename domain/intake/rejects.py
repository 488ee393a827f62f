"""The rejects file: what did not land and why, as CSV, one physical line a reject."""

import csv
import io
from collections.abc import Iterable

from domain.intake.rows import Reject

HEADER = b"line,field,reason,value\r\n"
FORMULA_SIGNS = ("=", "+", "-", "@")


def as_csv(rejects: Iterable[Reject]) -> bytes:
    """This will write rejects as lines of CSV (UTF-8), without the header.

    What cannot be printed is shown escaped, and what a spreadsheet would take for a formula stands behind an
    apostrophe.
    """
    text = io.StringIO()
    csv.writer(text).writerows((each.line, each.field, each.reason, _shown(each.value)) for each in rejects)
    return text.getvalue().encode()


def _shown(value: str) -> str:
    shown = "".join(each if each.isprintable() else each.encode("unicode_escape").decode() for each in value)
    return f"'{shown}" if shown.startswith(FORMULA_SIGNS) else shown
