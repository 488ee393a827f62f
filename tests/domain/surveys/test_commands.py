"""Verbs of surveys: what is asked is frozen, what is answered is kept once, and refusals leave nothing behind."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from contextvars import Context
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from tortoise.transactions import in_transaction

from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.events import Event
from domain.kernel.period import Period
from domain.kernel.refusals import Invalid, NotFound, Refusal, Stale, Unauthenticated
from domain.orders.models import Order
from domain.surveys import commands, queries
from domain.surveys.models import Survey, SurveyResponse
from domain.surveys.rules import QuestionFrozen, SurveyNotFielding, SurveyNotReachable
from tests.waiting import eventually
from tests.workers.workplace import locks_are_awaited

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
NOW = datetime(2024, 5, 1, tzinfo=UTC)
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
NPS = {"name": "Would you?", "kind": "nps", "question": "Would you recommend us?"}


async def state() -> list[Any]:
    return [
        sorted(await model.all().values_list("id", "version")) for model in (Survey, SurveyResponse, FeedbackItem)
    ] + [await Event.all().count()]


@asynccontextmanager
async def refused(kind: type[Refusal], *field: str) -> AsyncIterator[None]:
    """Something that is refused about a field, and changes nothing."""
    before = await state()
    with pytest.raises(kind) as refusal:
        yield
    assert refusal.value.field == field
    assert await state() == before


async def fielding(**more: Any) -> Survey:
    survey = await commands.create_survey({**NPS, **more}, by=SYSTEM, at=NOW)
    return await commands.open_survey(survey.id, by=SYSTEM, at=NOW)


async def answer(
    survey: Survey, score: int, about: dict[str, UUID | None] | None = None, **more: Any
) -> SurveyResponse:
    return await commands.respond(survey.id, {"score": score, **more}, about=about or {}, by=SYSTEM, at=NOW)


async def bought() -> Order:
    customer = await Customer.create(kind="person", name="Kim", **STAMPS)
    return await Order.create(customer=customer, ordered_at=NOW, currency="EUR", total=1, **STAMPS)


async def test_a_survey_runs_from_draft_to_closed() -> None:
    survey = await commands.create_survey(NPS, by=SYSTEM, at=NOW)
    assert (survey.state, survey.opened_at) == ("draft", None)
    survey = await commands.open_survey(survey.id, expected_version=1, by=SYSTEM, at=NOW)
    assert (survey.state, survey.opened_at) == ("fielding", NOW)
    survey = await commands.close_survey(survey.id, expected_version=2, by=SYSTEM, at=NOW + timedelta(days=1))
    assert (survey.state, survey.closed_at) == ("closed", NOW + timedelta(days=1))
    assert await Event.all().order_by("id").values_list("topic", flat=True) == [
        "surveys.survey.created", "surveys.survey.opened", "surveys.survey.closed",
    ]  # fmt: skip


async def test_a_survey_goes_no_other_way() -> None:
    draft = await commands.create_survey(NPS, by=SYSTEM, at=NOW)
    async with refused(SurveyNotReachable, "id"):
        await commands.close_survey(draft.id, by=SYSTEM, at=NOW)
    await commands.open_survey(draft.id, by=SYSTEM, at=NOW)
    async with refused(SurveyNotReachable, "id"):
        await commands.open_survey(draft.id, by=SYSTEM, at=NOW)
    async with refused(Stale, "expected_version"):
        await commands.close_survey(draft.id, expected_version=1, by=SYSTEM, at=NOW)
    async with refused(NotFound, "id"):
        await commands.close_survey(uuid4(), by=SYSTEM, at=NOW)


async def test_what_has_been_asked_is_frozen() -> None:
    draft = await commands.create_survey(NPS, by=SYSTEM, at=NOW)
    await commands.update_survey(draft.id, {"kind": "ces", "question": "Was it easy?"}, by=SYSTEM, at=NOW)
    await commands.open_survey(draft.id, by=SYSTEM, at=NOW)
    async with refused(QuestionFrozen, "kind"):
        await commands.update_survey(draft.id, {"kind": "nps"}, by=SYSTEM, at=NOW)
    async with refused(QuestionFrozen, "question"):
        await commands.update_survey(draft.id, {"name": "B", "question": "Was it hard?"}, by=SYSTEM, at=NOW)
    changed = await commands.update_survey(draft.id, {"name": "B", "kind": "ces"}, by=SYSTEM, at=NOW)
    assert (changed.name, changed.kind) == ("B", "ces")


async def test_two_surveys_do_not_share_a_name() -> None:
    await commands.create_survey(NPS, by=SYSTEM, at=NOW)
    async with refused(commands.NameTaken, "name"):
        await commands.create_survey(NPS, by=SYSTEM, at=NOW)
    other = await commands.create_survey({**NPS, "name": "other"}, by=SYSTEM, at=NOW)
    async with refused(commands.NameTaken, "name"):
        await commands.update_survey(other.id, {"name": NPS["name"]}, by=SYSTEM, at=NOW)


async def test_words_become_feedback_at_once() -> None:
    order = await bought()
    said = await answer(await fielding(), 3, {"order_id": order.id}, text="The parcel came late.")
    item = await FeedbackItem.get(id=said.feedback_item_id)
    assert (item.source, item.text, item.rating) == ("survey", "The parcel came late.", None)
    assert (item.customer_id, item.order_id) == (order.customer_id, order.id)  # type: ignore[attr-defined]
    assert (said.customer_id, said.order_id, said.responded_at) == (order.customer_id, order.id, NOW)
    satisfied = await answer(await fielding(name="S", kind="csat"), 2, text="Hm.")
    assert (await FeedbackItem.get(id=satisfied.feedback_item_id)).rating == 2
    silent = await answer(await fielding(name="T"), 10)
    assert silent.feedback_item_id is None
    assert await FeedbackItem.all().count() == 2


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"score": 11}, "score"),
        ({"score": None}, "score"),
        ({"score": 5, "text": " "}, "text"),
        ({"score": 5, "responded_at": NOW + timedelta(seconds=1)}, "responded_at"),
    ],
)
async def test_bad_answers_are_refused(given: dict[str, Any], field: str) -> None:
    survey = await fielding()
    async with refused(Invalid, field):
        await commands.respond(survey.id, given, about={}, by=SYSTEM, at=NOW)


async def test_answers_are_about_what_there_is() -> None:
    survey, order = await fielding(), await bought()
    stranger = await Customer.create(kind="person", name="Lee", **STAMPS)
    async with refused(NotFound, "customer_id"):
        await answer(survey, 1, {"customer_id": uuid4()})
    async with refused(Invalid, "order_id"):
        await answer(survey, 1, {"customer_id": stranger.id, "order_id": order.id})
    async with refused(NotFound, "survey_id"):
        await commands.respond(uuid4(), {"score": 1}, about={}, by=SYSTEM, at=NOW)
    async with refused(Unauthenticated):
        await commands.respond(survey.id, {"score": 1}, about={}, by=NOBODY, at=NOW)


async def test_no_answer_after_the_end_even_beside_it() -> None:
    survey = await fielding()
    async with in_transaction():
        await commands.close_survey(survey.id, by=SYSTEM, at=NOW)
        late = asyncio.get_running_loop().create_task(answer(survey, 9), context=Context())
        assert await eventually(locks_are_awaited)
    with pytest.raises(SurveyNotFielding):
        await late
    assert await SurveyResponse.all().count() == 0


async def test_answers_of_a_period_are_summed_up() -> None:
    survey = await fielding()
    for score, day in ((10, 0), (9, -1), (6, -2), (8, -2), (0, -40)):
        await answer(survey, score, responded_at=NOW + timedelta(days=day))
    found = await queries.answers(survey.id, Period(NOW.date() - timedelta(days=2), NOW.date()), by=SYSTEM)
    assert found is not None
    assert (found.counts, found.figure.value) == ({6: 1, 8: 1, 9: 1}, 0)
    empty = await queries.answers(survey.id, Period(NOW.date() + timedelta(1), NOW.date() + timedelta(2)), by=SYSTEM)
    assert empty is not None
    assert (empty.counts, empty.figure.value) == ({}, None)
    assert await queries.answers(uuid4(), Period(NOW.date(), NOW.date() + timedelta(1)), by=SYSTEM) is None
