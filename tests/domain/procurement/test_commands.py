"""Suppliers, what they offer, and orders to them: each verb, each refusal, and what it leaves alone."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from domain.inventory import rules as stock_rules
from domain.inventory.levels import LocationTakesNothing
from domain.inventory.models import StockMove
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.events import Event
from domain.kernel.ids import new_id
from domain.kernel.refusals import Invalid, NotFound, Refusal, Stale, Unauthenticated
from domain.procurement import commands, orders, receipts, rules
from domain.procurement.models import PurchaseOrder, Receipt, SupplierItem
from domain.procurement.rules import SupplierStatus
from runtime.database import connected
from tests.domain.inventory.house import DO, books_balance, counting, level, location, product, state
from tests.domain.procurement.purchases import came, draft, line, lines_of, offer, row, sent, supplier
from tests.graph import NOW

pytestmark = pytest.mark.anyio
LATER = NOW + timedelta(days=3)
database = pytest.mark.usefixtures("database")


@database
async def test_a_supplier_is_taken_in_changed_and_judged() -> None:
    made = await commands.create_supplier({"name": " Bolts ", "email": "A@B.org", "external_id": "V1"}, **DO)
    assert (made.name, made.email, made.status) == ("Bolts", "a@b.org", "prospective")
    await commands.update_supplier(made.id, {"country": "DE"}, expected_version=1, **DO)
    for status in ("approved", "suspended", "probation", "terminated"):
        await commands.set_supplier_status(made.id, SupplierStatus(status), **DO)
    before = await state()
    with pytest.raises(rules.StatusNotReachable):
        await commands.set_supplier_status(made.id, SupplierStatus.APPROVED, **DO)
    with pytest.raises(Stale):
        await commands.update_supplier(made.id, {"name": "B"}, expected_version=1, **DO)
    with pytest.raises(Invalid):
        await commands.update_supplier(made.id, {"name": None}, **DO)
    assert await state() == before


@database
async def test_an_external_id_is_taken_once() -> None:
    await commands.create_supplier({"name": "A", "external_id": "V1"}, **DO)
    with pytest.raises(commands.ExternalIdTaken):
        await commands.create_supplier({"name": "B", "external_id": "V1"}, **DO)


@database
async def test_one_item_of_a_product_is_preferred() -> None:
    bolt, first, second = await product(), await supplier(), await supplier("Nuts")
    given: dict[str, Any] = {"unit_cost": "2.5", "currency": "EUR", "lead_time_days": 5, "is_preferred": True}
    one = await commands.create_supplier_item(first.id, bolt.id, given, **DO)
    two = await commands.create_supplier_item(second.id, bolt.id, given, **DO)
    assert {item.id: item.is_preferred for item in await SupplierItem.all()} == {one.id: False, two.id: True}
    await commands.update_supplier_item(one.id, {"is_preferred": True}, expected_version=2, **DO)
    assert {item.id: item.is_preferred for item in await SupplierItem.all()} == {one.id: True, two.id: False}
    await commands.update_supplier_item(one.id, {"is_preferred": True, "lot_size": "5"}, **DO)
    assert (await SupplierItem.get(id=one.id)).is_preferred
    before = await state()
    for refusal, key, values, version in (
        (Invalid, one.id, {"unit_cost": "1.005"}, None),
        (Invalid, one.id, {"currency": "euro"}, None),
        (Invalid, one.id, {"lot_size": None}, None),
        (NotFound, new_id(), {"lot_size": "2"}, None),
        (Stale, two.id, {"is_preferred": True}, 1),
    ):
        with pytest.raises(refusal):
            await commands.update_supplier_item(key, values, expected_version=version, **DO)
    with pytest.raises(NotFound):
        await commands.create_supplier_item(first.id, None, given, **DO)
    with pytest.raises(commands.OfferedAlready):
        await commands.create_supplier_item(first.id, bolt.id, given, **DO)
    assert await state() == before


async def test_many_who_prefer_at_once_leave_one_preferred(database_url: str) -> None:
    async with connected(database_url, pool_size=8):
        bolt = await product()
        items = [await offer(await supplier(str(number)), bolt) for number in range(8)]
        given = {"is_preferred": True}
        await asyncio.gather(*(commands.update_supplier_item(item.id, given, **DO) for item in items * 2))
        assert await SupplierItem.filter(is_preferred=True).count() == 1


@database
async def test_an_order_is_written_at_the_supplier_s_terms() -> None:
    bolt, nut, main, bolts = await product(), await product("S2"), await location(), await supplier()
    await offer(bolts, bolt, minimum_quantity=5, lot_size=5)
    order = await orders.create_purchase_order(
        {"supplier_id": bolts.id, "location_id": main.id, "expected_on": date(2024, 6, 1)},
        [line(bolt, 15), line(nut, "1.5", "0.99")],
        **DO,
    )
    assert (order.status, order.currency, order.total, order.version) == ("draft", "EUR", Decimal("38.99"), 1)
    written = [(each.position, each.unit_cost, each.amount) for each in await lines_of(order)]
    assert written == [(1, Decimal("2.5"), Decimal("37.5")), (2, Decimal("0.99"), Decimal("1.49"))]
    event = await Event.get(topic="procurement.purchase_order.created")
    assert [told["quantity"] for told in event.data["lines"]] == ["15.000", "1.500"]
    numbers = [(await draft(bolts, main, line(bolt))).number for _ in range(2)]
    assert [order.number, *numbers] == ["PO-000001", "PO-000002", "PO-000003"]


@database
async def test_an_order_is_changed_while_it_may_be() -> None:
    bolt, nut, main, bolts = await product(), await product("S2"), await location(), await supplier()
    order = await draft(bolts, main, line(bolt, 10, "1"))
    order = await orders.update_purchase_order(order.id, {}, [line(nut, 5, "2")], expected_version=1, **DO)
    assert (order.total, order.version) == (10, 2), "counted up, though the sum is the same"
    assert [each.product_id for each in await lines_of(order)] == [nut.id]
    order = await orders.send_purchase_order(order.id, **DO)
    order = await orders.update_purchase_order(order.id, {"expected_on": date(2024, 7, 1)}, **DO)
    before = await state()
    with pytest.raises(orders.LinesAreSettled):
        await orders.update_purchase_order(order.id, {}, [line(bolt, 5, "2")], **DO)
    assert await state() == before
    await orders.cancel_purchase_order(order.id, **DO)
    with pytest.raises(orders.NothingMoreIsExpected):
        await orders.update_purchase_order(order.id, {"expected_on": date(2024, 7, 1)}, **DO)


@database
@pytest.mark.parametrize("status", SupplierStatus)
async def test_only_trusted_suppliers_are_sent_orders(status: SupplierStatus) -> None:
    order = await draft(await supplier(status=status), await location(), line(await product(), 1, "1"))
    before = await state()
    if status in rules.TRUSTED:
        assert (await orders.send_purchase_order(order.id, **DO)).sent_at == NOW
        return
    with pytest.raises(orders.SupplierNotTrusted, match=status):
        await orders.send_purchase_order(order.id, **DO)
    assert await state() == before


@database
async def test_the_first_promise_is_kept_for_ever() -> None:
    order = await sent(await supplier(), await location(), line(await product(), 1, "1"), promised=date(2024, 5, 10))
    assert (order.promised_on, order.expected_on) == (date(2024, 5, 10), date(2024, 5, 10))
    await orders.update_purchase_order(order.id, {"expected_on": date(2024, 6, 1)}, **DO)
    with pytest.raises(rules.StatusNotReachable):
        await orders.acknowledge_purchase_order(order.id, date(2024, 6, 1), **DO)
    stored = await PurchaseOrder.get(id=order.id)
    assert (stored.promised_on, stored.expected_on) == (date(2024, 5, 10), date(2024, 6, 1))


@database
async def test_what_comes_goes_to_stock_as_far_as_it_is_accepted() -> None:
    bolt, nut, main, bolts = await product(), await product("S2"), await location(), await supplier()
    order = await sent(bolts, main, line(bolt, 10, "1"), line(nut, 4, "1"), promised=date(2024, 5, 10))
    first, second = await lines_of(order)
    order = await receipts.receive_purchase_order(
        order.id,
        [row(second, 0, 2), row(first, 6, 1)],
        NOW + timedelta(hours=1),
        expected_version=3,
        by=SYSTEM,
        at=LATER,
    )
    assert (order.status, order.version, order.received_at) == ("partially_received", 4, None)
    assert (await level(bolt, main), await level(nut, main)) == ((6, 0), (0, 0))
    move = await StockMove.get()
    assert (move.kind, move.origin_prefix, move.origin_id) == ("receipt", "pur", order.id)
    assert move.moved_at == NOW + timedelta(hours=1)
    order = await receipts.receive_purchase_order(order.id, [row(first, 4)], expected_version=4, by=SYSTEM, at=LATER)
    assert (order.status, order.version) == ("partially_received", 5)
    order = await receipts.receive_purchase_order(order.id, [row(second, 4)], by=SYSTEM, at=LATER)
    assert (order.status, order.received_at) == ("received", LATER)
    first, second = await lines_of(order)
    assert (first.accepted, first.rejected, second.accepted, second.rejected) == (10, 1, 4, 2)
    assert await Receipt.all().count() == 4
    with pytest.raises(rules.StatusNotReachable):
        await receipts.receive_purchase_order(order.id, [row(second, 1)], by=SYSTEM, at=LATER)
    assert (await orders.close_purchase_order(order.id, by=SYSTEM, at=LATER)).closed_at == LATER
    await books_balance()


@database
async def test_what_never_comes_is_given_up() -> None:
    order = await sent(await supplier(), await location(), line(await product(), 10, "1"))
    await came(order, LATER, 0, 3)
    with pytest.raises(rules.StatusNotReachable, match="partially received and cannot be cancelled"):
        await orders.cancel_purchase_order(order.id, by=SYSTEM, at=LATER)
    assert (await orders.close_purchase_order(order.id, by=SYSTEM, at=LATER)).status == "closed"


async def test_many_who_receive_at_once_receive_no_more_than_was_ordered(database_url: str) -> None:
    async with connected(database_url, pool_size=8):
        bolt, main = await product(), await location()
        order = await sent(await supplier(), main, line(bolt, 10, "1"))
        answers = await asyncio.gather(*(came(order, NOW, 3) for _ in range(8)), return_exceptions=True)
        assert sum(isinstance(answer, PurchaseOrder) for answer in answers) == 3
        assert {type(answer) for answer in answers} == {PurchaseOrder, receipts.MoreThanOrdered}
        assert await level(bolt, main) == (9, 0)
        await books_balance()


async def refusals() -> list[tuple[type[Refusal], Callable[[], Awaitable[Any]]]]:
    bolt, main, bolts = await product(), await location(), await supplier()
    nut, idle = await product("S2"), await location("OLD", is_active=False)
    await offer(bolts, bolt, minimum_quantity=5, lot_size=5)
    order = await sent(bolts, main, line(bolt), promised=date(2024, 5, 2))
    (first,), resting = await lines_of(order), await sent(bolts, idle, line(bolt))
    (other,) = await lines_of(resting)
    given = {"supplier_id": bolts.id, "location_id": main.id}
    stranger = {**DO, "by": NOBODY}

    def create(*lines: dict[str, Any], **values: Any) -> Callable[[], Awaitable[Any]]:
        return lambda: orders.create_purchase_order({**given, **values}, lines, **DO)

    def receive(*rows: dict[str, Any], key: Any = order.id, when: Any = None) -> Callable[[], Awaitable[Any]]:
        return lambda: receipts.receive_purchase_order(key, rows, when, **DO)

    return [
        (Invalid, create()),
        (Invalid, create(*[line(bolt)] * 1001)),
        (Invalid, create(line(bolt, 0))),
        (Invalid, create(line(bolt, 4))),
        (Invalid, create(line(bolt, 7))),
        (Invalid, create(line(bolt), currency="USD")),
        (Invalid, create(line(bolt), currency="dollar")),
        (Invalid, create(line(nut))),
        (Invalid, create(line(nut, 1, "1"))),
        (Invalid, create(line(bolt), line(nut, 1, "1.005"))),
        (Invalid, create(line(bolt, 10, "-1"))),
        (Invalid, create(*[line(bolt, 10**9, "999999")] * 2)),
        (NotFound, create({"product_id": new_id(), "quantity": Decimal(1)})),
        (NotFound, create({"product_id": None, "quantity": Decimal(1)})),
        (NotFound, create(line(bolt), supplier_id=new_id())),
        (NotFound, create(line(bolt), location_id=None)),
        (Invalid, create(line(bolt), location_id=stock_rules.TRANSIT)),
        (Unauthenticated, lambda: orders.create_purchase_order(given, [line(bolt)], **stranger)),
        (NotFound, lambda: orders.send_purchase_order(new_id(), **DO)),
        (rules.StatusNotReachable, lambda: orders.send_purchase_order(order.id, **DO)),
        (Stale, lambda: orders.cancel_purchase_order(order.id, expected_version=1, **DO)),
        (rules.StatusNotReachable, lambda: orders.close_purchase_order(order.id, **DO)),
        (Invalid, lambda: orders.acknowledge_purchase_order(resting.id, date(2024, 4, 30), **DO)),
        (Invalid, receive()),
        (Invalid, receive(row(first, 0))),
        (Invalid, receive(row(first, -1))),
        (Invalid, receive({"line_id": first.id, "accepted": Decimal(0), "rejected": Decimal(1)})),
        (Invalid, receive({"line_id": first.id, "accepted": Decimal(1), "reject_reason": "bent"})),
        (Invalid, receive(row(first, 1), row(first, 1))),
        (Invalid, receive(row(first, 1), when=NOW + timedelta(seconds=1))),
        (Invalid, receive(row(first, 1), when=NOW - timedelta(seconds=1))),
        (NotFound, receive(row(other, 1))),
        (NotFound, receive(row(first, 1), key=None)),
        (receipts.MoreThanOrdered, receive(row(first, 11))),
        (LocationTakesNothing, receive(row(other, 1), key=resting.id)),
        (Unauthenticated, lambda: receipts.receive_purchase_order(order.id, [row(first, 1)], **stranger)),
    ]


@database
async def test_what_is_refused_changes_nothing() -> None:
    each = await refusals()
    before = await state()
    for refusal, command in each:
        with pytest.raises(refusal):
            await command()
        assert await state() == before


@database
@pytest.mark.parametrize("many", [1, 30])
async def test_an_order_is_a_fixed_number_of_statements_however_long(many: int) -> None:
    main, bolts = await location(), await supplier()
    products = [await product(f"S{number}") for number in range(many)]
    for each in products:
        await offer(bolts, each)
    await draft(bolts, main, line(products[0]))  # which tells asyncpg what it needs to know of types
    async with counting() as seen:
        order = await draft(bolts, main, *(line(each) for each in products))
    assert len(seen) == 8, "BEGIN, supplier, location, offers, number, order and event, lines, COMMIT"
    order = await orders.send_purchase_order(order.id, **DO)
    rows = [row(each, 1) for each in await lines_of(order)]
    async with counting() as seen:
        await receipts.receive_purchase_order(order.id, rows, **DO)
    assert len(seen) == 11, "BEGIN, order, lines, lines, receipts, order, four of the stock, COMMIT"
