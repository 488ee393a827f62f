"""KPIs, their values, targets, signals and remarks as the graph shows them."""

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated

import strawberry

from api.access.types import User
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, identity, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from domain.kernel.period import Grain
from domain.kpis import models
from domain.kpis.rules import Direction, SignalRule, Unit

word_enum(
    Unit,
    "KpiUnit",
    "What the values of a KPI are.",
    MONEY="Amounts of a currency, a series for each.",
    RATIO="A share or a ratio; 0.25 is 25 %.",
    COUNT="A number of things or of times.",
    DAYS="Days.",
    SCORE="A number on a scale of its own.",
)
word_enum(Direction, "KpiDirection", "Which way is better.", UP="More is better.", DOWN="Less is better.")
word_enum(
    SignalRule,
    "KpiSignalRule",
    "Why a value is news: the first four rules say that it is hardly chance.",
    BEYOND_LIMITS="It lies outside the limits, three sigma from the centre.",
    RUN_OF_EIGHT="It is the eighth in a row on one side of the centre.",
    TWO_OF_THREE="It is one of two out of three beyond two sigma on one side.",
    TREND_OF_SIX="It is the sixth in a row that rises, or falls.",
    MISSED_TARGET="It missed the target that was set for its period.",
)


@entity(models.Kpi, order=("name",))
class Kpi(Node):
    """A figure that the company steers by: a name, a definition over a named measure, a direction, an owner."""

    id: strawberry.ID = identity()
    key: str = column(filter=True)
    name: str = column(filter=True, order=True)
    description: str = column()
    owner: User | None = to_one("owner_id", nullable=True, filter=True, description="Who answers for it.")
    unit: Unit = column(filter=True)
    direction: Direction = column()
    grain: Grain = column(filter=True)
    measure: str = column(filter=True)
    dimensions: list[str] = column()
    definition_version: int = column()
    is_active: bool = column(filter=True)
    computed_at: datetime | None = column()
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    values: Connection[Annotated["KpiValue", strawberry.lazy("api.kpis.types")]] = to_many(
        "kpi_id",
        order=("-periodStart",),
        filter=True,
        description="Its values, superseded ones included unless filtered.",
    )
    targets: Connection[Annotated["KpiTarget", strawberry.lazy("api.kpis.types")]] = to_many(
        "kpi_id", order=("-periodStart",), filter=True, description="What it is to reach."
    )
    signals: Connection[Annotated["KpiSignal", strawberry.lazy("api.kpis.types")]] = to_many(
        "kpi_id", order=("-periodStart",), filter=True, description="Where it moved beyond chance, or missed a target."
    )
    annotations: Connection[Annotated["KpiAnnotation", strawberry.lazy("api.kpis.types")]] = to_many(
        "kpi_id", order=("-day",), description="What people should know when they look at its chart."
    )


@entity(models.KpiValue, order=("-periodStart",))
class KpiValue(Node):
    """The value of a KPI for a period and a cut, as it was known from one moment to another; never overwritten."""

    id: strawberry.ID = identity()
    kpi: Kpi = to_one("kpi_id", filter=True, description="What it is a value of.")
    period_start: date = column(filter=True, order=True)
    period_end: date = column(filter=True)
    dimension: str = column(filter=True)
    member: str = column(filter=True)
    currency: str = column(filter=True)
    value: float | None = column(filter=True)
    numerator: Decimal | None = column()
    denominator: Decimal | None = column()
    low: float | None = column()
    high: float | None = column()
    definition_version: int = column()
    recorded_at: datetime = column(filter=True)
    superseded_at: datetime | None = column(filter=True)


@entity(models.KpiTarget, order=("-periodStart",))
class KpiTarget(Node):
    """What a KPI is to reach in a period, for the whole or a part of a cut; on bookings by owner it is a quota."""

    id: strawberry.ID = identity()
    kpi: Kpi = to_one("kpi_id", filter=True, description="The KPI.")
    period_start: date = column(filter=True, order=True)
    period_end: date = column(filter=True)
    dimension: str = column(filter=True)
    member: str = column(filter=True)
    currency: str = column(filter=True)
    value: float = column()
    updated_at: datetime = column()
    version: int = column()


@entity(models.KpiSignal, order=("-foundAt",))
class KpiSignal(Node):
    """A period in which a KPI moved beyond chance, or missed its target."""

    id: strawberry.ID = identity()
    kpi: Kpi = to_one("kpi_id", filter=True, description="The KPI.")
    period_start: date = column(filter=True, order=True)
    dimension: str = column(filter=True)
    member: str = column(filter=True)
    currency: str = column(filter=True)
    rule: SignalRule = column(filter=True)
    is_good: bool = column(filter=True)
    value: float = column()
    centre: float | None = column()
    lower: float | None = column()
    upper: float | None = column()
    found_at: datetime = column(filter=True, order=True)


@entity(models.KpiAnnotation, order=("-day",))
class KpiAnnotation(Node):
    """A remark at a day of a KPI's chart: what happened then."""

    id: strawberry.ID = identity()
    kpi: Kpi = to_one("kpi_id", filter=True, description="The KPI.")
    day: date = column(filter=True, order=True)
    text: str = column()


KpiWhere = where_input("KpiWhere", Kpi)
KpiOrderBy = order_input("KpiOrderBy", Kpi)
KpiValueWhere = where_input("KpiValueWhere", KpiValue)
KpiValueOrderBy = order_input("KpiValueOrderBy", KpiValue)
KpiTargetWhere = where_input("KpiTargetWhere", KpiTarget)
KpiTargetOrderBy = order_input("KpiTargetOrderBy", KpiTarget)
KpiSignalWhere = where_input("KpiSignalWhere", KpiSignal)
KpiSignalOrderBy = order_input("KpiSignalOrderBy", KpiSignal)
KpiAnnotationWhere = where_input("KpiAnnotationWhere", KpiAnnotation)
KpiAnnotationOrderBy = order_input("KpiAnnotationOrderBy", KpiAnnotation)
