"""The peer: a plain Strawberry + Tortoise + DataLoader application over the same tables, as a good engineer writes it.

Relations are batched, the newest orders of many customers are read by one LATERAL query, pages are by key, documents
are parsed and validated once. It asks nobody who they are.
"""

import base64
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Generic, TypeVar
from uuid import UUID

import strawberry
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.websockets import WebSocket
from strawberry.asgi import GraphQL
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types import Info
from tortoise.connection import get_connection
from tortoise.expressions import Q

from domain.catalog.models import Product as ProductRow
from domain.customers.models import Customer as CustomerRow
from domain.feedback.models import FeedbackItem as FeedbackRow
from domain.kernel.ids import public_id
from domain.kernel.money import MINOR_DIGITS
from runtime.database import connected
from runtime.settings import read_settings

T = TypeVar("T")
Limited = tuple[UUID, int]
"""A customer, and how many rows of theirs at most."""


@strawberry.type
class Money:
    amount: Decimal
    currency: str


@strawberry.type
class Contact:
    id: strawberry.ID
    name: str
    email: str | None


@strawberry.type
class Order:
    id: strawberry.ID
    placed_at: datetime
    total: Money


@strawberry.type
class Product:
    id: strawberry.ID
    sku: str
    name: str


@strawberry.type
class Page(Generic[T]):
    nodes: list[T]


@strawberry.type
class Customer:
    key: strawberry.Private[UUID]
    id: strawberry.ID
    name: str
    city: str | None

    @strawberry.field
    async def orders(self, info: Info, first: int = 50) -> Page[Order]:
        return Page(nodes=await info.context.orders.load((self.key, first)))

    @strawberry.field
    async def contacts(self, info: Info, first: int = 50) -> Page[Contact]:
        return Page(nodes=await info.context.contacts.load((self.key, first)))


@strawberry.type
class FeedbackItem:
    customer_key: strawberry.Private[UUID | None]
    product_key: strawberry.Private[UUID | None]
    id: strawberry.ID
    text: str
    rating: int | None
    received_at: datetime

    @strawberry.field
    async def customer(self, info: Info) -> Customer | None:
        return await info.context.customers.load(self.customer_key) if self.customer_key else None

    @strawberry.field
    async def product(self, info: Info) -> Product | None:
        return await info.context.products.load(self.product_key) if self.product_key else None


@strawberry.type
class PageInfo:
    has_next_page: bool
    end_cursor: str | None


@strawberry.type
class FeedbackEdge:
    node: FeedbackItem


@strawberry.type
class FeedbackPage:
    edges: list[FeedbackEdge]
    page_info: PageInfo


@strawberry.type
class Query:
    @strawberry.field
    async def feedback_items(self, first: int = 50, after: str | None = None) -> FeedbackPage:
        rows = await FeedbackRow.filter(_behind(after)).order_by("-received_at", "-id").limit(first + 1)
        page = rows[:first]
        info = PageInfo(has_next_page=len(rows) > first, end_cursor=_cursor(page[-1]) if page else None)
        return FeedbackPage(edges=[FeedbackEdge(node=_feedback_item(row)) for row in page], page_info=info)

    @strawberry.field
    async def customers(self, first: int = 50) -> Page[Customer]:
        rows = await CustomerRow.all().order_by("created_at", "id").limit(first)
        return Page(nodes=[_customer(row) for row in rows])


def _behind(cursor: str | None) -> Q:
    if cursor is None:
        return Q()
    moment, key = base64.b64decode(cursor).decode().split("|")
    received_at = datetime.fromisoformat(moment)
    return Q(received_at__lt=received_at) | Q(received_at=received_at, id__lt=UUID(key))


def _cursor(row: FeedbackRow) -> str:
    return base64.b64encode(f"{row.received_at.isoformat()}|{row.id}".encode()).decode()


def _feedback_item(row: FeedbackRow) -> FeedbackItem:
    return FeedbackItem(
        customer_key=row.customer_id,  # type: ignore[attr-defined]
        product_key=row.product_id,  # type: ignore[attr-defined]
        id=strawberry.ID(public_id("fbk", row.id)),
        text=row.text,
        rating=row.rating,
        received_at=row.received_at,
    )


def _customer(row: CustomerRow) -> Customer:
    return Customer(key=row.id, id=strawberry.ID(public_id("cus", row.id)), name=row.name, city=row.city)


def _order(row: Any) -> Order:
    currency = row["currency"]
    amount = row["total"].quantize(Decimal(1).scaleb(-MINOR_DIGITS[currency]))
    return Order(
        id=strawberry.ID(public_id("ord", row["id"])),
        placed_at=row["ordered_at"],
        total=Money(amount=amount, currency=currency),
    )


def _contact(row: Any) -> Contact:
    return Contact(id=strawberry.ID(public_id("con", row["id"])), name=row["name"], email=row["email"])


async def _customers(keys: list[UUID]) -> list[Customer | None]:
    found = {row.id: _customer(row) for row in await CustomerRow.filter(id__in=keys)}
    return [found.get(key) for key in keys]


async def _products(keys: list[UUID]) -> list[Product | None]:
    found = {
        row.id: Product(id=strawberry.ID(public_id("prd", row.id)), sku=row.sku, name=row.name)
        for row in await ProductRow.filter(id__in=keys)
    }
    return [found.get(key) for key in keys]


def _first_of_each(
    table: str, columns: str, order: str, make: Callable[[Any], T]
) -> Callable[[list[Limited]], Awaitable[Sequence[list[T]]]]:
    """This will make the loader of the first rows of many customers: one query for all that ask for as many."""
    sql = f"""
        SELECT c.id AS owner, r.* FROM unnest($1::uuid[]) AS c(id)
        CROSS JOIN LATERAL (SELECT {columns} FROM {table} WHERE customer_id = c.id ORDER BY {order} LIMIT $2) r"""

    async def load(asked: list[Limited]) -> list[list[T]]:
        found: dict[Limited, list[T]] = defaultdict(list)
        for limit in {limit for _, limit in asked}:
            owners = [owner for owner, same in asked if same == limit]
            for row in await get_connection("default").execute_query_dict(sql, [owners, limit]):
                found[row["owner"], limit].append(make(row))
        return [found[each] for each in asked]

    return load


_orders = _first_of_each("sales_order", "id, ordered_at, total, currency", "ordered_at DESC, id DESC", _order)
_contacts = _first_of_each("contact", "id, name, email", "name, id", _contact)


@dataclass
class Loaders:
    """What one request loads in batches."""

    customers: DataLoader[UUID, Customer | None] = field(default_factory=lambda: DataLoader(load_fn=_customers))
    products: DataLoader[UUID, Product | None] = field(default_factory=lambda: DataLoader(load_fn=_products))
    orders: DataLoader[Limited, list[Order]] = field(default_factory=lambda: DataLoader(load_fn=_orders))
    contacts: DataLoader[Limited, list[Contact]] = field(default_factory=lambda: DataLoader(load_fn=_contacts))


class Endpoint(GraphQL[Loaders, None]):
    """Gives every request loaders of its own."""

    async def get_context(self, request: Request | WebSocket, response: Response | WebSocket) -> Loaders:
        return Loaders()


async def health(_: Request) -> Response:
    """This will say that we are up."""
    return PlainTextResponse("ok")


def create() -> Starlette:
    """This will make the application from the settings of the environment; uvicorn calls it."""
    settings = read_settings()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        async with connected(settings.database_url, pool_size=settings.database_pool_size):
            yield

    endpoint = Endpoint(strawberry.Schema(Query, extensions=[ParserCache, ValidationCache]))
    return Starlette(routes=[Route("/graphql", endpoint), Route("/health", health)], lifespan=lifespan)
