"""Improvement cycles, their evidence and effects, and practices, as the graph shows them."""

from datetime import date, datetime
from typing import Annotated

import strawberry

from api.access.types import User
from api.feedback.types import FeedbackTheme
from api.graph.aggregates import aggregate_of
from api.graph.connections import Connection, Node, to_many
from api.graph.entity import column, entity, expression, identity, one_back, to_one
from api.graph.enums import word_enum
from api.graph.inputs import order_input, where_input
from api.kpis.types import Kpi, KpiSignal
from domain.improvement import models
from domain.improvement.rules import CycleOrigin, CycleState, Design, Method, PracticeState, Verdict

word_enum(
    CycleState,
    "ImprovementCycleState",
    "Where an improvement cycle stands: plan, do, check, act (Deming), and what comes before and after.",
    PROPOSED="A person or a rule says that something should become better.",
    PLAN="It is written down what is tried, by which KPI it is judged, and when.",
    DO="It is being done; its primary KPI is frozen.",
    CHECK="Its effect has been estimated.",
    ACT="It is decided what becomes of it.",
    STANDARDIZED="It became a practice.",
    ABANDONED="It was given up.",
)
word_enum(
    CycleOrigin,
    "ImprovementCycleOrigin",
    "What brought a cycle about.",
    PERSON="Somebody proposed it.",
    THEME="Customers spoke of a theme more than chance would have it.",
    SIGNAL="A KPI moved the wrong way beyond chance.",
    TARGET="A KPI missed its target.",
)
word_enum(
    Design,
    "ImprovementDesign",
    "How an effect is to be told from chance.",
    ITS="Interrupted time series: level and trend before against after, which needs a longer baseline.",
    BEFORE_AFTER="Means before against after, which takes a trend for an effect.",
)
word_enum(
    Method,
    "EffectMethod",
    "How an effect was estimated: by the design, as far as the length of the series allows.",
    INTERRUPTED_SERIES="Segmented regression with Newey–West errors.",
    BLOCK_BOOTSTRAP="Means compared, with an interval from redrawing blocks of neighbouring periods.",
    WELCH="Means compared by Welch's test.",
    DIFFERENCE="Means compared, of too few periods for an interval.",
)
word_enum(
    Verdict,
    "EffectVerdict",
    "What an estimate says of a KPI; it is computed, nobody can type it.",
    IMPROVED="It moved the right way, by what is worth it.",
    WORSENED="It moved the wrong way.",
    NO_CHANGE="What it may have moved by is less than what would be worth it.",
    INCONCLUSIVE="Nobody can tell yet.",
)
word_enum(
    PracticeState,
    "PracticeState",
    "Whether a practice is still to be followed.",
    ACTIVE="It holds.",
    RETIRED="It no longer holds.",
)


@entity(
    models.ImprovementCycle,
    order=("-proposedAt",),
    search=("title", "problem", "hypothesis", "countermeasure"),
)
class ImprovementCycle(Node):
    """An attempt to make something better, from the evidence that it should be to the measured effect."""

    id: strawberry.ID = identity()
    title: str = column(filter=True)
    problem: str = column()
    state: CycleState = column(filter=True, group=True)
    origin: CycleOrigin = column(filter=True, group=True)
    owner: User | None = to_one("owner_id", nullable=True, filter=True, group=True, description="Who leads it.")
    theme: FeedbackTheme | None = to_one("theme_id", nullable=True, filter=True, description="The theme it is about.")
    signal: KpiSignal | None = to_one(
        "signal_id", nullable=True, filter=True, description="The signal that brought it."
    )
    previous: Annotated["ImprovementCycle", strawberry.lazy("api.improvement.types")] | None = to_one(
        "previous_id", nullable=True, description="The turn before it, if it was restarted."
    )
    hypothesis: str | None = column()
    countermeasure: str | None = column()
    primary_kpi: Kpi | None = to_one(
        "primary_kpi_id", nullable=True, filter=True, description="The KPI that it is judged by; frozen once it starts."
    )
    dimension: str = column()
    member: str = column()
    currency: str = column()
    design: Design | None = column()
    minimum_effect: float | None = column()
    baseline_start: date | None = column()
    starts_on: date | None = column(filter=True, order=True)
    ends_on: date | None = column(filter=True, order=True)
    proposed_at: datetime = column(filter=True, order=True, measure=True, group=True)
    started_at: datetime | None = column(filter=True)
    closed_at: datetime | None = column(filter=True)
    abandon_reason: str | None = column()
    updated_at: datetime = column()
    version: int = column()
    evidence: Connection[Annotated["CycleEvidence", strawberry.lazy("api.improvement.types")]] = to_many(
        "cycle_id", order=("createdAt",), description="What speaks for it, in words and numbers."
    )
    guardrails: Connection[Kpi] = to_many(
        "id", through=("improvement_guardrail", "cycle_id", "kpi_id"), description="The KPIs that must not suffer."
    )
    effects: Connection[Annotated["EffectEstimate", strawberry.lazy("api.improvement.types")]] = to_many(
        "cycle_id", order=("-computedAt",), filter=True, description="What it did to its KPIs, the last estimate first."
    )
    practice: Annotated["Practice", strawberry.lazy("api.improvement.types")] | None = one_back(
        "cycle_id", description="The practice that it became, if it did."
    )


@entity(models.CycleEvidence, order=("createdAt",))
class CycleEvidence(Node):
    """A piece of evidence: what was seen, and the record that it was read from."""

    id: strawberry.ID = identity()
    text: str = column()
    subject_id: str | None = expression(
        "CASE WHEN {t}.subject_id IS NOT NULL "
        "THEN {t}.subject_prefix || '_' || encode(uuid_send({t}.subject_id), 'hex') END",
        "CharField",
        nullable=True,
        description="The id of the record that it was read from; `node` finds it.",
    )
    created_at: datetime = column(order=True)


@entity(models.EffectEstimate, order=("-computedAt",))
class EffectEstimate(Node):
    """What a cycle did to a KPI: the change with its interval, how it was estimated, and the verdict in words."""

    id: strawberry.ID = identity()
    cycle: ImprovementCycle = to_one("cycle_id", filter=True, description="The cycle.")
    kpi: Kpi = to_one("kpi_id", filter=True, description="The KPI.")
    method: Method = column(filter=True)
    before_count: int = column()
    after_count: int = column()
    baseline: float = column()
    estimate: float = column()
    low: float | None = column()
    high: float | None = column()
    p_value: float | None = column()
    end_estimate: float | None = column()
    end_low: float | None = column()
    end_high: float | None = column()
    verdict: Verdict = column(filter=True)
    words: str = column()
    formula_version: int = column()
    computed_at: datetime = column(filter=True, order=True)


@entity(models.Practice, order=("-createdAt",), search=("title", "description"))
class Practice(Node):
    """What has been shown to work, written down so that others can do it."""

    id: strawberry.ID = identity()
    title: str = column(filter=True, order=True)
    description: str = column()
    cycle: ImprovementCycle = to_one("cycle_id", filter=True, description="The cycle that showed it.")
    state: PracticeState = column(filter=True)
    adoption_count: int = column(filter=True, order=True)
    created_at: datetime = column(filter=True, order=True)
    updated_at: datetime = column()
    version: int = column()
    adoptions: Connection[Annotated["PracticeAdoption", strawberry.lazy("api.improvement.types")]] = to_many(
        "practice_id", description="Who works by it, the latest first."
    )


@entity(models.PracticeAdoption, order=("-adoptedOn",))
class PracticeAdoption(Node):
    """That a team works by a practice, since a day."""

    id: strawberry.ID = identity()
    practice: Practice = to_one("practice_id", filter=True, description="The practice.")
    team: str = column(filter=True)
    adopted_on: date = column(filter=True, order=True)
    note: str | None = column()


ImprovementCycleWhere = where_input("ImprovementCycleWhere", ImprovementCycle)
ImprovementCycleOrderBy = order_input("ImprovementCycleOrderBy", ImprovementCycle)
CycleEvidenceWhere = where_input("CycleEvidenceWhere", CycleEvidence)
CycleEvidenceOrderBy = order_input("CycleEvidenceOrderBy", CycleEvidence)
EffectEstimateWhere = where_input("EffectEstimateWhere", EffectEstimate)
EffectEstimateOrderBy = order_input("EffectEstimateOrderBy", EffectEstimate)
PracticeWhere = where_input("PracticeWhere", Practice)
PracticeOrderBy = order_input("PracticeOrderBy", Practice)
PracticeAdoptionWhere = where_input("PracticeAdoptionWhere", PracticeAdoption)
PracticeAdoptionOrderBy = order_input("PracticeAdoptionOrderBy", PracticeAdoption)


@aggregate_of(
    ImprovementCycle,
    bounds="ImprovementCycleBounds",
    group="ImprovementCycleGroup",
    key="ImprovementCycleGroupKey",
    by="ImprovementCycleGroupBy",
)
class ImprovementCycleAggregate:
    """How many cycles there are, the whole or by state, origin and owner."""
