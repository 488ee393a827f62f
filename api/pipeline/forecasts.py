"""Forecasts, and how selling goes, as the graph shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.access.types import User
from api.graph.connections import Connection, Node, many, one, to_many
from api.graph.entity import column, entity, identity, money, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.graph.money import Money
from api.graph.payloads import IdempotencyKey, UserError, key_of, settle, user_errors
from api.graph.scalars import JSON
from api.jobs.types import Job
from domain.access import models as access
from domain.jobs.commands import ask_for_job
from domain.kernel.ids import public_id, read_id
from domain.kernel.money import MINOR_DIGITS
from domain.kernel.period import Period
from domain.kernel.permissions import Permission
from domain.pipeline import figures, forecasts, models
from domain.pipeline.rules import ForecastGrain

Start = Annotated[date, strawberry.argument(description="The first day (UTC).")]
End = Annotated[date, strawberry.argument(description="The day after the last; not itself counted.")]

word_enum(
    ForecastGrain,
    "ForecastGrain",
    "How long the period of a forecast is.",
    MONTH="A month of the calendar.",
    QUARTER="A quarter of the calendar.",
)


@strawberry.type(description="What one owner, nobody, or all together promise for a period in one currency.")
class ForecastCell:
    owner_id: strawberry.ID | None = strawberry.field(description="Whose deals; null: nobody's, or all in the total.")
    owner_name: str | None = strawberry.field(description="What the owner is called.")
    currency: str = strawberry.field(description="ISO 4217 code of its amounts.")
    is_total: bool = strawberry.field(description="Whether this is the sum of all owners in the currency.")
    opportunity_count: int = strawberry.field(description="Open deals expected to close in the period.")
    closed: Money = strawberry.field(description="What was won in the period so far.")
    commit: Money = strawberry.field(description="Open deals in the category commit.")
    best_case: Money = strawberry.field(description="Open deals in the category best case.")
    pipeline: Money = strawberry.field(description="Open deals in the category pipeline.")
    weighted: Money = strawberry.field(description="Open deals of these categories, each times its probability.")
    commit_view: Money = strawberry.field(description="Closed and commit: what is promised.")
    best_case_view: Money = strawberry.field(description="Closed, commit and best case: what is hoped for.")
    open_pipeline_view: Money = strawberry.field(description="All of these: what is possible.")


@strawberry.type(description="How deals that were closed in a period went, and what is open now, in one currency.")
class SalesPerformance:
    currency: str = strawberry.field(description="ISO 4217 code of its amounts.")
    won_count: int = strawberry.field(description="Deals won in the period.")
    lost_count: int = strawberry.field(description="Deals lost in the period.")
    won_amount: Money = strawberry.field(description="What the won ones come to.")
    win_rate: float | None = strawberry.field(description="Won of closed deals, 0 to 1; null where none was closed.")
    low: float | None = strawberry.field(description="The lower end of its 95 % interval (Wilson).")
    high: float | None = strawberry.field(description="The upper end of its 95 % interval.")
    win_rate_by_value: float | None = strawberry.field(description="Won of closed amounts, 0 to 1.")
    average_won_amount: Money | None = strawberry.field(description="The mean amount of a won deal.")
    average_cycle_days: float | None = strawberry.field(description="Days from opening to winning, in the mean.")
    open_count: int = strawberry.field(description="Deals that are open now.")
    weighted_pipeline: Money = strawberry.field(description="What these come to, each times its probability.")
    velocity: float | None = strawberry.field(
        description="Money a day: open deals × win rate × average won amount / average cycle days (as Salesforce and "
        "HubSpot define it); null where none was won."
    )


@strawberry.type(description="The deals that came to a stage in a period, and how many of them came further.")
class StageConversionResult:
    stage_id: strawberry.ID = strawberry.field(description="The stage.")
    name: str = strawberry.field(description="What people call it.")
    position: int = strawberry.field(description="Its place in the pipeline.")
    entered_count: int = strawberry.field(description="Deals that came to it and have had the time to go on.")
    advanced_count: int = strawberry.field(description="Those that reached a later stage, or were won, in that time.")
    unripe_count: int = strawberry.field(description="Deals that came too recently to judge.")
    rate: float | None = strawberry.field(description="Advanced of entered, 0 to 1; null where none is ripe.")
    low: float | None = strawberry.field(description="The lower end of its 95 % interval (Wilson).")
    high: float | None = strawberry.field(description="The upper end of its 95 % interval.")
    median_days: float | None = strawberry.field(description="Days until half of those that advanced had.")


@entity(models.ForecastSnapshot, order=("-takenAt",))
class ForecastSnapshot(Node):
    """What the pipeline promised for a period, frozen on a day, and scored once the period is over."""

    id: strawberry.ID = identity()
    grain: ForecastGrain = column(filter=True)
    period_start: date = column(filter=True, order=True)
    period_end: date = column()
    taken_at: datetime = column(filter=True, order=True)
    taken_on: date = column(filter=True)
    scored_at: datetime | None = column(filter=True)
    scores: JSON | None = column()
    lines: Connection[Annotated["ForecastLine", strawberry.lazy("api.pipeline.forecasts")]] = to_many(
        "snapshot_id", order=("createdAt",), filter=True, description="Its parts by owner and currency."
    )


@entity(models.ForecastLine, order=("createdAt",))
class ForecastLine(Node):
    """One owner's part of a forecast snapshot in one currency: what was won, committed, hoped for, and what came."""

    id: strawberry.ID = identity()
    snapshot: ForecastSnapshot = to_one("snapshot_id", filter=True, description="The snapshot it is part of.")
    owner: User | None = to_one("owner_id", nullable=True, filter=True, description="Whose deals; or nobody's.")
    currency: str = column(filter=True)
    opportunity_count: int = column()
    closed: Money = money("closed", "currency", description="What was won in the period by then.")
    commit: Money = money("commit", "currency", description="Open deals in the category commit.")
    best_case: Money = money("best_case", "currency", description="Open deals in the category best case.")
    pipeline: Money = money("pipeline", "currency", description="Open deals in the category pipeline.")
    weighted: Money = money("weighted", "currency", description="Open deals, each times its probability.")
    actual: Money | None = money(
        "actual", "currency", nullable=True, description="What was won in the whole period; null until scored."
    )
    created_at: datetime = column(order=True)


ForecastSnapshotWhere = where_input("ForecastSnapshotWhere", ForecastSnapshot)
ForecastSnapshotOrderBy = order_input("ForecastSnapshotOrderBy", ForecastSnapshot)
ForecastLineWhere = where_input("ForecastLineWhere", ForecastLine)
ForecastLineOrderBy = order_input("ForecastLineOrderBy", ForecastLine)


def _money(amount: Decimal, currency: str) -> Money:
    return Money(amount=round(amount, MINOR_DIGITS[currency]), currency=currency)


def _cell(row: forecasts.ForecastRow) -> ForecastCell:
    def money_of(*parts: Decimal) -> Money:
        return _money(sum(parts, Decimal(0)), row.currency)

    return ForecastCell(
        owner_id=strawberry.ID(public_id(access.User.prefix, row.owner_id)) if row.owner_id else None,
        owner_name=row.owner_name,
        currency=row.currency,
        is_total=row.is_total,
        opportunity_count=row.opportunity_count,
        closed=money_of(row.closed),
        commit=money_of(row.commit),
        best_case=money_of(row.best_case),
        pipeline=money_of(row.pipeline),
        weighted=money_of(row.weighted),
        commit_view=money_of(row.closed, row.commit),
        best_case_view=money_of(row.closed, row.commit, row.best_case),
        open_pipeline_view=money_of(row.closed, row.commit, row.best_case, row.pipeline),
    )


def _performance(found: figures.SalesPerformance) -> SalesPerformance:
    interval, average = found.interval, found.average_won
    return SalesPerformance(
        currency=found.currency,
        won_count=found.won,
        lost_count=found.lost,
        won_amount=_money(found.won_amount, found.currency),
        win_rate=found.win_rate,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        win_rate_by_value=found.win_rate_by_value,
        average_won_amount=None if average is None else _money(average, found.currency),
        average_cycle_days=found.average_cycle_days,
        open_count=found.open,
        weighted_pipeline=_money(found.weighted, found.currency),
        velocity=found.velocity,
    )


def _cohort(found: figures.StageCohort) -> StageConversionResult:
    interval = found.interval
    return StageConversionResult(
        stage_id=strawberry.ID(public_id(models.Stage.prefix, found.stage_id)),
        name=found.name,
        position=found.position,
        entered_count=found.entered,
        advanced_count=found.advanced,
        unripe_count=found.unripe,
        rate=found.rate,
        low=interval.low if interval else None,
        high=interval.high if interval else None,
        median_days=found.median_days,
    )


@strawberry.type
class ForecastQueries:
    forecast_snapshots: Connection[ForecastSnapshot] = many(
        description="All frozen forecasts, the latest first unless ordered otherwise."
    )
    forecast_snapshot: ForecastSnapshot | None = one(description="One frozen forecast by id.")

    @strawberry.field(
        description="What is won in a period and what is expected to close in it, by owner and currency and forecast "
        "category; behind the owners of a currency the sum of all."
    )
    async def forecast(self, info: Info, start: Start, end: End) -> list[ForecastCell]:
        found = await forecasts.forecast(Period(start, end), by=info.context.actor)
        return [_cell(row) for row in found]

    @strawberry.field(
        description="How deals that were closed in a period went, by currency: win rate, velocity, weighted pipeline."
    )
    async def sales_performance(
        self,
        info: Info,
        start: Start,
        end: End,
        pipeline_id: Annotated[
            strawberry.ID | None, strawberry.argument(description="Only deals of this pipeline.")
        ] = None,
        owner_id: Annotated[strawberry.ID | None, strawberry.argument(description="Only deals of this owner.")] = None,
    ) -> list[SalesPerformance]:
        found = await figures.performance(
            Period(start, end),
            pipeline_id=key_of(models.Pipeline, pipeline_id),
            owner_id=key_of(access.User, owner_id),
            by=info.context.actor,
        )
        return [_performance(each) for each in found]

    @strawberry.field(
        description="Stage by stage, how many deals that came to it in a period reached a later one within so many "
        "days: cohorts, of which only deals count that have had that time."
    )
    async def stage_conversion(
        self,
        info: Info,
        pipeline_id: Annotated[strawberry.ID, strawberry.argument(description="Which pipeline.")],
        start: Start,
        end: End,
        within_days: Annotated[
            int, strawberry.argument(description="How long a deal has to come further, 1 to 3,650 days.")
        ] = 90,
        as_of: Annotated[
            date | None, strawberry.argument(description="The day by which they must have had it; today if left out.")
        ] = None,
    ) -> list[StageConversionResult]:
        found = await figures.stage_conversion(
            read_id(models.Pipeline.prefix, pipeline_id),
            Period(start, end),
            within_days=within_days,
            as_of=as_of or info.context.at.date(),
            by=info.context.actor,
        )
        return [_cohort(each) for each in found]


@strawberry.type(description="The job that freezes and scores forecasts, or why there is none.")
class ForecastSnapshotTakePayload:
    job: Job | None = strawberry.field(description="The job, or the one under way already; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class ForecastMutations:
    @strawberry.mutation(
        description="Starts freezing what the pipeline promises for the month and the quarter, once a day, and scoring "
        "what is over."
    )
    async def forecast_snapshot_take(
        self, info: Info, idempotency_key: IdempotencyKey = None
    ) -> ForecastSnapshotTakePayload:
        kind = "pipeline.snapshot_forecast"
        return await settle(
            info,
            lambda by, at: ask_for_job(kind, {}, unique_key=kind, permission=Permission.PIPELINE_WRITE, by=by, at=at),
            idempotency_key=idempotency_key,
        )
