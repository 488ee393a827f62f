"""Promises of stock: reserved for a document, given back, drawn on when its goods leave, and over at their time."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tortoise.queryset import QuerySet

from domain.inventory import rules
from domain.inventory.levels import Levels, Place, hold
from domain.inventory.models import Reservation
from domain.inventory.rules import ReservationState
from domain.kernel.actor import Actor
from domain.kernel.changes import change
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict
from domain.kernel.storing import Fact, insert_told, update_told
from domain.kernel.transactions import one_transaction

EXPIRED_AT_ONCE = 500

_TOPICS = {
    ReservationState.FULFILLED: "inventory.reservation.fulfilled",
    ReservationState.RELEASED: "inventory.reservation.released",
    ReservationState.EXPIRED: "inventory.reservation.expired",
}


class NothingIsHeld(Conflict):
    """The reservation is over."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This reservation is {state} and holds nothing any more.", "id")


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of a product at a location."""

    product_id: UUID | None
    location_id: UUID | None
    quantity: Decimal

    @property
    def place(self) -> Place:
        """Which level it is about."""
        return self.product_id, self.location_id


@dataclass(frozen=True, slots=True)
class Origin:
    """The document that something happens for: the prefix of its public id, and its key."""

    prefix: str
    id: UUID


async def reserve(
    items: Sequence[Item],
    *,
    origin: Origin | None,
    expires_at: datetime | None = None,
    field: str = "",
    by: Actor,
    at: datetime,
) -> list[Reservation]:
    """This will promise items to a document, all or nothing, a reservation for each; `field` is what a lack is about.

    Raises Unauthenticated, Invalid, NotFound, NotEnoughStock.
    """
    by.must(Permission.INVENTORY_WRITE)
    rules.check_expiry(expires_at, at)
    facts: list[Fact] = []
    made: list[Reservation] = []
    for item in items:
        quantity = rules.check_quantity(item.quantity, "quantity")
        values = {
            "product_id": item.product_id, "location_id": item.location_id, "quantity": quantity,
            "remaining": quantity, "expires_at": expires_at, "origin_id": origin and origin.id,
            "origin_prefix": origin and origin.prefix,
        }  # fmt: skip
        made.append(Reservation.born(values, at))
        facts.append((made[-1], {name: value for name, value in values.items() if value is not None}))
    async with one_transaction():
        levels = await hold([item.place for item in items], at=at)
        for item in items:
            rules.check_place(levels[item.place].kind, levels[item.place].code, rules.OURS, "location_id")
            levels.change(item.place, reserved=item.quantity)
        levels.must_suffice([(item.place, item.quantity) for item in items], *filter(None, [field]))
        await levels.store(at=at)
        if facts:
            await insert_told(facts, "inventory.reservation.made", by=by, at=at)
    return made


async def release(origin: Origin, items: Sequence[Item] | None = None, *, by: Actor, at: datetime) -> list[Reservation]:
    """This will give back what a document has reserved: all of it, or at most these items. Returns what was changed.

    Raises Unauthenticated.
    """
    by.must(Permission.INVENTORY_WRITE)
    async with one_transaction():
        places = await _active(origin).distinct().values_list("product_id", "location_id")
        if items is not None:
            places = [place for place in places if place in {item.place for item in items}]
        if not places:
            return []
        levels = await hold(places, at=at)
        drawn = await _drawn(levels, origin, items)
        await _give_back(levels, drawn, ReservationState.RELEASED, by=by, at=at)
        await levels.store(at=at)
    return [reservation for reservation, _ in drawn]


async def release_reservation(
    key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Reservation:
    """This will give back what one reservation still holds. Raises Unauthenticated, NotFound, Stale, NothingIsHeld."""
    by.must(Permission.INVENTORY_WRITE)
    async with one_transaction():
        found = await Reservation.get_or_none(id=key)
        if found is None:
            raise Reservation._missing()
        levels = await hold([(found.product_id, found.location_id)], at=at)
        reservation = await Reservation.locked(key, expected_version=expected_version, by=by)
        if reservation.state != ReservationState.ACTIVE:
            raise NothingIsHeld(reservation.state)
        held = [(reservation, reservation.remaining)]
        await _give_back(levels, held, ReservationState.RELEASED, by=by, at=at)
        await levels.store(at=at)
    return reservation


async def release_expired(*, by: Actor, at: datetime) -> int:
    """This will end promises whose time is over, the oldest 500; returns how many, zero when there are no more."""
    async with one_transaction():
        due = Reservation.filter(state=ReservationState.ACTIVE.value, expires_at__lte=at).order_by("expires_at", "id")
        found = await due.limit(EXPIRED_AT_ONCE)
        if not found:
            return 0
        levels = await hold({(each.product_id, each.location_id) for each in found}, at=at)
        still = await Reservation.locked_by("id", [each.id for each in found], by=by)
        over = [(each, each.remaining) for each in still if each.state == ReservationState.ACTIVE]
        await _give_back(levels, over, ReservationState.EXPIRED, by=by, at=at)
        await levels.store(at=at)
    return len(found)


async def consume(levels: Levels, origin: Origin, items: Sequence[Item], *, by: Actor, at: datetime) -> None:
    """This will draw items from what their document has reserved of them, as far as it goes, under levels held."""
    drawn = await _drawn(levels, origin, items)
    await _give_back(levels, drawn, ReservationState.FULFILLED, by=by, at=at)


async def _drawn(levels: Levels, origin: Origin, items: Sequence[Item] | None) -> list[tuple[Reservation, Decimal]]:
    """What to take of each reservation of a document at the levels held, the oldest first; all of it without items."""
    found = [each for each in await _active(origin).order_by("id") if (each.product_id, each.location_id) in levels]
    if items is None:
        return [(each, each.remaining) for each in found]
    drawn = []
    for place, wanted in _sums(items).items():
        held = [each for each in found if (each.product_id, each.location_id) == place]
        parts = zip(held, rules.draw([each.remaining for each in held], wanted), strict=True)
        drawn += [(each, part) for each, part in parts if part]
    return drawn


async def _give_back(
    levels: Levels, drawn: Sequence[tuple[Reservation, Decimal]], state: ReservationState, *, by: Actor, at: datetime
) -> None:
    facts: list[Fact] = []
    for reservation, quantity in drawn:
        left = reservation.remaining - quantity
        values = {"remaining": left, "state": reservation.state if left else state.value}
        facts.append((reservation, change(reservation, values, at=at)))
        levels.change((reservation.product_id, reservation.location_id), reserved=-quantity)
    if facts:
        await update_told(facts, _TOPICS[state], by=by, at=at)


def _active(origin: Origin) -> QuerySet[Reservation]:
    return Reservation.filter(origin_id=origin.id, origin_prefix=origin.prefix, state=ReservationState.ACTIVE.value)


def _sums(items: Sequence[Item]) -> dict[Place, Decimal]:
    sums: dict[Place, Decimal] = {}
    for item in items:
        sums[item.place] = sums.get(item.place, Decimal(0)) + item.quantity
    return sums
