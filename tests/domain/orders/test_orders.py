"""Orders go their way from draft to delivery; what is allocated is never oversold, whoever asks at once."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.inventory.levels import NotEnoughStock
from domain.inventory.models import InventoryLevel, Location, StockMove
from domain.inventory.stock import receive
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Conflict, Invalid
from domain.orders import commands, states
from domain.orders.commands import create_order
from domain.orders.deliveries import ArrivedAlready, OrderIsOver, deliver_shipment, return_goods, ship_order
from domain.orders.models import Order, OrderLine, Quote, Shipment
from domain.orders.quotes import create_quote
from domain.orders.states import OrderStatus
from runtime.database import connected
from tests.domain.inventory.house import DO, STAMPS, books_balance, item, level, location
from tests.graph import NOW

pytestmark = pytest.mark.anyio
PROMISED = NOW.date() + timedelta(days=5)


class Shop:
    """A customer, a place with stock, and a product."""

    customer: Customer
    place: Location
    goods: Product

    async def order(self, *quantities: int, **more: Any) -> Order:
        given = {"customer_id": self.customer.id, "location_id": self.place.id, "currency": "EUR", **more}
        lines = [{"product_id": self.goods.id, "quantity": Decimal(each)} for each in quantities]
        return await create_order(given, lines, **DO)

    async def quote(self, *quantities: int, **more: Any) -> Quote:
        given = {"customer_id": self.customer.id, "currency": "EUR", "valid_until": PROMISED, **more}
        lines = [{"product_id": self.goods.id, "quantity": Decimal(each)} for each in quantities]
        return await create_quote(given, lines or None, **DO)

    async def allocated(self, *quantities: int) -> Order:
        order = await self.order(*quantities)
        await commands.confirm_order(order.id, PROMISED, **DO)
        return await commands.allocate_order(order.id, **DO)


async def shop(stock: int = 10) -> Shop:
    made = Shop()
    made.customer = await Customer.create(kind="company", name="Acme", **STAMPS)
    made.place = await location()
    prices = {"list_price": "9.50", "unit_cost": "4", "currency": "EUR"}
    made.goods = await Product.create(sku="S1", name="S1", **prices, **STAMPS)
    await receive([item(made.goods, made.place, stock)], origin=None, **DO)
    return made


@pytest.mark.usefixtures("database")
class TestTheWay:
    async def test_from_draft_to_delivery_in_two_shipments(self) -> None:
        made = await shop()
        order = await made.allocated(6, 2)
        assert (order.total, order.promised_on) == (Decimal("76.00"), PROMISED)
        assert await level(made.goods, made.place) == (10, 8)
        first, _ = await commands.lines_of(order)
        assert first.unit_cost == 4
        rows = [{"line_id": first.id, "quantity": Decimal(4)}]
        order, left = await ship_order(order.id, {"lines": rows, "carrier": "Post"}, **DO)
        assert (order.status, await level(made.goods, made.place)) == ("partially_shipped", (6, 4))
        later: dict[str, Any] = {"by": SYSTEM, "at": NOW + timedelta(days=2)}
        order, rest = await ship_order(order.id, {}, **later)
        assert (order.status, order.shipped_at) == ("shipped", later["at"])
        assert await level(made.goods, made.place) == (2, 0)
        order = await deliver_shipment(rest.id, **later)
        assert (order.status, order.delivered_at) == ("shipped", None)
        order = await deliver_shipment(left.id, NOW + timedelta(days=1), **later)
        assert (order.status, order.delivered_at) == ("delivered", later["at"])
        assert [line.delivered for line in await commands.lines_of(order)] == [6, 2]
        with pytest.raises(ArrivedAlready):
            await deliver_shipment(left.id, **later)
        assert await StockMove.filter(origin_id=order.id, kind="shipment").count() == 3
        await books_balance()

    async def test_the_first_promise_is_kept(self) -> None:
        order = await (await shop()).allocated(1)
        later = PROMISED + timedelta(days=9)
        moved = await commands.postpone_order(order.id, later, **DO)
        assert (moved.promised_on, moved.expected_on) == (PROMISED, later)
        with pytest.raises(states.StatusNotReachable):
            await commands.confirm_order(order.id, later, **DO)

    async def test_calling_off_gives_the_stock_back(self) -> None:
        made = await shop()
        order = await made.allocated(7)
        assert (await commands.cancel_order(order.id, "No need.", **DO)).status == "cancelled"
        assert await level(made.goods, made.place) == (10, 0)
        other = await made.allocated(7)
        await ship_order(other.id, {}, **DO)
        with pytest.raises(states.StatusNotReachable, match="shipped and cannot become cancelled"):
            await commands.cancel_order(other.id, "No need.", **DO)

    async def test_all_is_allocated_or_nothing(self) -> None:
        made = await shop()
        order = await made.order(6, 5)
        await commands.confirm_order(order.id, PROMISED, **DO)
        with pytest.raises(NotEnoughStock):
            await commands.allocate_order(order.id, **DO)
        assert await level(made.goods, made.place) == (10, 0)
        assert (await Order.get(id=order.id)).status == "confirmed"

    async def test_no_more_is_shipped_than_was_ordered(self) -> None:
        order = await (await shop()).allocated(6)
        (line,) = await commands.lines_of(order)
        for quantity, refusal in ((7, states.NothingToShip), (0, Invalid)):
            with pytest.raises(refusal):
                await ship_order(order.id, {"lines": [{"line_id": line.id, "quantity": Decimal(quantity)}]}, **DO)
        with pytest.raises(Invalid, match="in the future"):
            await ship_order(order.id, {"shipped_at": NOW + timedelta(hours=1)}, **DO)
        assert await Shipment.all().count() == 0

    async def test_what_comes_back_is_in_stock_again(self) -> None:
        made = await shop()
        order = await made.allocated(6)
        (line,) = await commands.lines_of(order)
        rows = [{"line_id": line.id, "quantity": Decimal(2)}]
        with pytest.raises(states.NothingToReturn, match="Only 0"):
            await return_goods(order.id, {"reason": "Broken.", "lines": rows}, **DO)
        _, shipment = await ship_order(order.id, {}, **DO)
        await deliver_shipment(shipment.id, **DO)
        order = await return_goods(order.id, {"reason": "Broken.", "lines": rows}, **DO)
        assert (order.status, order.total) == ("delivered", Decimal("57.00"))
        assert await level(made.goods, made.place) == (6, 0)
        move = await StockMove.get(kind="return")
        assert (move.note, move.origin_id, move.quantity) == ("Broken.", order.id, 2)
        with pytest.raises(states.NothingToReturn, match="Only 4"):
            await return_goods(order.id, {"reason": "Broken.", "lines": [{**rows[0], "quantity": Decimal(5)}]}, **DO)
        await return_goods(order.id, {"reason": "All of it."}, **DO)
        with pytest.raises(states.NothingToReturn):
            await return_goods(order.id, {"reason": "More."}, **DO)
        assert (await commands.close_order(order.id, **DO)).status == "closed"
        with pytest.raises(OrderIsOver):
            await return_goods(order.id, {"reason": "More."}, **DO)
        await books_balance()

    async def test_what_has_no_price_is_told_by_its_line(self) -> None:
        made = await shop()
        await Product.filter(id=made.goods.id).update(list_price=None)
        with pytest.raises(Invalid) as told:
            await made.order(1)
        assert told.value.field == ("lines", "0", "unit_price")
        assert await Order.all().count() == 0


@pytest.mark.parametrize("status", list(OrderStatus))
def test_what_is_over_goes_nowhere(status: OrderStatus) -> None:
    over = status in (OrderStatus.CLOSED, OrderStatus.CANCELLED)
    assert (not states.NEXT[status]) == over


@pytest.fixture
async def crowded(database_url: str) -> AsyncIterator[None]:
    async with connected(database_url, pool_size=12):
        yield


@pytest.mark.usefixtures("crowded")
async def test_sixty_four_orders_at_once_never_oversell() -> None:
    made = await shop(stock=50)

    async def buy(number: int) -> bool:
        try:
            order = await made.allocated(1 + number % 3, 1)
        except Conflict:
            return False
        if number % 4 == 0:
            await commands.cancel_order(order.id, "No need.", **DO)
        elif number % 4 == 1:
            await ship_order(order.id, {}, **DO)
        return True

    done = await asyncio.gather(*(buy(number) for number in range(64)))
    assert 10 < sum(done) < 64
    found = await InventoryLevel.get(product=made.goods, location=made.place)
    assert 0 <= found.reserved <= found.on_hand
    shipped = sum([line.shipped for line in await OrderLine.all()], Decimal(0))
    assert found.on_hand == 50 - shipped
    await books_balance()
