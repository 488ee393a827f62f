"""Root fields over the pipeline."""

import strawberry

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.pipeline.types import (
    CloseReason,
    Competitor,
    Opportunity,
    OpportunityAggregate,
    Pipeline,
    Stage,
)


@strawberry.type
class PipelineQueries:
    opportunities: Connection[Opportunity] = many(description="All deals, the newest first unless ordered otherwise.")
    opportunity: Opportunity | None = one(description="One deal by id.")
    opportunities_aggregate: OpportunityAggregate = aggregate(
        description="What all deals come to, the whole or by groups: by stage, owner, status, currency, month."
    )
    pipelines: Connection[Pipeline] = many(description="All pipelines, the oldest first unless ordered otherwise.")
    pipeline: Pipeline | None = one(description="One pipeline by id, with its stages: the pipeline board.")
    stages: Connection[Stage] = many(description="All stages of all pipelines, by position unless ordered otherwise.")
    stage: Stage | None = one(description="One stage by id.")
    close_reasons: Connection[CloseReason] = many(description="Why deals are won and lost, by name.")
    close_reason: CloseReason | None = one(description="One close reason by id.")
    competitors: Connection[Competitor] = many(description="All competitors, the oldest first.")
    competitor: Competitor | None = one(description="One competitor by id.")
