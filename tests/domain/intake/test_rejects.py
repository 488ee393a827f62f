"""The rejects file: one physical line a reject, whatever stood in the row."""

import csv
import io

from hypothesis import given
from hypothesis import strategies as st

from domain.intake.rejects import HEADER, as_csv
from domain.intake.rows import Reject, rejected


def test_a_reject_is_a_line_with_what_people_need() -> None:
    text = as_csv([rejected(7, "amount", "amount must be finite; NaN is not.", "NaN")])
    assert HEADER + text == b"line,field,reason,value\r\n7,amount,amount must be finite; NaN is not.,NaN\r\n"


def test_values_are_shortened_escaped_and_no_formulas() -> None:
    values = ["x" * 1_000, "a\x00b\nc", "=1+1", "-5", "\ud800", "客户"]
    shown = [row[3] for row in csv.reader(io.StringIO(as_csv(rejected(1, "f", "r", each) for each in values).decode()))]
    assert shown == ["x" * 80 + "…", r"a\x00b\nc", "'=1+1", "'-5", r"\ud800", "客户"]


@given(st.lists(st.text(max_size=90), min_size=1, max_size=5))
def test_every_reject_is_one_line(values: list[str]) -> None:
    text = as_csv([Reject(1, "f", "r", value) for value in values]).decode()
    assert len(text.splitlines()) == len(values)
