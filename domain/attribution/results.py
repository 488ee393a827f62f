"""What campaigns brought in: by each model of attribution, and by comparison with those held out. Only workers import
this file, since Welch's test needs more than the API should load."""

import math
from dataclasses import dataclass
from datetime import date, datetime

from scipy import stats
from tortoise.connection import get_connection

from domain.attribution.rules import AttributionModel
from domain.kernel.storing import as_json
from domain.kernel.transactions import one_transaction

AFTERMATH_DAYS = 30
"""Orders count until so many days after a campaign's last day."""

LEAST_ARM = 2
_RESULTS = """
    INSERT INTO campaign_result AS r (id, created_at, updated_at, version, campaign_id, model, currency, deals, revenue,
        margin, cost, return_on_margin, computed_at)
    SELECT uuidv7(), $2::timestamptz, $2, 1, c.id, m.model, c.currency, coalesce(k.deals, 0), coalesce(k.revenue, 0),
        coalesce(k.margin, 0), c.cost, (coalesce(k.margin, 0) - c.cost) / nullif(c.cost, 0), $2
    FROM campaign c CROSS JOIN unnest($1::text[]) AS m(model) LEFT JOIN (
        SELECT campaign_id, model, currency, count(*)::int AS deals, sum(revenue) AS revenue, sum(margin) AS margin
        FROM attribution_credit WHERE campaign_id IS NOT NULL GROUP BY 1, 2, 3
    ) k ON (k.campaign_id, k.model, k.currency) = (c.id, m.model, c.currency)
    ON CONFLICT (campaign_id, model) DO UPDATE SET currency = excluded.currency, deals = excluded.deals,
        revenue = excluded.revenue, margin = excluded.margin, cost = excluded.cost,
        return_on_margin = excluded.return_on_margin, computed_at = $2, updated_at = $2, version = r.version + 1
    WHERE (r.currency, r.deals, r.revenue, r.margin, r.cost)
        IS DISTINCT FROM (excluded.currency, excluded.deals, excluded.revenue, excluded.margin, excluded.cost)"""
_ARMS = f"""
    SELECT c.id AS campaign_id, c.currency, c.starts_on AS period_start,
        least(c.ends_on + 1 + {AFTERMATH_DAYS}, $1::date) AS period_end, m.arm, count(*)::int AS members,
        avg(s.revenue)::float8 AS mean, coalesce(stddev_samp(s.revenue), 0)::float8 AS deviation
    FROM campaign c JOIN campaign_member m ON m.campaign_id = c.id LEFT JOIN lead l ON l.id = m.lead_id
    CROSS JOIN LATERAL (
        SELECT coalesce(sum(o.total), 0) AS revenue FROM sales_order o
        WHERE o.customer_id = coalesce(m.customer_id, l.customer_id) AND o.currency = c.currency
        AND o.status NOT IN ('draft', 'cancelled') AND o.ordered_at >= c.starts_on::timestamp AT TIME ZONE 'UTC'
        AND o.ordered_at < least(c.ends_on + 1 + {AFTERMATH_DAYS}, $1::date)::timestamp AT TIME ZONE 'UTC'
    ) s
    WHERE c.holdout_share > 0 AND c.starts_on < $1::date GROUP BY c.id, m.arm ORDER BY c.id, m.arm"""
_EFFECTS = """
    INSERT INTO holdout_effect AS e (id, created_at, updated_at, version, campaign_id, currency, period_start,
        period_end, targeted_count, holdout_count, targeted_mean, holdout_mean, difference, low, high, p_value,
        computed_at)
    SELECT uuidv7(), $2::timestamptz, $2, 1, campaign_id, currency, period_start, period_end, targeted_count,
        holdout_count, targeted_mean, holdout_mean, difference, low, high, p_value, $2
    FROM json_populate_recordset(NULL::holdout_effect, $1::json)
    ON CONFLICT (campaign_id) DO UPDATE SET currency = excluded.currency, period_start = excluded.period_start,
        period_end = excluded.period_end, targeted_count = excluded.targeted_count,
        holdout_count = excluded.holdout_count, targeted_mean = excluded.targeted_mean,
        holdout_mean = excluded.holdout_mean, difference = excluded.difference, low = excluded.low,
        high = excluded.high, p_value = excluded.p_value, computed_at = $2, updated_at = $2, version = e.version + 1
    WHERE (e.currency, e.period_start, e.period_end, e.targeted_count, e.holdout_count, e.targeted_mean, e.holdout_mean,
            e.low, e.high)
        IS DISTINCT FROM (excluded.currency, excluded.period_start, excluded.period_end, excluded.targeted_count,
            excluded.holdout_count, excluded.targeted_mean, excluded.holdout_mean, excluded.low, excluded.high)"""


@dataclass(frozen=True, slots=True)
class Arm:
    """Revenue a member of one arm: how many members, its mean and its sample standard deviation."""

    members: int
    mean: float
    deviation: float


@dataclass(frozen=True, slots=True)
class Difference:
    """Targeted less held out, with its 95 % interval and two-sided p; None: too few members, or all alike."""

    difference: float
    low: float | None
    high: float | None
    p_value: float | None


def welch(targeted: Arm, held_out: Arm) -> Difference:
    """This will compare two arms by Welch's t, with the degrees of freedom of Satterthwaite. Source: Welch 1947."""
    difference = targeted.mean - held_out.mean
    if min(targeted.members, held_out.members) < LEAST_ARM:
        return Difference(difference, None, None, None)
    parts = [arm.deviation**2 / arm.members for arm in (targeted, held_out)]
    error = math.sqrt(sum(parts))
    if not error:
        return Difference(difference, None, None, None)
    weights = [part**2 / (arm.members - 1) for part, arm in zip(parts, (targeted, held_out), strict=True)]
    freedom = sum(parts) ** 2 / sum(weights)
    reach = float(stats.t.ppf(0.975, freedom)) * error
    p_value = 2 * float(stats.t.sf(abs(difference) / error, freedom))
    return Difference(difference, difference - reach, difference + reach, p_value)


async def sum_up(at: datetime) -> None:
    """This will write down what each campaign brought in by each model; what is alike stays."""
    await get_connection("default").execute_query(_RESULTS, [[model.value for model in AttributionModel], at])


async def compare_arms(at: datetime) -> int:
    """This will compare, for each campaign with a holdout that has begun, what the members of its arms bought since it
    began and until 30 days after its end; returns how many were compared."""
    today: date = at.date()
    async with one_transaction():
        connection = get_connection("default")
        found: dict[str, dict[str, dict[str, object]]] = {}
        for row in await connection.execute_query_dict(_ARMS, [today]):
            found.setdefault(str(row["campaign_id"]), {})[row["arm"]] = row
        rows = [_effect(arms["targeted"], arms["holdout"]) for arms in found.values() if len(arms) > 1]
        await connection.execute_query(_EFFECTS, [as_json(rows), at])
    return len(rows)


def _effect(targeted: dict[str, object], held_out: dict[str, object]) -> dict[str, object]:
    first, second = _arm(targeted), _arm(held_out)
    found = welch(first, second)
    period = {name: targeted[name] for name in ("campaign_id", "currency", "period_start", "period_end")}
    return period | {
        "targeted_count": first.members, "holdout_count": second.members, "targeted_mean": first.mean,
        "holdout_mean": second.mean, "difference": found.difference, "low": found.low, "high": found.high,
        "p_value": found.p_value,
    }  # fmt: skip


def _arm(row: dict[str, object]) -> Arm:
    return Arm(int(str(row["members"])), float(str(row["mean"])), float(str(row["deviation"])))
