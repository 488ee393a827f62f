"""Reads of leads: how many of those who came in a period have become customers."""

from dataclasses import dataclass

from domain.kernel.actor import Actor
from domain.kernel.intervals import Interval, wilson
from domain.kernel.period import Period
from domain.kernel.permissions import Permission
from domain.kernel.sight import SEEN, rows_seen
from domain.leads.models import Lead

_COHORT = f"""
    SELECT source, count(*)::int AS leads,
        count(*) FILTER (WHERE status IN ('qualified', 'converted'))::int AS qualified,
        count(*) FILTER (WHERE status = 'converted')::int AS converted
    FROM lead l WHERE created_at >= $1::date::timestamp AT TIME ZONE 'UTC'
        AND created_at < $2::date::timestamp AT TIME ZONE 'UTC' {SEEN}
    GROUP BY GROUPING SETS ((source), ()) ORDER BY source"""


@dataclass(frozen=True, slots=True)
class Cohort:
    """The leads of one source, or of all (None), that came in a period, and how far they have come since."""

    source: str | None
    leads: int
    qualified: int
    converted: int

    @property
    def rate(self) -> float | None:
        """Converted of all; None where there is none."""
        return self.converted / self.leads if self.leads else None

    @property
    def interval(self) -> Interval | None:
        """Between which rates the truth lies in 95 of 100 cases (Wilson 1927); None where there is none."""
        return wilson(self.converted, self.leads)


async def conversion(period: Period, *, by: Actor) -> list[Cohort]:
    """This will tell what became of the leads of a period by source, and of all of them, in one statement.

    A cohort ripens: who came yesterday had little time. Raises Unauthenticated.
    """
    by.must(Permission.LEADS_READ)
    rows = await rows_seen(_COHORT, Lead, "l", period.start, period.end, by=by)
    return [Cohort(row["source"], row["leads"], row["qualified"], row["converted"]) for row in rows]
