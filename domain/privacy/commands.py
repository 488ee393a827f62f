"""Verbs of privacy: hand out all that is held about a person, and erase what is personal in it.

What a person bought, was offered and was asked stays, under a pseudonym, so that ledgers and figures come out the same.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tortoise.connection import get_connection

from domain.activities.models import Activity
from domain.customers.imports import CUSTOMERS
from domain.customers.models import Contact, Customer
from domain.feedback.imports import FEEDBACK
from domain.feedback.models import FeedbackItem
from domain.intake.staging import keep_imports_out
from domain.kernel.actor import Actor
from domain.kernel.changes import change
from domain.kernel.events import emit
from domain.kernel.permissions import Permission, Reach
from domain.kernel.record import Record
from domain.kernel.redaction import ERASED, redact
from domain.kernel.seals import SealKeys
from domain.kernel.storing import update_told
from domain.kernel.transactions import one_transaction
from domain.leads.models import Lead
from domain.pipeline.models import Opportunity
from domain.privacy import rules
from domain.privacy.dossier import history_of, told
from domain.privacy.people import Person, find_person

PERSONAL: Mapping[type[Record], Mapping[str, rules.Substitute]] = {
    Customer: rules.CUSTOMER,
    Contact: rules.CONTACT,
    Lead: rules.LEAD,
    Activity: rules.ACTIVITY,
    FeedbackItem: rules.FEEDBACK,
    Opportunity: rules.OPPORTUNITY,
}
TOPICS: Mapping[type[Record], str] = {
    Customer: "customers.customer.erased",
    Contact: "customers.contact.erased",
    Lead: "leads.lead.erased",
    Activity: "activities.activity.erased",
    FeedbackItem: "feedback.item.erased",
    Opportunity: "pipeline.opportunity.erased",
}


class Dossier(NamedTuple):
    """All that is held about a person: records by the name of their kind, and what the event log says of them."""

    records: Mapping[str, Sequence[Mapping[str, Any]]]
    history: Sequence[Mapping[str, Any]]


class Erasure(NamedTuple):
    """What was erased: how many records have changed, and how many events of the log."""

    records: int
    events: int


async def export_personal_data(named: tuple[str, UUID] | None, reference: str, *, by: Actor, at: datetime) -> Dossier:
    """This will give all that is held about the person for whom a contact, a lead or a customer stands, and say so.

    `reference` is what their request is filed under. Raises Unauthenticated, Forbidden, Invalid, NotFound, NotAPerson.
    """
    by.must(Permission.CUSTOMERS_ERASE, Reach.ALL)
    filed = rules.check_reference(reference, "reference")
    async with one_transaction():
        person = await find_person(named)
        found = [*person.records, *await person.activities(), *await person.opportunities(), *await person.feedback()]
        beside = [record for each in person.held_beside() for record in await each.order_by("id")]
        dossier = Dossier(told([*found, *beside]), await history_of(found))
        await _tell("exported", named, filed, by=by, at=at, records=len(found) + len(beside))
    return dossier


async def erase_personal_data(
    named: tuple[str, UUID] | None, reference: str, *, keys: SealKeys, by: Actor, at: datetime
) -> Erasure:
    """This will erase what is personal of the person for whom a contact, a lead or a customer stands, for good.

    From the records and from the event log, whose seals stay whole by what `keys` prove. Once more erases what has come
    since. Raises Unauthenticated, Forbidden, Invalid, NotFound, NotAPerson.
    """
    by.must(Permission.CUSTOMERS_ERASE, Reach.ALL)
    filed = rules.check_reference(reference, "reference")
    async with one_transaction():
        await keep_imports_out((CUSTOMERS, FEEDBACK))
        person = await find_person(named)
        activities = await person.activities().select_for_update(no_key=True)
        feedback = await person.feedback().select_for_update(no_key=True)
        deals = await person.opportunities().select_for_update(no_key=True)
        borrowed = _borrowed(person)
        groups: list[Sequence[Record]] = [person.customers, person.contacts, person.leads, activities, deals, feedback]
        changed = sum([await _erase(records, by=by, at=at) for records in groups])
        if person.company and borrowed:
            gone = change(person.company, dict.fromkeys(borrowed), at=at)
            await update_told([(person.company, gone)], TOPICS[Customer], by=by, at=at)
            changed += 1
        themes = await _forget_rare_phrases(feedback, at)
        names = _names(groups) | {key: ["label"] for key in themes}
        if person.company and borrowed:
            names[person.company.id] = borrowed
        events = await redact(names, keys)
        await _tell("erased", named, filed, by=by, at=at, records=changed, events=events)
    return Erasure(changed, events)


async def _erase(records: Sequence[Record], *, by: Actor, at: datetime) -> int:
    facts = [(record, values) for record in records if (values := _emptied(record, at))]
    if facts:
        await update_told(facts, TOPICS[type(records[0])], by=by, at=at)
    return len(facts)


def _emptied(record: Record, at: datetime) -> dict[str, Any]:
    """Gives a record what takes the place of what is personal, and returns what has changed by that."""
    personal = PERSONAL[type(record)].items()
    instead: dict[str, Any] = {name: of(record.id) for name, of in personal if getattr(record, name) is not None}
    changed = change(record, instead, at=at)
    if changed and hasattr(record, "erased_at"):
        record.erased_at = changed["erased_at"] = at
    return changed


def _borrowed(person: Person) -> list[str]:
    """What their company has of them, by name: converting a lead gives it the lead's address and telephone number."""
    return [
        name
        for name in rules.REACHED_BY
        if person.company
        and (value := getattr(person.company, name)) is not None
        and value in {getattr(each, name) for each in (*person.contacts, *person.leads)}
    ]


def _names(groups: Sequence[Sequence[Record]]) -> dict[UUID, list[str]]:
    return {record.id: list(PERSONAL[type(record)]) for records in groups for record in records}


async def _forget_rare_phrases(items: Sequence[FeedbackItem], at: datetime) -> list[UUID]:
    """Keeps of what was read in their words only what others say as well, and returns the themes that said more."""
    gone = await _rows(
        """DELETE FROM feedback_phrase p WHERE p.item_id = ANY($1::uuid[]) AND NOT EXISTS (
            SELECT FROM feedback_phrase o
            WHERE o.language = p.language AND o.phrase = p.phrase AND o.item_id <> ALL($1::uuid[])
        ) RETURNING p.phrase""",
        [item.id for item in items],
    )
    themes = await _rows(
        """UPDATE feedback_theme t SET label = coalesce(
                (SELECT string_agg(p, ' · ' ORDER BY n) FROM (SELECT p, n FROM jsonb_array_elements_text(t.phrases)
                    WITH ORDINALITY AS each(p, n) WHERE p <> ALL($1::text[]) ORDER BY n LIMIT 3) kept), $2),
            phrases = coalesce((SELECT jsonb_agg(p ORDER BY n) FROM jsonb_array_elements_text(t.phrases)
                WITH ORDINALITY AS each(p, n) WHERE p <> ALL($1::text[])), '[]'),
            updated_at = $3, version = version + 1
        WHERE t.phrases ?| $1::text[] RETURNING t.id""",
        sorted({row["phrase"] for row in gone}), ERASED, at,
    )  # fmt: skip
    return [row["id"] for row in themes]


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql, list(values))


async def _tell(what: str, named: tuple[str, UUID] | None, filed: str, **told: Any) -> None:
    assert named
    await emit(f"privacy.person.{what}", named[1], subject=named[0], reference=filed, **told)
