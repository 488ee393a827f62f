"""The engine of jobs beside others of its trade: how many a second, how soon, and how soon again after a loss."""

import asyncio
import json
import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from bench.chaos.faults import flush
from bench.chaos.labour import LEASE
from bench.chaos.stage import Stage, staged
from bench.processes import PYTHON, REPOSITORY
from bench.report import heading, table, verdict
from bench.stand import Stand
from domain.jobs.commands import JobRequest, cancel_job, start_batch, start_job
from domain.jobs.dispatching import claim, hand_over
from domain.jobs.endings import end_all, success
from domain.jobs.history import forget_jobs
from domain.jobs.models import Job
from domain.jobs.rules import Policy
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from runtime.database import connected, migrate
from runtime.embedded import start_postgres, start_valkey
from tests.clients.environments import environment_of
from tests.waiting import eventually

PEERS = Path(__file__).parent / "peers" / "queues"
JOBS, ROUNDS, PATIENCE_SECONDS = 3_000, 3, 300
OURS, ARQ, ARQ_TUNED = "Salesloop", "arq, defaults", "arq, tuned"
IN_POSTGRES = ("procrastinate", "SAQ, PostgreSQL")
LEAST_PER_SECOND, MOST_LAG_MS, TIMES_SOONER = 600, 25, 10
LONG_JOBS = 12
FEW, MANY, MOVED = 1_000, 1_000_000, 2_000
MOST_SLOWER = 1.3


def run(stand: Stand) -> None:
    """This will measure no-ops, losses, and a full table."""
    _race()
    asyncio.run(_losses())
    asyncio.run(_full_table())


def _race() -> None:
    heading(
        "Queues",
        f"{JOBS:,} jobs that do nothing, asked for beforehand, by one worker process; then jobs one by one, every 50 "
        f"ms.\nMedians of {ROUNDS} rounds in turns; PostgreSQL and Valkey are the embedded ones, durable.",
    )
    env = str(environment_of(PEERS / "requirements.lock"))
    runners: dict[str, Sequence[str]] = {
        OURS: [*PYTHON, "-m", "bench.peers.queues.ours", str(JOBS)],
        "procrastinate": [env, str(PEERS / "procrastinate_peer.py"), str(JOBS)],
        "SAQ, PostgreSQL": [env, str(PEERS / "saq_peer.py"), str(JOBS), "postgres"],
        "SAQ, Redis": [env, str(PEERS / "saq_peer.py"), str(JOBS)],
        "Celery, Redis": [env, str(PEERS / "celery_peer.py"), str(JOBS)],
        ARQ_TUNED: [*PYTHON, "-m", "bench.peers.queues.arq_bare", str(JOBS), "tuned"],
        ARQ: [*PYTHON, "-m", "bench.peers.queues.arq_bare", str(JOBS)],
    }
    rounds: dict[str, list[Mapping[str, float]]] = {name: [] for name in runners}
    for number in range(ROUNDS):
        for name, command in runners.items():
            rounds[name].append(_measured(command, f"round_{number}_{list(runners).index(name)}"))
    found = {name: {of: median(each[of] for each in some) for of in some[0]} for name, some in rounds.items()}
    table(
        ("", "jobs/s", "start p50, ms", "start p95, ms"),
        [(name, each["per_second"], each["p50"], each["p95"]) for name, each in found.items()],
    )
    best = max(found[name]["per_second"] for name in IN_POSTGRES)
    ours = found[OURS]
    verdict(f"at least {LEAST_PER_SECOND} jobs a second", ours["per_second"] >= LEAST_PER_SECOND)
    verdict(f"above all that keep jobs in PostgreSQL ({ours['per_second'] / best:.1f} ×)", ours["per_second"] > best)
    verdict(f"start p95 at most {MOST_LAG_MS} ms", ours["p95"] <= MOST_LAG_MS)
    sooner = found[ARQ]["p95"] / ours["p95"]
    verdict(f"{TIMES_SOONER} times sooner than arq's defaults ({sooner:.0f} ×)", sooner >= TIMES_SOONER)


def _measured(command: Sequence[str], name: str) -> Mapping[str, float]:
    """One peer, over fresh engines, with a database of its own."""
    with ExitStack() as stack:
        home = stack.enter_context(_home())
        postgres, valkey = start_postgres(home), start_valkey(home)
        stack.callback(postgres.kill)
        stack.callback(valkey.kill)
        url = urlunsplit(urlsplit(postgres.url)._replace(path=f"/{name}"))
        asyncio.run(_create(postgres.url, name))
        if "bench.peers.queues.ours" in command:
            asyncio.run(migrate(url))
        environment = {
            "PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "DATABASE_URL": url, "REDIS_URL": valkey.url,
        }  # fmt: skip
        done = subprocess.run(
            command, cwd=PEERS, env=environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS
        )
        lines = [line for line in done.stdout.splitlines() if line.startswith("{")]
        if not lines:
            raise RuntimeError(f"{command}: {done.stderr[-2000:]}")
        told: Mapping[str, float] = json.loads(lines[-1])
        return told


async def _create(url: str, name: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(f"CREATE DATABASE {name}")
    await connection.close()


async def _losses() -> None:
    heading(
        "Losses",
        f"Four workers; leases of {LEASE.total_seconds():g} s. {LONG_JOBS} jobs run when their workers are killed, or "
        "told to go; some hundred wait in Redis when it is emptied.",
    )
    async with staged(1) as stage:
        await rows_of("UPDATE schedule SET is_paused = true")
        killed = await _begun_again(stage, signal.SIGKILL)
        told = await _begun_again(stage, signal.SIGTERM)
        healed = await _after_flush(stage)
    most = LEASE.total_seconds() + 5
    table(
        ("", "p50, s", "p95, s"),
        [(name, each[len(each) // 2], each[int(len(each) * 0.95)])
         for name, each in (("killed, until begun elsewhere", killed), ("told to go, until begun elsewhere", told))],
    )  # fmt: skip
    verdict(f"a killed worker's jobs go on within {most:g} s (p95)", killed[int(len(killed) * 0.95)] <= most)
    verdict("those of a worker that is told to go within 2 s (p95)", told[int(len(told) * 0.95)] <= 2)
    verdict(f"an emptied Redis is healed within 10 s ({healed:.1f} s)", healed <= 10)


async def _begun_again(stage: Stage, how: signal.Signals) -> list[float]:
    """How long after the signal the jobs of two of four workers were begun again, in seconds, the quickest first."""
    jobs = [await start_job("chaos.effect", {"seconds": 30.0}, by=SYSTEM, at=system_clock()) for _ in range(LONG_JOBS)]
    keys = [job.id for job in jobs]

    async def all_run() -> bool:
        return await Job.filter(id__in=keys, state="running").count() == LONG_JOBS

    await eventually(all_run, 60)
    pids = [worker.pid for worker in stage.workers[:2]]
    hit = {
        row["id"]
        for row in await rows_of("SELECT id, split_part(worker, '.', -1)::int AS pid FROM job WHERE id = ANY($1)", keys)
        if row["pid"] in pids
    }
    (moment,) = (await rows_of("SELECT clock_timestamp()"))[0]
    for pid in pids:
        os.kill(pid or 0, how)
    for number in range(2):  # as whoever watches over workers does
        await asyncio.to_thread(stage.workers[number].join)
        stage.start_worker(number)

    async def all_run_again() -> bool:
        rows = await rows_of("SELECT count(*) FROM job WHERE id = ANY($1) AND started_at > $2", list(hit), moment)
        return bool(rows[0][0] == len(hit))

    await eventually(all_run_again, 60)
    rows = await rows_of("SELECT started_at - $2 AS wait FROM job WHERE id = ANY($1)", list(hit), moment)
    for key in keys:
        await cancel_job(key, by=SYSTEM, at=system_clock())
    await eventually(stage.is_idle, 60)
    return sorted(row["wait"].total_seconds() for row in rows)


async def _after_flush(stage: Stage) -> float:
    """How long after Redis was emptied the last of the jobs was begun that waited there."""
    requests = [JobRequest("chaos.effect", {"seconds": 0.1}) for _ in range(400)]
    await start_batch(requests, by=SYSTEM, at=system_clock())
    await asyncio.sleep(0.5)
    await flush(stage)
    lost = await rows_of("SELECT id, clock_timestamp() AS now FROM job WHERE state = 'dispatched'")
    await eventually(stage.is_idle, 60)
    rows = await rows_of("SELECT max(started_at) - $2 AS wait FROM job WHERE id = ANY($1)",
                         [row["id"] for row in lost], lost[0]["now"])  # fmt: skip
    return float(rows[0]["wait"].total_seconds())


async def _full_table() -> None:
    heading(
        "A full table",
        f"Handing over, claiming and ending {MOVED:,} jobs, 100 at a time, of {FEW:,} and of {MANY:,} that are queued; "
        "then forgetting 100,000 that have ended.",
    )
    with _home() as home:
        postgres = start_postgres(home)
        try:
            await migrate(postgres.url)
            async with connected(postgres.url, statement_timeout_seconds=600):
                await _move_and_forget()
        finally:
            postgres.kill()


async def _move_and_forget() -> None:
    spans: dict[int, list[float]] = {}
    for depth in (FEW + MOVED, MANY):
        await _fill(depth)
        spans[depth] = [await _moved() for _ in range(MOVED // 100)]
    table(
        ("", "100 jobs, median ms", "slowest, ms"),
        [(f"{depth:,} queued", median(some) * 1000, max(some) * 1000) for depth, some in spans.items()],
    )
    slower = median(spans[MANY]) / median(spans[FEW + MOVED])
    verdict(f"no slower than {MOST_SLOWER} × ({slower:.2f} ×)", slower <= MOST_SLOWER)
    await rows_of(
        """UPDATE job SET state = 'succeeded', finished_at = now() - interval '90 days'
        WHERE id IN (SELECT id FROM job WHERE state = 'queued' LIMIT 100000)"""
    )
    forgetting, gone = list[float](), 1
    while gone:
        began = time.perf_counter()
        gone = await forget_jobs(LEASE)
        forgetting.append(time.perf_counter() - began)
    row = ("forgetting", len(forgetting), median(forgetting) * 1000, max(forgetting) * 1000)
    table(("", "statements", "median ms", "slowest, ms"), [row])


@contextmanager
def _home() -> Iterator[Path]:
    """A short path, open to the account that the engines run as."""
    with tempfile.TemporaryDirectory(prefix="queues-", dir="/tmp") as name:
        home = Path(name)
        home.chmod(0o755)
        yield home


async def _fill(depth: int) -> None:
    await rows_of("TRUNCATE job CASCADE")
    await rows_of(
        """INSERT INTO job (id, created_at, updated_at, version, kind, payload, payload_version, state, priority,
            run_at, ready_at, dispatch, attempt, max_attempts, replays, progress_done)
        SELECT uuidv7(), now(), now(), 1, 'kind.' || n % 10, '{}', 1, 'queued', n % 3, now(), now(), 0, 0, 5, 0, 0
        FROM generate_series(1, $1) n""",
        depth,
    )
    await rows_of("VACUUM ANALYZE job")


async def _moved() -> float:
    """A hundred jobs go all the way; gives the seconds that took."""
    policies = [Policy(f"kind.{number}") for number in range(10)]
    began = time.perf_counter()
    found = await hand_over(policies, {"default": 400}, 100)
    held = await claim([(each.job_id, each.number) for each in found.dispatches], policies, "bench")
    await end_all([success(each, None) for each in held])
    if len(held) != 100:
        raise RuntimeError(f"{len(held)} jobs were moved")
    return time.perf_counter() - began
