"""Verbs of quotes: written for a customer or a deal, reviewed, sent, accepted as an order, revised, run out."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.customers.models import Customer
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, change, store_new
from domain.kernel.ids import new_id
from domain.kernel.money import check_currency
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Invalid
from domain.kernel.storing import insert_parts, update_told
from domain.kernel.transactions import one_transaction
from domain.orders import offers, rules, states
from domain.orders.commands import DealOfAnother, check_offered, check_place_of_ours, owner_of, place_order
from domain.orders.models import Order, Quote, QuoteLine
from domain.orders.offers import QuoteStatus
from domain.pipeline.lines import Line, price_lines, total_of
from domain.pipeline.models import Opportunity, OpportunityLine

TOPIC = "orders.quote"
EXPIRED_AT_ONCE = 500
OF_AN_OFFER = ("customer_id", "opportunity_id", "owner_id", "currency", "total")
"""What a quote takes over from the one whose place it takes."""
_OFFERED = ("product_id", "quantity", "unit_price", "discount")


async def create_quote(given: Mapping[str, Any], lines: Sequence[Line] | None, *, by: Actor, at: datetime) -> Quote:
    """This will write a quote, a draft at first. Needs `valid_until`, and `customer_id` and `currency`, or a deal.

    With `opportunity_id` it is for the deal's customer, in its currency, and about its lines unless others are given.
    It belongs to whoever writes it unless `owner_id` says otherwise. Raises Unauthenticated, Invalid,
    NotFound, Forbidden, DealOfAnother.
    """
    by.must(Permission.ORDERS_WRITE)
    day = offers.check_valid_until(given["valid_until"], at.date(), "valid_until")
    checked = None if lines is None else check_offered(lines)
    async with one_transaction():
        about = await _about(given, by=by) | {"owner_id": await owner_of(given, by=by)}
        offered: Sequence[Line] = await _lines_of_deal(about["opportunity_id"]) if checked is None else checked
        key = new_id()
        parts = await _parts(key, about["currency"], offered, at)
        values = about | {"number": await _number(), "valid_until": day, "total": total_of(p.amount for p in parts)}
        quote = await store_new(Quote, {"id": key, **values}, f"{TOPIC}.created", by=by, at=at)
        await insert_parts(parts)
    return quote


async def update_quote(
    key: UUID | None,
    given: Mapping[str, Any],
    lines: Sequence[Line] | None,
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Quote:
    """This will change the last day of a draft, whose it is, or what it offers, all lines at once.

    Raises Unauthenticated, Invalid, NotFound, Stale, NoDraft.
    """
    by.must(Permission.ORDERS_WRITE)
    for name, value in given.items():
        if value is None and name != "owner_id":
            raise Invalid("{field} must have a value; leave it out to keep the present one.", name)
    values: dict[str, Any] = {}
    if "valid_until" in given:
        values["valid_until"] = offers.check_valid_until(given["valid_until"], at.date(), "valid_until")
    checked = None if lines is None else check_offered(lines)
    async with one_transaction():
        quote = await Quote.locked(key, expected_version=expected_version, by=by)
        if quote.status != QuoteStatus.DRAFT:
            raise offers.NoDraft(quote.status)
        if "owner_id" in given:
            values["owner_id"] = await owner_of(given, by=by)
        if checked is not None:
            values["total"] = await _replace(quote, checked, at)
        changed = change(quote, values, at=at)
        if checked is not None and not changed:  # other lines of the same sum
            quote.version, quote.updated_at = quote.version + 1, at
        if changed or checked is not None:
            await update_told([(quote, changed)], f"{TOPIC}.updated", by=by, at=at)
    return quote


async def set_quote_status(
    key: UUID | None,
    wanted: QuoteStatus,
    reason: str | None = None,
    *,
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> Quote:
    """This will take a quote a step on its way: to review, back, to approval, to the customer, or to a rejection.

    Raises Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable, QuoteRanOut.
    """
    by.must(Permission.ORDERS_WRITE)
    offers.check_by_hand(wanted, "status")
    why = None if reason is None else states.check_reason(reason, "reason")
    async with one_transaction():
        quote = await Quote.locked(key, expected_version=expected_version, by=by)
        offers.check_next(quote.status, wanted, "status")
        if why is None and offers.needs_reason(quote.status, wanted):
            raise Invalid("{field} is missing; say why, for those who learn from it.", "reason")
        if wanted == QuoteStatus.SENT and quote.valid_until < at.date():
            raise offers.QuoteRanOut(quote.valid_until)
        values: dict[str, Any] = {"status": wanted.value, "reason": why}
        values |= {"sent_at": at} if wanted == QuoteStatus.SENT else {}
        values |= {"decided_at": at} if wanted == QuoteStatus.REJECTED else {}
        await apply_changes(quote, values, f"{TOPIC}.{wanted.value}", by=by, at=at)
    return quote


async def accept_quote(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> tuple[Quote, Order]:
    """This will turn a quote that was sent into an order, a draft at first, at the prices offered; once.

    `given` has the `location_id` that it ships from and may have an `external_id` for the order. Raises
    Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable, QuoteRanOut, ExternalIdTaken.
    """
    by.must(Permission.ORDERS_WRITE)
    external_id = given.get("external_id")
    name = None if external_id is None else rules.check_external_id(external_id, "external_id")
    async with one_transaction():
        quote = await Quote.locked(key, expected_version=expected_version, by=by)
        offers.check_next(quote.status, QuoteStatus.ACCEPTED, "id")
        if quote.valid_until < at.date():
            raise offers.QuoteRanOut(quote.valid_until)
        await check_place_of_ours(given["location_id"])
        about = {
            "external_id": name, "customer_id": quote.customer_id, "opportunity_id": quote.opportunity_id,
            "quote_id": quote.id, "location_id": given["location_id"], "currency": quote.currency,
            "owner_id": quote.owner_id,
        }  # fmt: skip
        order = await place_order(about, await price_lines(quote.currency, await _offered(quote)), by=by, at=at)
        values = {"status": QuoteStatus.ACCEPTED.value, "decided_at": at}
        await apply_changes(quote, values, f"{TOPIC}.accepted", by=by, at=at)
    return quote, order


async def revise_quote(
    key: UUID | None, valid_until: date, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Quote:
    """This will write a draft with the lines of a quote that was approved, sent, rejected or ran out, in its place.

    Raises Unauthenticated, Invalid, NotFound, Stale, StatusNotReachable.
    """
    by.must(Permission.ORDERS_WRITE)
    day = offers.check_valid_until(valid_until, at.date(), "valid_until")
    async with one_transaction():
        old = await Quote.locked(key, expected_version=expected_version, by=by)
        status = offers.check_next(old.status, QuoteStatus.SUPERSEDED, "id")
        new = new_id()
        parts = await _parts(new, old.currency, await _offered(old), at)
        values = {name: getattr(old, name) for name in OF_AN_OFFER}
        values |= {"id": new, "number": await _number(), "valid_until": day, "supersedes_id": old.id}
        await apply_changes(old, {"status": status.value}, f"{TOPIC}.superseded", by=by, at=at)
        quote = await store_new(Quote, values, f"{TOPIC}.created", by=by, at=at)
        await insert_parts(parts)
    return quote


async def expire_quotes(*, by: Actor, at: datetime) -> int:
    """This will end quotes that were sent and not answered in time, the oldest 500; returns how many, zero when there
    are no more."""
    async with one_transaction():
        due = Quote.filter(status=QuoteStatus.SENT.value, valid_until__lt=at.date()).order_by("valid_until", "id")
        found = await Quote.locked_by("id", [each.id for each in await due.limit(EXPIRED_AT_ONCE).only("id")], by=by)
        values = {"status": QuoteStatus.EXPIRED.value, "decided_at": at}
        over = [each for each in found if each.status == QuoteStatus.SENT and each.valid_until < at.date()]
        facts = [(each, change(each, values, at=at)) for each in over]
        if facts:
            await update_told(facts, f"{TOPIC}.expired", by=by, at=at)
    return len(over)


async def _about(given: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
    """Whom the quote is for, in what currency. Raises Invalid, NotFound, DealOfAnother."""
    deal_key, customer, currency = given.get("opportunity_id"), given.get("customer_id"), given.get("currency")
    if deal_key is not None:
        await Opportunity.held([deal_key], "opportunity_id", by=by)
        deal = await Opportunity.get(id=deal_key)
        if customer not in (None, deal.customer_id):
            raise DealOfAnother
        if currency not in (None, deal.currency):
            raise Invalid(f"{{field}} must be the deal's, {deal.currency}; or leave it out.", "currency")
        return {"opportunity_id": deal.id, "customer_id": deal.customer_id, "currency": deal.currency}
    if customer is None:
        raise Invalid("{field} is missing; name it, or the deal that the quote is for.", "customer_id")
    if currency is None:
        raise Invalid("{field} is missing; name it, or the deal that the quote is for.", "currency")
    await Customer.held([customer], "customer_id", by=by)
    return {"opportunity_id": None, "customer_id": customer, "currency": check_currency(currency, "currency")}


async def _lines_of_deal(deal_key: UUID | None) -> list[Line]:
    lines = await OpportunityLine.filter(opportunity_id=deal_key).order_by("position") if deal_key else []
    if not lines:
        raise Invalid("{field} are missing, and there is no deal with lines to take them from.", "lines")
    return [{name: getattr(line, name) for name in _OFFERED} for line in lines]


async def _offered(quote: Quote) -> list[Line]:
    lines = await QuoteLine.filter(quote_id=quote.id).order_by("position")
    return [{name: getattr(line, name) for name in _OFFERED} for line in lines]


async def _parts(key: UUID, currency: str, lines: Sequence[Line], at: datetime) -> list[QuoteLine]:
    return [QuoteLine.born({"quote_id": key, **values}, at) for values, _ in await price_lines(currency, lines)]


async def _replace(quote: Quote, lines: Sequence[Line], at: datetime) -> Decimal:
    """Stores the lines in place of the old ones; returns their sum. Raises NotFound, Invalid."""
    parts = await _parts(quote.id, quote.currency, lines, at)
    await QuoteLine.filter(quote_id=quote.id).delete()
    await insert_parts(parts)
    return total_of(part.amount for part in parts)


async def _number() -> str:
    (row,) = await get_connection("default").execute_query_dict("SELECT nextval('quote_number') AS number")
    return f"QU-{row['number']:06}"
