"""Verbs of activities: plan them, note what was done, call them off, and say that somebody did not come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access.models import User
from domain.access.ownership import hold_owner
from domain.activities import rules
from domain.activities.models import Activity
from domain.activities.rules import ActivityState
from domain.customers.models import Contact, Customer
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kernel.refusals import Invalid
from domain.kernel.transactions import one_transaction
from domain.leads.models import Lead
from domain.pipeline.models import Opportunity

ABOUT: Mapping[str, type[Record]] = {
    "owner_id": User,
    "customer_id": Customer,
    "contact_id": Contact,
    "lead_id": Lead,
    "opportunity_id": Opportunity,
}
"""What an activity points to, by field."""


class WithSomebody(Invalid):
    """An activity is with one customer or one lead."""

    def __init__(self) -> None:
        super().__init__("{field} or a lead must be named, and not both; a deal brings its customer.", "customer_id")


class OfAnother(Invalid):
    """A contact or a deal belongs to another customer."""

    def __init__(self, field: str) -> None:
        super().__init__("{field} belongs to another customer; name one of this customer's.", field)


async def create_activity(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Activity:
    """This will plan an activity, or note one that was done where `done_at` is given.

    Needs `kind`, `subject` and `due_at`, and a `customer_id`, an `opportunity_id` or a `lead_id`. It belongs to whoever
    plans it, unless `owner_id` says otherwise. Raises Unauthenticated, Invalid, NotFound, WithSomebody, OfAnother.
    """
    by.must(Permission.ACTIVITIES_WRITE)
    keys = {"owner_id": by.user_id} | {name: given[name] for name in ABOUT if name in given}
    done_at = given.get("done_at")
    written = {name: value for name, value in given.items() if name not in ABOUT and name != "done_at"}
    values = check_fields(written, rules.ACTIVITY, required=("kind", "subject", "due_at"))
    if done_at is not None:
        done = rules.check_done(done_at, at, "done_at")
        values |= {"state": ActivityState.DONE.value, "done_at": done}
    async with one_transaction():
        await hold_owner(keys["owner_id"], Permission.ACTIVITIES_WRITE, by=by)
        values |= keys | await _with_whom(keys, by=by)
        return await store_new(Activity, values, "activities.activity.created", by=by, at=at)


async def update_activity(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Activity:
    """This will change what is planned; with whom stays, but for the contact and the deal.

    Raises Unauthenticated, Invalid, NotFound, Stale, ActivityIsOver, OfAnother.
    """
    by.must(Permission.ACTIVITIES_WRITE)
    keys = {name: given[name] for name in ("owner_id", "contact_id", "opportunity_id") if name in given}
    written = {name: value for name, value in given.items() if name not in keys}
    values = check_fields(written, rules.ACTIVITY, required=("kind", "subject", "due_at"))
    async with one_transaction():
        activity = await Activity.locked(key, expected_version=expected_version, by=by)
        rules.check_planned(activity.state)
        whom = {"customer_id": activity.customer_id, "lead_id": activity.lead_id}
        if "owner_id" in keys:
            await hold_owner(keys["owner_id"], Permission.ACTIVITIES_WRITE, by=by)
        await _with_whom({**whom, **keys}, by=by)
        await apply_changes(activity, {**values, **keys}, "activities.activity.updated", by=by, at=at)
    return activity


async def complete_activity(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Activity:
    """This will note that it was done: perhaps the `outcome`, the `duration_minutes`, and `done_at`, now unless given.

    Raises Unauthenticated, Invalid, NotFound, Stale, ActivityIsOver.
    """
    done = rules.check_done(given.get("done_at") or at, at, "done_at")
    written = {name: given[name] for name in ("outcome", "duration_minutes") if name in given}
    values = check_fields(written, rules.ACTIVITY, required=()) | {"done_at": done}
    return await _end(key, ActivityState.DONE, values, expected_version, by=by, at=at)


async def cancel_activity(
    key: UUID | None, outcome: str | None = None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Activity:
    """This will call off what is planned. Raises Unauthenticated, Invalid, NotFound, Stale, ActivityIsOver."""
    values = check_fields({"outcome": outcome}, rules.ACTIVITY, required=())
    return await _end(key, ActivityState.CANCELLED, values, expected_version, by=by, at=at)


async def miss_activity(
    key: UUID | None, outcome: str | None = None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Activity:
    """This will note that the other side did not come. Raises as `cancel_activity` does."""
    values = check_fields({"outcome": outcome}, rules.ACTIVITY, required=())
    return await _end(key, ActivityState.NO_SHOW, values, expected_version, by=by, at=at)


async def _end(
    key: UUID | None, state: ActivityState, values: Mapping[str, Any], version: int | None, *, by: Actor, at: datetime
) -> Activity:
    by.must(Permission.ACTIVITIES_WRITE)
    async with one_transaction():
        activity = await Activity.locked(key, expected_version=version, by=by)
        rules.check_planned(activity.state)
        ended = {**values, "state": state.value}
        await apply_changes(activity, ended, f"activities.activity.{state}", by=by, at=at)
    return activity


async def _with_whom(keys: Mapping[str, UUID | None], *, by: Actor) -> dict[str, UUID | None]:
    """Holds what the activity points to, and gives the customer that a deal brings. Raises NotFound, WithSomebody,
    OfAnother."""
    for field, model in ABOUT.items():
        if field != "owner_id" and keys.get(field) is not None:
            await model.held([keys[field]], field, by=by)
    customer = keys.get("customer_id")
    deal = await Opportunity.get(id=keys["opportunity_id"]) if keys.get("opportunity_id") else None
    if deal and customer is None and keys.get("lead_id") is None:
        customer = deal.customer_id
    if (customer is None) == (keys.get("lead_id") is None):
        raise WithSomebody
    if deal and deal.customer_id != customer:
        raise OfAnother("opportunity_id")
    if keys.get("contact_id") and not await Contact.exists(id=keys["contact_id"], customer_id=customer):
        raise OfAnother("contact_id")
    return {"customer_id": customer}
