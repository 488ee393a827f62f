"""Engines, networks and workers, put up to be troubled; who asks for jobs, and who counts what is under way."""

import asyncio
import multiprocessing
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from multiprocessing.context import ForkServerProcess
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit
from uuid import UUID

import asyncpg
from tortoise.transactions import in_transaction

from bench.chaos.labour import AT_ONCE, AT_ONCE_PER_KEY, KINDS, TABLES, toil
from bench.chaos.proxy import HOST, Proxy
from domain.jobs.commands import JobRequest, start_batch, start_chain, start_job
from domain.jobs.kinds import tell_kinds
from domain.jobs.schedules import create_schedule
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected, migrate
from runtime.embedded import start_postgres, start_valkey
from runtime.embedded.postgres import PostgresEngine
from runtime.embedded.valkey import ValkeyEngine
from runtime.outages import OUTAGES

AHEAD_SECONDS = (0, 3600, -3600, 0)
"""How far the clock of each worker is ahead."""
COUNT_SECONDS = 0.1
MOST_LIVE = 400
"""Nobody asks for more while so many jobs have not ended, or all would still wait when the trouble is over."""


class RolledBack(Exception):
    """It was not meant to be."""


@dataclass
class Stage:
    """All that is up, and what was noted meanwhile."""

    home: Path
    chance: random.Random
    postgres: PostgresEngine
    valkey: ValkeyEngine
    to_postgres: Proxy
    to_valkey: Proxy
    workers: list[ForkServerProcess] = field(default_factory=list)
    rolled_back: list[UUID] = field(default_factory=list)
    too_many: list[str] = field(default_factory=list)
    live: int = 0
    """How many jobs had not ended when they were last counted."""
    hands: list[asyncio.Lock] = field(default_factory=lambda: [asyncio.Lock() for _ in AHEAD_SECONDS])
    engines: dict[str, asyncio.Lock] = field(default_factory=dict)

    @property
    def trace(self) -> Path:
        """Where effects outside of the database are written."""
        return self.home / "outside.log"

    @property
    def log(self) -> Path:
        """What the workers say."""
        return self.home / "workers.log"

    @asynccontextmanager
    async def some_worker(self) -> AsyncIterator[int]:
        """One of the workers, by its number, which nothing else befalls meanwhile."""
        free = [number for number, lock in enumerate(self.hands) if not lock.locked()]
        number = self.chance.choice(free or range(len(self.hands)))
        async with self.hands[number]:
            yield number

    def engine(self, name: str) -> asyncio.Lock:
        """What to hold while an engine is away."""
        return self.engines.setdefault(name, asyncio.Lock())

    def start_worker(self, number: int) -> None:
        """This will start a worker in the place of another that has ended."""
        url = urlsplit(self.postgres.url)
        database_url = f"postgresql://{dict(parse_qsl(url.query)).get('user', url.username or 'postgres')}"
        database_url += f"@{HOST}:{self.to_postgres.port}{url.path}"
        worker = multiprocessing.get_context("forkserver").Process(
            target=toil,
            args=(database_url, f"redis://{HOST}:{self.to_valkey.port}", str(self.log), AHEAD_SECONDS[number]),
        )
        worker.start()
        self.workers[number : number + 1] = [worker]

    async def ask_for_jobs(self, stop: asyncio.Event, per_second: float) -> None:
        """This will ask for jobs of all sorts until it is stopped; some of what is asked for is rolled back."""
        while not stop.is_set():
            await asyncio.sleep(self.chance.expovariate(per_second))
            if self.live >= MOST_LIVE:
                continue
            keys: list[UUID] = []
            try:
                async with in_transaction():
                    keys = await self._ask()
                    await rows_of("INSERT INTO chaos_ledger SELECT unnest($1::uuid[]) ON CONFLICT DO NOTHING", keys)
                    if self.chance.random() < 0.1 and len(keys) == 1:
                        raise RolledBack
            except RolledBack:
                self.rolled_back += keys
            except OUTAGES:
                await asyncio.sleep(0.1)

    async def _ask(self) -> list[UUID]:
        sort, seconds = self.chance.random(), self.chance.choice((0.0, 0.0, 0.01, 0.2, 2.0))
        now = system_clock()
        if sort < 0.85:
            kinds = ("chaos.effect", "chaos.flaky", "chaos.external", "chaos.external", "chaos.external")
            kind = self.chance.choice(kinds)
            payload = {"seconds": seconds, "trace": str(self.trace)}
            return [(await start_job(kind, payload, by=SYSTEM, at=now)).id]
        if sort < 0.92:
            key = self.chance.choice("abc")
            payload = {"seconds": min(seconds, 0.2)}
            return [(await start_job("chaos.limited", payload, by=SYSTEM, at=now, limit_key=key)).id]
        if sort < 0.95:
            key = f"unique {self.chance.randrange(3)}"
            job = await start_job("chaos.effect", {"seconds": seconds}, by=SYSTEM, at=now, unique_key=key)
            return [job.id] if job.created_at == now else []
        requests = [JobRequest("chaos.effect", {"seconds": min(seconds, 0.2)}) for _ in range(3)]
        if sort < 0.97:
            return [job.id for job in await start_chain(requests, by=SYSTEM, at=now)]
        batch = await start_batch(requests, then=JobRequest("chaos.effect"), by=SYSTEM, at=now)
        return [row["id"] for row in await rows_of("SELECT id FROM job WHERE batch_id = $1", batch)]

    async def count(self, stop: asyncio.Event) -> None:
        """This will look now and then whether more is under way than may be."""
        while not stop.is_set():
            await asyncio.sleep(COUNT_SECONDS)
            try:
                rows = await rows_of(
                    """SELECT limit_key, unique_key, state FROM job WHERE state IN
                        ('waiting', 'scheduled', 'queued', 'blocked', 'dispatched', 'running')"""
                )
            except OUTAGES:
                continue
            self.live = len(rows)
            under_way = Counter(row["limit_key"] for row in rows if row["state"] in ("dispatched", "running"))
            del under_way[None]
            unique = Counter(row["unique_key"] for row in rows if row["unique_key"])
            if under_way.total() > AT_ONCE or max(under_way.values(), default=0) > AT_ONCE_PER_KEY:
                self.too_many.append(f"under way: {dict(under_way)}")
            if max(unique.values(), default=0) > 1:
                self.too_many.append(f"live: {dict(unique)}")

    async def is_idle(self) -> bool:
        """Whether every job has ended."""
        return not await rows_of("SELECT FROM job WHERE state NOT IN ('succeeded', 'dead', 'cancelled') LIMIT 1")


@asynccontextmanager
async def staged(seed: int) -> AsyncIterator[Stage]:
    """Engines that keep what they are told, and workers that reach them by networks which can fail."""
    home = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
    postgres, valkey = start_postgres(home), start_valkey(home)
    to_postgres, to_valkey = Proxy(_socket_of(postgres.url)), Proxy(valkey.url.removeprefix("unix://"))
    stage = Stage(home, random.Random(seed), postgres, valkey, to_postgres, to_valkey)
    try:
        await migrate(postgres.url)
        await _prepare(postgres.url)
        stage.trace.touch()
        await to_postgres.open()
        await to_valkey.open()
        async with connected(postgres.url, pool_size=8):
            await _set_up_schedules()
            multiprocessing.get_context("forkserver").set_forkserver_preload(["bench.chaos.labour"])
            for number in range(len(AHEAD_SECONDS)):
                stage.start_worker(number)
            yield stage
    finally:
        for worker in stage.workers:
            worker.kill()
            worker.join()
        await to_postgres.close()
        await to_valkey.close()
        valkey.kill()
        postgres.kill()
        shutil.rmtree(home, ignore_errors=True)


def _socket_of(url: str) -> str:
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    return f"{options['host']}/.s.PGSQL.{options.get('port', parts.port or 5432)}"


async def _prepare(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(TABLES)
    await connection.close()


async def _set_up_schedules() -> None:
    now = system_clock()
    await tell_kinds([kind.told() for kind in KINDS.values()], now)
    for name, overlap in (("Each second", "queue"), ("Each other second", "skip")):
        given = {
            "name": name, "kind": "chaos.effect", "payload": {"seconds": 0.1}, "overlap": overlap, "catch_up": "all",
            "every_seconds": 1 if overlap == "queue" else 2,
        }  # fmt: skip
        await create_schedule(given, by=SYSTEM, at=now)
