"""The verb of touches: many at once, each recorded once by the id that another system gave it, and never changed."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.campaigns import rules
from domain.campaigns.models import Campaign, Touchpoint
from domain.campaigns.rules import TouchKind
from domain.customers.models import Customer
from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kernel.refusals import Invalid
from domain.kernel.storing import Fact, insert_told
from domain.kernel.transactions import one_transaction
from domain.leads.models import Lead

TOLD = ("campaign_id", "customer_id", "lead_id", "kind", "occurred_at", "external_id")
WHO: Mapping[str, type[Record]] = {"customer_id": Customer, "lead_id": Lead}


async def record_touches(
    key: UUID | None, touches: Sequence[Mapping[str, Any]], *, by: Actor, at: datetime
) -> Campaign:
    """This will record that a campaign reached people, all touches or none; those recorded before stay as they are.

    A touch has `external_id`, `kind`, `occurred_at`, and either `customer_id` or `lead_id`. Raises Unauthenticated,
    Invalid, NotFound, AnotherTouch.
    """
    by.must(Permission.CAMPAIGNS_WRITE)
    checked = _checked(touches, at)
    async with one_transaction():
        await Campaign.held([key], by=by, to=Permission.CAMPAIGNS_WRITE)
        campaign = await Campaign.get(id=key)
        for name, model in WHO.items():
            await _hold(model, name, checked, by=by)
        rows = [row | {"campaign_id": campaign.id} for row in checked]
        born = [Touchpoint.born(row, at) for row in rows]
        facts: list[Fact] = list(zip(born, rows, strict=True))
        fresh = await insert_told(facts, "campaigns.touchpoint.recorded", by=by, at=at, key="external_id")
        await _compare(rows, [touch.external_id for touch in born if touch.id not in fresh])
    return campaign


def _checked(touches: Sequence[Mapping[str, Any]], at: datetime) -> list[dict[str, Any]]:
    if not 1 <= len(touches) <= rules.MOST_TOUCHES:
        raise Invalid(f"{{field}} must have 1 to {rules.MOST_TOUCHES:,} rows.", "touches")
    rows: list[dict[str, Any]] = []
    seen: set[str] = set()
    for place, touch in enumerate(touches):
        where = ("touches", str(place))
        name = rules.check_external_id(touch["external_id"], *where, "external_id")
        if name in seen:
            raise Invalid("{field} stands in a row before; give each once.", *where, "external_id")
        seen.add(name)
        who = {each: touch.get(each) for each in WHO}
        if all(each is None for each in who.values()):
            raise Invalid("{field} is missing, and no lead is named; say whom it reached.", *where, "customer_id")
        if None not in who.values():
            raise Invalid("{field} stands beside a customer; a touch reaches one of them.", *where, "lead_id")
        moment = rules.check_happened(touch["occurred_at"], at, *where, "occurred_at")
        rows.append({"external_id": name, "kind": TouchKind(touch["kind"]).value, "occurred_at": moment, **who})
    return rows


async def _hold(model: type[Record], name: str, rows: Sequence[Mapping[str, Any]], *, by: Actor) -> None:
    """Holds who was touched. Raises NotFound, naming the first row that names nobody."""
    wanted = {row[name]: place for place, row in reversed(list(enumerate(rows))) if row[name] is not None}
    if not wanted:
        return
    found = await model.seen(wanted, by=by)
    for key, place in sorted(wanted.items(), key=lambda pair: pair[1]):
        if key not in found:
            raise model._missing("touches", str(place), name)
    await model.held(list(wanted), "touches", by=by)


async def _compare(rows: Sequence[Mapping[str, Any]], known: Sequence[str]) -> None:
    """Raises AnotherTouch where an id that was recorded before stands for something else."""
    if not known:
        return
    stored = {each.external_id: each for each in await Touchpoint.filter(external_id__in=known)}
    for place, row in enumerate(rows):
        other = stored.get(row["external_id"])
        if other is not None and any(getattr(other, name) != row[name] for name in TOLD):
            raise rules.AnotherTouch("touches", str(place), "external_id")
