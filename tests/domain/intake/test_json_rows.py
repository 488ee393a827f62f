"""JSON Lines: values as they are written, each key once, and a bad line costs itself only."""

import pytest

from domain.intake.json_rows import JsonRows
from domain.intake.rows import LONGEST_RECORD, Row, Unreadable


def rows_of(content: bytes, *, parts: bool = False) -> list[Row | Unreadable]:
    """The rows of a file of people, or of orders with lines."""
    reader = JsonRows(("id", "name"), key="id", parts="lines" if parts else "", part_columns=("sku", "amount"))
    return [*reader.feed(content), *reader.end()]


def test_values_become_text_as_it_is_written() -> None:
    content = b'{"id": 1, "name": " Ada "}\n\n{"id": "2", "name": null}\r\n{"id": 1.50, "name": ""}'
    assert rows_of(content) == [Row(1, ["1", "Ada"]), Row(3, ["2", None]), Row(4, ["1.50", None])]


def test_a_key_that_is_left_out_is_told_from_null() -> None:
    assert rows_of(b'{"id": 1}\n') == [Row(1, ["1", None], "", ["name"])]


def test_an_order_stands_on_one_line_with_its_lines() -> None:
    content = b'{"id": "o", "name": "x", "lines": [{"sku": "a", "amount": 1.10}, {"sku": "b", "amount": "NaN"}]}\n'
    assert rows_of(content, parts=True) == [
        Row(1, ["o", "x", "a", "1.10"], "lines[1]."),
        Row(1, ["o", "x", "b", "NaN"], "lines[2]."),
    ]


@pytest.mark.parametrize(
    ("bad", "field", "reason", "key"),
    [
        (b'{"id": 2, "name": "cut off', "", "not JSON", None),
        (b'{"id": 2, "name": "\xff"}', "", "not UTF-8", None),
        (b"[1]", "", "not a JSON object", None),
        (b'{"id": ' + b"9" * 5_000 + b"[}", "", "not JSON", None),
        (b"[" * 100_000, "", "not JSON", None),
        (b'{"id": 2, "id": 3}', "", "stands twice", None),
        (b'{"id": 2, "age": 3}', "", "a key beside", "2"),
        (b'{"id": 2, "name": true}', "name", "text, a number or null", "2"),
        (b'{"id": 2, "name": {"first": "A"}}', "name", "text, a number or null", "2"),
        (b'{"id": 2, "name": "' + b"x" * LONGEST_RECORD + b'"}', "", "longer than 4 MiB", None),
    ],
)
def test_a_bad_line_costs_itself_only(bad: bytes, field: str, reason: str, key: str | None) -> None:
    first, unreadable, last = rows_of(b'{"id": 1, "name": "A"}\n' + bad + b'\n{"id": 3, "name": "C"}\n')
    assert (first, last) == (Row(1, ["1", "A"]), Row(3, ["3", "C"]))
    assert isinstance(unreadable, Unreadable)
    assert (unreadable.reject.line, unreadable.reject.field, unreadable.key) == (2, field, key)
    assert reason in unreadable.reject.reason


@pytest.mark.parametrize(
    ("bad", "field"),
    [
        (b'{"id": "o"}', "lines"),
        (b'{"id": "o", "lines": []}', "lines"),
        (b'{"id": "o", "lines": {"sku": "a"}}', "lines"),
        (b'{"id": "o", "lines": [{"sku": "a"}, 7]}', "lines[2]"),
        (b'{"id": "o", "lines": [{"sku": ["a"]}]}', "lines[1].sku"),
        (b'{"id": "o", "lines": [{"price": 1}]}', "lines[1]"),
        (b'{"lines": [{"sku": "a"}]}', "id"),
    ],
)
def test_lines_must_be_objects(bad: bytes, field: str) -> None:
    (unreadable,) = rows_of(bad, parts=True)
    assert isinstance(unreadable, Unreadable)
    assert unreadable.reject.field == field
