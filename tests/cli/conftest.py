import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cli.house import House


@pytest.fixture
def house() -> Iterator[House]:
    with tempfile.TemporaryDirectory(prefix="salesloop-test-", dir="/tmp") as name, ExitStack() as stack:
        Path(name).chmod(0o755)
        house = House(Path(name))
        stack.callback(house.clear)
        yield house
