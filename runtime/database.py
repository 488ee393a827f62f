"""The way to PostgreSQL: how Tortoise is set up, and how the one linear migration history is applied."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from tortoise import Tortoise
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext
from tortoise.migrations.api.migrate import migrate as apply_migrations
from tortoise.migrations.executor import MigrationExecutor

APP = "salesloop"
CONNECT_SECONDS = 5.0
GRACE_SECONDS = 2.0
"""How long a statement's own timeout may be overdue before the server is taken for dead."""
ANSWER_SECONDS = 2.0
MODELS = [
    f"domain.{place}"
    for place in (
        "kernel.events",
        "kernel.seals",
        "kernel.redaction",
        "kernel.idempotency",
        "access.models",
        "customers.models",
        "catalog.models",
        "inventory.models",
        "pipeline.models",
        "leads.models",
        "activities.models",
        "procurement.models",
        "orders.models",
        "replenishment.models",
        "segments.models",
        "campaigns.models",
        "attribution.models",
        "feedback.models",
        "surveys.models",
        "kpis.models",
        "improvement.models",
        "files.models",
        "jobs.models",
        "webhooks.models",
    )
]


LONGEST_PREPARED, MOST_PREPARED = 12 * 1024, 64
"""The longest statement that a connection keeps prepared, and how many it keeps. PostgreSQL holds 100 to 190 bytes of
plan for each character, in each connection; those that are longer are planned anew each time, some 0.25 ms for 1,000
characters.
"""


class PooledConnection(asyncpg.Connection):
    """A connection that goes back to its pool without a round trip: nobody here leaves session state behind."""

    def get_reset_query(self) -> str:
        return ""


def credentials_of(database_url: str, *, statement_timeout_seconds: float = 10) -> dict[str, Any]:
    """This will give what asyncpg needs to connect to a postgresql:// URL; `?host=/dir` names a socket's folder.

    With `?pooler=transaction` nothing is left on a connection that the next transaction might not meet again:
    statements are not kept prepared, and what else is set at the start is left to the role, `ALTER ROLE … SET`.
    """
    url = urlsplit(database_url)
    query = dict(parse_qsl(url.query))
    credentials = {
        "host": query.pop("host", None) or (unquote(url.hostname) if url.hostname else None),
        "port": int(query.pop("port", 0)) or url.port or 5432,
        "user": unquote(url.username or "") or query.pop("user", "postgres"),
        "password": unquote(url.password) if url.password else None,
        "database": url.path.lstrip("/") or "salesloop",
        "connection_class": PooledConnection,
        "timeout": CONNECT_SECONDS,
        "command_timeout": statement_timeout_seconds + GRACE_SECONDS if statement_timeout_seconds else None,
        "max_inactive_connection_lifetime": 300.0,
        "max_cacheable_statement_size": LONGEST_PREPARED,
        "statement_cache_size": MOST_PREPARED,
        "server_settings": {
            "application_name": "salesloop",
            "timezone": "UTC",
            "jit": "off",
            "statement_timeout": str(int(statement_timeout_seconds * 1000)),
        },
    }
    if query.pop("pooler", None) == "transaction":
        credentials |= {"statement_cache_size": 0, "server_settings": {"application_name": "salesloop"}}
    if sslmode := query.pop("sslmode", None):
        credentials["ssl"] = sslmode
    return credentials


def tortoise_config(database_url: str, *, pool_size: int = 10, statement_timeout_seconds: float = 10) -> dict[str, Any]:
    """This will give Tortoise's configuration for a postgresql:// URL."""
    credentials = credentials_of(database_url, statement_timeout_seconds=statement_timeout_seconds)
    credentials |= {"minsize": 1, "maxsize": pool_size}
    return {
        "connections": {"default": {"engine": "runtime.pooled", "credentials": credentials}},
        "apps": {APP: {"models": MODELS, "migrations": "migrations", "default_connection": "default"}},
        "use_tz": True,
        "timezone": "UTC",
    }


@asynccontextmanager
async def connected(
    database_url: str, *, pool_size: int = 10, statement_timeout_seconds: float = 10
) -> AsyncIterator[TortoiseContext]:
    """This will keep the models connected to a database while the block runs, for every task of this process."""
    config = tortoise_config(database_url, pool_size=pool_size, statement_timeout_seconds=statement_timeout_seconds)
    context = await Tortoise.init(config=config, _enable_global_fallback=True)
    try:
        yield context
    finally:
        await Tortoise.close_connections()


async def migrate(database_url: str) -> list[str]:
    """This will bring the database to the newest migration, and return the names of those it applied."""
    pending = await pending_migrations(database_url)
    if pending:
        config = tortoise_config(database_url, pool_size=1, statement_timeout_seconds=0)
        try:
            await apply_migrations(config=config)
        finally:
            await Tortoise.close_connections()
    return pending


async def pending_migrations(database_url: str) -> list[str]:
    """This will name the migrations that the database has not seen yet, oldest first."""
    config = tortoise_config(database_url, pool_size=1)
    await Tortoise.init(config=config, init_connections=False)
    try:
        executor = MigrationExecutor(get_connection("default"), config["apps"])
        return [step.migration.name for step in await executor.plan()]
    finally:
        await Tortoise.close_connections()


async def answers() -> bool:
    """This will say, within seconds, whether the connected database answers just now."""
    asking = asyncio.ensure_future(get_connection("default").execute_query("SELECT 1"))
    asking.add_done_callback(lambda task: task.cancelled() or task.exception())
    await asyncio.wait({asking}, timeout=ANSWER_SECONDS)
    if not asking.done():
        asking.cancel()  # which takes longer where the server is silent, and is not waited for
        return False
    return asking.exception() is None
