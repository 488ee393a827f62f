"""What tests stand on: real engines once a session, and a fresh migrated database for each test that asks for one."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from tortoise.models import MetaInfo

from runtime.database import connected, migrate
from runtime.embedded import Running, throwaway

pytest_plugins = ("tests.graph",)
TEMPLATE = "salesloop_template"
MOST_ROWS = 2_000
_numbers = itertools.count(1)
SHAPE = """SELECT md5(concat_ws(' ',
    (SELECT string_agg(concat_ws(' ', relname, relkind, relnatts, relchecks), ' ' ORDER BY oid) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace),
    (SELECT string_agg(conname::text, ' ' ORDER BY oid) FROM pg_constraint WHERE connamespace = 'public'::regnamespace),
    (SELECT string_agg(concat_ws(' ', tgname, tgenabled), ' ' ORDER BY oid) FROM pg_trigger),
    (SELECT string_agg(concat_ws(' ', oid, proname, xmin), ' ' ORDER BY oid) FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace),
    (SELECT string_agg(setconfig::text, ' ') FROM pg_db_role_setting),
    (SELECT string_agg(nspname::text, ' ' ORDER BY oid) FROM pg_namespace WHERE nspname !~ '^pg_')))"""
"""What tells whether a test has changed anything but rows."""
KEEP = """DO $$ DECLARE each regclass; present boolean; BEGIN
  CREATE SCHEMA kept;
  FOR each IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'tortoise_migrations' LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO present;
    IF present THEN EXECUTE format('CREATE TABLE kept.%s AS TABLE public.%1$s', each); END IF;
  END LOOP;
END $$"""
"""Lays aside the rows that migrations put in."""
EMPTY = f"""DO $$ DECLARE each regclass; present boolean; count bigint; total bigint := 0; BEGIN
  PERFORM pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid();
  SET LOCAL session_replication_role = replica;
  FOR each IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
    AND relname <> 'tortoise_migrations' AND pg_relation_size(oid) > 0 LOOP
    EXECUTE format('SELECT EXISTS (SELECT FROM %s)', each) INTO present;
    IF present THEN
      EXECUTE format('DELETE FROM %s', each);
      GET DIAGNOSTICS count = ROW_COUNT;
      total := total + count;
      IF total > {MOST_ROWS} THEN RAISE EXCEPTION 'too many rows to leave behind'; END IF;
    END IF;
  END LOOP;
  FOR each IN SELECT oid FROM pg_class WHERE relkind = 'r' AND relnamespace = 'kept'::regnamespace LOOP
    EXECUTE format('INSERT INTO public.%s TABLE %s', replace(each::text, 'kept.', ''), each);
  END LOOP;
  PERFORM setval(oid::regclass, 1, false) FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace;
END $$"""
"""Makes a database as empty as the template, unless it held so much that it would still show."""


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What a test has logged goes to another process, and some log halves of characters, which no bytes stand for."""
    report = yield
    report.sections = [(name, text.encode(errors="backslashreplace").decode()) for name, text in report.sections]
    return report


@pytest.fixture(scope="session")
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(scope="session", autouse=True)
def filters_once() -> Iterator[None]:
    """Whenever Tortoise begins, it finds anew by what all models can be filtered; a test in six would go by."""
    generate = MetaInfo._generate_filters
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(MetaInfo, "_generate_filters", lambda meta: meta.filters or generate(meta))
        yield


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
    asyncio.run(_administer(engines, KEEP, TEMPLATE))
    return TEMPLATE


@dataclass
class Databases:
    """Migrated, empty databases; one that a test leaves is emptied for the next, for that is quicker than a copy."""

    engines: Running
    template: str
    shape: str
    empty: list[str] = field(default_factory=list)

    @contextmanager
    def lent(self) -> Iterator[str]:
        """One for a test alone; gives its URL."""
        if not self.empty:
            self.empty.append(f"test_{next(_numbers)}")
            asyncio.run(_administer(self.engines, copy_of(self.template, self.empty[-1])))
        name = self.empty.pop()
        yield _named(self.engines, name)
        if asyncio.run(self._emptied(name)):
            self.empty.append(name)
        else:
            asyncio.run(_administer(self.engines, f"DROP DATABASE {name} WITH (FORCE)"))

    async def _emptied(self, name: str) -> bool:
        """Whether it is as the template again."""
        try:
            async with _connection(self.engines, name) as connection:
                await connection.execute(EMPTY)
                return bool(await connection.fetchval(SHAPE) == self.shape)
        except asyncpg.PostgresError:
            return False


@pytest.fixture(scope="session")
def databases(engines: Running, template: str) -> Databases:
    return Databases(engines, template, asyncio.run(_administer(engines, SHAPE, template)))


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """The URL of a migrated, empty database."""
    with databases.lent() as url:
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
    asyncio.run(_administer(engines, copy_of(template, name)))
    yield _named(engines, name)
    asyncio.run(_administer(engines, f"DROP DATABASE {name} WITH (FORCE)"))


@asynccontextmanager
async def empty_database(engines: Running, name: str) -> AsyncIterator[str]:
    """A database without tables, dropped at the end; gives its URL."""
    await _administer(engines, f"CREATE DATABASE {name}")
    yield _named(engines, name)
    await _administer(engines, f"DROP DATABASE {name} WITH (FORCE)")


def copy_of(template: str, name: str) -> str:
    return f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY"


def _named(engines: Running, name: str) -> str:
    return urlunsplit(urlsplit(engines.database_url)._replace(path=f"/{name}"))


async def _administer(engines: Running, statement: str, database: str = "postgres") -> Any:
    async with _connection(engines, database) as connection:
        return await (connection.fetchval if statement.startswith("SELECT") else connection.execute)(statement)


@asynccontextmanager
async def _connection(engines: Running, database: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(_named(engines, database))
    try:
        yield connection
    finally:
        await connection.close()
