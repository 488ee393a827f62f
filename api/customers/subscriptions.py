"""What can be heard of customers."""

import strawberry

from api.customers.types import Contact, Customer
from api.events.types import Event, EventTopic
from api.graph.events import happenings, subject


@strawberry.type(description="Something that happened to a customer.")
class CustomerEvent(Event):
    customer: Customer | None = subject("The customer as it now stands; null where it is no longer to be seen.")


@strawberry.type(description="Something that happened to a contact of a customer.")
class ContactEvent(Event):
    contact: Contact | None = subject("The contact as it now stands; null where it is no longer to be seen.")


@strawberry.type
class CustomerSubscriptions:
    customer_changed: CustomerEvent = happenings(
        EventTopic.CUSTOMER_CREATED,
        EventTopic.CUSTOMER_UPDATED,
        EventTopic.CUSTOMER_IMPORTED,
        description="Customers taken in and changed: one of them, or all that you may see.",
    )
    contact_changed: ContactEvent = happenings(
        EventTopic.CONTACT_CREATED,
        EventTopic.CONTACT_UPDATED,
        description="Contacts taken in and changed: one of them, or all that you may see.",
    )
