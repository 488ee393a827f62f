"""Root fields over surveys."""

from datetime import date
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.surveys.types import Survey, SurveyResponse, SurveyResponseAggregate
from domain.kernel.ids import read_id
from domain.kernel.period import Period
from domain.surveys import queries
from domain.surveys.models import Survey as SurveyRow
from domain.surveys.queries import Answers
from domain.surveys.rules import SurveyKind


@strawberry.type(description="How often a survey was answered with one score.")
class SurveyScoreCount:
    score: int = strawberry.field(description="The answer on the scale of the survey.")
    response_count: int = strawberry.field(description="How many answered so.")


@strawberry.type(description="What the answers to a survey in a period come to.")
class SurveyScore:
    kind: SurveyKind = strawberry.field(description="What is measured; it says how to read `value`.")
    response_count: int = strawberry.field(description="How many answered in the period.")
    value: float | None = strawberry.field(
        description="NPS: share of 9–10 less share of 0–6, -100 to 100. CSAT: share of 4–5, 0 to 1. CES: mean, 1 to 7. "
        "Null where nobody answered."
    )
    standard_error: float | None = strawberry.field(description="Its standard error, likewise; CES needs two answers.")
    low: float | None = strawberry.field(
        description="The lower end of its 95 % interval: normal for NPS, Wilson for CSAT, Student for CES from four on."
    )
    high: float | None = strawberry.field(description="The upper end of its 95 % interval.")
    counts: list[SurveyScoreCount] = strawberry.field(
        description="How often each score was given, lowest first; those that nobody gave are left out."
    )


def _shown(answers: Answers) -> SurveyScore:
    figure = answers.figure
    return SurveyScore(
        kind=answers.kind,
        response_count=sum(answers.counts.values()),
        value=figure.value,
        standard_error=figure.standard_error,
        low=figure.low,
        high=figure.high,
        counts=[SurveyScoreCount(score=score, response_count=often) for score, often in answers.counts.items()],
    )


@strawberry.type
class SurveyQueries:
    surveys: Connection[Survey] = many(description="All surveys, the newest first unless ordered otherwise.")
    survey: Survey | None = one(description="One survey by id.")
    survey_responses: Connection[SurveyResponse] = many(
        description="All answers to surveys, the newest first unless ordered otherwise."
    )
    survey_response: SurveyResponse | None = one(description="One answer to a survey by id.")
    survey_responses_aggregate: SurveyResponseAggregate = aggregate(
        description="What all answers to surveys come to, the whole or by groups."
    )

    @strawberry.field(
        description="What the answers to a survey in a period come to, with an interval; null where there is no such "
        "survey."
    )
    async def survey_score(
        self,
        info: Info,
        survey_id: Annotated[strawberry.ID, strawberry.argument(description="Which survey.")],
        start: Annotated[date, strawberry.argument(description="The first day (UTC).")],
        end: Annotated[date, strawberry.argument(description="The day after the last; not itself counted.")],
    ) -> SurveyScore | None:
        key = read_id(SurveyRow.prefix, survey_id)
        found = key and await queries.answers(key, Period(start, end), by=info.context.actor)
        return _shown(found) if found else None
