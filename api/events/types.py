"""Events as the graph shows them: the words for what happens, and what all events have in common."""

from datetime import datetime
from enum import Enum

import strawberry
from strawberry import enum_value


@strawberry.enum(description="What happened, in the past tense.")
class EventTopic(Enum):
    CONTACT_CREATED = enum_value("customers.contact.created", description="A contact of a customer was taken in.")
    CONTACT_UPDATED = enum_value("customers.contact.updated", description="Fields of a contact were changed.")
    CUSTOMER_CREATED = enum_value("customers.customer.created", description="A customer was taken in.")
    CUSTOMER_IMPORTED = enum_value("customers.customer.imported", description="A file created or changed a customer.")
    CUSTOMER_UPDATED = enum_value("customers.customer.updated", description="Fields of a customer were changed.")
    FEEDBACK_IMPORTED = enum_value("feedback.item.imported", description="A file created or changed a feedback item.")
    FEEDBACK_RECORDED = enum_value("feedback.item.recorded", description="What a customer said was written down.")
    LEAD_CREATED = enum_value("leads.lead.created", description="A lead was taken in.")
    LEAD_UPDATED = enum_value("leads.lead.updated", description="Fields of a lead changed.")
    LEAD_CONVERTED = enum_value("leads.lead.converted", description="A lead became a customer.")
    OPPORTUNITY_CREATED = enum_value("pipeline.opportunity.created", description="A deal was begun.")
    OPPORTUNITY_MOVED = enum_value(
        "pipeline.opportunity.moved", description="A deal went to another stage, was won, lost or opened again."
    )
    OPPORTUNITY_UPDATED = enum_value("pipeline.opportunity.updated", description="Fields or lines of a deal changed.")
    ORDER_CANCELLED = enum_value("orders.order.cancelled", description="An order was called off.")
    ORDER_CLOSED = enum_value("orders.order.closed", description="An order that was delivered is over.")
    ORDER_CONFIRMED = enum_value("orders.order.confirmed", description="An order was confirmed for a day.")
    ORDER_CREATED = enum_value("orders.order.created", description="An order was written.")
    ORDER_DELIVERED = enum_value("orders.order.delivered", description="Something of an order reached the customer.")
    ORDER_RETURNED = enum_value("orders.order.returned", description="Something of an order came back.")
    ORDER_SHIPPED = enum_value("orders.order.shipped", description="Something of an order has left.")
    ORDER_IMPORTED = enum_value("orders.order.imported", description="A file created or changed an order.")
    PRODUCT_CREATED = enum_value("catalog.product.created", description="A product was taken into the catalog.")
    PRODUCT_IMPORTED = enum_value("catalog.product.imported", description="A file created or changed a product.")
    PRODUCT_UPDATED = enum_value("catalog.product.updated", description="Fields of a product were changed.")
    SCHEDULE_PAUSED = enum_value(
        "jobs.schedule.paused", description="A schedule whose line is no longer good was paused."
    )
    SCHEDULE_UPDATED = enum_value("jobs.schedule.updated", description="Somebody changed when a schedule is due.")
    SURVEY_CLOSED = enum_value("surveys.survey.closed", description="A survey takes no more answers.")
    SURVEY_CREATED = enum_value("surveys.survey.created", description="A survey was written.")
    SURVEY_OPENED = enum_value("surveys.survey.opened", description="A survey began to take answers.")
    SURVEY_RESPONSE_RECORDED = enum_value("surveys.response.recorded", description="Somebody answered a survey.")
    SURVEY_UPDATED = enum_value("surveys.survey.updated", description="Fields of a survey were changed.")
    THEME_DISSOLVED = enum_value("feedback.theme.dissolved", description="An aggregation no longer finds a theme.")
    THEME_FOUND = enum_value("feedback.theme.found", description="An aggregation found a theme for the first time.")


@strawberry.interface(description="A fact in the past tense: who did what to which record, when. It never changes.")
class Event:
    id: strawberry.ID = strawberry.field(
        description="Its place in the log: give it as `after` to go on behind this event."
    )
    topic: EventTopic = strawberry.field(description="What happened.")
    occurred_at: datetime = strawberry.field(description="When it happened (UTC).")
    actor_name: str = strawberry.field(description="Who did it, as they were called at the time.")
    changed: list[str] = strawberry.field(description="The fields that were given or changed, by name.")
