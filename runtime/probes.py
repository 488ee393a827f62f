"""Questions put to the servers that this process was given, each answered within seconds."""

import asyncio
import time
from dataclasses import dataclass

import asyncpg
from redis.exceptions import RedisError

from runtime.redis import redis_client
from runtime.refusal import CannotRun
from runtime.telemetry import mask

ANSWER_SECONDS = 5
OLDEST_POSTGRESQL = 18


@dataclass(frozen=True)
class DatabaseAnswer:
    """What PostgreSQL says: its version, and how many seconds its clock is ahead of ours (half a round trip exact)."""

    version: str
    ahead_seconds: float


async def probe_database(url: str) -> DatabaseAnswer:
    """This will connect once, and ask.

    Raises: CannotRun where there is no answer, or the server is too old.
    """
    try:
        connection = await asyncpg.connect(url, timeout=ANSWER_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError, ValueError) as error:
        raise CannotRun(f"DATABASE_URL: PostgreSQL does not let us in: {_reason(error)}") from None
    try:
        asked = time.time()
        moment = await connection.fetchval("SELECT extract(epoch FROM clock_timestamp())::float8")
        ahead = moment - (asked + time.time()) / 2
        version = await connection.fetchval("SHOW server_version")
        major = connection.get_server_version().major
    finally:
        await connection.close()
    if major < OLDEST_POSTGRESQL:
        raise CannotRun(f"DATABASE_URL: PostgreSQL {version} is too old; {OLDEST_POSTGRESQL} or newer is needed")
    return DatabaseAnswer(version, ahead)


async def probe_redis(url: str) -> str:
    """This will connect once, and give the server's version.

    Raises: CannotRun where there is no answer.
    """
    client = redis_client(url)
    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            server = await client.info("server")
    except (OSError, TimeoutError, RedisError) as error:
        raise CannotRun(f"REDIS_URL: the server does not let us in: {_reason(error)}") from None
    finally:
        await client.aclose()
    return f"Valkey {server['valkey_version']}" if "valkey_version" in server else f"Redis {server['redis_version']}"


def _reason(error: Exception) -> str:
    return mask(str(error)) or type(error).__name__
