"""The person whom a record is about, and all that is held about them: found in one place, for export and erasure alike.

A contact stands for a person, and so does the lead that became it. Where their customer is a person too, it is the same
one, with all that it bought and said. What is found is not narrowed to what the actor may see: they answer for all.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from tortoise.expressions import Q, Subquery
from tortoise.queryset import QuerySet

from domain.activities.models import Activity
from domain.campaigns.models import CampaignMember, Touchpoint
from domain.customers.models import Contact, Customer
from domain.customers.rules import CustomerKind
from domain.feedback.models import FeedbackItem
from domain.kernel.record import Record
from domain.kernel.refusals import Invalid, NotFound
from domain.leads.models import Lead
from domain.orders.models import Order, OrderLine, Quote, QuoteLine, Shipment
from domain.pipeline.models import Opportunity
from domain.surveys.models import SurveyResponse

R = TypeVar("R", bound=Record)
SUBJECTS: Mapping[str, type[Record]] = {model.prefix: model for model in (Contact, Lead, Customer)}


class NotAPerson(Invalid):
    """The record is not about one person."""

    def __init__(self) -> None:
        super().__init__("{field} must name a contact, a lead, or a customer who is a person.", "id")


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody by the records that stand for them: at most one customer, their contacts, the leads that they were.

    `company` is whom they speak for, where that is somebody else.
    """

    customers: Sequence[Customer]
    contacts: Sequence[Contact]
    leads: Sequence[Lead]
    company: Customer | None = None

    @property
    def records(self) -> Sequence[Record]:
        return (*self.customers, *self.contacts, *self.leads)

    def activities(self) -> QuerySet[Activity]:
        """This will find what was done with them."""
        return Activity.filter(Q(self._by_contact, self._by_lead, self._by_customer, join_type=Q.OR)).order_by("id")

    def opportunities(self) -> QuerySet[Opportunity]:
        """This will find the deals with them."""
        return Opportunity.filter(Q(self._by_contact, self._by_customer, join_type=Q.OR)).order_by("id")

    def feedback(self) -> QuerySet[FeedbackItem]:
        """This will find what they said, as themselves or about an order of theirs."""
        ordered = Q(order_id__in=Subquery(Order.filter(self._by_customer).values("id")))
        return FeedbackItem.filter(Q(self._by_customer, ordered, join_type=Q.OR)).order_by("id")

    def held_beside(self) -> Sequence[QuerySet[Any]]:
        """This will find what else is theirs, of which nothing is personal but that it is."""
        keys, members = _keys(self.customers), Q(self._by_lead, self._by_customer, join_type=Q.OR)
        return (
            Quote.filter(self._by_customer),
            QuoteLine.filter(quote__customer_id__in=keys),
            Order.filter(self._by_customer),
            OrderLine.filter(order__customer_id__in=keys),
            Shipment.filter(order__customer_id__in=keys),
            SurveyResponse.filter(self._by_customer),
            CampaignMember.filter(members),
            Touchpoint.filter(members),
        )

    @property
    def _by_customer(self) -> Q:
        return Q(customer_id__in=_keys(self.customers))

    @property
    def _by_contact(self) -> Q:
        return Q(contact_id__in=_keys(self.contacts))

    @property
    def _by_lead(self) -> Q:
        return Q(lead_id__in=_keys(self.leads))


async def find_person(named: tuple[str, UUID] | None) -> Person:
    """This will find whom a record is about, by its prefix and key, and lock what stands for them until the transaction
    ends: the customer first, so that nothing is added meanwhile.

    Raises NotFound, and NotAPerson.
    """
    model = SUBJECTS.get(named[0]) if named else None
    if named is None or model is None:
        raise NotAPerson
    record = await model.get_or_none(id=named[1])
    if record is None:
        raise NotFound("There is no record with this id.", "id")
    person = await _locked_with(record)
    if isinstance(record, Lead) and record.contact_id != (await Lead.get(id=record.id)).contact_id:
        return await find_person(named)  # it became a contact meanwhile
    return person


async def _locked_with(record: Record) -> Person:
    contact = await Contact.get_or_none(id=record.contact_id) if isinstance(record, Lead) else record
    key = contact.customer_id if isinstance(contact, Contact) else record.id
    customer = next(iter(await _locked(Customer.filter(id=key))), None)
    if customer is not None and customer.kind == CustomerKind.PERSON:
        contacts = await _locked(Contact.filter(customer_id=customer.id))
        return Person([customer], contacts, await _locked(Lead.filter(customer_id=customer.id)))
    if isinstance(record, Customer):
        raise NotAPerson
    if not isinstance(contact, Contact):
        return Person((), (), await _locked(Lead.filter(id=record.id)))
    contacts = await _locked(Contact.filter(id=contact.id))
    return Person((), contacts, await _locked(Lead.filter(contact_id=contact.id)), customer)


async def _locked(found: QuerySet[R]) -> Sequence[R]:
    return await found.order_by("id").select_for_update()


def _keys(records: Sequence[Record]) -> list[UUID]:
    return [record.id for record in records]
