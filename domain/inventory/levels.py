"""Levels under lock: what lies where and is promised, held while a verb decides, and stored together.

Every verb of the stock locks the levels that it touches here, those missing being inserted first, always in the order
of (product, location); so no two ever wait for each other in a ring. Reservations change only while their level is
held, and need no locks of their own. Call one verb of the stock a transaction, or verbs about different products.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from uuid import UUID

from tortoise.connection import get_connection

from domain.catalog.models import Product
from domain.inventory import rules
from domain.inventory.models import Location
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import new_id
from domain.kernel.refusals import Conflict
from domain.kernel.storing import as_json
from domain.kernel.transactions import join_unit

MOST_TOLD = 5
Place = tuple[UUID | None, UUID | None]
"""A product and a location, by their keys."""

_INSERT_MISSING = """
    INSERT INTO inventory_level
        (id, created_at, updated_at, version, product_id, location_id, is_internal, on_hand, reserved)
    SELECT given.id, $2::timestamptz, $2::timestamptz, 1, p.id, l.id, l.kind = 'internal', 0, 0
    FROM json_to_recordset($1::json) AS given(id uuid, product_id uuid, location_id uuid)
    JOIN product p ON p.id = given.product_id JOIN stock_location l ON l.id = given.location_id
    WHERE NOT EXISTS (
        SELECT 1 FROM inventory_level i WHERE (i.product_id, i.location_id) = (given.product_id, given.location_id)
    )
    ORDER BY p.id, l.id
    ON CONFLICT (product_id, location_id) DO NOTHING"""
_LOCK = """
    SELECT i.id, i.product_id, i.location_id, i.on_hand, i.reserved, p.sku, l.code, l.kind, l.is_active
    FROM json_to_recordset($1::json) AS given(product_id uuid, location_id uuid)
    JOIN inventory_level i ON (i.product_id, i.location_id) = (given.product_id, given.location_id)
    JOIN product p ON p.id = i.product_id JOIN stock_location l ON l.id = i.location_id
    ORDER BY i.product_id, i.location_id FOR NO KEY UPDATE OF i"""
_STORE = """
    UPDATE inventory_level i
    SET on_hand = given.on_hand, reserved = given.reserved, updated_at = $2::timestamptz, version = i.version + 1
    FROM json_to_recordset($1::json) AS given(id uuid, on_hand numeric, reserved numeric) WHERE i.id = given.id"""


class NotEnoughStock(Conflict):
    """Less is available than was asked for; takes what was, of levels that already stand as they would."""

    def __init__(self, short: Sequence[tuple["Level", Decimal]], *field: str) -> None:
        told = [
            f"{plain(level.available + asked)} of {level.sku} at {level.code} available, {plain(asked)} wanted"
            for level, asked in short
        ]
        more = f", and {len(told) - MOST_TOLD} more" if len(told) > MOST_TOLD else ""
        super().__init__(
            f"There is not enough stock: {'; '.join(told[:MOST_TOLD])}{more}. Ask for less, or bring stock in first.",
            *field,
        )


class LocationTakesNothing(Conflict):
    """Nothing may come to the location any more."""

    def __init__(self, code: str, *field: str) -> None:
        super().__init__(f"{code} takes no more stock; make it active again, or choose another location.", *field)


@dataclass(slots=True)
class Level:
    """A level under lock, as it is to stand at the end, and what its product and location are called."""

    id: UUID
    product_id: UUID
    location_id: UUID
    on_hand: Decimal
    reserved: Decimal
    sku: str
    code: str
    kind: str
    is_active: bool

    @property
    def available(self) -> Decimal:
        """What is neither gone nor promised."""
        return self.on_hand - self.reserved

    @property
    def is_short(self) -> bool:
        """Whether more was taken or promised than is there, at a place where that cannot be."""
        return self.kind in rules.CARRIED and self.available < 0

    def must_take(self, *field: str) -> None:
        """This will refuse stock that comes to a location at rest. Raises LocationTakesNothing."""
        if not self.is_active:
            raise LocationTakesNothing(self.code, *field)


class Levels:
    """The levels that a verb holds, by product and location."""

    def __init__(self, found: Iterable[Level]) -> None:
        self._found = {(level.product_id, level.location_id): level for level in found}
        self._touched: dict[UUID, Level] = {}

    def __contains__(self, place: object) -> bool:
        return place in self._found

    def __getitem__(self, place: Place) -> Level:
        return self._found[place]  # type: ignore[index]

    def change(self, place: Place, *, on_hand: Decimal = Decimal(0), reserved: Decimal = Decimal(0)) -> None:
        """This will add to what is there and to what is promised; nothing is stored yet."""
        level = self[place]
        level.on_hand += on_hand
        level.reserved += reserved
        self._touched[level.id] = level

    def must_suffice(self, wanted: Iterable[tuple[Place, Decimal]], *field: str) -> None:
        """This will refuse changes that oversell a level; takes what was asked for, by place. Raises NotEnoughStock."""
        sums: dict[Place, Decimal] = {}
        for place, quantity in wanted:
            sums[place] = sums.get(place, Decimal(0)) + quantity
        short = [(self[place], asked) for place, asked in sums.items() if self[place].is_short]
        if short:
            raise NotEnoughStock(short, *field)

    async def store(self, *, at: datetime) -> None:
        """This will store every level that was changed, in one statement."""
        rows = [
            {"id": level.id, "on_hand": level.on_hand, "reserved": level.reserved} for level in self._touched.values()
        ]
        if rows:
            await get_connection("default").execute_query(_STORE, [as_json(rows), at])


def plain(quantity: Decimal) -> str:
    """This will write a quantity for people, without idle zeros."""
    return f"{quantity.normalize():f}"


async def hold(places: Iterable[Place], *, at: datetime) -> Levels:
    """This will lock the levels of these places until the transaction ends, in two statements.

    Raises NotFound where there is no such product or location.
    """
    await join_unit()
    wanted = set(places)
    given = as_json([{"id": new_id(), "product_id": product, "location_id": location} for product, location in wanted])
    connection = get_connection("default")
    await connection.execute_query(_INSERT_MISSING, [given, at])
    rows = await connection.execute_query_dict(_LOCK, [given])
    if len(rows) < len(wanted):
        await Product.held({product for product, _ in wanted}, "product_id", by=SYSTEM)
        await Location.held({location for _, location in wanted}, "location_id", by=SYSTEM)
    return Levels(Level(**row) for row in rows)
