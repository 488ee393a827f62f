"""The history of the tables and the models say the same."""

import pytest
from tortoise import Tortoise

from cli.migration import missing_migrations

pytestmark = pytest.mark.anyio


async def test_models_and_migrations_agree() -> None:
    detector = await missing_migrations()
    try:
        assert await detector.changes() == [], "run `salesloop migration`"
    finally:
        await Tortoise.close_connections()
