"""Quotes go their way; one that was sent becomes an order once, at the prices offered, however many accept it at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.catalog.models import Product
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Conflict, Invalid
from domain.orders import offers, quotes
from domain.orders.commands import DealOfAnother, lines_of
from domain.orders.models import Order, Quote, QuoteLine
from domain.orders.offers import QuoteStatus
from domain.pipeline.commands import set_lines
from runtime.database import connected
from tests.domain.inventory.house import DO
from tests.domain.orders.test_orders import PROMISED, Shop, shop
from tests.domain.pipeline.deals import house
from tests.graph import NOW

pytestmark = pytest.mark.anyio
OUT = (QuoteStatus.IN_REVIEW, QuoteStatus.APPROVED, QuoteStatus.SENT)


async def sent(made: Shop, *quantities: int) -> Quote:
    quote = await made.quote(*quantities)
    for status in OUT:
        quote = await quotes.set_quote_status(quote.id, status, **DO)
    return quote


@pytest.mark.usefixtures("database")
class TestTheWay:
    async def test_from_a_draft_to_an_order_at_the_prices_offered(self) -> None:
        made = await shop()
        quote = await sent(made, 2, 1)
        assert (quote.total, quote.sent_at, quote.number[:3]) == (Decimal("28.50"), NOW, "QU-")
        await Product.filter(id=made.goods.id).update(list_price=99, unit_cost=5)
        quote, order = await quotes.accept_quote(quote.id, {"location_id": made.place.id}, **DO)
        assert (quote.status, quote.decided_at) == ("accepted", NOW)
        assert (order.status, order.total, order.quote_id) == ("draft", Decimal("28.50"), quote.id)
        assert [(line.quantity, line.amount, line.unit_cost) for line in await lines_of(order)] == [
            (2, Decimal("19.00"), 5),
            (1, Decimal("9.50"), 5),
        ]
        with pytest.raises(offers.StatusNotReachable, match="accepted and cannot become accepted"):
            await quotes.accept_quote(quote.id, {"location_id": made.place.id}, **DO)

    async def test_for_a_deal_about_its_lines(self) -> None:
        made = await house()
        deal = await made.deal()
        goods = await Product.create(sku="Q1", name="Q", created_at=NOW, updated_at=NOW)
        with pytest.raises(Invalid, match="no deal with lines"):
            await quotes.create_quote({"opportunity_id": deal.id, "valid_until": PROMISED}, None, **DO)
        line = {"product_id": goods.id, "quantity": Decimal(3), "unit_price": Decimal(7), "discount": Decimal("0.1")}
        await set_lines(deal.id, [line], **DO)
        quote = await quotes.create_quote({"opportunity_id": deal.id, "valid_until": PROMISED}, None, **DO)
        assert (quote.customer_id, quote.currency, quote.total) == (deal.customer_id, deal.currency, Decimal("18.90"))
        (offered,) = await QuoteLine.all()
        assert (offered.quantity, offered.unit_price, offered.discount) == (3, 7, Decimal("0.1"))
        given: dict[str, Any] = {"opportunity_id": deal.id, "valid_until": PROMISED}
        with pytest.raises(DealOfAnother):
            await quotes.create_quote({**given, "customer_id": (await shop()).customer.id}, None, **DO)
        with pytest.raises(Invalid, match="must be the deal's"):
            await quotes.create_quote({**given, "currency": "JPY"}, None, **DO)

    async def test_only_drafts_are_changed_and_a_refusal_is_explained(self) -> None:
        made = await shop()
        quote = await made.quote(2)
        lines = [{"product_id": made.goods.id, "quantity": Decimal(4)}]
        quote = await quotes.update_quote(quote.id, {}, lines, **DO)
        assert (quote.total, quote.version) == (38, 2)
        lines = [{"product_id": made.goods.id, "quantity": Decimal(8), "discount": Decimal("0.5")}]
        assert (await quotes.update_quote(quote.id, {}, lines, **DO)).version == 3
        for name in ("valid_until", "lines"):
            with pytest.raises(Invalid, match=f"{name} must have a value"):
                await quotes.update_quote(quote.id, {name: None}, None, **DO)
        await quotes.set_quote_status(quote.id, QuoteStatus.IN_REVIEW, **DO)
        with pytest.raises(offers.NoDraft):
            await quotes.update_quote(quote.id, {"valid_until": PROMISED}, None, **DO)
        with pytest.raises(Invalid, match="reason is missing"):
            await quotes.set_quote_status(quote.id, QuoteStatus.DRAFT, **DO)
        quote = await quotes.set_quote_status(quote.id, QuoteStatus.DRAFT, "Too cheap.", **DO)
        assert (quote.status, quote.reason) == ("draft", "Too cheap.")

    async def test_what_ran_out_is_revised(self) -> None:
        made = await shop()
        old = await sent(made, 2)
        fresh = await sent(made, 1)
        later: dict[str, Any] = {"by": SYSTEM, "at": NOW + timedelta(days=6)}
        with pytest.raises(offers.QuoteRanOut):
            await quotes.accept_quote(old.id, {"location_id": made.place.id}, **later)
        await Quote.filter(id=fresh.id).update(valid_until=PROMISED + timedelta(days=1))
        assert await quotes.expire_quotes(**later) == 1
        assert await quotes.expire_quotes(**later) == 0
        new = await quotes.revise_quote(old.id, PROMISED + timedelta(days=30), **later)
        assert (new.status, new.total, new.supersedes_id) == ("draft", 19, old.id)
        assert (await Quote.get(id=old.id)).status == "superseded"
        with pytest.raises(offers.StatusNotReachable):
            await quotes.revise_quote(old.id, PROMISED + timedelta(days=30), **later)


@pytest.mark.parametrize("status", list(QuoteStatus))
def test_what_is_decided_for_good_goes_nowhere(status: QuoteStatus) -> None:
    assert (not offers.NEXT[status]) == (status in (QuoteStatus.ACCEPTED, QuoteStatus.SUPERSEDED))


@pytest.fixture
async def crowded(database_url: str) -> AsyncIterator[None]:
    async with connected(database_url, pool_size=12):
        yield


@pytest.mark.usefixtures("crowded")
async def test_many_accept_at_once_and_there_is_one_order() -> None:
    made = await shop()
    quote = await sent(made, 1)

    async def accept() -> bool:
        try:
            await quotes.accept_quote(quote.id, {"location_id": made.place.id}, **DO)
        except Conflict:
            return False
        return True

    assert sum(await asyncio.gather(*(accept() for _ in range(16)))) == 1
    assert await Order.all().count() == 1
