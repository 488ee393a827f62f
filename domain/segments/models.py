"""Tables of segments: customers who have something in common, said as a predicate, with who belonged when."""

from typing import Any
from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint

from domain.customers.models import Customer
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class Segment(Record):
    """Customers who have something in common, said as a predicate that is saved, and evaluated anew by a job."""

    prefix = "seg"
    guard = Guard(read=Permission.SEGMENTS_READ, write=Permission.SEGMENTS_WRITE)

    name = fields.CharField(max_length=100, unique=True, description="What people call it; unique.")
    description = fields.TextField(null=True, description="What it is for.")
    predicate: Any = fields.JSONField(description="What its customers have in common.")
    predicate_version = fields.IntField(default=1, description="1 at first, one more whenever the predicate changes.")
    member_count = fields.IntField(default=0, description="How many customers belong to it.")
    refreshed_at = fields.DatetimeField(null=True, description="When it was last evaluated (UTC).")

    class Meta:
        table = "segment"
        indexes = (Index(fields=("created_at", "id")), Index(fields=("member_count", "id")))


class SegmentMember(Record):
    """That a customer belongs, or belonged, to a segment: since when, and until when."""

    prefix = "sgm"
    guard = Guard(read=Permission.SEGMENTS_READ, write=Permission.SEGMENTS_WRITE)

    segment: fields.ForeignKeyRelation[Segment] = fields.ForeignKeyField(
        Segment, related_name="members", on_delete=fields.CASCADE, description="The segment."
    )
    segment_id: UUID
    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="memberships", on_delete=fields.CASCADE, description="The customer."
    )
    customer_id: UUID
    joined_at = fields.DatetimeField(description="When it was found to belong (UTC).")
    left_at = fields.DatetimeField(null=True, description="When it was found to belong no more (UTC).")

    class Meta:
        table = "segment_member"
        indexes = (
            Index(fields=("segment_id", "joined_at", "id")),
            Index(fields=("customer_id", "joined_at", "id")),
        )
        constraints = (CheckConstraint(check="left_at >= joined_at", name="segment_member_runs_forward"),)
