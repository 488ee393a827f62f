"""What tests stand on: real engines once a session, and a fresh migrated database for each test that asks for one."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from runtime.database import connected, migrate
from runtime.embedded import Running, throwaway

pytest_plugins = ("tests.graph",)
TEMPLATE = "salesloop_template"
_numbers = itertools.count(1)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test has logged goes to another process, and some log halves of characters, which no bytes stand for."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session")
def engines() -> Iterator[Running]:
    """PostgreSQL and Valkey of our own, for this session."""
    with throwaway() as running:
        yield running


@pytest.fixture(scope="session")
def template(engines: Running) -> str:
    """The name of a migrated database to copy."""
    asyncio.run(_administer(engines, f"CREATE DATABASE {TEMPLATE}"))
    asyncio.run(migrate(_named(engines, TEMPLATE)))
    return TEMPLATE


@pytest.fixture
def database_url(engines: Running, template: str) -> Iterator[str]:
    """The URL of a fresh, migrated, empty database."""
    with fresh_database(engines, template, f"test_{next(_numbers)}") as url:
        yield url


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[str]:
    """A fresh database that the models are connected to; gives its URL."""
    async with connected(database_url):
        yield database_url


@pytest.fixture(scope="session")
def redis_url(engines: Running) -> str:
    return engines.redis_url


@contextmanager
def fresh_database(engines: Running, template: str, name: str) -> Iterator[str]:
    """A copy of the template under a name, dropped at the end; gives its URL."""
    asyncio.run(_administer(engines, f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"))
    yield _named(engines, name)
    asyncio.run(_administer(engines, f"DROP DATABASE {name} WITH (FORCE)"))


def _named(engines: Running, name: str) -> str:
    return urlunsplit(urlsplit(engines.database_url)._replace(path=f"/{name}"))


async def _administer(engines: Running, statement: str) -> None:
    connection = await asyncpg.connect(_named(engines, "postgres"))
    try:
        await connection.execute(statement)
    finally:
        await connection.close()
