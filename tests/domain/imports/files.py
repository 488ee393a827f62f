"""Files for tests of imports, and a picture of everything that they may change."""

import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tortoise.connection import get_connection

from domain.imports.commands import import_file
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome
from domain.intake.rows import Reject
from domain.kernel.actor import Actor
from domain.kernel.permissions import EVERY_GRANT

NOW = datetime(2024, 5, 1, tzinfo=UTC)
LATER = datetime(2024, 5, 2, tzinfo=UTC)
BY = Actor(name="Ada", grants=EVERY_GRANT)

CUSTOMERS = "external_id,kind,name,email,phone,industry,city,country,note\n"
PRODUCTS = "sku,name,category,description,list_price,currency\n"
ORDERS = "external_id,customer_external_id,ordered_at,currency,position,sku,quantity,amount\n"
FEEDBACK = "external_id,source,text,rating,language,customer_external_id,product_sku,order_external_id,received_at\n"


async def take_in(
    kind: ImportKind, content: str | bytes, *, at: datetime = NOW, size: int = 10_000
) -> tuple[ImportOutcome, list[Reject]]:
    """What became of a file, and its rejects."""
    found: list[Reject] = []

    async def rejects(some: Sequence[Reject]) -> None:
        found.extend(some)

    async def progress(done: int, outcome: ImportOutcome) -> None:
        assert outcome.rejected == len(found)

    outcome = await import_file(kind, chunks(content, size), by=BY, at=at, progress=progress, rejects=rejects)
    return outcome, found


async def chunks(content: str | bytes, size: int = 10_000) -> AsyncIterator[bytes]:
    data = content.encode() if isinstance(content, str) else content
    for start in range(0, len(data), size):
        yield data[start : start + size]


async def some_of_each() -> None:
    """Two customers, two products, one order of two lines."""
    await take_in(ImportKind.CUSTOMERS, CUSTOMERS + "c1,company,Acme,,,,,,\nc2,person,Bea,,,,,,\n")
    await take_in(ImportKind.PRODUCTS, PRODUCTS + "p1,Pen,,,1.50,EUR\np2,Ink,,,,\n")
    await take_in(ImportKind.ORDERS, ORDERS + "o1,c1,2024-01-05,EUR,,p1,2,3.00\no1,c1,2024-01-05,EUR,,p2,1,4.50\n")


async def rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return [dict(row) for row in await get_connection("default").execute_query_dict(sql, list(values))]


async def picture() -> dict[str, Any]:
    """Everything that imports write, ids included."""
    tables = ("customer", "product", "sales_order", "sales_order_line", "feedback_item", "event", "job")
    return {table: await rows(f"SELECT t::text FROM {table} t ORDER BY 1") for table in tables}


async def contents() -> dict[str, list[dict[str, Any]]]:
    """What imports say, without ids and times of storing."""
    return {
        "customers": await rows(
            "SELECT external_id, kind, name, email, phone, industry, city, country, note, version FROM customer ORDER BY 1"
        ),
        "products": await rows(
            "SELECT sku, name, category, description, list_price, currency, version FROM product ORDER BY 1"
        ),
        "orders": await rows(
            "SELECT o.external_id, c.external_id AS customer, ordered_at, o.currency, total, position, sku, quantity, amount "
            "FROM sales_order o JOIN customer c ON c.id = customer_id LEFT JOIN sales_order_line l ON l.order_id = o.id "
            "LEFT JOIN product p ON p.id = product_id ORDER BY 1, position"
        ),
        "feedback": await rows(
            "SELECT f.external_id, source, text, rating, language, language_given, c.external_id AS customer, sku, "
            "o.external_id AS order, received_at, f.version FROM feedback_item f LEFT JOIN customer c ON c.id = f.customer_id "
            "LEFT JOIN product p ON p.id = product_id LEFT JOIN sales_order o ON o.id = order_id ORDER BY 1"
        ),
    }


def as_csv(header: str, records: Iterable[Mapping[str, Any]]) -> bytes:
    """Records as CSV; those with `lines` as a row for each."""
    text = io.StringIO()
    writer = csv.DictWriter(text, header.strip().split(","))
    writer.writeheader()
    for record in records:
        head = {name: value for name, value in record.items() if name != "lines"}
        writer.writerows({**head, **line} for line in record.get("lines", [{}]))
    return text.getvalue().encode()


def as_json_lines(records: Iterable[Mapping[str, Any]]) -> bytes:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records).encode()
