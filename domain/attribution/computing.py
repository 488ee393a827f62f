"""Attribution, computed for the customers about whom something was written since, or for all; what is alike stays.

Triggers of the database note customers in `attribution_due`: those touched, whose deal was won, opened again or
changed, or whose goods cost something else now. A batch takes its notes and stores its credits in one transaction, so
that a run can be cut off anywhere, and comes to what computing everything would.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.attribution.rules import AttributionModel, Share, Touch, shares
from domain.kernel.ids import new_id
from domain.kernel.money import MINOR_DIGITS
from domain.kernel.storing import as_json
from domain.kernel.transactions import one_transaction

AT_ONCE = 2_000
_EVERYBODY = """INSERT INTO attribution_due (customer_id)
    SELECT customer_id FROM opportunity WHERE status = 'won'
    UNION SELECT o.customer_id FROM attribution_credit c JOIN opportunity o ON o.id = c.opportunity_id"""
_TAKE = """WITH taken AS (
        DELETE FROM attribution_due WHERE id IN (SELECT id FROM attribution_due ORDER BY id LIMIT $1 FOR UPDATE)
        RETURNING customer_id
    ) SELECT DISTINCT customer_id AS id FROM taken ORDER BY 1"""
_LEFT = "SELECT count(*)::int AS count FROM attribution_due"
_DEALS = """
    SELECT o.id, o.customer_id, o.currency, o.amount, o.closed_at, coalesce((
        SELECT sum(l.amount - l.quantity * p.unit_cost) FROM opportunity_line l
        JOIN product p ON p.id = l.product_id AND p.unit_cost IS NOT NULL AND p.currency = o.currency
        WHERE l.opportunity_id = o.id), 0) AS margin
    FROM opportunity o WHERE o.customer_id = ANY($1::uuid[]) AND o.status = 'won' ORDER BY o.id"""
_TOUCHES = """
    SELECT coalesce(t.customer_id, l.customer_id) AS customer_id, t.campaign_id, t.occurred_at
    FROM touchpoint t LEFT JOIN lead l ON l.id = t.lead_id
    WHERE t.customer_id = ANY($1::uuid[]) OR t.lead_id IN (SELECT id FROM lead WHERE customer_id = ANY($1::uuid[]))
    ORDER BY t.occurred_at, t.id"""
_GIVEN = """WITH given AS (SELECT * FROM json_to_recordset($2::json) AS g(id uuid, opportunity_id uuid, model text,
    campaign_id uuid, touches int, won_at timestamptz, currency text, revenue numeric, margin numeric))"""
_STORE = f"""{_GIVEN}, gone AS (
        DELETE FROM attribution_credit c USING opportunity o WHERE o.id = c.opportunity_id
        AND o.customer_id = ANY($1::uuid[]) AND NOT EXISTS (
            SELECT FROM given g WHERE g.opportunity_id = c.opportunity_id
            AND g.model = c.model AND g.campaign_id IS NOT DISTINCT FROM c.campaign_id)
        RETURNING 1
    ), stored AS (
        INSERT INTO attribution_credit AS c (id, created_at, updated_at, version, opportunity_id, model, campaign_id,
            touches, won_at, currency, revenue, margin)
        SELECT id, $3::timestamptz, $3, 1, opportunity_id, model, campaign_id, touches, won_at, currency, revenue,
            margin
        FROM given
        ON CONFLICT (opportunity_id, model, campaign_id) DO UPDATE SET touches = excluded.touches,
            won_at = excluded.won_at, currency = excluded.currency, revenue = excluded.revenue,
            margin = excluded.margin, updated_at = $3, version = c.version + 1
        WHERE (c.touches, c.won_at, c.currency, c.revenue, c.margin)
            IS DISTINCT FROM (excluded.touches, excluded.won_at, excluded.currency, excluded.revenue, excluded.margin)
        RETURNING 1
    )
    SELECT (SELECT count(*) FROM gone)::int + (SELECT count(*) FROM stored)::int AS changed"""


async def mark_everybody() -> None:
    """This will note all customers who have won deals, or credits."""
    await get_connection("default").execute_query(_EVERYBODY)


async def due_count() -> int:
    """This will count the notes that are still to be followed."""
    (row,) = await get_connection("default").execute_query_dict(_LEFT)
    return int(row["count"])


async def credit_next(at: datetime) -> tuple[int, int] | None:
    """This will credit the won deals of the next customers due; returns how many customers, and how many credits
    changed. None when nobody is due."""
    async with one_transaction():
        connection = get_connection("default")
        customers = [row["id"] for row in await connection.execute_query_dict(_TAKE, [AT_ONCE])]
        if not customers:
            return None
        touches: dict[UUID, list[Touch]] = {}
        for row in await connection.execute_query_dict(_TOUCHES, [customers]):
            touches.setdefault(row["customer_id"], []).append(Touch(row["campaign_id"], row["occurred_at"]))
        deals = await connection.execute_query_dict(_DEALS, [customers])
        credits = [credit for deal in deals for credit in _credits(deal, touches.get(deal["customer_id"], []))]
        (row,) = await connection.execute_query_dict(_STORE, [customers, as_json(credits), at])
    return len(customers), int(row["changed"])


def _credits(deal: Mapping[str, Any], touches: Sequence[Touch]) -> list[dict[str, Any]]:
    """The credits of a won deal, of every model."""
    margin = round(deal["margin"], MINOR_DIGITS[deal["currency"]])
    return [
        _row(deal, model, share)
        for model in AttributionModel
        for share in shares(model, touches, deal["closed_at"], deal["amount"], Decimal(margin), deal["currency"])
    ]


def _row(deal: Mapping[str, Any], model: AttributionModel, share: Share) -> dict[str, Any]:
    return {
        "id": new_id(), "opportunity_id": deal["id"], "model": model.value, "campaign_id": share.campaign_id,
        "touches": share.touches, "won_at": deal["closed_at"], "currency": deal["currency"],
        "revenue": share.revenue, "margin": share.margin,
    }  # fmt: skip
