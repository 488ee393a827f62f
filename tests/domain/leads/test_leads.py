"""Leads go their way, and each is converted exactly once, whoever asks at the same time."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from domain.activities import commands as activities
from domain.activities.rules import ActivityIsOver
from domain.customers.models import Contact, Customer
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kernel.period import Period
from domain.leads import commands, rules
from domain.leads.conversion import convert_lead
from domain.leads.models import Lead
from domain.leads.queries import conversion
from domain.leads.rules import LeadStatus
from domain.pipeline.models import Opportunity
from runtime.database import connected
from tests.domain.pipeline.deals import DAY, DO, house
from tests.graph import NOW

pytestmark = pytest.mark.anyio
DEAL: dict[str, Any] = {"name": "D", "currency": "EUR", "close_date": DAY, "amount": "100"}


async def lead(**more: Any) -> Lead:
    given = {"name": "Kim Park", "source": "referral", "company": "Acme", "email": "kim@acme.example", **more}
    return await commands.create_lead(given, owner={}, **DO)


async def qualified(**more: Any) -> Lead:
    made = await lead(**more)
    return await commands.set_lead_status(made.id, LeadStatus.QUALIFIED, **DO)


async def convert(key: UUID, deal: dict[str, Any] | None = DEAL, **customer: UUID) -> Lead:
    return await convert_lead(key, deal, customer=customer, **DO)


@pytest.mark.parametrize(
    ("now", "wanted", "allowed"),
    [
        ("new", "working", True),
        ("new", "qualified", True),
        ("working", "new", False),
        ("qualified", "working", True),
        ("qualified", "converted", False),
        ("disqualified", "working", True),
        ("disqualified", "qualified", False),
    ],
)
def test_where_a_lead_goes_by_hand(now: str, wanted: str, allowed: bool) -> None:
    if allowed:
        assert rules.check_next(now, LeadStatus(wanted), None) == wanted
    else:
        with pytest.raises(rules.StatusNotReachable, match="can only become"):
            rules.check_next(now, LeadStatus(wanted), "Because.")


def test_giving_up_needs_a_reason_and_what_is_converted_stays() -> None:
    with pytest.raises(rules.ReasonMissing):
        rules.check_next("new", LeadStatus.DISQUALIFIED, None)
    with pytest.raises(rules.LeadIsConverted):
        rules.check_next("converted", LeadStatus.WORKING, None)


@pytest.mark.usefixtures("database")
class TestConverting:
    async def test_a_lead_becomes_customer_contact_and_deal(self) -> None:
        await house()
        done = await convert((await qualified()).id)
        customer = await Customer.get(id=done.customer_id)
        contact = await Contact.get(id=done.contact_id)
        deal = await Opportunity.get(id=done.opportunity_id)
        assert (customer.kind, customer.name, customer.email) == ("company", "Acme", "kim@acme.example")
        assert (contact.name, contact.customer_id) == ("Kim Park", customer.id)
        assert (deal.customer_id, deal.contact_id, deal.source) == (customer.id, contact.id, "referral")
        assert (done.status, done.converted_at) == ("converted", NOW)

    async def test_into_a_customer_that_is_there_and_without_a_deal(self) -> None:
        made = await house()
        done = await convert((await qualified()).id, None, customer_id=made.customer.id)
        assert (done.customer_id, done.opportunity_id) == (made.customer.id, None)
        assert await Customer.all().count() == 1

    async def test_who_is_not_qualified_is_not_converted_and_nothing_is_left_behind(self) -> None:
        await house()
        made = await lead()
        with pytest.raises(rules.QualifyFirst):
            await convert(made.id)
        ready = await commands.set_lead_status(made.id, LeadStatus.QUALIFIED, **DO)
        before = await Event.all().count()
        with pytest.raises(Exception, match="from 1970"):
            await convert(ready.id, {**DEAL, "close_date": DAY.replace(year=1900)})
        assert (await Lead.get(id=made.id)).status == "qualified"
        assert await Event.all().count() == before
        assert await Customer.all().count() == 1

    async def test_what_is_converted_is_changed_no_more(self) -> None:
        await house()
        done = await convert((await qualified()).id)
        with pytest.raises(rules.LeadIsConverted):
            await commands.update_lead(done.id, {"name": "Lea"}, owner={}, **DO)
        with pytest.raises(rules.LeadIsConverted):
            await convert(done.id)


@pytest.fixture
async def crowded(database_url: str) -> AsyncIterator[None]:
    async with connected(database_url, pool_size=20):
        yield


@pytest.mark.usefixtures("crowded")
async def test_of_many_who_convert_at_once_one_does() -> None:
    await house()
    key = (await qualified()).id
    done = await asyncio.gather(*(convert(key) for _ in range(20)), return_exceptions=True)
    assert sum(isinstance(each, Lead) for each in done) == 1
    assert sum(isinstance(each, rules.LeadIsConverted) for each in done) == 19
    assert await Customer.all().count() == 2
    assert await Opportunity.all().count() == await Contact.all().count() == 1
    assert await Event.filter(topic="leads.lead.converted").count() == 1


@pytest.mark.usefixtures("database")
async def test_a_cohort_by_source_and_in_all() -> None:
    await house()
    for number in range(4):
        made = await qualified(name=f"Kim {number}", source="referral" if number else "website")
        if number < 2:
            await convert(made.id, None)
    later = NOW + timedelta(days=40)
    await commands.create_lead({"name": "Late", "source": "other"}, owner={}, by=SYSTEM, at=later)
    found = await conversion(Period(NOW.date(), NOW.date() + timedelta(days=1)), by=SYSTEM)
    told = [(each.source, each.leads, each.qualified, each.converted) for each in found]
    assert told == [("referral", 3, 3, 1), ("website", 1, 1, 1), (None, 4, 4, 2)]
    assert found[-1].rate == 0.5
    assert found[-1].interval == (pytest.approx(0.1500, abs=1e-4), pytest.approx(0.8500, abs=1e-4))


@pytest.mark.usefixtures("database")
class TestActivities:
    async def test_a_deal_brings_its_customer(self) -> None:
        made = await house()
        deal = await made.deal()
        given = {"kind": "call", "subject": "S", "due_at": NOW, "opportunity_id": deal.id}
        activity = await activities.create_activity(given, **DO)
        assert (activity.customer_id, activity.state) == (made.customer.id, "planned")
        done = await activities.complete_activity(activity.id, {"outcome": "Fine.", "duration_minutes": 20}, **DO)
        assert (done.state, done.done_at, done.outcome) == ("done", NOW, "Fine.")
        with pytest.raises(ActivityIsOver, match="is done"):
            await activities.cancel_activity(activity.id, **DO)

    async def test_it_is_with_one_of_them(self) -> None:
        made = await house()
        given = {"kind": "call", "subject": "S", "due_at": NOW}
        with pytest.raises(activities.WithSomebody):
            await activities.create_activity(given, **DO)
        both = {"customer_id": made.customer.id, "lead_id": (await lead()).id}
        with pytest.raises(activities.WithSomebody):
            await activities.create_activity({**given, **both}, **DO)
        missed = await activities.create_activity({**given, "lead_id": both["lead_id"]}, **DO)
        assert (await activities.miss_activity(missed.id, **DO)).state == "no_show"

    async def test_what_was_done_can_be_noted_afterwards(self) -> None:
        made = await house()
        given = {"kind": "visit", "subject": "S", "due_at": NOW, "done_at": NOW, "customer_id": made.customer.id}
        assert (await activities.create_activity(given, **DO)).state == "done"
