"""Mutations of quotes."""

from datetime import date, datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, IdempotencyKey, UserError, given, keyed, optional, settle, user_errors
from api.orders.mutations import ABOUT, OrderLineInput
from api.orders.quotes import Quote
from api.orders.types import Order
from domain.kernel.actor import Actor
from domain.kernel.ids import read_id
from domain.orders import models, quotes
from domain.orders.offers import QuoteStatus

QuoteID = Annotated[strawberry.ID, strawberry.argument(description="Which quote.")]
_NOW = "The quote as it now stands, beside STALE too; null where otherwise refused."


@strawberry.input(description="A new quote, a draft at first: for a customer in a currency, or for a deal.")
class QuoteCreateInput:
    customer_id: strawberry.ID | None = optional("Who it is offered to; the deal's customer where left out.")
    opportunity_id: strawberry.ID | None = optional("The deal it is for.")
    owner_id: strawberry.ID | None = optional("Whose quote it is; yours where left out.")
    currency: str | None = optional("ISO 4217 code of every amount on it; the deal's where left out.")
    valid_until: date = strawberry.field(description="The last day on which it can be accepted, today or later.")
    lines: list[OrderLineInput] | None = optional("What is offered, in its sequence; the deal's lines where left out.")


@strawberry.input(description="What to change of a draft: what is left out stays as it is.")
class QuoteUpdateInput:
    owner_id: strawberry.ID | None = optional("Whose quote it is from now on, as far as your ORDERS_WRITE goes.")
    valid_until: date | None = optional("The last day on which it can be accepted, today or later; not null.")
    lines: list[OrderLineInput] | None = optional("All that is offered, in place of what was; not null.")


@strawberry.input(description="How far a quote is.")
class QuoteSetStatusInput:
    status: QuoteStatus = strawberry.field(
        description="IN_REVIEW, APPROVED or SENT, step by step; DRAFT sends it back from review; REJECTED is the "
        "customer's word. The others come about by `quoteAccept`, by `quoteRevise`, and by time."
    )
    reason: str | None = optional("Why, up to 300 characters; needed for REJECTED, and to send it back.")


@strawberry.input(description="How an accepted quote becomes an order.")
class QuoteAcceptInput:
    location_id: strawberry.ID = strawberry.field(description="Where the order ships from: a location of ours.")
    external_id: str | None = optional("What another system calls the order; unique, up to 120 characters.")


@strawberry.input(description="How long the new draft is to be good.")
class QuoteReviseInput:
    valid_until: date = strawberry.field(description="The last day on which it can be accepted, today or later.")


@strawberry.type(description="The new quote, or why there is none.")
class QuoteCreatePayload:
    quote: Quote | None = strawberry.field(description="The quote as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed quote, or why it was not changed.")
class QuoteUpdatePayload:
    quote: Quote | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The quote with its new status, or why it keeps the old one.")
class QuoteSetStatusPayload:
    quote: Quote | None = strawberry.field(description=_NOW)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The accepted quote and its order, or why it was not accepted.")
class QuoteAcceptPayload:
    quote: Quote | None = strawberry.field(description=_NOW)
    order: Order | None = strawberry.field(description="The order at the prices offered, a draft; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The draft that takes the quote's place, or why there is none.")
class QuoteRevisePayload:
    quote: Quote | None = strawberry.field(
        description="The new draft; beside STALE the old quote as it now stands; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class QuoteMutations:
    @strawberry.mutation(description="Writes a quote, a draft at first, with a number of its own.")
    async def quote_create(
        self,
        info: Info,
        input: Annotated[QuoteCreateInput, strawberry.argument(description="What is offered to whom.")],
        idempotency_key: IdempotencyKey = None,
    ) -> QuoteCreatePayload:
        values = keyed(given(input), ABOUT)
        lines = _lines(values)
        return await settle(
            info, lambda by, at: quotes.create_quote(values, lines, by=by, at=at), idempotency_key=idempotency_key
        )

    @strawberry.mutation(description="Changes a draft: its last day, or all that it offers.")
    async def quote_update(
        self,
        info: Info,
        id: QuoteID,
        input: Annotated[QuoteUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> QuoteUpdatePayload:
        key, values = read_id(models.Quote.prefix, id), keyed(given(input), ABOUT)
        lines = _lines(values)
        return await settle(
            info,
            lambda by, at: quotes.update_quote(key, values, lines, expected_version=expected_version, by=by, at=at),
        )

    @strawberry.mutation(description="Takes a quote a step on its way: to review, back, to approval, out, or rejected.")
    async def quote_set_status(
        self,
        info: Info,
        id: QuoteID,
        input: Annotated[QuoteSetStatusInput, strawberry.argument(description="The new status.")],
        expected_version: ExpectedVersion = None,
    ) -> QuoteSetStatusPayload:
        key, reason = read_id(models.Quote.prefix, id), given(input).get("reason")
        return await settle(
            info,
            lambda by, at: quotes.set_quote_status(
                key, input.status, reason, expected_version=expected_version, by=by, at=at
            ),
        )

    @strawberry.mutation(description="Turns a quote that was sent into an order at the prices offered, exactly once.")
    async def quote_accept(
        self,
        info: Info,
        id: QuoteID,
        input: Annotated[QuoteAcceptInput, strawberry.argument(description="Whence the order ships.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> QuoteAcceptPayload:
        key, values = read_id(models.Quote.prefix, id), keyed(given(input), ABOUT)

        async def accept(by: Actor, at: datetime) -> dict[str, Any]:
            quote, order = await quotes.accept_quote(key, values, expected_version=expected_version, by=by, at=at)
            return {"quote": quote, "order": order}

        return await settle(info, accept, idempotency_key=idempotency_key)

    @strawberry.mutation(description="Writes a draft with a quote's lines in its place; the old one is superseded.")
    async def quote_revise(
        self,
        info: Info,
        id: QuoteID,
        input: Annotated[QuoteReviseInput, strawberry.argument(description="How long it is to be good.")],
        expected_version: ExpectedVersion = None,
        idempotency_key: IdempotencyKey = None,
    ) -> QuoteRevisePayload:
        key = read_id(models.Quote.prefix, id)
        return await settle(
            info,
            lambda by, at: quotes.revise_quote(key, input.valid_until, expected_version=expected_version, by=by, at=at),
            idempotency_key=idempotency_key,
        )


def _lines(values: dict[str, Any]) -> list[dict[str, Any]] | None:
    """The lines that were given, taken out of the input; None where none were."""
    if values.get("lines") is None:
        return None
    return [keyed(given(line), ABOUT) for line in values.pop("lines")]
