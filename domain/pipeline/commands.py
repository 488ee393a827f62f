"""Verbs of opportunities: begin them, change what is known of them, and write down what they are about.

Where a deal stands is changed by `moves.py` alone, which writes its history.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.exceptions import IntegrityError

from domain.access.models import User
from domain.access.ownership import hold_owner
from domain.customers.models import Contact, Customer
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, raise_taken
from domain.kernel.ids import new_id
from domain.kernel.one_record import insert_record
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.storing import insert_parts, update_told
from domain.kernel.transactions import one_transaction
from domain.pipeline import rules
from domain.pipeline.lines import Line, check_lines, priced, total_of
from domain.pipeline.models import Opportunity, OpportunityLine, StageHistory
from domain.pipeline.rules import OpportunityStatus, Step
from domain.pipeline.steps import entrance, found, stages_of

TOPIC = "pipeline.opportunity"
ABOUT: Mapping[str, type[Record]] = {"customer_id": Customer, "contact_id": Contact, "owner_id": User}
"""What a deal points to beside its stage, by field."""
PLACES = ("pipeline_id", "stage_id")
"""Where a new deal may be told to begin."""
BY_STAGE = {"probability": "default_probability", "forecast_category": "forecast_category"}
"""What a deal takes from its stage unless it is set by hand."""


class ExternalIdTaken(Conflict):
    """Another opportunity has this external id."""

    def __init__(self) -> None:
        super().__init__("Another opportunity has this external id; update that one instead.", "external_id")


class ContactOfAnother(Invalid):
    """The contact does not belong to the customer."""

    def __init__(self) -> None:
        super().__init__("{field} is a contact of another customer; choose one of this customer's.", "contact_id")


async def create_opportunity(
    given: Mapping[str, Any], lines: Sequence[Line] = (), *, by: Actor, at: datetime
) -> Opportunity:
    """This will begin a deal. Needs `name`, `customer_id`, `currency` and `close_date`.

    It begins in the stage `stage_id`, else the first of `pipeline_id`, else of the default pipeline, and belongs to
    whoever begins it unless `owner_id` says otherwise. Its amount is the sum of the lines unless it is given; a line
    has `product_id`, `quantity`, and, where they differ from the list price and none, `unit_price` and `discount`.
    Raises Unauthenticated, Invalid, NotFound, ExternalIdTaken, NoDefaultPipeline, PipelineRests.
    """
    by.must(Permission.PIPELINE_WRITE)
    keys = {"owner_id": by.user_id} | {name: given[name] for name in given if name in ABOUT}
    places = {name: given.get(name) for name in PLACES}
    written = {name: value for name, value in given.items() if name not in keys and name not in places}
    values = check_fields(written, rules.OPPORTUNITY, required=("name", "currency", "close_date"))
    checked = check_lines(lines)
    async with one_transaction():
        await _hold(keys, by=by)
        step = await entrance(places["pipeline_id"], places["stage_id"])
        key = new_id()
        parts = await priced(key, values["currency"], checked, at)
        values |= keys | _stage_values(step, at) | {"opened_at": at}
        values |= _valued(values, step, total_of(part.amount for part in parts))
        deal = Opportunity.born({"id": key, **values}, at)
        try:
            await insert_record(deal, values, f"{TOPIC}.created", by=by, at=at)
        except IntegrityError:
            raise_taken(ExternalIdTaken())
        await insert_parts([first_stay(deal, step, by=by, at=at)])
        if parts:
            await insert_parts(parts)
    return deal


async def update_opportunity(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Opportunity:
    """This will change the given fields; an `amount`, `probability` or `forecast_category` of None is derived again.

    A close date that is put off is counted. Raises Unauthenticated, Invalid, NotFound, Stale, DealIsClosed,
    ExternalIdTaken, ContactOfAnother.
    """
    by.must(Permission.PIPELINE_WRITE)
    keys = {name: given[name] for name in given if name in ABOUT}
    values = _checked_changes({name: value for name, value in given.items() if name not in keys})
    async with one_transaction():
        deal = await Opportunity.locked(key, expected_version=expected_version, by=by)
        await _change(deal, values, keys, by=by, at=at)
    return deal


async def set_lines(
    key: UUID | None, lines: Sequence[Line], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Opportunity:
    """This will replace all that the deal is about; its amount follows unless it was set by hand.

    Raises Unauthenticated, Invalid, NotFound, Stale, DealIsClosed.
    """
    by.must(Permission.PIPELINE_WRITE)
    checked = check_lines(lines)
    async with one_transaction():
        deal = await Opportunity.locked(key, expected_version=expected_version, by=by)
        if deal.status != OpportunityStatus.OPEN:
            raise rules.DealIsClosed("lines")
        parts = await priced(deal.id, deal.currency, checked, at)
        await OpportunityLine.filter(opportunity_id=deal.id).delete()
        if parts:
            await insert_parts(parts)
        values = {} if deal.amount_is_set else {"amount": total_of(part.amount for part in parts)}
        for name, value in values.items():
            setattr(deal, name, value)
        deal.version, deal.updated_at = deal.version + 1, at
        await update_told([(deal, values)], f"{TOPIC}.updated", by=by, at=at)
    return deal


def first_stay(deal: Opportunity, step: Step, *, by: Actor, at: datetime) -> StageHistory:
    """This will give the beginning of a deal's history."""
    return StageHistory.born({"sequence": 1, "entered_at": at, **stay_values(deal, step, by)}, at)


def stay_values(deal: Opportunity, step: Step, by: Actor) -> dict[str, Any]:
    """This will give what a stay keeps of the deal as it enters a stage."""
    return {
        "opportunity_id": deal.id,
        "stage_id": step.id,
        "amount": deal.amount,
        "probability": deal.probability,
        "close_date": deal.close_date,
        "forecast_category": deal.forecast_category,
        "moved_by_id": by.user_id,
    }


async def _hold(keys: Mapping[str, UUID | None], *, by: Actor) -> None:
    """Keeps what the deal points to. Raises NotFound, Forbidden, and ContactOfAnother."""
    await Customer.held([keys["customer_id"]], "customer_id", by=by)
    if "owner_id" in keys:
        await hold_owner(keys["owner_id"], Permission.PIPELINE_WRITE, by=by)
    if keys.get("contact_id") is not None:
        await _hold_contact(keys["contact_id"], keys["customer_id"], by=by)


async def _hold_contact(contact_id: UUID | None, customer_id: UUID | None, *, by: Actor) -> None:
    await Contact.held([contact_id], "contact_id", by=by)
    if not await Contact.exists(id=contact_id, customer_id=customer_id):
        raise ContactOfAnother


def _stage_values(step: Step, at: datetime) -> dict[str, Any]:
    return {
        "pipeline_id": step.pipeline_id,
        "stage_id": step.id,
        "status": step.kind.value,
        "stage_entered_at": at,
    }


def _valued(values: Mapping[str, Any], step: Step, total: Decimal) -> dict[str, Any]:
    """What a deal is worth and how likely it is: as it was given, else by its lines and its stage."""
    amount, probability = values.get("amount"), values.get("probability")
    return {
        "amount": total if amount is None else rules.check_price(amount, values["currency"], "amount"),
        "amount_is_set": amount is not None,
        "probability": step.default_probability if probability is None else probability,
        "probability_is_set": probability is not None,
        "forecast_category": values.get("forecast_category") or step.forecast_category,
    }


def _checked_changes(given: Mapping[str, Any]) -> dict[str, Any]:
    return check_fields(given, rules.OPPORTUNITY, required=("name", "currency", "close_date"))


async def _change(
    deal: Opportunity, values: dict[str, Any], keys: Mapping[str, UUID | None], *, by: Actor, at: datetime
) -> None:
    """Changes a locked deal. Raises as `update_opportunity` does."""
    if deal.status != OpportunityStatus.OPEN:
        for name in rules.SETTLED:
            if name in values and values[name] != getattr(deal, name):
                raise rules.DealIsClosed(name)
    if keys:
        customer = keys.get("customer_id", deal.customer_id)
        await _hold({"customer_id": customer, "contact_id": keys.get("contact_id", deal.contact_id), **keys}, by=by)
    values |= await _derived(deal, values) | _pushed(deal, values.get("close_date"))
    await apply_changes(deal, {**values, **keys}, f"{TOPIC}.updated", by=by, at=at, taken=ExternalIdTaken())


async def _derived(deal: Opportunity, values: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from an amount, a currency, a probability or a category that is given or taken back."""
    found_values: dict[str, Any] = {}
    currency = values.get("currency", deal.currency)
    if currency != deal.currency and await OpportunityLine.exists(opportunity_id=deal.id):
        raise Conflict("{field} stays while there are lines with prices in it; remove the lines first.", "currency")
    if values.get("amount") is not None or ("amount" not in values and currency != deal.currency):
        amount = rules.check_price(values.get("amount", deal.amount), currency, "amount")
        found_values |= {"amount": amount, "amount_is_set": "amount" in values or deal.amount_is_set}
    elif "amount" in values:
        lines = await OpportunityLine.filter(opportunity_id=deal.id)
        found_values |= {"amount": total_of(line.amount for line in lines), "amount_is_set": False}
    if "probability" in values:
        found_values["probability_is_set"] = values["probability"] is not None
    taken_back = [name for name in BY_STAGE if name in values and values[name] is None]
    if taken_back:
        step = found(await stages_of(deal.pipeline_id), deal.stage_id)
        found_values |= {name: getattr(step, BY_STAGE[name]) for name in taken_back}
    return found_values


def _pushed(deal: Opportunity, close_date: date | None) -> dict[str, Any]:
    if close_date is None or close_date <= deal.close_date:
        return {}
    return {"close_date_pushes": deal.close_date_pushes + 1}
