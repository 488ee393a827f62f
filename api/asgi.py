"""The ASGI application: routes, and what lives as long as the process."""

import gc
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Lifespan

from api.access.gate import Gate
from api.context import Surroundings
from api.graph.documents import Documents
from api.graph.engine import Engine
from api.graph.feed import Feed
from api.graph.limits import Limits
from api.graph.manifest import read_manifest
from api.graph.stored import StoredDocuments
from api.graph.subscriptions import Subscriptions
from api.http.auth import Doorkeeper
from api.http.compression import Compression
from api.http.files import FileEndpoint
from api.http.graphiql import Ide
from api.http.graphql import GraphQLEndpoint
from api.http.health import health, ready
from api.http.lines import Lines
from api.http.pages import SecureHeaders, pages
from api.http.refusals import broken, not_served
from api.http.socket import Sockets
from api.http.stream import EventStreams
from api.http.watch import Watch
from api.schema import build_schema, core_schema
from domain.access.tokens import TokenKey
from domain.kernel.clock import Clock, system_clock
from runtime.allowance import Allowance
from runtime.autocommit import Autocommit
from runtime.database import connected
from runtime.http_timeouts import LEAVE, PATIENCE, Patience
from runtime.settings import Settings, read_settings
from runtime.shelf import Shelf
from runtime.telemetry import configure_logging
from runtime.token_key import former_keys, signing_key
from runtime.tracing import configure_tracing
from runtime.turns import Turns
from runtime.vouching import Provider

YOUNG_OBJECTS = 3_000
"""How many objects more than before start the collector. What requests in flight hold comes and goes by itself, but
passes Python's 700 every dozen answers: 3 % of the processor's time, measured with mutations of 16 clients."""


def create() -> Starlette:
    """This will make the application from the settings of the environment; uvicorn calls it."""
    settings = read_settings()
    configure_logging(settings)
    configure_tracing(settings, "salesloop-api")
    made = application(settings)
    gc.collect()
    gc.freeze()  # or else each full collection walks the whole schema: some 60 ms that all requests would wait
    gc.set_threshold(YOUNG_OBJECTS)
    return made


def application(settings: Settings, clock: Clock = system_clock) -> Starlette:
    """This will make the application; its database is connected while it runs. Raises ManifestRefused."""
    key = TokenKey(signing_key(settings), timedelta(minutes=settings.token_minutes), former_keys(settings))
    allowance = Allowance(settings.redis_url, settings.cost_capacity, settings.cost_restored_per_second)
    engine = _engine(settings, allowance)
    gate = Gate(settings, key)
    provider = _provider(settings)
    surroundings = Surroundings(settings, engine, key, clock, gate, _stored(settings, engine.documents), provider)
    doorkeeper = Doorkeeper(surroundings)
    feed = Feed(
        settings.redis_url,
        most_behind=settings.resume_most_events,
        look_every_seconds=settings.live_look_seconds,
    )
    subscriptions = Subscriptions(engine, feed, clock, at_once=max(1, settings.database_pool_size // 2))
    lines = Lines(settings.live_connections, settings.live_connections_per_user)
    watch = Watch(clock)
    sockets = Sockets(surroundings, doorkeeper, subscriptions, lines, watch)
    streams = EventStreams(surroundings, doorkeeper, subscriptions, lines, watch)
    files = FileEndpoint(surroundings, doorkeeper)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[Mapping[str, Any]]:
        async with connected(
            settings.database_url,
            pool_size=settings.database_pool_size,
            statement_timeout_seconds=settings.statement_timeout_seconds,
        ):
            try:
                yield {LEAVE: lines.leave, PATIENCE: _patience(settings)}
            finally:
                for held in (watch, feed, engine.autocommit, surroundings.stored, gate, provider, allowance):
                    if held is not None:
                        await held.close()

    routes = [
        Route("/graphql", GraphQLEndpoint(surroundings, doorkeeper, streams), methods=["GET", "POST"]),
        WebSocketRoute("/graphql", sockets.answer),
        Route("/files", files.upload, methods=["POST"]),
        Route("/files/{id}", files.by_id, methods=["GET", "DELETE"]),
        Route("/health", health),
        Route("/ready", ready),
        *pages(with_ide=settings.serves_graphiql),
        *(Ide(surroundings, doorkeeper).routes() if settings.serves_graphiql else ()),
    ]
    return _edged(routes, lifespan, settings.origins)


def _engine(settings: Settings, allowance: Allowance) -> Engine:
    return Engine(
        core_schema(build_schema()),
        limits=Limits.of(lambda name: int(getattr(settings, f"max_query_{name}"))),
        allowance=allowance,
        turns=Turns(settings.requests_at_once, settings.requests_waiting),
        autocommit=Autocommit(
            settings.database_url,
            size=settings.database_pool_size,
            statement_timeout_seconds=settings.statement_timeout_seconds,
        ),
        secret=settings.environment == "production",
    )


def _provider(settings: Settings) -> Provider | None:
    """The provider that people sign in with, if one is set up; else nothing of what that takes is even loaded."""
    if not settings.oidc_issuer:
        return None
    from runtime.openid import OpenidProvider

    return OpenidProvider(settings)


def _stored(settings: Settings, documents: Documents) -> StoredDocuments:
    manifest = read_manifest(settings.persisted_documents, documents) if settings.persisted_documents else {}
    shelf = Shelf(settings.redis_url, settings.persisted_query_days)
    return StoredDocuments(documents, manifest, shelf, only=settings.persisted_only)


def _patience(settings: Settings) -> Patience:
    return Patience(settings.header_timeout_seconds, settings.body_timeout_seconds, settings.max_header_bytes)


def _edged(routes: list[BaseRoute], lifespan: Lifespan[Starlette], origins: Collection[str]) -> Starlette:
    """The routes, and what all of their answers have in common."""
    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=[Middleware(SecureHeaders), *_shared(origins), Middleware(Compression)],
        exception_handlers={HTTPException: not_served, Exception: broken},
    )


def _shared(origins: Collection[str]) -> list[Middleware]:
    """What lets pages of exactly these origins read our answers; no cookies are involved, so none are allowed."""
    if not origins:
        return []
    headers = ["Authorization", "Content-Type", "Last-Event-ID", "X-Request-Id"]
    methods = ["GET", "POST", "DELETE"]
    return [Middleware(CORSMiddleware, allow_origins=sorted(origins), allow_methods=methods, allow_headers=headers)]
