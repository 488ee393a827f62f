"""What `salesloop jobs` shows and does, on a database of the test's own."""

import asyncio
import sys
from asyncio.subprocess import PIPE, STDOUT
from datetime import UTC, datetime

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.jobs.commands import start_job
from domain.jobs.endings import Progress, end, failure
from domain.jobs.kinds import ToldKind, tell_kinds
from domain.jobs.models import Job
from domain.jobs.rules import JobState, MayStart, Policy
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import new_id, public_id
from tests.cli.house import REPOSITORY
from tests.jobs import claimed_by_hand, handed_over_and_done

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)
KEY = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


@pytest.fixture(autouse=True)
def environment(database: str, redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.setenv("REDIS_URL", redis_url)
    monkeypatch.setenv("TOKEN_KEY", KEY)


async def ask(*arguments: str) -> tuple[int | None, str]:
    """The exit code of the command, and what it says."""
    command = [sys.executable, "-m", "cli", "jobs", *arguments]
    process = await asyncio.create_subprocess_exec(*command, cwd=REPOSITORY, stdout=PIPE, stderr=STDOUT)
    said, _ = await process.communicate()
    return process.returncode, said.decode()


async def told(*arguments: str) -> str:
    """What a command says that does what it is asked to."""
    code, said = await ask(*arguments)
    assert code == 0, said
    return said


async def dead_job() -> str:
    job = await start_job("test", {"n": 1}, by=SYSTEM, at=NOW)
    await end(failure(await claimed_by_hand("test"), "It broke.", None, Progress(3, 9, "thirds", "the last words")))
    return public_id("job", job.id)


async def test_jobs_are_listed_and_shown() -> None:
    name = await dead_job()
    await start_job("other", {}, by=SYSTEM, at=NOW)
    assert [len((await told("list", *chosen)).splitlines()) for chosen in ((), ("--state", "dead"))] == [2, 1]
    shown = await told("show", name)
    for words in (name, "dead", "{'n': 1}", "attempt 1  failed", "It broke.", "the last words", "3 of 9 thirds"):
        assert words in shown


async def test_what_is_not_there_is_said() -> None:
    for arguments, words in (
        (("show", "job_nonsense"), "there is no job job_nonsense"),
        (("retry", public_id("job", new_id())), "there is no job"),
        (("list", "--state", "lost"), "there are waiting, scheduled"),
        (("resume", "nowhere"), "there is no queue nowhere"),
    ):
        code, said = await ask(*arguments)
        assert (code, words in said) == (1, True), said


async def test_a_dead_job_is_run_again_and_followed_to_its_end() -> None:
    name = await dead_job()
    assert "queued" in await told("retry", name)
    await handed_over_and_done("test")
    assert "succeeded" in await told("tail", name)


async def test_a_job_is_called_off() -> None:
    job = await start_job("test", {}, by=SYSTEM, at=NOW)
    assert "cancelled" in await told("cancel", public_id("job", job.id))
    assert (await Job.get(id=job.id)).state == JobState.CANCELLED


async def test_a_queue_is_drained_and_resumed() -> None:
    await tell_kinds([ToldKind(Policy("test", queue="slow"), "A test.", {}, MayStart.NOBODY)], NOW)
    job = await start_job("test", {}, by=SYSTEM, at=NOW)
    await claimed_by_hand("test")
    code, said = await ask("drain", "slow", "--seconds", "0")
    assert (code, "1 jobs of slow still run" in said) == (1, True)
    await Job.filter(id=job.id).update(state=JobState.SUCCEEDED)
    await start_job("test", {}, by=SYSTEM, at=NOW)
    assert "0 of its jobs run" in await told("drain", "slow")
    listed = await told("queues")
    assert "1 queued" in listed
    assert "PAUSED: drained from the command line" in listed
    assert "goes on" in await told("resume", "slow")
    assert "PAUSED" not in await told("queues")
