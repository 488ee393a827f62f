"""Databases to measure on: filled inside PostgreSQL, the same rows every time, and swept afterwards.

Keys grow with time, as UUIDv7 do. Nothing is random: what belongs to whom follows from multiplications by primes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import asyncpg


@dataclass(frozen=True, slots=True)
class Scale:
    """How many rows of each kind; orders, their lines and contacts are per customer, per order and per customer."""

    customers: int = 1_000
    products: int = 200
    feedback: int = 10_000
    orders: int = 20
    lines: int = 2
    contacts: int = 6


SMALL = Scale()
LARGE = Scale(customers=100_000, feedback=1_000_000, orders=0, contacts=0)

RECORD = "id, created_at, updated_at, version"


async def fill(url: str, scale: Scale) -> None:
    """This will fill an empty, migrated database; indexes are made at the end, and the planner told of everything."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off", "maintenance_work_mem": "256MB"})
    try:
        indexes = await connection.fetch(SECONDARY_INDEXES)
        async with connection.transaction():
            await connection.execute("SET LOCAL session_replication_role = replica")  # no look at each foreign key
            for index in indexes:
                await connection.execute(f'DROP INDEX "{index["name"]}"')
            for statement in statements(scale):
                await connection.execute(statement)
            for index in indexes:
                await connection.execute(index["definition"])
        await connection.execute("VACUUM (ANALYZE)")
        await connection.execute("CHECKPOINT")
    finally:
        await connection.close()


SECONDARY_INDEXES = """
SELECT relname AS name, pg_get_indexdef(indexrelid) AS definition FROM pg_index JOIN pg_class c ON c.oid = indexrelid
WHERE indrelid = ANY('{customer,contact,product,sales_order,sales_order_line,feedback_item}'::regclass[])
AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
"""


def statements(scale: Scale) -> Iterable[str]:
    """This will give the statements that fill the tables, parents first."""
    yield f"""
        INSERT INTO product ({RECORD}, sku, name, category, list_price, currency, is_active)
        SELECT {_key("prd", "i")}, {_stamps("i")}, 'SKU-' || i, 'Product number ' || i, 'Category ' || i % 9,
               (i * 7919 % 100000) / 100.0, 'USD', true
        FROM generate_series(1, {scale.products}) i"""
    yield f"""
        INSERT INTO customer ({RECORD}, external_id, kind, name, email, industry, city, country)
        SELECT {_key("cus", "i")}, {_stamps("i")}, 'C-' || i,
               CASE WHEN i % 3 = 0 THEN 'person' ELSE 'company' END, 'Customer number ' || i,
               'customer' || i || '@example.org', 'Industry ' || i % 12, 'City ' || i * 31 % 97, 'DE'
        FROM generate_series(1, {scale.customers}) i"""
    yield f"""
        INSERT INTO contact ({RECORD}, customer_id, name, title, email)
        SELECT {_key("con", f"i * {scale.contacts} + n")}, {_stamps("i")}, {_key("cus", "i")},
               'Contact ' || n * 7919 % 1000 || ' of ' || i, 'Buyer', 'contact' || n || '.' || i || '@example.org'
        FROM generate_series(1, {scale.customers}) i, generate_series(1, {scale.contacts}) n"""
    yield f"""
        INSERT INTO sales_order ({RECORD}, external_id, customer_id, ordered_at, currency, total)
        SELECT {_key("ord", "i")}, {_stamps("i")}, 'O-' || i, {_key("cus", f"1 + i % {scale.customers}")},
               {_moment("i")},
               CASE WHEN i % 5 = 0 THEN 'JPY' ELSE 'EUR' END,
               CASE WHEN i % 5 = 0 THEN i * 7919 % 100000 ELSE (i * 7919 % 100000) / 100.0 END
        FROM generate_series(1, {scale.customers * scale.orders}) i"""
    yield f"""
        INSERT INTO sales_order_line ({RECORD}, order_id, position, product_id, quantity, amount)
        SELECT {_key("lin", f"i * {scale.lines} + n")}, {_stamps("i")}, {_key("ord", "i")}, n,
               {_key("prd", f"1 + (i * 31 + n) % {scale.products}")}, 1 + i % 7, i * 13 % 10000
        FROM generate_series(1, {scale.customers * scale.orders}) i, generate_series(1, {scale.lines}) n"""
    yield f"""
        INSERT INTO feedback_item ({RECORD}, external_id, source, text, rating, customer_id, product_id, received_at,
                                   language, language_given, sentiment, sentiment_label, read_digest)
        SELECT {_key("fbk", "i")}, {_stamps("i")}, 'F-' || i, 'review',
               'Item ' || i || ' came on time, does what it should; the manual could be clearer in chapter ' || i % 20,
               1 + i * 7 % 5, {_key("cus", f"1 + i::bigint * 7919 % {scale.customers}")},
               {_key("prd", f"1 + i * 31::bigint % {scale.products}")}, {_moment("i")},
               'en', true, 100, 'neutral', '\\x00'
        FROM generate_series(1, {scale.feedback}) i"""


KINDS = ("cus", "prd", "con", "ord", "lin", "fbk")


def _key(kind: str, number: str) -> str:
    """A UUIDv7 in form: its time part counts up, its last digit tells kinds apart."""
    pattern = f"00000000-0000-7000-8000-00000000000{KINDS.index(kind)}"
    return f"overlay('{pattern}' placing lpad(to_hex({number}), 8, '0') from 1 for 8)::uuid"


def _stamps(number: str) -> str:
    """When it was made and last changed, and its version."""
    return f"{_moment(number)}, {_moment(number)}, 1"


def _moment(number: str) -> str:
    return f"timestamptz '2024-01-01' + {number} * interval '37 seconds'"
