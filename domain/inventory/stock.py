"""Verbs of the stock: what comes, goes, moves and is counted, as a ledger with two sides, many items at once.

Every move takes units from one location and puts them to another, so that the levels of a product always add up to
nothing. Moves are never changed; a wrong one is reversed. Each verb is a fixed number of statements.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from domain.inventory import rules
from domain.inventory.levels import Levels, hold, plain
from domain.inventory.models import Location, StockMove
from domain.inventory.reservations import Item, Origin, consume
from domain.inventory.rules import CUSTOMERS, LOSS, SUPPLIERS, StockMoveKind
from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid, NotFound
from domain.kernel.storing import insert_told
from domain.kernel.transactions import one_transaction


class CountedBelowPromises(Conflict):
    """Less was counted than is promised."""

    def __init__(self, reserved: Decimal, sku: str, code: str) -> None:
        super().__init__(
            f"{plain(reserved)} of {sku} at {code} are promised; release reservations first, then count again.",
            "counted",
        )


class AlreadyReversed(Conflict):
    """The move has been taken back before."""

    def __init__(self) -> None:
        super().__init__("This move was reversed already; each is taken back at most once.", "id")


class ReversalStands(Conflict):
    """A reversal is not itself reversed."""

    def __init__(self) -> None:
        super().__init__("This move is a reversal and stands; make the first move anew instead.", "id")


class CausedByDocument(Conflict):
    """A document caused the move, and has to know of its undoing."""

    def __init__(self) -> None:
        super().__init__(
            "A document caused this move and counts on it; correct it there, or write down what you count.", "id"
        )


@dataclass(frozen=True, slots=True)
class Movement:
    """Units of a product on their way from one location to another."""

    product_id: UUID | None
    from_location_id: UUID | None
    to_location_id: UUID | None
    quantity: Decimal


@dataclass(frozen=True, slots=True)
class Cause:
    """Why units move: the kind of move, the document behind it, when it happened, a reason in words."""

    kind: StockMoveKind
    moved_at: datetime
    origin: Origin | None = None
    note: str | None = None
    reverses_id: UUID | None = None


async def receive(
    items: Sequence[Item], *, origin: Origin | None, by: Actor, at: datetime, moved_at: datetime | None = None
) -> list[StockMove]:
    """This will take in what suppliers delivered to locations of ours. Raises Unauthenticated, Invalid, NotFound,
    LocationTakesNothing."""
    movements = [Movement(item.product_id, SUPPLIERS, item.location_id, item.quantity) for item in items]
    return await _bring(movements, Cause(StockMoveKind.RECEIPT, moved_at or at, origin), by=by, at=at)


async def take_back(
    items: Sequence[Item], *, origin: Origin | None, note: str | None = None, by: Actor, at: datetime,
    moved_at: datetime | None = None,
) -> list[StockMove]:  # fmt: skip
    """This will take in what customers gave back to locations of ours. Raises Unauthenticated, Invalid, NotFound,
    LocationTakesNothing."""
    movements = [Movement(item.product_id, CUSTOMERS, item.location_id, item.quantity) for item in items]
    return await _bring(movements, Cause(StockMoveKind.RETURN, moved_at or at, origin, note), by=by, at=at)


async def ship(
    items: Sequence[Item], *, origin: Origin, by: Actor, at: datetime, moved_at: datetime | None = None
) -> list[StockMove]:
    """This will send items to customers: first what the origin has reserved of them, then what is available.

    Raises Unauthenticated, Invalid, NotFound, NotEnoughStock.
    """
    by.must(Permission.INVENTORY_WRITE)
    movements = [Movement(item.product_id, item.location_id, CUSTOMERS, item.quantity) for item in _checked(items)]
    async with one_transaction():
        levels = await hold(_places(movements), at=at)
        for item in items:
            level = levels[item.place]
            rules.check_place(level.kind, level.code, rules.OURS, "location_id")
        await consume(levels, origin, items, by=by, at=at)
        return await _move(levels, movements, Cause(StockMoveKind.SHIPMENT, moved_at or at, origin), by=by, at=at)


async def transfer(
    items: Sequence[Item], to_location_id: UUID | None, *, origin: Origin | None = None, note: str | None = None,
    by: Actor, at: datetime,
) -> list[StockMove]:  # fmt: skip
    """This will move items to another place of ours, or to and from those on the way.

    Raises Unauthenticated, Invalid, NotFound, NotEnoughStock, LocationTakesNothing.
    """
    by.must(Permission.INVENTORY_WRITE)
    if any(item.location_id == to_location_id for item in items):
        raise Invalid("{field} must differ from where the items are; they lie there already.", "to_location_id")
    async with one_transaction():
        movements = [
            Movement(item.product_id, item.location_id, to_location_id, item.quantity) for item in _checked(items)
        ]
        levels = await _held_both_ways(movements, to_location_id, at, by=by)
        for item in items:
            here, there = levels[item.place], levels[item.product_id, to_location_id]
            rules.check_place(here.kind, here.code, rules.CARRIED, "from_location_id")
            rules.check_place(there.kind, there.code, rules.CARRIED, "to_location_id")
            there.must_take("to_location_id")
        return await _move(levels, movements, Cause(StockMoveKind.TRANSFER, at, origin, note), by=by, at=at)


async def _held_both_ways(
    movements: Sequence[Movement], to_location_id: UUID | None, at: datetime, *, by: Actor
) -> Levels:
    """Locks the levels of a transfer. Raises NotFound, which names the end that there is not."""
    try:
        return await hold(_places(movements), at=at)
    except NotFound as refusal:
        if refusal.field == ("location_id",):
            await Location.held([to_location_id], "to_location_id", by=by)
            raise Location._missing("from_location_id") from None
        raise


async def adjust(counts: Sequence[Item], *, note: str | None = None, by: Actor, at: datetime) -> list[StockMove]:
    """This will write down what was counted of products at places of ours, each once; what differs is moved from or to
    LOSS. Returns those moves.

    Raises Unauthenticated, Invalid, NotFound, CountedBelowPromises.
    """
    by.must(Permission.INVENTORY_WRITE)
    if len({count.place for count in counts}) < len(counts):
        raise Invalid("{field} is given twice for a product at one location; add it up.", "counted")
    async with one_transaction():
        levels = await hold([place for count in counts for place in (count.place, (count.product_id, LOSS))], at=at)
        movements = []
        for count in counts:
            level = levels[count.place]
            rules.check_place(level.kind, level.code, rules.OURS, "location_id")
            if count.quantity < level.reserved:
                raise CountedBelowPromises(level.reserved, level.sku, level.code)
            found = count.quantity - level.on_hand
            if found > 0:
                movements.append(Movement(count.product_id, LOSS, count.location_id, found))
            elif found < 0:
                movements.append(Movement(count.product_id, count.location_id, LOSS, -found))
        return await _move(levels, movements, Cause(StockMoveKind.ADJUSTMENT, at, note=note), by=by, at=at)


async def reverse_move(
    key: UUID | None, *, origin: Origin | None = None, note: str | None = None, by: Actor, at: datetime
) -> StockMove:
    """This will take a move back, by another one the other way; once. A document's move only that document takes back.

    Raises Unauthenticated, Invalid, NotFound, ReversalStands, CausedByDocument, AlreadyReversed, NotEnoughStock.
    """
    by.must(Permission.INVENTORY_WRITE)
    note = rules.check_note(note, "note")
    async with one_transaction():
        move = await StockMove.get_or_none(id=key)
        if move is None:
            raise StockMove._missing()
        if move.reverses_id:
            raise ReversalStands
        if move.origin_id and origin != Origin(move.origin_prefix or "", move.origin_id):
            raise CausedByDocument
        back = Movement(move.product_id, move.to_location_id, move.from_location_id, move.quantity)
        levels = await hold(_places([back]), at=at)
        if await StockMove.exists(reverses_id=move.id):  # which changes only under these locks
            raise AlreadyReversed
        (reversal,) = await _move(
            levels, [back], Cause(StockMoveKind.REVERSAL, at, origin, note, move.id), by=by, at=at
        )
        return reversal


async def _bring(movements: Sequence[Movement], cause: Cause, *, by: Actor, at: datetime) -> list[StockMove]:
    """Moves what comes from beyond to places of ours."""
    by.must(Permission.INVENTORY_WRITE)
    for movement in movements:
        rules.check_quantity(movement.quantity, "quantity")
    async with one_transaction():
        levels = await hold(_places(movements), at=at)
        for movement in movements:
            level = levels[movement.product_id, movement.to_location_id]
            rules.check_place(level.kind, level.code, rules.OURS, "location_id")
            level.must_take("location_id")
        return await _move(levels, movements, cause, by=by, at=at)


async def _move(
    levels: Levels, movements: Sequence[Movement], cause: Cause, *, by: Actor, at: datetime
) -> list[StockMove]:
    """Writes the moves down, and what they make of the levels that are held. Raises NotEnoughStock."""
    for each in movements:
        levels.change((each.product_id, each.from_location_id), on_hand=-each.quantity)
        levels.change((each.product_id, each.to_location_id), on_hand=each.quantity)
    levels.must_suffice([((each.product_id, each.from_location_id), each.quantity) for each in movements], "quantity")
    await levels.store(at=at)
    facts = [(StockMove.born(values, at), values) for values in (_values(each, cause) for each in movements)]
    if facts:
        await insert_told(facts, "inventory.move.recorded", by=by, at=at)
    return [move for move, _ in facts]


def _values(movement: Movement, cause: Cause) -> Mapping[str, Any]:
    given = {
        "product_id": movement.product_id,
        "from_location_id": movement.from_location_id,
        "to_location_id": movement.to_location_id,
        "quantity": movement.quantity,
        "kind": cause.kind.value,
        "moved_at": cause.moved_at,
        "origin_id": cause.origin and cause.origin.id,
        "origin_prefix": cause.origin and cause.origin.prefix,
        "note": cause.note,
        "reverses_id": cause.reverses_id,
    }
    return {name: value for name, value in given.items() if value is not None}


def _checked(items: Sequence[Item]) -> Sequence[Item]:
    for item in items:
        rules.check_quantity(item.quantity, "quantity")
    return items


def _places(movements: Sequence[Movement]) -> list[tuple[UUID | None, UUID | None]]:
    return [
        (each.product_id, location) for each in movements for location in (each.from_location_id, each.to_location_id)
    ]
