"""What comes, goes and is counted: the books balance after every verb, and a refusal leaves them as they were."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from asyncpg.exceptions import RaiseError
from tortoise.connection import get_connection

from domain.inventory import rules, stock
from domain.inventory.levels import LocationTakesNothing, NotEnoughStock
from domain.inventory.models import InventoryLevel, Location, Reservation
from domain.inventory.reservations import Item, release, reserve
from domain.kernel.actor import NOBODY
from domain.kernel.events import Event
from domain.kernel.ids import new_id
from domain.kernel.refusals import Invalid, NotFound, Refusal, Unauthenticated
from tests.domain.inventory.house import DO, books_balance, counting, item, level, location, order, product, state
from tests.graph import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]


async def test_the_locations_of_every_house_are_there_from_the_start() -> None:
    found = {row.id: (row.code, row.kind) for row in await Location.all()}
    assert found == {
        rules.SUPPLIERS: ("SUPPLIERS", "supplier"),
        rules.CUSTOMERS: ("CUSTOMERS", "customer"),
        rules.LOSS: ("LOSS", "loss"),
        rules.TRANSIT: ("TRANSIT", "transit"),
    }
    assert found.keys() == rules.FIXED


async def test_what_is_received_comes_from_suppliers() -> None:
    bolt, main, origin = await product(), await location(), order()
    (move,) = await stock.receive([item(bolt, main, 5)], origin=origin, moved_at=NOW - timedelta(days=1), **DO)
    assert (move.from_location_id, move.to_location_id, move.kind) == (rules.SUPPLIERS, main.id, "receipt")
    assert (move.origin_prefix, move.origin_id, move.moved_at) == ("ord", origin.id, NOW - timedelta(days=1))
    assert await level(bolt, main) == (5, 0)
    assert (await InventoryLevel.get(location_id=rules.SUPPLIERS)).on_hand == -5
    event = await Event.get(topic="inventory.move.recorded")
    assert (event.subject_id, event.data["quantity"], event.data["kind"]) == (move.id, "5", "receipt")
    await books_balance()


async def test_a_move_is_never_changed() -> None:
    bolt, main = await product(), await location()
    await stock.receive([item(bolt, main, 5)], origin=None, **DO)
    for statement in ("UPDATE stock_move SET quantity = 6", "DELETE FROM stock_move", "TRUNCATE stock_move CASCADE"):
        with pytest.raises(RaiseError, match="append-only"):
            await get_connection("default").execute_query(statement)


async def test_what_is_shipped_was_reserved_first_and_then_available() -> None:
    bolt, main, mine, other = await product(), await location(), order(), order()
    await stock.receive([item(bolt, main, 10)], origin=None, **DO)
    await reserve([item(bolt, main, 2), item(bolt, main, 2)], origin=mine, **DO)
    await reserve([item(bolt, main, 5)], origin=other, **DO)
    with pytest.raises(NotEnoughStock, match="5 of S1 at MAIN available, 6 wanted"):
        await stock.ship([item(bolt, main, 6)], origin=mine, **DO)
    assert await level(bolt, main) == (10, 9)
    await stock.ship([item(bolt, main, 3)], origin=mine, **DO)
    held = await Reservation.filter(origin_id=mine.id).order_by("id").values_list("remaining", "state")
    assert held == [(0, "fulfilled"), (1, "active")]
    assert await level(bolt, main) == (7, 6)
    await stock.ship([item(bolt, main, 2)], origin=mine, **DO)
    assert await level(bolt, main) == (5, 5)
    await stock.take_back([item(bolt, main, 1)], origin=mine, **DO)
    assert await level(bolt, main) == (6, 5)
    assert (await InventoryLevel.get(location_id=rules.CUSTOMERS)).on_hand == 4
    await books_balance()


async def test_what_is_released_is_all_or_at_most_what_is_named() -> None:
    bolt, nut, main, origin = await product(), await product("S2"), await location(), order()
    await stock.receive([item(bolt, main, 9), item(nut, main, 9)], origin=None, **DO)
    await reserve([item(bolt, main, 4), item(nut, main, 4)], origin=origin, **DO)
    (changed,) = await release(origin, [item(bolt, main, 1)], **DO)
    assert (f"{changed.remaining:f}", changed.state, changed.version) == ("3.000", "active", 2)
    assert len(await release(origin, [item(bolt, main, 99)], **DO)) == 1
    assert (await level(bolt, main), await level(nut, main)) == ((9, 0), (9, 4))
    assert len(await release(origin, **DO)) == 1
    assert await release(origin, **DO) == []
    assert {row.state for row in await Reservation.all()} == {"released"}
    topics: Any = (
        await Event.filter(topic__startswith="inventory.reservation").order_by("id").values_list("topic", flat=True)
    )
    assert topics == ["inventory.reservation.made"] * 2 + ["inventory.reservation.released"] * 3
    await books_balance()


async def test_what_is_transferred_is_available_and_may_be_on_the_way() -> None:
    bolt, main, east = await product(), await location(), await location("EAST")
    await stock.receive([item(bolt, main, 5)], origin=None, **DO)
    await reserve([item(bolt, main, 1)], origin=order(), **DO)
    await stock.transfer([item(bolt, main, 4)], rules.TRANSIT, note="by truck", **DO)
    await stock.transfer([Item(bolt.id, rules.TRANSIT, Decimal(4))], east.id, **DO)
    assert (await level(bolt, main), await level(bolt, east)) == ((1, 1), (4, 0))
    with pytest.raises(NotEnoughStock, match="0 of S1 at TRANSIT available"):
        await stock.transfer([Item(bolt.id, rules.TRANSIT, Decimal(1))], east.id, **DO)
    await books_balance()


async def test_what_is_counted_is_what_is_there() -> None:
    bolt, nut, main = await product(), await product("S2"), await location()
    moves = await stock.adjust([item(bolt, main, 7), item(nut, main, 0)], note="first count", **DO)
    (found,) = moves
    assert (found.from_location_id, found.quantity, found.note) == (rules.LOSS, Decimal(7), "first count")
    (move,) = await stock.adjust([item(bolt, main, "6.5")], **DO)
    assert (move.to_location_id, move.quantity) == (rules.LOSS, Decimal("0.5"))
    await reserve([item(bolt, main, 6)], origin=order(), **DO)
    before = await state()
    with pytest.raises(stock.CountedBelowPromises, match="6 of S1 at MAIN are promised"):
        await stock.adjust([item(bolt, main, 5)], **DO)
    with pytest.raises(Invalid, match="twice"):
        await stock.adjust([item(bolt, main, 7), item(bolt, main, 7)], **DO)
    assert await state() == before
    await books_balance()


async def test_a_move_is_taken_back_once() -> None:
    bolt, main, east, origin = await product(), await location(), await location("EAST"), order()
    (receipt,) = await stock.receive([item(bolt, main, 5)], origin=origin, **DO)
    (move,) = await stock.transfer([item(bolt, main, 5)], east.id, **DO)
    back = await stock.reverse_move(move.id, note="wrong truck", **DO)
    assert (back.kind, back.reverses_id, back.from_location_id, back.to_location_id) == (
        "reversal",
        move.id,
        east.id,
        main.id,
    )
    before = await state()
    for key, refusal in (
        (move.id, stock.AlreadyReversed),
        (back.id, stock.ReversalStands),
        (receipt.id, stock.CausedByDocument),
        (new_id(), NotFound),
        (None, NotFound),
    ):
        with pytest.raises(refusal):
            await stock.reverse_move(key, **DO)
    assert await state() == before
    await stock.reverse_move(receipt.id, origin=origin, **DO)
    assert await level(bolt, main) == (0, 0)
    await books_balance()


async def test_what_is_gone_is_not_taken_back() -> None:
    bolt, main = await product(), await location()
    (move,) = await stock.receive([item(bolt, main, 5)], origin=None, **DO)
    await stock.ship([item(bolt, main, 1)], origin=order(), **DO)
    before = await state()
    with pytest.raises(NotEnoughStock, match="4 of S1 at MAIN available, 5 wanted"):
        await stock.reverse_move(move.id, **DO)
    assert await state() == before


async def test_all_that_is_short_is_told_at_once() -> None:
    main = await location()
    wanted = [item(await product(f"S{number}"), main, 2) for number in range(7)]
    before = await state()
    with pytest.raises(NotEnoughStock, match=r"0 of S0 .*; 0 of S4 at MAIN available, 2 wanted, and 2 more\. Ask"):
        await reserve(wanted, origin=order(), **DO)
    assert await state() == before


async def refusals() -> list[tuple[type[Refusal], Callable[[], Awaitable[Any]]]]:
    bolt, main, resting = await product(), await location(), await location("OLD", is_active=False)
    await stock.receive([item(bolt, main, 5)], origin=None, **DO)
    none, beyond = Item(bolt.id, new_id(), Decimal(1)), Item(bolt.id, rules.LOSS, Decimal(1))
    unknown, nothing, idle = Item(new_id(), main.id, Decimal(1)), item(bolt, main, 0), item(bolt, resting, 1)
    late = {**DO, "by": NOBODY}
    return [
        (NotFound, lambda: stock.receive([none], origin=None, **DO)),
        (NotFound, lambda: stock.receive([unknown], origin=None, **DO)),
        (Invalid, lambda: stock.receive([beyond], origin=None, **DO)),
        (Invalid, lambda: stock.receive([nothing], origin=None, **DO)),
        (LocationTakesNothing, lambda: stock.receive([idle], origin=None, **DO)),
        (Unauthenticated, lambda: stock.receive([item(bolt, main, 1)], origin=None, **late)),
        (LocationTakesNothing, lambda: stock.take_back([idle], origin=order(), **DO)),
        (Invalid, lambda: stock.take_back([beyond], origin=order(), **DO)),
        (NotFound, lambda: stock.ship([none], origin=order(), **DO)),
        (Invalid, lambda: stock.ship([beyond], origin=order(), **DO)),
        (Invalid, lambda: stock.ship([nothing], origin=order(), **DO)),
        (NotEnoughStock, lambda: stock.ship([item(bolt, main, 6)], origin=order(), **DO)),
        (NotEnoughStock, lambda: stock.ship([item(bolt, main, 3), item(bolt, main, 3)], origin=order(), **DO)),
        (Unauthenticated, lambda: stock.ship([item(bolt, main, 1)], origin=order(), **late)),
        (Invalid, lambda: stock.transfer([item(bolt, main, 1)], main.id, **DO)),
        (Invalid, lambda: stock.transfer([item(bolt, main, 1)], rules.CUSTOMERS, **DO)),
        (Invalid, lambda: stock.transfer([beyond], main.id, **DO)),
        (NotEnoughStock, lambda: stock.transfer([item(bolt, main, 6)], rules.TRANSIT, **DO)),
        (LocationTakesNothing, lambda: stock.transfer([item(bolt, main, 1)], resting.id, **DO)),
        (NotFound, lambda: stock.transfer([item(bolt, main, 1)], None, **DO)),
        (Unauthenticated, lambda: stock.transfer([item(bolt, main, 1)], resting.id, **late)),
        (Invalid, lambda: stock.adjust([beyond], **DO)),
        (NotFound, lambda: stock.adjust([none], **DO)),
        (Unauthenticated, lambda: stock.adjust([item(bolt, main, 1)], **late)),
        (NotEnoughStock, lambda: reserve([item(bolt, main, 6)], origin=order(), **DO)),
        (NotEnoughStock, lambda: reserve([item(bolt, main, 3), item(bolt, main, 3)], origin=order(), **DO)),
        (Invalid, lambda: reserve([beyond], origin=order(), **DO)),
        (Invalid, lambda: reserve([nothing], origin=order(), **DO)),
        (Invalid, lambda: reserve([item(bolt, main, 1)], origin=order(), expires_at=NOW, **DO)),
        (NotFound, lambda: reserve([none], origin=order(), **DO)),
        (Unauthenticated, lambda: reserve([item(bolt, main, 1)], origin=order(), **late)),
        (Unauthenticated, lambda: release(order(), **late)),
        (Unauthenticated, lambda: stock.reverse_move(new_id(), **late)),
    ]


async def test_what_is_refused_changes_nothing() -> None:
    each = await refusals()
    before = await state()
    for refusal, command in each:
        with pytest.raises(refusal):
            await command()
        assert await state() == before, command


@pytest.mark.parametrize("many", [1, 40])
async def test_each_verb_is_a_fixed_number_of_statements(many: int) -> None:
    main, east, origin = await location(), await location("EAST"), order()
    products = [await product(f"S{number}") for number in range(many)]
    items = [item(each, main, 4) for each in products]
    half = [item(each, main, 2) for each in products]
    async with counting() as seen:
        await stock.receive(items, origin=origin, **DO)
    assert len(seen) == 6, "BEGIN, insert and lock levels, store them, moves with their events, COMMIT"
    for count, verb in (
        (6, lambda: reserve(half, origin=origin, **DO)),
        (8, lambda: release(origin, [item(each, main, 1) for each in products], **DO)),
        (8, lambda: stock.ship([item(each, main, 1) for each in products], origin=origin, **DO)),
        (6, lambda: stock.take_back([item(each, main, 1) for each in products], origin=origin, **DO)),
        (6, lambda: stock.transfer(half, east.id, **DO)),
        (6, lambda: stock.adjust(items, **DO)),
        (4, lambda: stock.adjust(items, **DO)),
    ):
        async with counting() as seen:
            await verb()
        assert len(seen) == count, seen
    await books_balance()
