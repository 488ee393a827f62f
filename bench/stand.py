"""The test stand: private engines, databases filled for the purpose, our API and the peer over them.

The measured server has a core of its own; PostgreSQL, the load generator and everybody else share the others.
"""

import asyncio
import http.client
import json
import os
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.data import Scale, fill
from bench.node import tool, workshop
from bench.processes import Cores, Process, answers, children, cpu_seconds, free_port, pin, running
from cli.demo.company import load
from cli.demo.loop import complete
from domain.access.queries import ADMINISTRATOR, roles_named
from domain.access.users import create_user
from domain.jobs.models import Job
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected, migrate
from runtime.embedded import throwaway
from runtime.settings import read_settings
from runtime.token_key import kept_key
from tests.waiting import eventually
from workers.kinds import KINDS
from workers.main import work

EMAIL, PASSWORD = "bench@example.org", "measure twice, cut once"
OF_MANY: dict[str, Any] = {
    "cost_capacity": 10**12,
    "cost_restored_per_second": 10**12,
    "requests_at_once": 500,
    "token_minutes": 1440,
}
"""Settings: the one viewer of a bench stands for as many as there are clients, so what one may do does not bind, and
stays signed in for as long as it is measured."""
MOST_SECONDS = 3_600
POSTGRAPHILE = Path(__file__).parent / "peers" / "postgraphile"


@dataclass
class Stand:
    """Where we measure: a server for databases, the process that it is if it is ours, and the databases so far."""

    home: Path
    database_url: str
    redis_url: str
    cores: Cores
    postgres: int | None = None
    filled: dict[Scale, str] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)

    @property
    def remark(self) -> str:
        """What is to be known of the stand."""
        whose = "private, without fsync" if self.postgres else "that of DATABASE_URL"
        return (
            f"PostgreSQL: {whose}. Core of the server: {_listed(self.cores.server)}; of PostgreSQL, load generator and "
            f"all others: {_listed(self.cores.others)}."
        )

    def database(self, scale: Scale) -> str:
        """This will give the URL of a database of that scale, made when it is first asked for."""
        if scale not in self.filled:
            name = f"salesloop_bench_{len(self.filled) + 1}"
            url = urlunsplit(urlsplit(self.database_url)._replace(path=f"/{name}"))
            asyncio.run(_make(self.database_url, name, url, scale))
            self.filled[scale] = url
        return self.filled[scale]

    def demo(self, deals: int, at: datetime) -> str:
        """This will give the URL of a database that holds the demo company with so many deals, as it is at a moment."""
        name = f"salesloop_bench_demo_{deals}"
        url = urlunsplit(urlsplit(self.database_url)._replace(path=f"/{name}"))
        asyncio.run(_make_demo(self, name, url, deals, at))
        self.others.append(url)
        return url

    def own(self, name: str, fill: Callable[[asyncpg.Connection], Awaitable[None]]) -> str:
        """This will give the URL of a database that a section fills by itself, with the bench's user in it."""
        name = f"salesloop_bench_{name}"
        url = urlunsplit(urlsplit(self.database_url)._replace(path=f"/{name}"))
        asyncio.run(_make_own(self.database_url, name, url, fill))
        self.others.append(url)
        return url

    def postgres_seconds(self) -> float:
        """This will give PostgreSQL's processor time so far; 0 where it is not our process."""
        return sum(cpu_seconds(each) for each in (self.postgres, *children(self.postgres))) if self.postgres else 0.0

    @contextmanager
    def api(self, database_url: str) -> Iterator["Server"]:
        """This will run our API as it is run in production, one process; requests carry a token."""
        port = free_port()
        with running(["-m", "cli", "serve"], self._environment(database_url, port), port=port, **self._server()) as api:
            self._settle()
            yield Server(api, log_in(port, EMAIL, PASSWORD))

    @contextmanager
    def peer(self, database_url: str) -> Iterator["Server"]:
        """This will run the peer with the fastest loop and parser that uvicorn has, one process."""
        port = free_port()
        command = _uvicorn("bench.peers.dataloader:create", port)
        with running(command, self._environment(database_url, port), port=port, **self._server()) as peer:
            self._settle()
            yield Server(peer, None)

    @contextmanager
    def postgraphile(self, database_url: str) -> Iterator["Server"]:
        """This will run PostGraphile as for production, one process with as large a pool as ours."""
        port = free_port()
        environment = self._environment(database_url, port)
        environment |= {"NODE_ENV": "production", "DATABASE_POOL_SIZE": str(read_settings().database_pool_size)}
        with workshop(POSTGRAPHILE) as place:
            server = self._server() | {"folder": place, "ready": _speaks_graphql, "program": ()}
            command = [*tool(place, "postgraphile", "dist/cli-run.js"), "-C", "graphile.config.mjs"]
            with running(command, environment, port=port, **server) as peer:
                self._settle()
                yield Server(peer, None)

    @contextmanager
    def bare(self, database_url: str, statement: Path) -> Iterator["Server"]:
        """This will run the statement of a file through bare Starlette and asyncpg, one process."""
        port = free_port()
        command = _uvicorn("bench.peers.bare:create", port)
        environment = self._environment(database_url, port) | {"BENCH_STATEMENT": str(statement)}
        with running(command, environment, port=port, **self._server()) as peer:
            self._settle()
            yield Server(peer, None)

    @contextmanager
    def worker(self, database_url: str) -> Iterator[Process]:
        """This will run one worker."""
        environment = self._environment(database_url, 8000)
        with running(["-m", "cli", "work"], environment, cores=self.cores.server, folder=self.home) as worker:
            yield worker

    def _server(self) -> dict[str, Any]:
        return {"cores": self.cores.server, "folder": self.home, "ready": answers}

    def _settle(self) -> None:
        if self.postgres:
            pin(self.postgres, self.cores.others)

    def _environment(self, database_url: str, port: int) -> dict[str, str]:
        return {
            **os.environ,
            "SALESLOOP_HOME": str(self.home),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "DATABASE_URL": database_url,
            "REDIS_URL": self.redis_url,
            "TOKEN_KEY_FILE": str(kept_key(self.home)),
            **{name.upper(): str(value) for name, value in OF_MANY.items()},
        }


@dataclass(frozen=True, slots=True)
class Server:
    """A GraphQL server that runs, and the token that it wants."""

    process: Process
    token: str | None

    def ask(self, query: str, variables: dict[str, Any] | None = None) -> Any:
        """This will give the data of an answer. Raises RuntimeError where it has errors."""
        return ask(self.process.port, query, variables, self.token)


def ask(port: int, query: str, variables: dict[str, Any] | None = None, token: str | None = None) -> Any:
    """This will ask once, over a connection of its own. Raises RuntimeError where the answer has errors."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    try:
        line.request("POST", "/graphql", json.dumps({"query": query, "variables": variables or {}}), headers)
        answer = json.loads(line.getresponse().read())
    finally:
        line.close()
    if "errors" in answer:
        raise RuntimeError(f"not a good answer: {answer['errors']}")
    return answer["data"]


def log_in(port: int, email: str, password: str) -> str:
    """This will sign in as a person does, and give the token."""
    query = "mutation($input: LoginInput!) { login(input: $input) { token } }"
    return str(ask(port, query, {"input": {"email": email, "password": password}})["login"]["token"])


@contextmanager
def stand() -> Iterator[Stand]:
    """This will put the stand up: on engines of its own, or with a DATABASE_URL in databases of its own there."""
    settings, cores = read_settings(), Cores.of_this_machine()
    os.sched_setaffinity(0, cores.others)
    with tempfile.TemporaryDirectory(prefix="salesloop-bench-", dir="/tmp") as folder:
        home = Path(folder) / "home"
        if settings.database_url:
            put_up = Stand(home, settings.database_url, settings.redis_url or "redis://127.0.0.1", cores)
            try:
                yield put_up
            finally:
                asyncio.run(_drop(put_up))
            return
        with throwaway() as engines:
            postgres = engines.owned[0].process.pid
            yield Stand(home, engines.database_url, engines.redis_url, cores, postgres)


async def _make(server_url: str, name: str, url: str, scale: Scale) -> None:
    await _command(server_url, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    await migrate(url)
    await fill(url, scale)
    async with connected(url):
        await create_user(
            EMAIL, "Bench", PASSWORD, roles=await roles_named(ADMINISTRATOR), by=SYSTEM, at=system_clock()
        )


async def _make_own(
    server_url: str, name: str, url: str, fill: Callable[[asyncpg.Connection], Awaitable[None]]
) -> None:
    await _command(server_url, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    await migrate(url)
    async with connected(url):
        await create_user(
            EMAIL, "Bench", PASSWORD, roles=await roles_named(ADMINISTRATOR), by=SYSTEM, at=system_clock()
        )
    connection = await asyncpg.connect(url)
    try:
        await fill(connection)
    finally:
        await connection.close()


async def _make_demo(put_up: Stand, name: str, url: str, deals: int, at: datetime) -> None:
    await _command(put_up.database_url, f"DROP DATABASE IF EXISTS {name}", f"CREATE DATABASE {name}")
    await migrate(url)
    async with connected(url, pool_size=12, statement_timeout_seconds=0):
        await load(at=at, progress=_silent)
        await complete(deals, at=at, progress=_silent)
        await create_user(
            EMAIL, "Bench", PASSWORD, roles=await roles_named(ADMINISTRATOR), by=SYSTEM, at=system_clock()
        )
        await have_computed(url, put_up.redis_url, at)
    await _command(url, "VACUUM (ANALYZE)")


async def have_computed(url: str, redis_url: str, at: datetime) -> None:
    """This will have a worker within this process do all jobs that wait, as if it were that moment."""
    stop = asyncio.Event()
    task = asyncio.create_task(work(url, redis_url, stop, kinds=KINDS, clock=lambda: at))
    await eventually(_nothing_waits, MOST_SECONDS)
    stop.set()
    await task


async def _nothing_waits() -> bool:
    return not await Job.exclude(state__in=("succeeded", "dead")).exists()


def _silent(_: str) -> None:
    """What the demo tells of its progress is of no interest here."""


async def _drop(put_up: Stand) -> None:
    for url in (*put_up.filled.values(), *put_up.others):
        await _command(put_up.database_url, f"DROP DATABASE {urlsplit(url).path.lstrip('/')}")


async def _command(url: str, *statements: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        for statement in statements:
            await connection.execute(statement)
    finally:
        await connection.close()


def _uvicorn(application: str, port: int) -> list[str]:
    command = ["-m", "uvicorn", application, "--factory", "--port", str(port)]
    return [*command, "--http", "httptools", "--loop", "uvloop", "--no-access-log", "--log-level", "warning"]


def _speaks_graphql(port: int) -> bool:
    try:
        return bool(ask(port, "{ __typename }"))
    except (OSError, http.client.HTTPException):
        return False


def _listed(cores: frozenset[int]) -> str:
    return ", ".join(str(core) for core in sorted(cores))
