"""Root fields over KPIs."""

from datetime import date, datetime
from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.connections import Connection, many, one
from api.kpis.types import Kpi, KpiSignal
from domain.kernel.ids import read_id
from domain.kernel.period import Grain, Period
from domain.kernel.permissions import Permission
from domain.kpis import charts, models
from domain.kpis.charts import ChartPoint
from domain.kpis.measures import MEASURES
from domain.kpis.rules import Direction, SignalRule, Unit

Cut = Annotated[str, strawberry.argument(description="The cut, one of the KPI's dimensions; empty: the whole.")]
Member = Annotated[str, strawberry.argument(description="The part of the cut: an id or a word; empty: all.")]
Currency = Annotated[
    str, strawberry.argument(description="ISO 4217 code of the series, where the KPI has some; else empty.")
]


@strawberry.type(description="A named measure that KPIs can be computed by.")
class KpiMeasure:
    name: str = strawberry.field(description="Its name, as `kpiCreate` takes it.")
    title: str = strawberry.field(description="What people call it.")
    description: str = strawberry.field(description="What it says, and how it is computed.")
    unit: Unit = strawberry.field(description="What its values are.")
    direction: Direction = strawberry.field(description="Which way is better.")
    dimensions: list[str] = strawberry.field(description="What it can be cut by.")


@strawberry.type(description="A period of a KPI's chart.")
class KpiChartPoint:
    period_start: date = strawberry.field(description="The first day of the period.")
    period_end: date = strawberry.field(description="The day after the last.")
    value: float | None = strawberry.field(description="The value; null where there was nothing to measure.")
    low: float | None = strawberry.field(description="The lower end of its 95 % interval, where it has one.")
    high: float | None = strawberry.field(description="The upper end of its 95 % interval.")
    target: float | None = strawberry.field(description="What was to be reached, if a target was set.")
    is_over: bool = strawberry.field(description="Whether the period is over, so that the value may be judged.")
    rules: list[SignalRule] = strawberry.field(description="The rules that the value breaks; none for most.")


@strawberry.type(description="A remark at a day of a KPI's chart.")
class KpiChartRemark:
    day: date = strawberry.field(description="The day.")
    text: str = strawberry.field(description="What happened.")


@strawberry.type(description="All that a KPI's chart needs: the series, its limits, targets, signals and remarks.")
class KpiChart:
    kpi_id: strawberry.ID = strawberry.field(description="The KPI.")
    name: str = strawberry.field(description="What people call it.")
    unit: Unit = strawberry.field(description="What its values are.")
    direction: Direction = strawberry.field(description="Which way is better.")
    grain: Grain = strawberry.field(description="How long its periods are.")
    computed_at: datetime | None = strawberry.field(description="When it was last computed; null: not yet.")
    points: list[KpiChartPoint] = strawberry.field(description="The periods, oldest first.")
    centre: float | None = strawberry.field(
        description="The mean of at most 24 values before the last one that is over; null for fewer than eight."
    )
    lower: float | None = strawberry.field(description="The lower limit: centre − 2.66 mean moving ranges (XmR).")
    upper: float | None = strawberry.field(description="The upper limit: centre + 2.66 mean moving ranges.")
    remarks: list[KpiChartRemark] = strawberry.field(description="What happened in between, by day.")


def _point(point: ChartPoint) -> KpiChartPoint:
    return KpiChartPoint(
        period_start=point.period.start,
        period_end=point.period.end,
        value=point.value,
        low=point.low,
        high=point.high,
        target=point.target,
        is_over=point.is_over,
        rules=[SignalRule(rule) for rule, _ in point.signals],
    )


def _chart(found: charts.Chart) -> KpiChart:
    limits = found.limits
    return KpiChart(
        kpi_id=strawberry.ID(f"kpi_{found.kpi_id.hex}"),
        name=found.name,
        unit=Unit(found.unit),
        direction=Direction(found.direction),
        grain=Grain(found.grain),
        computed_at=found.computed_at,
        points=[_point(point) for point in found.points],
        centre=limits.centre if limits else None,
        lower=limits.lower if limits else None,
        upper=limits.upper if limits else None,
        remarks=[KpiChartRemark(day=day, text=text) for day, text in found.remarks],
    )


@strawberry.type
class KpiQueries:
    kpis: Connection[Kpi] = many(description="All KPIs, by name unless ordered otherwise.")
    kpi: Kpi | None = one(description="One KPI by id.")
    kpi_signals: Connection[KpiSignal] = many(description="Where KPIs moved beyond chance, what was found last first.")
    kpi_signal: KpiSignal | None = one(description="One signal by id.")

    @strawberry.field(description="The named measures that KPIs can be computed by.")
    async def kpi_measures(self, info: Info) -> list[KpiMeasure]:
        info.context.actor.must(Permission.KPIS_READ)
        return [
            KpiMeasure(
                name=each.name,
                title=each.title,
                description=each.description,
                unit=each.unit,
                direction=Direction.UP if each.up_is_good else Direction.DOWN,
                dimensions=list(each.dimensions),
            )
            for each in MEASURES.values()
        ]

    @strawberry.field(
        description="All that the chart of a KPI needs, for the periods that begin in [start, end), as known now or at "
        "a moment; null where there is no such KPI."
    )
    async def kpi_chart(
        self,
        info: Info,
        kpi_id: Annotated[strawberry.ID, strawberry.argument(description="Which KPI.")],
        start: Annotated[date, strawberry.argument(description="The first day on which periods may begin.")],
        end: Annotated[date, strawberry.argument(description="The day from which on they may not.")],
        dimension: Cut = "",
        member: Member = "",
        currency: Currency = "",
        as_of: Annotated[
            datetime | None, strawberry.argument(description="As it was known at this moment; now where left out.")
        ] = None,
    ) -> KpiChart | None:
        key, context = read_id(models.Kpi.prefix, kpi_id), info.context
        cut = {"dimension": dimension, "member": member, "currency": currency}
        found = key and await charts.chart(key, Period(start, end), cut, as_of=as_of, by=context.actor, at=context.at)
        return _chart(found) if found else None
