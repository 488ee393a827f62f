"""Segments: predicates are checked, mean what they say, and who belonged when is kept."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Invalid
from domain.orders.models import Order
from domain.segments import rules
from domain.segments.commands import create_segment, refresh_segment, update_segment
from domain.segments.models import Segment, SegmentMember
from domain.segments.rules import COMPARING, KNOWING, TEXTS, WINDOWED, SegmentField, SegmentOperator, check_predicate
from domain.surveys.models import Survey, SurveyResponse
from tests.domain.pipeline.deals import DO, STAMPS, house
from tests.graph import NOW

pytestmark = pytest.mark.anyio


def condition(field: str, operator: str, *values: str, **more: Any) -> dict[str, Any]:
    return {"condition": {"field": field, "operator": operator, "values": list(values), **more}}


BUYS = condition("order_count", "at_least", "2", within_days=30)
WRONG: list[tuple[dict[str, Any], tuple[str, ...]]] = [
    ({}, ("p",)),
    ({"all": []}, ("p", "all")),
    ({"all": [BUYS], "any": [BUYS]}, ("p", "any")),
    ({"not": {"any": [BUYS, {}]}}, ("p", "not", "any", "1")),
    (condition("kind", "at_least", "person"), ("p", "condition", "operator")),
    (condition("order_count", "at_least", "many"), ("p", "condition", "values", "0")),
    (condition("order_count", "at_least", "NaN"), ("p", "condition", "values", "0")),
    (condition("order_count", "at_least", "1e-99999"), ("p", "condition", "values", "0")),
    (condition("order_count", "at_least", "1", "2"), ("p", "condition", "values")),
    (condition("city", "in"), ("p", "condition", "values")),
    (condition("city", "in", " "), ("p", "condition", "values", "0")),
    (condition("city", "is_known", "Ulm"), ("p", "condition", "values")),
    (condition("city", "in", "Ulm", within_days=3), ("p", "condition", "within_days")),
    (condition("order_count", "in", "1", within_days=0), ("p", "condition", "within_days")),
    (condition("revenue", "at_least", "1"), ("p", "condition", "currency")),
    (condition("revenue", "at_least", "1", currency="euro"), ("p", "condition", "currency")),
    (condition("order_count", "at_least", "1", currency="EUR"), ("p", "condition", "currency")),
    ({"all": [BUYS] * 51}, ("p", "all", "50", "condition")),
    ({"not": {"not": {"not": {"not": {"not": {"not": BUYS}}}}}}, ("p", *["not"] * 6)),
]


@pytest.mark.parametrize(("given", "field"), WRONG, ids=range(len(WRONG)))
def test_what_a_predicate_must_be(given: dict[str, Any], field: tuple[str, ...]) -> None:
    with pytest.raises(Invalid) as refusal:
        check_predicate(given, "p")
    assert refusal.value.field == field


async def found(predicate: dict[str, Any]) -> set[str]:
    segment = await create_segment({"name": str(predicate)[:100], "predicate": predicate}, **DO)
    await refresh_segment(segment.id, **DO)
    members = await SegmentMember.filter(segment_id=segment.id).prefetch_related("customer")
    await Segment.filter(id=segment.id).delete()
    return {member.customer.name for member in members}


async def people() -> None:
    """Ann buys often and is happy, Bo bought once long ago and grumbles, Cy never bought and said nothing."""
    old = {"created_at": NOW - timedelta(days=400), "updated_at": NOW}
    ann = await Customer.create(kind="person", name="Ann", country="DE", city="Ulm", **old)
    bo = await Customer.create(kind="company", name="Bo", country="FR", industry="Trade", **STAMPS)
    await Customer.create(kind="person", name="Cy", **STAMPS)
    for customer, days, total in ((ann, 2, 30), (ann, 20, 50), (ann, 200, 7), (bo, 300, 100)):
        moment = NOW - timedelta(days=days)
        await Order.create(customer=customer, ordered_at=moment, currency="EUR", total=total, **STAMPS)
    await Order.create(customer=bo, ordered_at=NOW, currency="EUR", total=999, status="cancelled", **STAMPS)
    for customer, mood in ((ann, 800), (bo, -600)):
        await FeedbackItem.create(
            customer=customer, external_id=customer.name, source="review", text="T", received_at=NOW, sentiment=mood,
            **STAMPS,
        )  # fmt: skip
    survey = await Survey.create(name="S", kind="nps", question="Q", **STAMPS)
    for days, score in ((1, 9), (9, 2)):
        moment = NOW - timedelta(days=days)
        await SurveyResponse.create(survey=survey, customer=ann, score=score, responded_at=moment, **STAMPS)


@pytest.mark.usefixtures("database")
async def test_predicates_mean_what_they_say() -> None:
    await people()
    assert await found(condition("kind", "in", "person")) == {"Ann", "Cy"}
    assert await found(condition("country", "not_in", "FR")) == {"Ann", "Cy"}
    assert await found(condition("industry", "is_unknown")) == {"Ann", "Cy"}
    assert await found(condition("days_known", "at_least", "365")) == {"Ann"}
    assert await found(BUYS) == {"Ann"}
    assert await found(condition("order_count", "in", "0", "1")) == {"Bo", "Cy"}
    assert await found(condition("revenue", "more_than", "87", currency="EUR")) == {"Bo"}
    assert await found(condition("revenue", "at_least", "80", currency="EUR", within_days=30)) == {"Ann"}
    assert await found(condition("revenue", "at_least", "1", currency="USD")) == set()
    assert await found(condition("days_since_order", "less_than", "10")) == {"Ann"}
    assert await found(condition("days_since_order", "is_unknown")) == {"Cy"}
    assert await found(condition("sentiment", "less_than", "0")) == {"Bo"}
    assert await found({"not": condition("sentiment", "less_than", "0")}) == {"Ann", "Cy"}
    assert await found(condition("promoter_score", "at_least", "9")) == {"Ann"}
    both = {"all": [condition("kind", "in", "person"), {"not": BUYS}]}
    assert await found(both) == {"Cy"}
    assert await found({"any": [both, condition("feedback_count", "at_most", "1")]}) == {"Ann", "Bo", "Cy"}
    deals = await house()
    await deals.deal()
    assert await found(condition("open_deal_count", "at_least", "1")) == {"Acme"}


@pytest.mark.usefixtures("database")
async def test_every_field_can_be_compared_in_every_way() -> None:
    await people()
    for field in SegmentField:
        for operator in SegmentOperator:
            if field in TEXTS and operator in COMPARING:
                continue
            values = [] if operator in KNOWING else ["1"]
            more: dict[str, Any] = {"within_days": 9} if field in WINDOWED else {}
            more |= {"currency": "EUR"} if field == SegmentField.REVENUE else {}
            ways = await found(condition(field, operator, *values, **more))
            assert ways <= {"Ann", "Bo", "Cy"}


@pytest.mark.usefixtures("database")
async def test_who_belonged_when_is_kept() -> None:
    await people()
    segment = await create_segment({"name": "Buyers", "predicate": BUYS}, **DO)
    assert await refresh_segment(segment.id, **DO) == {"members": 1, "joined": 1, "left": 0}
    assert await refresh_segment(segment.id, **DO) == {"members": 1, "joined": 0, "left": 0}
    later = {"by": SYSTEM, "at": NOW + timedelta(days=15)}
    assert await refresh_segment(segment.id, **later) == {"members": 0, "joined": 0, "left": 1}
    (member,) = await SegmentMember.all()
    assert (member.joined_at, member.left_at) == (NOW, NOW + timedelta(days=15))
    changed = await update_segment(segment.id, {"predicate": condition("city", "in", "Ulm")}, **later)
    assert (changed.predicate_version, changed.version) == (2, 2)
    assert await refresh_segment(segment.id, **later) == {"members": 1, "joined": 1, "left": 0}
    assert await SegmentMember.all().count() == 2
    stored = await Segment.get(id=segment.id)
    assert (stored.member_count, stored.refreshed_at, stored.version) == (1, NOW + timedelta(days=15), 2)
    with pytest.raises(rules.NameTaken):
        await create_segment({"name": "Buyers", "predicate": BUYS}, **DO)


@pytest.mark.usefixtures("database")
async def test_values_are_bound_never_written_into_the_statement() -> None:
    await people()
    assert await found(condition("city", "in", "'; DROP TABLE customer; --")) == set()
    assert await found(condition("order_count", "less_than", str(Decimal(10) ** 14))) == {"Ann", "Bo", "Cy"}
    assert await Customer.all().count() == 3
