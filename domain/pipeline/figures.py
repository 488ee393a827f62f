"""Figures of selling: how many deals are won, how fast money comes, and how cohorts pass from stage to stage."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.intervals import Interval, wilson
from domain.kernel.period import Period
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Invalid
from domain.kernel.sight import SEEN, rows_seen
from domain.pipeline.models import Opportunity, Pipeline, StageHistory

LONGEST_WINDOW = 3_650
_CLOSED = """o.closed_at >= $1::date::timestamp AT TIME ZONE 'UTC'
    AND o.closed_at < $2::date::timestamp AT TIME ZONE 'UTC'"""
_PERFORMANCE = f"""
    SELECT currency, sum(won)::int AS won, sum(lost)::int AS lost, sum(won_amount) AS won_amount,
        sum(lost_amount) AS lost_amount, sum(cycle_days)::float8 AS cycle_days, sum(open)::int AS open,
        round(sum(weighted), 3) AS weighted
    FROM (
        SELECT o.currency, count(*) FILTER (WHERE o.status = 'won') AS won,
            count(*) FILTER (WHERE o.status = 'lost') AS lost,
            coalesce(sum(o.amount) FILTER (WHERE o.status = 'won'), 0) AS won_amount,
            coalesce(sum(o.amount) FILTER (WHERE o.status = 'lost'), 0) AS lost_amount,
            coalesce(sum(extract(epoch FROM o.closed_at - o.opened_at) / 86400) FILTER (WHERE o.status = 'won'), 0)
                AS cycle_days, 0 AS open, 0 AS weighted
        FROM opportunity o WHERE {_CLOSED} AND ($3::uuid IS NULL OR o.pipeline_id = $3)
            AND ($4::uuid IS NULL OR o.owner_id = $4) {SEEN} GROUP BY 1
        UNION ALL
        SELECT o.currency, 0, 0, 0, 0, 0, count(*), sum(o.amount * o.probability)
        FROM opportunity o WHERE o.status = 'open' AND ($3::uuid IS NULL OR o.pipeline_id = $3)
            AND ($4::uuid IS NULL OR o.owner_id = $4) {SEEN} GROUP BY 1
    ) part GROUP BY 1 ORDER BY 1"""
_COHORTS = f"""
    SELECT g.id AS stage_id, g.name, g.position, count(f.entered_at) FILTER (WHERE f.ripe)::int AS entered,
        count(f.days) FILTER (WHERE f.ripe)::int AS advanced,
        count(f.entered_at) FILTER (WHERE NOT f.ripe)::int AS unripe,
        (percentile_cont(0.5) WITHIN GROUP (ORDER BY f.days) FILTER (WHERE f.ripe))::float8 AS median_days
    FROM pipeline_stage g LEFT JOIN LATERAL (
        SELECT h.entered_at, h.entered_at + $4::interval <= $5::date::timestamp AT TIME ZONE 'UTC' AS ripe,
            CASE WHEN h.advanced_at <= h.entered_at + $4
                THEN extract(epoch FROM h.advanced_at - h.entered_at)::float8 / 86400 END AS days
        FROM opportunity_stage_history h WHERE h.stage_id = g.id AND h.visit = 1
            AND h.entered_at >= $2::date::timestamp AT TIME ZONE 'UTC'
            AND h.entered_at < $3::date::timestamp AT TIME ZONE 'UTC' {SEEN}
    ) f ON true
    WHERE g.pipeline_id = $1 AND g.kind = 'open' GROUP BY g.id ORDER BY g.position"""


@dataclass(frozen=True, slots=True)
class SalesPerformance:
    """What became of the deals that were closed in a period in one currency, and what is open now."""

    currency: str
    won: int
    lost: int
    won_amount: Decimal
    lost_amount: Decimal
    cycle_days: float
    open: int
    weighted: Decimal

    @property
    def win_rate(self) -> float | None:
        """Won of closed deals; None where none was closed."""
        return self.won / (self.won + self.lost) if self.won + self.lost else None

    @property
    def interval(self) -> Interval | None:
        """Between which rates the truth lies in 95 of 100 cases (Wilson 1927); None where none was closed."""
        return wilson(self.won, self.won + self.lost)

    @property
    def win_rate_by_value(self) -> float | None:
        """Won of closed amounts; None where nothing was closed."""
        whole = self.won_amount + self.lost_amount
        return float(self.won_amount / whole) if whole else None

    @property
    def average_won(self) -> Decimal | None:
        """The mean amount of a won deal, to the third digit; None where none was won."""
        return round(self.won_amount / self.won, 3) if self.won else None

    @property
    def average_cycle_days(self) -> float | None:
        """Days from opening to winning, in the mean; None where none was won."""
        return self.cycle_days / self.won if self.won else None

    @property
    def velocity(self) -> float | None:
        """Money a day: open deals × win rate × average won amount / average cycle days; None where none was won.

        Source: the sales velocity of Salesforce and HubSpot.
        """
        if not self.won or not self.cycle_days or self.win_rate is None:
            return None
        return self.open * self.win_rate * float(self.won_amount) / self.cycle_days


async def performance(
    period: Period, *, pipeline_id: UUID | None = None, owner_id: UUID | None = None, by: Actor
) -> list[SalesPerformance]:
    """This will tell how deals that were closed in a period went, by currency, in one statement.

    Raises Unauthenticated.
    """
    by.must(Permission.PIPELINE_READ)
    values = (period.start, period.end, pipeline_id, owner_id)
    rows = await rows_seen(_PERFORMANCE, Opportunity, "o", *values, by=by)
    return [SalesPerformance(**row) for row in rows]


@dataclass(frozen=True, slots=True)
class StageCohort:
    """The deals that came to a stage in a period, and how many of those who had the time for it came further."""

    stage_id: UUID
    name: str
    position: int
    entered: int
    advanced: int
    unripe: int
    median_days: float | None

    @property
    def rate(self) -> float | None:
        """Advanced of entered; None where none is ripe."""
        return self.advanced / self.entered if self.entered else None

    @property
    def interval(self) -> Interval | None:
        """Between which rates the truth lies in 95 of 100 cases (Wilson 1927); None where none is ripe."""
        return wilson(self.advanced, self.entered)


async def stage_conversion(
    pipeline_id: UUID | None, period: Period, *, within_days: int, as_of: date, by: Actor
) -> list[StageCohort]:
    """This will tell, stage by stage, how many deals that came to it in a period reached a later one within so many
    days; in one statement.

    Only those count that have had these days by `as_of`: the others are `unripe`. A deal counts by the first time that
    it ever came to a stage; losing it is not reaching a later one. Raises Unauthenticated, Invalid, NotFound.
    """
    by.must(Permission.PIPELINE_READ)
    if not 1 <= within_days <= LONGEST_WINDOW:
        raise Invalid(f"{{field}} must be from 1 to {LONGEST_WINDOW:,}.", "within_days")
    window = timedelta(days=within_days)
    values = (pipeline_id, period.start, period.end, window, as_of)
    rows = await rows_seen(_COHORTS, StageHistory, "h", *values, by=by)
    if not rows:
        raise Pipeline._missing("pipeline_id")
    return [StageCohort(**row) for row in rows]
