"""Laws of the ledger: it conserves, it never oversells, and it does what a plain model of it does."""

import asyncio
import random
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.catalog.models import Product
from domain.inventory import stock
from domain.inventory.levels import NotEnoughStock
from domain.inventory.models import InventoryLevel, Location, Reservation, StockMove
from domain.inventory.reservations import Item, Origin, release, release_expired, reserve
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import new_id
from domain.kernel.refusals import Conflict, Refusal
from runtime.database import connected
from tests.domain.inventory.house import DO, books_balance, location, order, product
from tests.graph import NOW

pytestmark = pytest.mark.anyio
CLIENTS, STEPS, CONNECTIONS = 64, 12, 12


@pytest.fixture
async def crowded(database_url: str) -> AsyncIterator[None]:
    """A fresh database, and some connections for many clients."""
    async with connected(database_url, pool_size=CONNECTIONS):
        yield


class Client:
    """Somebody who does things to the stock at random, and counts what came of it."""

    def __init__(self, seed: int, products: list[Product], locations: list[Location], done: Counter[str]) -> None:
        self.random = random.Random(seed)
        self.products, self.locations, self.done = products, locations, done
        self.origins: list[Origin] = []

    def items(self) -> list[Item]:
        return [
            Item(self.random.choice(self.products).id, self.random.choice(self.locations).id, Decimal(amount))
            for amount in self.random.choices(range(1, 5), k=self.random.randint(1, 4))
        ]

    def origin(self) -> Origin:
        return self.random.choice(self.origins) if self.origins else order()

    async def step(self) -> None:
        verb = self.random.choice(["reserve", "reserve", "ship", "release", "receive", "transfer", "reverse", "expire"])
        try:
            await getattr(self, verb)()
            self.done[verb] += 1
        except Conflict as refusal:
            self.done[f"{verb} refused: {type(refusal).__name__}"] += 1

    async def reserve(self) -> None:
        origin = order()
        soon = self.random.choice([None, NOW + timedelta(seconds=1)])
        await reserve(self.items(), origin=origin, expires_at=soon, **DO)
        self.origins.append(origin)

    async def ship(self) -> None:
        await stock.ship(self.items(), origin=self.origin(), **DO)

    async def release(self) -> None:
        await release(self.origin(), self.random.choice([None, self.items()]), **DO)

    async def receive(self) -> None:
        await stock.receive(self.items()[:2], origin=None, **DO)

    async def transfer(self) -> None:
        here, there = self.random.sample(self.locations, 2)
        items = [Item(each.product_id, here.id, each.quantity) for each in self.items()]
        await stock.transfer(items, there.id, **DO)

    async def reverse(self) -> None:
        move = self.random.choice(await StockMove.all().limit(50))
        origin = Origin(move.origin_prefix, move.origin_id) if move.origin_id and move.origin_prefix else None
        await stock.reverse_move(move.id, origin=origin, **DO)

    async def expire(self) -> None:
        await release_expired(by=SYSTEM, at=NOW + timedelta(seconds=self.random.choice([0, 1])))


@pytest.mark.usefixtures("crowded")
async def test_sixty_four_clients_at_once_never_oversell_and_never_wait_in_a_ring() -> None:
    products = [await product(f"S{number}") for number in range(4)]
    locations = [await location(code) for code in ("EAST", "MAIN", "WEST")]
    everything = [Item(each.id, place.id, Decimal(8)) for each in products for place in locations]
    await stock.receive(everything, origin=None, **DO)
    done: Counter[str] = Counter()
    clients = [Client(seed, products, locations, done) for seed in range(CLIENTS)]

    async def keep_on(client: Client) -> None:
        for _ in range(STEPS):
            await client.step()

    await asyncio.gather(*(keep_on(client) for client in clients))
    assert sum(done.values()) == CLIENTS * STEPS
    assert {"reserve", "ship", "release", "receive", "transfer", "reverse", "expire"} <= done.keys()
    assert any(word.endswith("NotEnoughStock") for word in done), "it was tight"
    await books_balance()
    assert not await Reservation.filter(state="active", remaining=0).exists()


@pytest.mark.usefixtures("crowded")
async def test_the_last_unit_is_promised_once() -> None:
    bolt, main = await product(), await location()
    await stock.receive([Item(bolt.id, main.id, Decimal(10))], origin=None, **DO)
    asked = [reserve([Item(bolt.id, main.id, Decimal(1))], origin=order(), **DO) for _ in range(CLIENTS)]
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {list: 10, NotEnoughStock: CLIENTS - 10}
    await books_balance()


@pytest.mark.usefixtures("crowded")
async def test_a_move_that_many_take_back_at_once_is_taken_back_once() -> None:
    bolt, main = await product(), await location()
    (move,) = await stock.receive([Item(bolt.id, main.id, Decimal(100))], origin=None, **DO)
    answers = await asyncio.gather(*(stock.reverse_move(move.id, **DO) for _ in range(20)), return_exceptions=True)
    assert Counter(type(answer) for answer in answers) == {StockMove: 1, stock.AlreadyReversed: 19}
    await books_balance()


@pytest.mark.usefixtures("crowded")
async def test_levels_that_are_not_there_yet_are_made_by_many_at_once() -> None:
    products, main = [await product(f"S{number}") for number in range(12)], await location()
    backwards = [Item(each.id, main.id, Decimal(1)) for each in reversed(products)]
    forwards = list(reversed(backwards))
    await asyncio.gather(*(stock.receive(items, origin=None, **DO) for items in [forwards, backwards] * 16))
    assert set(await InventoryLevel.filter(is_internal=True).values_list("on_hand", flat=True)) == {Decimal(32)}
    await books_balance()


class Model:
    """The stock of two products at two places, in plain Python: what is there, and what each document holds."""

    def __init__(self) -> None:
        self.there: Counter[tuple[int, int]] = Counter()
        self.held: dict[int, list[list[Any]]] = {0: [], 1: []}

    def reserved(self, place: tuple[int, int]) -> int:
        return sum(held[1] for each in self.held.values() for held in each if held[0] == place)

    def available(self, place: tuple[int, int]) -> int:
        return self.there[place] - self.reserved(place)

    def do(self, verb: str, place: tuple[int, int], quantity: int, document: int) -> bool:
        """Does it, and says whether that was possible."""
        own = sum(held[1] for held in self.held[document] if held[0] == place)
        product, spot = place
        match verb:
            case "receive":
                self.there[place] += quantity
            case "reserve":
                if quantity > self.available(place):
                    return False
                self.held[document].append([place, quantity])
            case "release":
                self._draw(document, place, quantity)
            case "ship":
                if quantity > self.available(place) + own:
                    return False
                self._draw(document, place, quantity)
                self.there[place] -= quantity
            case "transfer":
                if quantity > self.available(place):
                    return False
                self.there[place] -= quantity
                self.there[product, 1 - spot] += quantity
            case "adjust":
                if quantity < self.reserved(place):
                    return False
                self.there[place] = quantity
        return True

    def _draw(self, document: int, place: tuple[int, int], quantity: int) -> None:
        for held in self.held[document]:
            if held[0] == place:
                part = min(held[1], quantity)
                held[1], quantity = held[1] - part, quantity - part
        self.held[document] = [held for held in self.held[document] if held[1]]


@contextmanager
def refusing() -> Iterator[list[bool]]:
    """Says whether the block was done."""
    done: list[bool] = []
    try:
        yield done
        done.append(True)
    except Refusal:
        done.append(False)


VERBS = st.sampled_from(["receive", "reserve", "release", "ship", "transfer", "adjust"])
PLACES = st.tuples(st.integers(0, 1), st.integers(0, 1))
STORIES = st.lists(st.tuples(VERBS, PLACES, st.integers(1, 6), st.integers(0, 1)), min_size=5, max_size=25)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STORIES)
@pytest.mark.usefixtures("database")
async def test_the_stock_does_what_a_plain_model_does(story: list[tuple[str, tuple[int, int], int, int]]) -> None:
    tag = new_id().hex
    products = [await product(f"{number}{tag}") for number in range(2)]
    places = [await location(f"{number}{tag}") for number in range(2)]
    documents, model = [order(), order()], Model()
    for verb, (which, where), quantity, document in story:
        item, origin = Item(products[which].id, places[where].id, Decimal(quantity)), documents[document]
        with refusing() as done:
            match verb:
                case "receive":
                    await stock.receive([item], origin=origin, **DO)
                case "reserve":
                    await reserve([item], origin=origin, **DO)
                case "release":
                    await release(origin, [item], **DO)
                case "ship":
                    await stock.ship([item], origin=origin, **DO)
                case "transfer":
                    await stock.transfer([item], places[1 - where].id, **DO)
                case "adjust":
                    await stock.adjust([item], **DO)
        assert done == [model.do(verb, (which, where), quantity, document)], verb
        for place in ((a, b) for a in (0, 1) for b in (0, 1)):
            row = await InventoryLevel.get_or_none(product=products[place[0]], location=places[place[1]])
            found = (row.on_hand, row.reserved) if row else (0, 0)
            assert found == (model.there[place], model.reserved(place)), (verb, place)
    await books_balance()
