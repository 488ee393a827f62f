"""Tables of leads: people and companies who may become customers."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from domain.access.models import User
from domain.customers.models import Contact, Customer
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.pipeline.models import Opportunity


class Lead(Record):
    """Somebody who showed interest and is not yet a customer: who, where from, how far, and what became of them."""

    prefix = "led"
    guard = Guard(read=Permission.LEADS_READ, write=Permission.LEADS_WRITE, owner="owner_id")

    external_id = fields.CharField(
        max_length=120, null=True, unique=True, description="What another system calls this lead; unique."
    )
    name = fields.CharField(max_length=300, description="The person's name.")
    company = fields.CharField(max_length=300, null=True, description="The company they speak for; empty: themselves.")
    title = fields.CharField(max_length=120, null=True, description="The person's position.")
    email = fields.CharField(max_length=254, null=True, description="The person's e-mail address, lower case.")
    phone = fields.CharField(max_length=40, null=True, description="The person's telephone number.")
    industry = fields.CharField(max_length=100, null=True, description="What trade the company is in.")
    city = fields.CharField(max_length=100, null=True, description="The town.")
    country = fields.CharField(max_length=2, null=True, description="ISO 3166-1 alpha-2 code.")
    source = fields.CharField(max_length=20, description="The way by which they came to us.")
    status = fields.CharField(max_length=12, default="new", description="How far they are.")
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="leads", null=True, on_delete=fields.SET_NULL, description="Who works on it."
    )
    owner_id: UUID | None
    status_changed_at = fields.DatetimeField(description="When it came to its status (UTC).")
    disqualify_reason = fields.CharField(max_length=300, null=True, description="Why it was given up.")
    note = fields.TextField(null=True, description="Whatever colleagues should know.")
    converted_at = fields.DatetimeField(null=True, description="When it became a customer (UTC).")
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="leads", null=True, on_delete=fields.RESTRICT, description="The customer it became."
    )
    customer_id: UUID | None
    contact: fields.ForeignKeyNullableRelation[Contact] = fields.ForeignKeyField(
        Contact, related_name="leads", null=True, on_delete=fields.RESTRICT, description="The contact it became."
    )
    contact_id: UUID | None
    opportunity: fields.ForeignKeyNullableRelation[Opportunity] = fields.OneToOneField(
        Opportunity, related_name="lead", null=True, on_delete=fields.RESTRICT, description="The deal that it began."
    )
    opportunity_id: UUID | None
    erased_at = fields.DatetimeField(null=True, description="When what was personal was erased (UTC).")

    class Meta:
        table = "lead"
        indexes = (
            Index(fields=("created_at", "id")),
            Index(fields=("name", "id")),
            Index(fields=("company", "id")),
            Index(fields=("status", "created_at", "id")),
            Index(fields=("owner_id", "created_at", "id")),
            Index(fields=("status_changed_at", "id")),
            Index(fields=("customer_id", "id")),
        )
        constraints = (
            CheckConstraint(
                check="(status = 'converted') = (converted_at IS NOT NULL) "
                "AND (status = 'converted') = (customer_id IS NOT NULL)",
                name="lead_conversion_is_whole",
            ),
        )
