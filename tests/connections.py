"""The connections that the process under test holds just now, to see what it sends to the database."""

from typing import Any

from tortoise.connection import get_connection

from api.graph.engine import Engine


def connections_of(engine: Engine) -> list[Any]:
    """Those of Tortoise's pool and those for reading."""
    pools: list[Any] = [get_connection("default")._pool, engine.autocommit._pool]
    return [holder._con for pool in pools for holder in pool._holders if holder._con is not None]
