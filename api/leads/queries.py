"""Root fields over leads."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.leads.types import Lead, LeadAggregate
from domain.kernel.period import Period
from domain.leads import queries
from domain.pipeline.rules import LeadSource


@strawberry.type(description="What became of the leads that came in a period: of one source, or of all.")
class LeadConversionResult:
    source: LeadSource | None = strawberry.field(description="The source; null in the row for all of them.")
    lead_count: int = strawberry.field(description="How many came in the period.")
    qualified_count: int = strawberry.field(description="How many of them are qualified, or have been converted.")
    converted_count: int = strawberry.field(description="How many of them have become customers since.")
    rate: float | None = strawberry.field(description="Converted of all, 0 to 1; null where nobody came.")
    low: float | None = strawberry.field(description="The lower end of its 95 % interval (Wilson).")
    high: float | None = strawberry.field(description="The upper end of its 95 % interval.")


def _shown(cohort: queries.Cohort) -> LeadConversionResult:
    interval = cohort.interval
    return LeadConversionResult(
        source=LeadSource(cohort.source) if cohort.source else None,
        lead_count=cohort.leads,
        qualified_count=cohort.qualified,
        converted_count=cohort.converted,
        rate=cohort.rate,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
    )


@strawberry.type
class LeadQueries:
    leads: Connection[Lead] = many(description="All leads, the newest first unless ordered otherwise.")
    lead: Lead | None = one(description="One lead by id.")
    leads_aggregate: LeadAggregate = aggregate(description="How many leads there are, by status, source and owner.")

    @strawberry.field(
        description="What became of the leads that came in a period, by source, and at the end of all: a cohort, which "
        "ripens, so that recent ones convert less only because they had less time."
    )
    async def lead_conversion(
        self,
        info: Info,
        start: Annotated[date, strawberry.argument(description="The first day (UTC).")],
        end: Annotated[date, strawberry.argument(description="The day after the last; not itself counted.")],
    ) -> list[LeadConversionResult]:
        found = await queries.conversion(Period(start, end), by=info.context.actor)
        return [_shown(cohort) for cohort in found]
