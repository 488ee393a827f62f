"""CSV: what RFC 4180 says, where records begin, and what a bad one costs."""

import csv
import io
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.intake.csv_rows import CsvRows
from domain.intake.rows import LONGEST_RECORD, Row, Unreadable
from domain.kernel.refusals import Invalid

COLUMNS = ("id", "name", "note")


def rows_of(content: bytes, *, size: int = 1_000_000, required: tuple[str, ...] = COLUMNS) -> list[Row | Unreadable]:
    """The rows of a file that comes in pieces of a size."""
    reader = CsvRows(COLUMNS, key="id", required=required)

    def all_rows() -> Iterator[Row | Unreadable]:
        for start in range(0, len(content), size):
            yield from reader.feed(content[start : start + size])
        yield from reader.end()

    return list(all_rows())


def test_columns_may_stand_in_any_order_and_nothing_is_none() -> None:
    assert rows_of(b"name, id ,note\nAda,1,\n") == [Row(2, ["1", "Ada", None])]


def test_a_column_that_is_not_required_may_be_left_out() -> None:
    (row,) = rows_of(b"id,name\n1,Ada\n", required=("id",))
    assert row == Row(2, ["1", "Ada", None], "", ["note"])


def test_quotes_commas_newlines_and_crlf() -> None:
    content = b'id,name,note\r\n1,"Ada, ""the first""","two\r\nlines"\r\n\r\n2,B,5" disc\r\n3,C,""\r\n4,D,x'
    assert rows_of(content) == [
        Row(2, ["1", 'Ada, "the first"', "two\r\nlines"]),
        Row(5, ["2", "B", '5" disc']),
        Row(6, ["3", "C", None]),
        Row(7, ["4", "D", "x"]),
    ]


@given(
    st.lists(st.tuples(*[st.text(st.sampled_from('a,"é\n '), max_size=6)] * 3), max_size=8),
    st.integers(1, 9),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
)
def test_it_reads_what_the_standard_library_writes(table: list[tuple[str, ...]], size: int, quoting: int) -> None:
    text = io.StringIO()
    csv.writer(text, quoting=quoting, lineterminator="\n").writerows([COLUMNS, *table])  # type: ignore[arg-type]
    found = rows_of(text.getvalue().encode(), size=size)
    assert [row.values for row in found if isinstance(row, Row)] == [
        [cell.strip() or None for cell in row] for row in table
    ]
    assert len(found) == len(table)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        (b"", "The file is empty"),
        (b"id,name,note,name\n", "names the column name twice"),
        (b"id,name\n", "lacks the column note"),
        (b"id,name,note,age\n", "not known: 'age'"),
        (b"id;name;note\n", "not known: 'id;name;note'"),
        (b"id,name,n\xf6te\n", "not UTF-8"),
        (b'id,name,"note', "cannot be read"),
        (b"id,name,note" + b"x" * LONGEST_RECORD + b"\n", "cannot be read. The record is longer than 4 MiB"),
    ],
)
def test_a_bad_header_refuses_the_file(header: bytes, reason: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rows_of(header + b"1,Ada,\n" if header.endswith(b"\n") else header)
    assert reason in refusal.value.message


@pytest.mark.parametrize(
    ("bad", "field", "reason", "key"),
    [
        (b"2,B\xff,x", "name", "not UTF-8", "2"),
        (b'2,"B\xff",x', "name", "not UTF-8", "2"),
        (b"\xff,B,x", "id", "not UTF-8", None),
        (b"\xff,B", "", "not UTF-8", None),
        (b"2,B", "", "2 fields, and the header names 3", "2"),
        (b"2,B,x,y", "", "4 fields", "2"),
        (b'2,"B"x,y', "", "closing quote", None),
        (b"2,B," + b"x" * LONGEST_RECORD, "", "longer than 4 MiB", None),
        (b'2,B,"' + b"x\n" * (LONGEST_RECORD // 2) + b'"', "", "longer than 4 MiB", None),
        (b'2,B,"' + b"x" * LONGEST_RECORD + b'\n9,still,inside\n"', "", "longer than 4 MiB", None),
    ],
)
def test_a_bad_record_costs_itself_only(bad: bytes, field: str, reason: str, key: str | None) -> None:
    first, unreadable, last = rows_of(b"id,name,note\n1,A,\n" + bad + b"\n3,C,\n", size=65_536)
    assert (first.values, last.values) == (["1", "A", None], ["3", "C", None])  # type: ignore[union-attr]
    assert isinstance(unreadable, Unreadable)
    assert (unreadable.reject.line, unreadable.reject.field, unreadable.key) == (3, field, key)
    assert reason in unreadable.reject.reason


def test_a_quoted_field_that_is_never_closed_takes_the_rest_with_it() -> None:
    _, unreadable = rows_of(b'id,name,note\n1,A,\n2,B,"open\n3,C,\n')
    assert isinstance(unreadable, Unreadable)
    assert (unreadable.reject.line, unreadable.key) == (3, None)
    assert "not closed before the file ends" in unreadable.reject.reason


def test_where_the_file_was_cut_off_not_even_the_key_is_trusted() -> None:
    _, unreadable = rows_of(b"id,name,note\n1,A,\n12")
    assert isinstance(unreadable, Unreadable)
    assert (unreadable.reject.line, unreadable.key) == (3, None)


def test_an_endless_line_is_not_held() -> None:
    import tracemalloc

    reader = CsvRows(COLUMNS, key="id", required=COLUMNS)
    piece = b"x" * 65_536
    tracemalloc.start()
    try:
        list(reader.feed(b"id,name,note\n1,A,"))
        for _ in range(2_000):
            list(reader.feed(piece))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert [row.reject.reason for row in reader.end() if isinstance(row, Unreadable)] == [
        "The record is longer than 4 MiB."
    ]
    assert peak < 3 * LONGEST_RECORD
