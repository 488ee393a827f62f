"""Every kind of bad row: told by line, field and reason; the good rows around it land, and nothing else changes."""

from typing import Any

import pytest

from domain.imports.rules import ImportKind
from domain.intake.rows import LONGEST_RECORD
from domain.kernel.refusals import Invalid
from tests.domain.imports.files import CUSTOMERS, FEEDBACK, ORDERS, PRODUCTS, contents, picture, some_of_each, take_in

pytestmark = pytest.mark.anyio

GOOD = {
    ImportKind.CUSTOMERS: ("a,company,A,,,,,,", "z,person,Z,,,,,,"),
    ImportKind.PRODUCTS: ("a,A,,,,", "z,Z,,,,"),
    ImportKind.ORDERS: ("a,c1,2024-01-01,EUR,,p1,1,1", "z,c1,2024-01-01,EUR,,p1,1,1"),
    ImportKind.FEEDBACK: ("a,review,A,,,,,,2024-01-01", "z,review,Z,,,,,,2024-01-01"),
}
HEADERS = {
    ImportKind.CUSTOMERS: CUSTOMERS,
    ImportKind.PRODUCTS: PRODUCTS,
    ImportKind.ORDERS: ORDERS,
    ImportKind.FEEDBACK: FEEDBACK,
}
C, P, O, F = ImportKind.CUSTOMERS, ImportKind.PRODUCTS, ImportKind.ORDERS, ImportKind.FEEDBACK  # noqa: E741

ROWS = [
    (C, ",company,B,,,,,,", "external_id", "external_id is missing."),
    (C, "b,alien,B,,,,,,", "kind", "company, person"),
    (C, "b,company,,,,,,,", "name", "name is missing."),
    (C, "b,company,B\x00,,,,,,", "name", "NUL character"),
    (C, "b\x00,company,B,,,,,,", "external_id", "NUL character"),
    (C, "b,company,B,not an address,,,,,", "email", "not an e-mail address"),
    (C, "b,company,B,,,,,Germany,", "country", "two capital letters"),
    (C, f"b,company,B,,,,,,{'x' * 2_000_000}", "note", "2000000 characters"),
    (C, f"{'b' * 2_000_000},company,B,,,,,,", "external_id", "2000000 characters"),
    (C, f"b,company,B,,,,,,{'x' * LONGEST_RECORD}", "", "longer than 4 MiB"),
    (C, "b,company,B", "", "3 fields, and the header names 9"),
    (C, 'b,company,"B"x,,,,,,', "", "closing quote"),
    (C, "a,company,again,,,,,,", "external_id", "stands on line 2 of this file already"),
    (P, "b,B,,,1.005,EUR", "list_price", "nothing is rounded"),
    (P, "b,B,,,1.00,XXX", "currency", "ISO 4217"),
    (P, "b,B,,,1.00,", "list_price", "give both or neither"),
    (P, "b,B,,,-1.00,EUR", "list_price", "must not be negative"),
    (O, "b,c1,2024-01-01,DOUBLOON,,p1,1,1", "currency", "ISO 4217"),
    (O, "b,c1,2024-01-01,EUR,,p1,1,NaN", "amount", "NaN"),
    (O, "b,c1,2024-01-01,EUR,,p1,NaN,1", "quantity", "NaN"),
    (O, "b,c1,2024-01-01,EUR,,p1,-1,1", "quantity", "above zero"),
    (O, "b,c1,2024-01-01,EUR,,p1,0,1", "quantity", "above zero"),
    (O, "b,c1,2024-01-01,EUR,,p1,1,-1", "amount", "must not be negative"),
    (O, "b,c1,2024-01-01,JPY,,p1,1,1.5", "amount", "nothing is rounded"),
    (O, "b,c1,2024-01-01,EUR,,p1,1,999999999999999999", "amount", "below"),
    (O, "b,c1,2024-01-01,EUR,0,p1,1,1", "position", "from 1 to 10,000"),
    (O, "b,c1,2024-01-01,EUR,first,p1,1,1", "position", "whole number"),
    (O, "b,c9,2024-01-01,EUR,,p1,1,1", "customer_external_id", "There is no customer with this external_id."),
    (O, "b,c1,2024-01-01,EUR,,p9,1,1", "sku", "There is no product with this sku."),
    (O, "b,,2024-01-01,EUR,,p1,1,1", "customer_external_id", "customer_external_id is missing."),
    (O, "b,c1,0001-01-01,EUR,,p1,1,1", "ordered_at", "years 1900 to 2199"),
    (O, "b,c1,2024-01-01T10:00:00,EUR,,p1,1,1", "ordered_at", "no time zone"),
    (F, "b,gossip,B,,,,,,2024-01-01", "source", "must be one of"),
    (F, "b,review,,,,,,,2024-01-01", "text", "text is missing."),
    (F, f"b,review,{'x' * 20_001},,,,,,2024-01-01", "text", "20001 characters"),
    (F, "b,review,B,6,,,,,2024-01-01", "rating", "from 1 (worst) to 5 (best)"),
    (F, "b,review,B,4.5,,,,,2024-01-01", "rating", "whole number"),
    (F, "b,review,B,,English,,,,2024-01-01", "language", "ISO 639"),
    (F, "b,review,B,,,c9,,,2024-01-01", "customer_external_id", "There is no customer with this external_id."),
    (F, "b,review,B,,,,p9,,2024-01-01", "product_sku", "There is no product with this sku."),
    (F, "b,review,B,,,,,o9,2024-01-01", "order_external_id", "There is no order with this external_id."),
    (F, "b,review,B,,,,,,", "received_at", "received_at is missing."),
    (F, "b,review,B,,,,,,0001-01-01", "received_at", "years 1900 to 2199"),
    (F, "b,review,B,,,,,,2024-05-02", "received_at", "lies in the future"),
]


def named(value: Any) -> str | None:
    return value[:30].replace("\x00", "NUL") if isinstance(value, str) else None


@pytest.mark.parametrize(("kind", "bad", "field", "reason"), ROWS, ids=named)
async def test_a_bad_row_in_csv(database: str, kind: ImportKind, bad: str, field: str, reason: str) -> None:
    await some_of_each()
    first, last = GOOD[kind]
    outcome, (reject,) = await take_in(kind, f"{HEADERS[kind]}{first}\n{bad}\n{last}\n")
    assert (outcome.read, outcome.created, outcome.rejected) == (3, 2, 1)
    assert (reject.line, reject.field) == (3, field)
    assert reason in reject.reason
    assert len(reject.value) <= 81
    keys = {row.get("external_id", row.get("sku")) for row in (await contents())[kind]}
    assert keys - {"c1", "c2", "p1", "p2", "o1"} == {"a", "z"}


@pytest.mark.parametrize(("kind", "bad", "field", "reason"), [row for row in ROWS if row[2]], ids=named)
async def test_a_bad_row_in_json_lines(database: str, kind: ImportKind, bad: str, field: str, reason: str) -> None:
    await some_of_each()
    lines = [_json(kind, line) for line in (GOOD[kind][0], bad, GOOD[kind][1])]
    outcome, (reject,) = await take_in(kind, "\n".join(lines))
    assert (outcome.read, outcome.created, outcome.rejected) == (3, 2, 1)
    place = "lines[1]." if field in ("position", "sku", "quantity", "amount") and kind is O else ""
    assert (reject.line, reject.field) == (2, place + field)
    assert reason.replace("line 2", "line 1") in reject.reason


def _json(kind: ImportKind, line: str) -> str:
    import json

    record: dict[str, Any] = dict(zip(HEADERS[kind].strip().split(","), line.split(","), strict=True))
    if kind is O:
        record["lines"] = [{name: record.pop(name) or None for name in ("position", "sku", "quantity", "amount")}]
    return json.dumps(record)


@pytest.mark.parametrize("kind", list(ImportKind))
async def test_a_row_in_the_wrong_encoding(database: str, kind: ImportKind) -> None:
    await some_of_each()
    first, last = GOOD[kind]
    bad = first.replace("a,", "b,", 1).encode() + "é".encode("latin-1")
    outcome, (reject,) = await take_in(
        kind, b"\n".join([HEADERS[kind].strip().encode(), first.encode(), bad, last.encode()])
    )
    assert (outcome.created, outcome.rejected, reject.line) == (2, 1, 3)
    assert (reject.field, reject.reason) == (HEADERS[kind].strip().split(",")[-1], "The field is not UTF-8 text.")


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("external_id,kind,name,name\n", "names the column name twice"),
        ("external_id,kind\n", "lacks the column name"),
        ("external_id,kind,name,age\n", "not known: 'age'"),
        ("", "The file is empty"),
        ("\ufeff", "The file is empty"),
        ("\n\n", "The file is empty"),
    ],
)
async def test_a_bad_header_refuses_the_file_and_changes_nothing(database: str, header: str, reason: str) -> None:
    await some_of_each()
    before = await picture()
    with pytest.raises(Invalid, match=reason):
        await take_in(C, header + ("b,company,B,B\n" if header.strip("\ufeff\n") else ""))
    assert await picture() == before


async def test_a_file_in_utf_16_is_refused(database: str) -> None:
    with pytest.raises(Invalid, match="UTF-16"):
        await take_in(C, (CUSTOMERS + "b,company,B,,,,,,\n").encode("utf-16"))


async def test_a_byte_order_mark_is_passed_over_however_the_bytes_come(database: str) -> None:
    content = ("\ufeff" + CUSTOMERS + GOOD[C][0]).encode()
    outcome, rejects = await take_in(C, content, size=1)
    assert (outcome.created, rejects) == (1, [])


async def test_where_every_row_is_bad_nothing_changes(database: str) -> None:
    await some_of_each()
    before = await picture()
    outcome, rejects = await take_in(O, ORDERS + "b,c9,2024-01-01,EUR,,p1,1,1\nc,c1,2024-01-01,EUR,,p9,1,1\n")
    assert (outcome.created, outcome.changed, outcome.rejected, len(rejects)) == (0, 0, 2, 2)
    assert await picture() == before
