"""What it looks like when PostgreSQL or Redis is away, or about to be: worth another try in a moment."""

import asyncpg
from redis.exceptions import RedisError
from tortoise.exceptions import DBConnectionError

OUTAGES = (
    OSError,
    RedisError,
    asyncpg.PostgresConnectionError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    DBConnectionError,
)
"""TimeoutError is an OSError; a connection that ends while it is being taken gives an InternalClientError. A statement
that was cancelled, and a value that asyncpg cannot send, are among them too: tell these apart first where it matters.
"""
