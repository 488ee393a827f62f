"""The named measures that KPIs are computed by: each an SQL statement over the rows of the business, cut by period.

A statement sees `p(start, stop)`, the periods [start, stop) to compute, and gives for each of them, and each member of
the cut, a numerator and perhaps a denominator, by currency where it is money. `{member}` stands for what is cut by,
`{dimension}` for its name; the member of what has none is `none`. Days are UTC. `$3` is the day that it is computed on,
`$4` the length of a period.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

from domain.kernel.period import Grain
from domain.kpis.rules import Unit

PERIODS = """WITH p AS (SELECT * FROM unnest($1::date[], $2::date[]) AS p(start, stop)),
    known AS (SELECT $3::date AS today, $4::text::interval AS step)"""
EVERY_GRAIN = (Grain.WEEK, Grain.MONTH, Grain.QUARTER)


class Reach(StrEnum):
    """Which periods change with what happens on a day: its own, the next one too, or all from then on."""

    OWN = "own"
    NEXT = "next"
    ONWARDS = "onwards"


class Spread(StrEnum):
    """How far a figure of so few observations may be off: not told, Wilson's interval, or that of a promoter score."""

    NONE = "none"
    WILSON = "wilson"
    PROMOTERS = "promoters"


@dataclass(frozen=True, slots=True)
class Measure:
    """What can be measured: its name, unit and cuts, the tables it is read from, and the statement.

    Values are numerator over denominator; the numerator where `is_sum`. `since` finds the first day there is anything.
    """

    name: str
    title: str
    description: str
    unit: Unit
    sources: tuple[str, ...]
    since: str
    sql: str
    up_is_good: bool = True
    is_sum: bool = False
    spread: Spread = Spread.NONE
    reach: Reach = Reach.OWN
    dimensions: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    grains: tuple[Grain, ...] = EVERY_GRAIN

    def statement(self, dimension: str) -> str:
        """This will give the statement for a cut; the whole where the dimension is empty."""
        member = self.dimensions[dimension] if dimension else "''"
        return f"{PERIODS} {self.sql.replace('{member}', member).replace('{dimension}', dimension)}"


def _within(moment: str) -> str:
    return f"{moment} >= p.start::timestamp AT TIME ZONE 'UTC' AND {moment} < p.stop::timestamp AT TIME ZONE 'UTC'"


def _key(prefix: str, column: str) -> str:
    return f"coalesce('{prefix}_' || encode(uuid_send({column}), 'hex'), 'none')"


def _first(table: str, moment: str) -> str:
    return f"SELECT (min({moment}) AT TIME ZONE 'UTC')::date AS day FROM {table}"


_OF_DEAL = {
    "owner": _key("usr", "o.owner_id"),
    "pipeline": _key("pip", "o.pipeline_id"),
    "source": "coalesce(o.source, 'none')",
}
_OF_ORDER = {"location": _key("loc", "o.location_id")}
_SOLD = "o.status NOT IN ('draft', 'cancelled')"
_SHIPPED_BY_THEN = """(SELECT coalesce(sum(s.quantity), 0) FROM shipment_line s JOIN shipment d ON d.id = s.shipment_id
    WHERE s.order_line_id = l.id AND (d.shipped_at AT TIME ZONE 'UTC')::date <= o.promised_on)"""
_TURNOVER = """, flow AS (
        SELECT (m.moved_at AT TIME ZONE 'UTC')::date AS day,
            sum(m.quantity * c.unit_cost * ((t.kind = 'internal')::int - (f.kind = 'internal')::int)) AS net,
            sum(m.quantity * c.unit_cost) FILTER (WHERE m.kind = 'shipment') AS shipped
        FROM stock_move m JOIN product c ON c.id = m.product_id AND c.unit_cost IS NOT NULL
        JOIN stock_location f ON f.id = m.from_location_id JOIN stock_location t ON t.id = m.to_location_id GROUP BY 1
    ), held AS (
        SELECT p.start, p.stop, sum(net) FILTER (WHERE day < p.start) AS at_start,
            sum(net) FILTER (WHERE day < p.stop) AS at_stop, sum(shipped) FILTER (WHERE day >= p.start AND day <
                p.stop) AS cogs
        FROM p JOIN flow ON flow.day < p.stop GROUP BY 1, 2
    )
    SELECT start, '' AS member, '' AS currency, cogs * 365 / (stop - start) AS numerator,
        (coalesce(at_start, 0) + at_stop) / 2 AS denominator
    FROM held WHERE (SELECT count(DISTINCT currency) FROM product WHERE unit_cost IS NOT NULL) = 1"""

MEASURES = {
    each.name: each
    for each in (
        Measure(
            "revenue", "Revenue", "What customers ordered, by the day of the order, without drafts and "
            "cancelled orders.",
            Unit.MONEY, ("sales_order",), _first("sales_order", "ordered_at"),
            f"""SELECT p.start, {{member}} AS member, o.currency, sum(o.total) AS numerator
            FROM p JOIN sales_order o ON {_within("o.ordered_at")} AND {_SOLD} GROUP BY 1, 2, 3""",
            is_sum=True, dimensions=_OF_ORDER,
        ),
        Measure(
            "margin", "Gross margin", "What order lines brought less what their units cost; lines without a "
            "cost are out.",
            Unit.MONEY, ("sales_order", "sales_order_line"), _first("sales_order", "ordered_at"),
            f"""SELECT p.start, {{member}} AS member, o.currency, sum(l.amount - l.quantity * l.unit_cost) AS numerator
            FROM p JOIN sales_order o ON {_within("o.ordered_at")} AND {_SOLD}
            JOIN sales_order_line l ON l.order_id = o.id AND l.unit_cost IS NOT NULL GROUP BY 1, 2, 3""",
            is_sum=True, dimensions=_OF_ORDER,
        ),
        Measure(
            "bookings", "Bookings", "The amounts of deals that were won, by the day they were won; quotas are "
            "set on it.",
            Unit.MONEY, ("opportunity",), _first("opportunity", "closed_at"),
            f"""SELECT p.start, {{member}} AS member, o.currency, sum(o.amount) AS numerator
            FROM p JOIN opportunity o ON {_within("o.closed_at")} AND o.status = 'won' GROUP BY 1, 2, 3""",
            is_sum=True, dimensions=_OF_DEAL,
        ),
        Measure(
            "win_rate", "Win rate", "Deals won of deals closed, by the day they closed; with Wilson's interval.",
            Unit.RATIO, ("opportunity",), _first("opportunity", "closed_at"),
            f"""SELECT p.start, {{member}} AS member, '' AS currency, count(*) FILTER (WHERE o.status = 'won') AS
                numerator,
                count(*) AS denominator
            FROM p JOIN opportunity o ON {_within("o.closed_at")} GROUP BY 1, 2, 3""",
            spread=Spread.WILSON, dimensions=_OF_DEAL,
        ),
        Measure(
            "lead_conversion", "Lead conversion",
            "Leads that have become customers of leads that came in the period: a cohort, which ripens for a while.",
            Unit.RATIO, ("lead",), _first("lead", "created_at"),
            f"""SELECT p.start, {{member}} AS member, '' AS currency,
                count(*) FILTER (WHERE o.status = 'converted') AS numerator, count(*) AS denominator
            FROM p JOIN lead o ON {_within("o.created_at")} GROUP BY 1, 2, 3""",
            spread=Spread.WILSON, dimensions={"owner": _OF_DEAL["owner"], "source": "o.source"},
        ),
        Measure(
            "velocity", "Sales velocity",
            "Money a day: deals at work × win rate × average won amount / average days from opening to winning "
            "(as Salesforce and HubSpot define it).",
            Unit.MONEY, ("opportunity",), _first("opportunity", "opened_at"),
            """, deal AS (
                SELECT p.start, p.stop, {member} AS member, o.currency, o.status, o.amount, o.opened_at, o.closed_at,
                    o.closed_at < p.stop::timestamp AT TIME ZONE 'UTC' AS closes
                FROM p JOIN opportunity o ON o.opened_at < p.stop::timestamp AT TIME ZONE 'UTC'
                AND (o.closed_at IS NULL OR o.closed_at >= p.start::timestamp AT TIME ZONE 'UTC')
            )
            SELECT start, member, currency,
                round(count(*) * count(*) FILTER (WHERE closes AND status = 'won')
                    / nullif(count(*) FILTER (WHERE closes), 0)::numeric
                    * sum(amount) FILTER (WHERE closes AND status = 'won'), 6) AS numerator,
                round(sum(extract(epoch FROM closed_at - opened_at) / 86400)
                    FILTER (WHERE closes AND status = 'won'), 6) AS denominator
            FROM deal GROUP BY 1, 2, 3""",
            reach=Reach.ONWARDS, dimensions=_OF_DEAL,
        ),
        Measure(
            "weighted_pipeline", "Weighted pipeline",
            "At the end of the period: amount times probability of the deals that were open then, as they entered the "
            "stage they were in.",
            Unit.MONEY, ("opportunity", "opportunity_stage_history"), _first("opportunity", "opened_at"),
            """SELECT p.start, {member} AS member, o.currency, sum(h.amount * h.probability) AS numerator
            FROM p CROSS JOIN LATERAL (SELECT least(p.stop, $3::date + 1)::timestamp AT TIME ZONE 'UTC' AS at) moment
            JOIN opportunity_stage_history h ON h.entered_at < moment.at AND (h.left_at IS NULL OR h.left_at >=
                moment.at)
            JOIN pipeline_stage g ON g.id = h.stage_id AND g.kind = 'open'
            JOIN opportunity o ON o.id = h.opportunity_id GROUP BY 1, 2, 3""",
            is_sum=True, reach=Reach.ONWARDS, dimensions=_OF_DEAL,
        ),
        Measure(
            "quota_attainment", "Quota attainment", "Bookings of the period of the targets set on the KPI "
            "bookings for it.",
            Unit.RATIO, ("opportunity", "kpi_target"), _first("opportunity", "closed_at"),
            f"""SELECT p.start, t.member, t.currency, sum(coalesce((
                    SELECT sum(o.amount) FROM opportunity o WHERE o.status = 'won' AND o.currency = t.currency
                    AND {_within("o.closed_at")} AND (t.dimension = '' OR {_OF_DEAL["owner"]} = t.member)), 0)) AS
                        numerator,
                sum(t.value)::numeric AS denominator
            FROM p JOIN kpi_target t ON t.period_start >= p.start AND t.period_end <= p.stop
                AND t.dimension = '{{dimension}}'
            JOIN kpi k ON k.id = t.kpi_id AND k.key = 'bookings' GROUP BY 1, 2, 3""",
            dimensions={"owner": "t.member"},
        ),
        Measure(
            "retention", "Retention", "Customers who ordered in the period before and in this one, of those of "
            "the one before.",
            Unit.RATIO, ("sales_order",), _first("sales_order", "ordered_at"),
            f"""SELECT p.start, '' AS member, '' AS currency, count(*) FILTER (WHERE EXISTS (
                    SELECT 1 FROM sales_order o WHERE o.customer_id = b.customer_id AND {_within("o.ordered_at")}
                    AND {_SOLD})) AS numerator, count(*) AS denominator
            FROM p CROSS JOIN LATERAL (
                SELECT DISTINCT o.customer_id FROM sales_order o
                WHERE o.ordered_at >= (p.start - $4::text::interval)::timestamp AT TIME ZONE 'UTC'
                AND o.ordered_at < p.start::timestamp AT TIME ZONE 'UTC' AND {_SOLD}) b GROUP BY 1""",
            spread=Spread.WILSON, reach=Reach.NEXT,
        ),
        Measure(
            "repurchase_rate", "Repurchase rate", "Customers with two orders or more of customers with any, in "
            "the period.",
            Unit.RATIO, ("sales_order",), _first("sales_order", "ordered_at"),
            f"""SELECT b.start, '' AS member, '' AS currency, count(*) FILTER (WHERE orders > 1) AS numerator,
                count(*) AS denominator
            FROM (SELECT p.start, o.customer_id, count(*) AS orders FROM p JOIN sales_order o
                ON {_within("o.ordered_at")} AND {_SOLD} GROUP BY 1, 2) b GROUP BY 1""",
            spread=Spread.WILSON,
        ),
        Measure(
            "nps", "Net promoter score", "Share of 9–10 less share of 0–6 among answers to NPS surveys, times 100.",
            Unit.SCORE, ("survey_response",), _first("survey_response", "responded_at"),
            f"""SELECT p.start, {{member}} AS member, '' AS currency,
                100 * (count(*) FILTER (WHERE o.score > 8) - count(*) FILTER (WHERE o.score < 7)) AS numerator,
                count(*) AS denominator, count(*) FILTER (WHERE o.score > 8 OR o.score < 7) AS decided
            FROM p JOIN survey_response o ON {_within("o.responded_at")}
            JOIN survey s ON s.id = o.survey_id AND s.kind = 'nps' GROUP BY 1, 2, 3""",
            spread=Spread.PROMOTERS, dimensions={"survey": _key("srv", "o.survey_id")},
        ),
        Measure(
            "csat", "Customer satisfaction", "Share of 4–5 among answers to CSAT surveys; with Wilson's interval.",
            Unit.RATIO, ("survey_response",), _first("survey_response", "responded_at"),
            f"""SELECT p.start, {{member}} AS member, '' AS currency, count(*) FILTER (WHERE o.score > 3) AS numerator,
                count(*) AS denominator
            FROM p JOIN survey_response o ON {_within("o.responded_at")}
            JOIN survey s ON s.id = o.survey_id AND s.kind = 'csat' GROUP BY 1, 2, 3""",
            spread=Spread.WILSON, dimensions={"survey": _key("srv", "o.survey_id")},
        ),
        Measure(
            "sentiment", "Feedback sentiment", "The mean mood of what customers said, -1 to 1, as far as it "
            "could be told.",
            Unit.SCORE, ("feedback_item",), _first("feedback_item", "received_at"),
            f"""SELECT p.start, {{member}} AS member, '' AS currency, sum(o.sentiment) / 1000.0 AS numerator,
                count(*) AS denominator
            FROM p JOIN feedback_item o ON {_within("o.received_at")} AND o.sentiment IS NOT NULL GROUP BY 1, 2, 3""",
            dimensions={"source": "o.source", "product": _key("prd", "o.product_id")},
        ),
        Measure(
            "stock_turns", "Stock turns",
            "Cost of what was shipped, a year's worth, over the mean of the stock's cost at both ends of the "
            "period; by the "
            "catalog's costs of today. Not told where these are in several currencies.",
            Unit.COUNT, ("stock_move", "product"), _first("stock_move", "moved_at"), _TURNOVER, reach=Reach.ONWARDS,
        ),
        Measure(
            "fill_rate", "Fill rate", "Units shipped by the first promised day of units ordered for a day that "
            "is over.",
            Unit.RATIO, ("sales_order", "sales_order_line", "shipment", "shipment_line"),
            "SELECT min(promised_on) AS day FROM sales_order",
            f"""SELECT p.start, {{member}} AS member, '' AS currency, sum(least(l.quantity, {_SHIPPED_BY_THEN})) AS
                numerator,
                sum(l.quantity) AS denominator
            FROM p JOIN sales_order o ON o.promised_on >= p.start AND o.promised_on < least(p.stop, $3::date) AND
                {_SOLD}
            JOIN sales_order_line l ON l.order_id = o.id GROUP BY 1, 2, 3""",
            dimensions=_OF_ORDER,
        ),
        Measure(
            "on_time_in_full", "On time in full",
            "Orders of which all was delivered by the first promised day, of orders whose promised day is over.",
            Unit.RATIO, ("sales_order", "sales_order_line"), "SELECT min(promised_on) AS day FROM sales_order",
            f"""SELECT p.start, {{member}} AS member, '' AS currency, count(*) FILTER (
                    WHERE (o.delivered_at AT TIME ZONE 'UTC')::date <= o.promised_on AND NOT EXISTS (
                        SELECT 1 FROM sales_order_line l WHERE l.order_id = o.id AND l.delivered < l.quantity)) AS
                            numerator,
                count(*) AS denominator
            FROM p JOIN sales_order o ON o.promised_on >= p.start AND o.promised_on < least(p.stop, $3::date) AND
                {_SOLD}
            GROUP BY 1, 2, 3""",
            spread=Spread.WILSON, dimensions=_OF_ORDER,
        ),
        Measure(
            "supplier_score", "Supplier score",
            "0 to 100, by purchase lines due: half for all accepted by the first promised day, half for the share of "
            "units that came in good order; a line of which nothing came scores nought.",
            Unit.SCORE, ("purchase_order", "purchase_order_line", "purchase_receipt"),
            "SELECT min(promised_on) AS day FROM purchase_order",
            """SELECT p.start, {member} AS member, '' AS currency, round(sum(
                    CASE WHEN came.on_time >= l.quantity THEN 50 ELSE 0 END
                    + coalesce(50 * came.accepted / nullif(came.accepted + came.rejected, 0), 0)), 6) AS numerator,
                count(*) AS denominator
            FROM p JOIN purchase_order o ON o.promised_on >= p.start AND o.promised_on < least(p.stop, $3::date)
                AND o.sent_at IS NOT NULL
                AND (o.status <> 'cancelled' OR (o.closed_at AT TIME ZONE 'UTC')::date > o.promised_on)
            JOIN purchase_order_line l ON l.purchase_order_id = o.id
            CROSS JOIN LATERAL (
                SELECT coalesce(sum(r.accepted), 0) AS accepted, coalesce(sum(r.rejected), 0) AS rejected,
                    coalesce(sum(r.accepted) FILTER (WHERE (r.received_at AT TIME ZONE 'UTC')::date <=
                        o.promised_on), 0)
                        AS on_time
                FROM purchase_receipt r WHERE r.line_id = l.id) came GROUP BY 1, 2, 3""",
            dimensions={"supplier": _key("sup", "o.supplier_id")},
        ),
        Measure(
            "campaign_return", "Campaign return",
            "Margin credited to campaigns by position for deals won in the period, less their costs in it, over these.",
            Unit.RATIO, ("attribution_credit", "campaign_cost"), "SELECT min(incurred_on) AS day FROM campaign_cost",
            f"""SELECT start, member, currency, coalesce(sum(margin), 0) - sum(cost) AS numerator, sum(cost) AS
                denominator
            FROM (
                SELECT p.start, {{member}} AS member, o.currency, o.margin, NULL::numeric AS cost
                FROM p JOIN attribution_credit o ON {_within("o.won_at")} AND o.model = 'position'
                    AND o.campaign_id IS NOT NULL
                UNION ALL
                SELECT p.start, {{member}} AS member, c.currency, NULL, o.amount
                FROM p JOIN campaign_cost o ON o.incurred_on >= p.start AND o.incurred_on < p.stop
                JOIN campaign c ON c.id = o.campaign_id
            ) part GROUP BY 1, 2, 3 HAVING sum(cost) > 0""",
            dimensions={"campaign": _key("cam", "o.campaign_id")},
        ),
        Measure(
            "forecast_error", "Forecast error",
            "WAPE of forecasts for periods that are over: what was won and weighted then against what came "
            "(Kolassa & Schütz 2007).",
            Unit.RATIO, ("forecast_line",), "SELECT min(period_start) AS day FROM forecast_snapshot",
            """SELECT p.start, {member} AS member, o.currency, sum(abs(o.closed + o.weighted - o.actual)) AS numerator,
                sum(o.actual) AS denominator
            FROM p JOIN forecast_snapshot f ON f.period_start >= p.start AND f.period_start < p.stop
            JOIN forecast_line o ON o.snapshot_id = f.id AND o.actual IS NOT NULL
            GROUP BY 1, 2, 3""",
            up_is_good=False, dimensions={"owner": _OF_DEAL["owner"]},
        ),
    )
}  # fmt: skip
"""Every measure, by name."""
