"""Records spread over rows: whole or not at all, and the culprit is named to the others."""

from collections.abc import Sequence
from typing import Any

import pytest

from domain.intake.columns import Column
from domain.intake.groups import Groups, Shape
from domain.intake.rows import Reject, Row, Unreadable
from domain.intake.units import Refused, Unit
from domain.kernel.refusals import Invalid


def number(text: str, *field: str) -> int:
    if not text.isdigit():
        raise Invalid("no number", *field)
    return int(text)


class Basket:
    """Takes parts until they come to ten."""

    def __init__(self, head: Sequence[Any]) -> None:
        self.head = head
        self.parts: list[Sequence[Any]] = []

    def add(self, part: Sequence[Any]) -> None:
        self.parts.append(part)

    def finish(self) -> tuple[Sequence[Any], Sequence[Sequence[Any]]]:
        if sum(part[0] for part in self.parts) > 10:
            raise Invalid("too heavy", "weight")
        return self.head, self.parts


def text(value: str, *field: str) -> str:
    return value


BASKETS = Shape(
    "basket",
    (Column("id", "text", text, required=True), Column("owner", "text", text)),
    (Column("weight", "int", number, required=True),),
    Basket,
)


def take(rows: Sequence[Row | Unreadable], *, spread: bool = True) -> tuple[dict[str, Sequence[int]], list[Reject]]:
    """The lines of the units by key, and the rejects in the order of their lines."""
    groups = Groups(BASKETS, spread=spread)
    found = [each for row in rows for each in groups.take(row)] + list(groups.end())
    units = {each.key: each.lines for each in found if isinstance(each, Unit)}
    return units, sorted(reject for each in found if isinstance(each, Refused) for reject in each.rejects)


def row(line: int, key: str | None, weight: str = "1", owner: str = "o", place: str = "") -> Row:
    return Row(line, [key, owner, weight], place)


def test_adjacent_rows_with_one_key_are_one_unit() -> None:
    assert take([row(2, "a"), row(3, "a"), row(4, "b")]) == ({"a": [2, 3], "b": [4]}, [])


def test_one_bad_row_refuses_all_before_and_behind_it() -> None:
    units, rejects = take([row(2, "a"), row(3, "a", "x"), row(4, "a"), row(5, "a", "y"), row(6, "b")])
    assert units == {"b": [6]}
    assert rejects == [
        Reject(2, "", "Another line of this basket was rejected, line 3."),
        Reject(3, "weight", "no number", "x"),
        Reject(4, "", "Another line of this basket was rejected, line 3."),
        Reject(5, "", "Another line of this basket was rejected, line 3."),
    ]


def test_what_the_rows_say_together_may_not_differ() -> None:
    units, rejects = take([row(2, "a", owner="x"), row(3, "a", owner="y")])
    assert units == {}
    assert rejects[1] == Reject(3, "owner", "owner is not that on the first line of this basket.", "y")


def test_what_is_wrong_with_the_whole_stands_on_its_first_line() -> None:
    units, rejects = take([row(2, "a", "9"), row(3, "a", "9")])
    assert units == {}
    assert rejects == [
        Reject(2, "weight", "too heavy"),
        Reject(3, "", "Another line of this basket was rejected, line 2."),
    ]


@pytest.mark.parametrize("unread", [Unreadable(Reject(4, "", "unreadable")), row(4, None)])
def test_an_unreadable_row_refuses_both_neighbours(unread: Row | Unreadable) -> None:
    units, rejects = take([row(2, "a"), row(3, "b"), unread, row(5, "c"), row(6, "d")])
    assert units == {"a": [2], "d": [6]}
    assert [reject.line for reject in rejects] == [3, 4, 5]
    assert rejects[0].reason == rejects[2].reason == "Line 4 beside it was rejected, and may be a line of this basket."


def test_an_unreadable_row_amid_a_unit_refuses_that_only() -> None:
    units, rejects = take([row(2, "a"), Unreadable(Reject(3, "", "unreadable")), row(4, "a"), row(5, "b")])
    assert units == {"b": [5]}
    assert [reject.line for reject in rejects] == [2, 3, 4]


def test_an_unreadable_row_whose_key_is_known_refuses_its_own_unit_only() -> None:
    units, rejects = take([row(2, "a"), Unreadable(Reject(3, "", "unreadable"), "b"), row(4, "b"), row(5, "c")])
    assert units == {"a": [2], "c": [5]}
    assert [reject.line for reject in rejects] == [3, 4]


def test_where_a_record_has_one_line_its_neighbours_are_others() -> None:
    rows = [
        row(1, "a", place="lines[1]."),
        row(1, "a", "x", place="lines[2]."),
        Unreadable(Reject(2, "", "?")),
        row(3, "b"),
    ]
    units, rejects = take(rows, spread=False)
    assert units == {"b": [3]}
    assert rejects == [Reject(1, "lines[2].weight", "no number", "x"), Reject(2, "", "?")]
