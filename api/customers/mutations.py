"""Mutations of customers and contacts."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from api.customers.types import Contact, Customer
from api.graph.bulk import OnError, UpsertCounts, row_errors, row_index, row_outcome, row_record
from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from domain.access.models import User
from domain.customers import commands
from domain.customers.models import Contact as ContactRow
from domain.customers.models import Customer as CustomerRow
from domain.customers.rules import CustomerKind
from domain.kernel.ids import read_id
from domain.kernel.upserts import BulkMode, Fate

CustomerID = Annotated[strawberry.ID, strawberry.argument(description="Which customer.")]
ContactID = Annotated[strawberry.ID, strawberry.argument(description="Which contact.")]


OWNER = {"owner_id": User}


@strawberry.input(description="What may be known of a customer.")
class CustomerDetails:
    external_id: str | None = optional("What another system calls it; unique, up to 120 characters.")
    email: str | None = optional("The general e-mail address.")
    phone: str | None = optional("The general telephone number, up to 40 characters.")
    industry: str | None = optional("What trade a company is in, up to 100 characters.")
    city: str | None = optional("The town of the main address, up to 100 characters.")
    country: str | None = optional("ISO 3166-1 alpha-2 code of the main address, such as CN.")
    note: str | None = optional("Whatever colleagues should know, up to 10,000 characters.")


@strawberry.input(description="A new customer.")
class CustomerCreateInput(CustomerDetails):
    owner_id: strawberry.ID | None = optional("Who looks after them; you where left out.")
    kind: CustomerKind = strawberry.field(description="Company or person.")
    name: str = strawberry.field(description="The name the customer goes by, 1 to 300 characters.")


@strawberry.input(description="What to change of a customer: what is left out stays as it is, null empties.")
class CustomerUpdateInput(CustomerDetails):
    owner_id: strawberry.ID | None = optional("Who looks after them from now on, as far as your CUSTOMERS_WRITE goes.")
    kind: CustomerKind | None = optional("Company or person; not null.")
    name: str | None = optional("The name the customer goes by, 1 to 300 characters; not null.")


@strawberry.input(description="A customer to create or to change, known by its external id.")
class CustomerUpsertInput(CustomerDetails):
    external_id: str = strawberry.field(description="What another system calls it, up to 120 characters.")
    kind: CustomerKind | None = optional("Company or person; a new customer needs it; not null.")
    name: str | None = optional("The name it goes by, 1 to 300 characters; a new customer needs it; not null.")


@strawberry.input(description="What may be known of a contact.")
class ContactDetails:
    title: str | None = optional("The person's position, up to 100 characters.")
    email: str | None = optional("The person's e-mail address.")
    phone: str | None = optional("The person's telephone number, up to 40 characters.")


@strawberry.input(description="A new contact of a customer.")
class ContactCreateInput(ContactDetails):
    name: str = strawberry.field(description="The person's name, 1 to 300 characters.")


@strawberry.input(description="What to change of a contact: what is left out stays as it is, null empties.")
class ContactUpdateInput(ContactDetails):
    name: str | None = optional("The person's name, 1 to 300 characters; not null.")


@strawberry.type(description="The new customer, or why there is none.")
class CustomerCreatePayload:
    customer: Customer | None = strawberry.field(description="The customer as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed customer, or why it was not changed.")
class CustomerUpdatePayload:
    customer: Customer | None = strawberry.field(
        description="The customer as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="What became of one customer among many.")
class CustomerUpsertResult:
    index: int = row_index()
    outcome: Fate = row_outcome()
    customer: Customer | None = row_record("The customer as it now stands; null where refused.")
    user_errors: list[UserError] = row_errors()


@strawberry.type(description="What became of each customer, or why nothing was done.")
class CustomersUpsertPayload:
    results: list[CustomerUpsertResult] | None = strawberry.field(
        description="One for each row, in the order of `inputs`; null where nothing was done."
    )
    counts: UpsertCounts | None = strawberry.field(description="How many rows came to what; null likewise.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The new contact, or why there is none.")
class ContactCreatePayload:
    contact: Contact | None = strawberry.field(description="The contact as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed contact, or why it was not changed.")
class ContactUpdatePayload:
    contact: Contact | None = strawberry.field(
        description="The contact as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class CustomerMutations:
    @strawberry.mutation(description="Takes in a customer.")
    async def customer_create(
        self,
        info: Info,
        input: Annotated[CustomerCreateInput, strawberry.argument(description="What is known of the customer.")],
        idempotency_key: IdempotencyKey = None,
    ) -> CustomerCreatePayload:
        return await settle(
            info,
            lambda by, at: commands.create_customer(keyed(given(input), OWNER), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a customer; the fields left out stay as they are.")
    async def customer_update(
        self,
        info: Info,
        id: CustomerID,
        input: Annotated[CustomerUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> CustomerUpdatePayload:
        key = read_id(CustomerRow.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_customer(
                key, keyed(given(input), OWNER), expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(
        description="Creates or changes up to 1,000 customers, each known by its external id; fields left out stay as "
        "they are, null empties."
    )
    async def customers_upsert(
        self,
        info: Info,
        inputs: Annotated[list[CustomerUpsertInput], strawberry.argument(description="The customers, each once.")],
        on_error: OnError = BulkMode.REJECT_ALL,
        idempotency_key: IdempotencyKey = None,
    ) -> CustomersUpsertPayload:
        rows = [given(each) for each in inputs]
        return await settle(
            info,
            lambda by, at: commands.upsert_customers(rows, on_error=on_error, by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Takes in a contact of a customer.")
    async def contact_create(
        self,
        info: Info,
        customer_id: CustomerID,
        input: Annotated[ContactCreateInput, strawberry.argument(description="What is known of the person.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ContactCreatePayload:
        key = read_id(CustomerRow.prefix, customer_id)
        return await settle(
            info,
            lambda by, at: commands.create_contact(key, given(input), by=by, at=at),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Changes a contact; the fields left out stay as they are.")
    async def contact_update(
        self,
        info: Info,
        id: ContactID,
        input: Annotated[ContactUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> ContactUpdatePayload:
        key = read_id(ContactRow.prefix, id)
        return await settle(
            info,
            lambda by, at: commands.update_contact(key, given(input), expected_version=expected_version, by=by, at=at),
        )
