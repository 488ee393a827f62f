"""Verbs of surveys: write one, open it, take answers, close it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.feedback.commands import ABOUT, record_feedback
from domain.feedback.rules import FeedbackSource
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid, NotFound
from domain.kernel.transactions import one_transaction
from domain.orders.buyers import buyer_of
from domain.surveys import rules
from domain.surveys.models import Survey, SurveyResponse
from domain.surveys.rules import SurveyKind, SurveyState


class NameTaken(Conflict):
    """Another survey has this name."""

    def __init__(self) -> None:
        super().__init__("Another survey has this name; choose one that tells them apart.", "name")


async def create_survey(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Survey:
    """This will write a survey, as a draft. Needs `name`, `kind` and `question`.

    Raises Unauthenticated, Invalid, NameTaken.
    """
    by.must(Permission.SURVEYS_WRITE)
    values = check_fields(given, rules.SURVEY, required=("name", "kind", "question"))
    return await store_new(Survey, values, "surveys.survey.created", by=by, at=at, taken=NameTaken())


async def update_survey(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Survey:
    """This will change a survey; once it has been opened only its name.

    Raises Unauthenticated, Invalid, NotFound, Stale, QuestionFrozen, NameTaken.
    """
    by.must(Permission.SURVEYS_WRITE)
    values = check_fields(given, rules.SURVEY, required=("name", "kind", "question"))
    async with one_transaction():
        survey = await Survey.locked(key, expected_version=expected_version, by=by)
        if survey.state != SurveyState.DRAFT:
            for name in rules.FROZEN:
                if name in values and values[name] != getattr(survey, name):
                    raise rules.QuestionFrozen(name)
        await apply_changes(survey, values, "surveys.survey.updated", by=by, at=at, taken=NameTaken())
    return survey


async def open_survey(key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime) -> Survey:
    """This will begin to take answers; kind and question are frozen. Raises as `close_survey` does."""
    return await _move(key, SurveyState.FIELDING, {"opened_at": at}, "surveys.survey.opened", expected_version, by, at)


async def close_survey(key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime) -> Survey:
    """This will take no more answers. Raises Unauthenticated, NotFound, Stale, SurveyNotReachable."""
    return await _move(key, SurveyState.CLOSED, {"closed_at": at}, "surveys.survey.closed", expected_version, by, at)


async def respond(
    key: UUID | None, given: Mapping[str, Any], *, about: Mapping[str, UUID | None], by: Actor, at: datetime
) -> SurveyResponse:
    """This will keep an answer to a survey in the field; words with it become a feedback item, in the same transaction.

    `given` needs `score`; `responded_at` is `at` where it is left out. `about` may name `customer_id` and `order_id`;
    with the order alone, its buyer has answered. Raises Unauthenticated, Invalid, NotFound, SurveyNotFielding.
    """
    by.must(Permission.SURVEYS_WRITE)
    values = check_fields(given, rules.ANSWER, required=("score", "responded_at"))
    values.setdefault("responded_at", at)
    rules.check_not_ahead(values["responded_at"], at)
    async with one_transaction():
        kind = await _answerable(key)
        values["score"] = rules.check_score(kind, values["score"])
        about = await _answered_by(about, by=by)
        text = values.pop("text", None)
        values |= {"survey_id": key, **about}
        values["feedback_item_id"] = text and await _worded(text, kind, values, about, by, at)
        return await store_new(SurveyResponse, values, "surveys.response.recorded", by=by, at=at)


async def _move(
    key: UUID | None,
    to: SurveyState,
    stamp: Mapping[str, datetime],
    topic: str,
    expected_version: int | None,
    by: Actor,
    at: datetime,
) -> Survey:
    by.must(Permission.SURVEYS_WRITE)
    async with one_transaction():
        survey = await Survey.locked(key, expected_version=expected_version, by=by)
        rules.check_move(SurveyState(survey.state), to)
        await apply_changes(survey, {"state": to, **stamp}, topic, by=by, at=at)
    return survey


async def _answerable(key: UUID | None) -> SurveyKind:
    """Keeps the survey as it is until the answer is in; many may answer side by side."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT kind, state FROM survey WHERE id = $1 FOR SHARE", [key]
    )
    if not rows:
        raise NotFound("There is no survey with this id.", "survey_id")
    rules.check_answerable(SurveyState(rows[0]["state"]))
    return SurveyKind(rows[0]["kind"])


async def _answered_by(about: Mapping[str, UUID | None], *, by: Actor) -> dict[str, UUID | None]:
    for field, key in about.items():
        await ABOUT[field].held([key], field, by=by)
    found = dict(about)
    if order := found.get("order_id"):
        buyer = await buyer_of(order)
        if found.setdefault("customer_id", buyer) != buyer:
            raise Invalid(
                "{field} is an order of another customer; leave the customer out, or name its order.", "order_id"
            )
    return found


async def _worded(
    text: str, kind: SurveyKind, values: Mapping[str, Any], about: Mapping[str, UUID | None], by: Actor, at: datetime
) -> UUID:
    """Satisfaction is asked on the scale that feedback is rated on; the other kinds say nothing of it."""
    said = {"source": FeedbackSource.SURVEY, "text": text, "received_at": values["responded_at"]}
    if kind is SurveyKind.CSAT:
        said["rating"] = values["score"]
    return (await record_feedback(said, about=about, by=by, at=at)).id
