"""Tables of customers: companies and people, and the contacts to reach them by."""

from uuid import UUID

from tortoise import fields
from tortoise.indexes import Index

from domain.access.models import User
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record


class Customer(Record):
    """A company or a person who buys, or may one day buy."""

    prefix = "cus"
    guard = Guard(read=Permission.CUSTOMERS_READ, write=Permission.CUSTOMERS_WRITE, owner="owner_id")

    external_id = fields.CharField(
        max_length=120, null=True, unique=True, description="What another system calls this customer; unique."
    )
    kind = fields.CharField(max_length=10, description="Company or person.")
    name = fields.CharField(max_length=300, description="The name the customer goes by.")
    email = fields.CharField(max_length=254, null=True, description="The general e-mail address, lower case.")
    phone = fields.CharField(max_length=40, null=True, description="The general telephone number.")
    industry = fields.CharField(max_length=100, null=True, description="What trade a company is in.")
    city = fields.CharField(max_length=100, null=True, description="The town of the main address.")
    country = fields.CharField(max_length=2, null=True, description="ISO 3166-1 alpha-2 code of the main address.")
    note = fields.TextField(null=True, description="Whatever colleagues should know.")
    owner: fields.ForeignKeyNullableRelation[User] = fields.ForeignKeyField(
        User, related_name="customers", null=True, on_delete=fields.SET_NULL, description="Who looks after them."
    )
    owner_id: UUID | None
    erased_at = fields.DatetimeField(null=True, description="When what was personal was erased (UTC).")

    class Meta:
        table = "customer"
        indexes = (
            Index(fields=("owner_id", "created_at", "id")),
            Index(fields=("owner_id", "name", "id")),
            Index(fields=("name", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("industry", "id")),
            Index(fields=("city", "id")),
            Index(fields=("country", "id")),
        )


class Contact(Record):
    """A person at a customer whom one can write to, call or visit."""

    prefix = "con"
    guard = Guard(read=Permission.CUSTOMERS_READ, write=Permission.CUSTOMERS_WRITE, whole=("customer_id", Customer))

    customer: fields.ForeignKeyRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="contacts", on_delete=fields.RESTRICT, description="Whose contact it is."
    )
    customer_id: UUID
    name = fields.CharField(max_length=300, description="The person's name.")
    title = fields.CharField(max_length=120, null=True, description="The person's position, e.g. Head of Purchasing.")
    email = fields.CharField(max_length=254, null=True, description="The person's e-mail address, lower case.")
    phone = fields.CharField(max_length=40, null=True, description="The person's telephone number.")
    erased_at = fields.DatetimeField(null=True, description="When what was personal was erased (UTC).")

    class Meta:
        table = "contact"
        indexes = (
            Index(fields=("customer_id", "name", "id")),
            Index(fields=("name", "id")),
        )
