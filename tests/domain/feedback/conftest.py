"""The one reader of a test session; it trains its models once."""

import pytest

from domain.feedback.text.reading import Reader


@pytest.fixture(scope="session")
def reader() -> Reader:
    return Reader()
