"""Verbs of leads: take them in, change what is known of them, and say how far they are."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.access.ownership import hold_owner
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.transactions import one_transaction
from domain.leads import rules
from domain.leads.models import Lead
from domain.leads.rules import LeadStatus


class ExternalIdTaken(Conflict):
    """Another lead has this external id."""

    def __init__(self) -> None:
        super().__init__("Another lead has this external id; update that one instead.", "external_id")


async def create_lead(given: Mapping[str, Any], *, owner: Mapping[str, UUID | None], by: Actor, at: datetime) -> Lead:
    """This will take in a lead. Needs `name` and `source`; it belongs to whoever takes it in, unless told otherwise.

    Raises Unauthenticated, Invalid, NotFound, ExternalIdTaken.
    """
    by.must(Permission.LEADS_WRITE)
    values = check_fields(given, rules.LEAD, required=("name", "source"))
    values |= {"owner_id": by.user_id, **owner, "status": LeadStatus.NEW.value, "status_changed_at": at}
    async with one_transaction():
        await _hold(owner, by=by)
        return await store_new(Lead, values, "leads.lead.created", by=by, at=at, taken=ExternalIdTaken())


async def update_lead(
    key: UUID | None,
    given: Mapping[str, Any],
    *,
    owner: Mapping[str, UUID | None],
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Lead:
    """This will change the given fields of a lead that has not been converted.

    Raises Unauthenticated, Invalid, NotFound, Stale, LeadIsConverted, ExternalIdTaken.
    """
    by.must(Permission.LEADS_WRITE)
    values = check_fields(given, rules.LEAD, required=("name", "source"))
    async with one_transaction():
        lead = await Lead.locked(key, expected_version=expected_version, by=by)
        if lead.status == LeadStatus.CONVERTED:
            raise rules.LeadIsConverted
        await _hold(owner, by=by)
        await apply_changes(lead, {**values, **owner}, "leads.lead.updated", by=by, at=at, taken=ExternalIdTaken())
    return lead


async def set_lead_status(
    key: UUID | None,
    status: LeadStatus,
    reason: str | None = None,
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Lead:
    """This will say how far a lead is; giving it up needs a reason, and working on it forgets the reason.

    Raises Unauthenticated, Invalid, NotFound, Stale, LeadIsConverted, StatusNotReachable, ReasonMissing.
    """
    by.must(Permission.LEADS_WRITE)
    why = rules.check_reason(reason, "reason")
    async with one_transaction():
        lead = await Lead.locked(key, expected_version=expected_version, by=by)
        wanted = rules.check_next(lead.status, status, why)
        values = {
            "status": wanted.value,
            "status_changed_at": at,
            "disqualify_reason": why if wanted == LeadStatus.DISQUALIFIED else None,
        }
        await apply_changes(lead, values, f"leads.lead.{wanted}", by=by, at=at)
    return lead


async def _hold(owner: Mapping[str, UUID | None], *, by: Actor) -> None:
    for field, user in owner.items():
        await hold_owner(user, Permission.LEADS_WRITE, field, by=by)
