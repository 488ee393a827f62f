"""Revenue at stake: what the customers who complain of a theme buy, and might still buy.

A customer complains of a theme who spoke of it with negative mood in the last 90 days. Counted are what these ordered
in the last 365 days, and their open deals, each times its probability; by currency, for amounts of several are never
added. Who complains of two themes counts in both: stakes of themes do not add up.
"""

from datetime import datetime, timedelta
from typing import Any

from tortoise.connection import get_connection

from domain.orders.spending import ordered_since
from domain.pipeline.open_deals import expected_of

COMPLAINED_WITHIN = timedelta(days=90)
ORDERED_WITHIN = timedelta(days=365)

_COMPLAINTS = """SELECT DISTINCT m.theme_id, i.customer_id FROM feedback_item i
    JOIN feedback_theme_item m ON m.item_id = i.id
    WHERE i.sentiment_label = 'negative' AND i.customer_id IS NOT NULL AND i.received_at BETWEEN $1 AND $2"""


async def weigh_stakes(at: datetime) -> int:
    """This will write the stakes of all themes as of a moment; what has not changed is left alone; returns how many.

    Call it in a transaction, after the items have been assigned to themes.
    """
    since = at - COMPLAINED_WITHIN
    rows = await _rows(f"SELECT DISTINCT customer_id FROM ({_COMPLAINTS}) c", since, at)
    customers = [row["customer_id"] for row in rows]
    ordered = await ordered_since(customers, at - ORDERED_WITHIN)
    expected = await expected_of(customers)
    money = [(*spent, 0) for spent in ordered] + [(key, currency, 0, amount) for key, currency, amount in expected]
    columns = [list(column) for column in zip(*money, strict=True)] or [[], [], [], []]
    (written,) = await _rows(
        f"""WITH complaint AS ({_COMPLAINTS}), crowd AS (
            SELECT theme_id, count(*)::int AS customers FROM complaint GROUP BY 1
        ), stake AS (
            SELECT c.theme_id, m.currency, round(sum(m.ordered), 3) AS ordered, round(sum(m.pipeline), 3) AS pipeline
            FROM complaint c JOIN unnest($3::uuid[], $4::text[], $5::numeric[], $6::numeric[])
                AS m(customer_id, currency, ordered, pipeline) ON m.customer_id = c.customer_id
            GROUP BY 1, 2
        ), gone AS (
            DELETE FROM feedback_theme_stake s
            WHERE NOT EXISTS (SELECT 1 FROM stake n WHERE n.theme_id = s.theme_id AND n.currency = s.currency)
        ), kept AS (
            INSERT INTO feedback_theme_stake AS s
                (id, created_at, updated_at, version, theme_id, currency, customer_count, ordered, pipeline)
            SELECT uuidv7(), $2, $2, 1, n.theme_id, n.currency, c.customers, n.ordered, n.pipeline
            FROM stake n JOIN crowd c ON c.theme_id = n.theme_id
            ON CONFLICT (theme_id, currency) DO UPDATE SET customer_count = excluded.customer_count,
                ordered = excluded.ordered, pipeline = excluded.pipeline, updated_at = excluded.updated_at,
                version = s.version + 1
            WHERE (s.customer_count, s.ordered, s.pipeline)
                <> (excluded.customer_count, excluded.ordered, excluded.pipeline)
        )
        SELECT count(*)::int AS stakes FROM stake""",
        since, at, *columns,
    )  # fmt: skip
    stakes: int = written["stakes"]
    return stakes


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql, list(values))
