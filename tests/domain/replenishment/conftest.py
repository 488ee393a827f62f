"""The company that tests of replenishment are about."""

import pytest

from tests.domain.replenishment.stocked import Company, founded


@pytest.fixture
async def company(database: str) -> Company:
    return await founded()
