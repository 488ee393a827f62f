"""Tables of activities: what was, or is to be, done with customers."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from domain.access.models import User
from domain.customers.models import Contact, Customer
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.leads.models import Lead
from domain.pipeline.models import Opportunity


class Activity(Record):
    """A visit, call, online meeting, e-mail or task: planned, then done, called off, or missed."""

    prefix = "act"
    guard = Guard(read=Permission.ACTIVITIES_READ, write=Permission.ACTIVITIES_WRITE, owner="owner_id")

    kind = fields.CharField(max_length=10, description="Visit, call, online, e-mail or task.")
    state = fields.CharField(max_length=10, default="planned", description="Planned, done, cancelled or no-show.")
    subject = fields.CharField(max_length=300, description="What it is about.")
    note = fields.TextField(null=True, description="What to prepare, or what was said.")
    outcome = fields.CharField(max_length=300, null=True, description="What came of it.")
    due_at = fields.DatetimeField(description="When it is to happen, or happened (UTC).")
    duration_minutes = fields.IntField(null=True, description="How long it is to take, or took.")
    done_at = fields.DatetimeField(null=True, description="When it was done (UTC).")
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="activities", null=True, on_delete=fields.SET_NULL, description="Who does it."
    )
    owner_id: UUID | None
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="activities", null=True, on_delete=fields.RESTRICT, description="With which customer."
    )
    customer_id: UUID | None
    contact: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        Contact, related_name="activities", null=True, on_delete=fields.SET_NULL, description="With whom there."
    )
    contact_id: UUID | None
    lead: fields.ForeignKeyNullableRelation[Lead] = fields.ForeignKeyField(
        Lead, related_name="activities", null=True, on_delete=fields.RESTRICT, description="With which lead."
    )
    lead_id: UUID | None
    opportunity: fields.ForeignKeyNullableRelation[Opportunity] = fields.ForeignKeyField(
        Opportunity, related_name="activities", null=True, on_delete=fields.SET_NULL, description="About which deal."
    )
    opportunity_id: UUID | None

    class Meta:
        table = "activity"
        indexes = (
            Index(fields=("due_at", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("done_at", "id")),
            Index(fields=("customer_id", "due_at", "id")),
            Index(fields=("opportunity_id", "due_at", "id")),
            Index(fields=("lead_id", "due_at", "id")),
            Index(fields=("owner_id", "due_at", "id")),
            Index(fields=("owner_id", "state", "due_at", "id")),
        )
        constraints = (
            CheckConstraint(check="num_nonnulls(customer_id, lead_id) = 1", name="activity_is_with_somebody"),
            CheckConstraint(check="(state = 'done') = (done_at IS NOT NULL)", name="activity_done_has_a_time"),
            CheckConstraint(check="duration_minutes > 0", name="activity_duration_positive"),
        )
