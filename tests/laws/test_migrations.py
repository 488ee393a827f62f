"""The history of the tables and the models say the same, and a house that is full can go through it."""

import asyncpg
import pytest
from tortoise import Tortoise
from tortoise.migrations.api import migrate as apply_migrations

from cli.migration import missing_migrations
from domain.kernel.ids import new_id
from runtime.database import migrate, tortoise_config
from runtime.embedded import Running
from tests.conftest import empty_database

pytestmark = pytest.mark.anyio
STAMPS = "now(), now(), 1"


async def test_models_and_migrations_agree() -> None:
    detector = await missing_migrations()
    try:
        assert await detector.changes() == [], "run `salesloop migration`"
    finally:
        await Tortoise.close_connections()


async def test_a_house_with_rows_of_the_first_issues_comes_to_the_newest_shape(engines: Running) -> None:
    async with empty_database(engines, "of_old") as url:
        config = tortoise_config(url, pool_size=1, statement_timeout_seconds=0)
        await apply_migrations(config=config, target="salesloop.0008_search_vectors")
        await Tortoise.close_connections()
        connection = await asyncpg.connect(url)
        customer, product, order = (new_id() for _ in range(3))
        await connection.execute(
            f"INSERT INTO customer (id, created_at, updated_at, version, kind, name) "
            f"VALUES ('{customer}', {STAMPS}, 'person', 'A')"
        )
        await connection.execute(
            f"INSERT INTO product (id, created_at, updated_at, version, sku, name, is_active) "
            f"VALUES ('{product}', {STAMPS}, 'S', 'P', true)"
        )
        await connection.execute(
            f"INSERT INTO sales_order (id, created_at, updated_at, version, customer_id, ordered_at, "
            f"currency, total) VALUES ('{order}', {STAMPS}, '{customer}', now(), 'EUR', 5)"
        )
        await connection.execute(
            f"INSERT INTO sales_order_line (id, created_at, updated_at, version, order_id, position, "
            f"product_id, quantity, amount) VALUES ('{new_id()}', {STAMPS}, '{order}', 1, '{product}', 1, 5)"
        )
        await migrate(url)
        found = await connection.fetchrow("""SELECT o.status, l.shipped, l.delivered, l.returned, p.unit
            FROM sales_order o JOIN sales_order_line l ON l.order_id = o.id JOIN product p ON p.id = l.product_id""")
        await connection.close()
    assert tuple(found) == ("closed", 0, 0, 0, "piece")
