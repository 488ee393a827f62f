"""What a worker tells of itself: health, readiness, measures, and the spans that join a request and its job."""

import asyncio
import socket
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from domain.jobs.models import Job
from domain.jobs.rules import JobState
from domain.kernel.trace import trace_parent
from runtime.ports import listening
from runtime.refusal import CannotRun
from runtime.tracing import Tracing, tracing
from tests.graph import Graph
from tests.waiting import eventually
from tests.workers.workplace import asked, in_state, working
from workers.desk import desk
from workers.kinds import RunningJob
from workers.parts import Part

pytestmark = pytest.mark.anyio
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


async def fails_once(running: RunningJob) -> None:
    if running.claim.attempt == 1:
        raise RuntimeError("not yet")


async def asked_how_it_is(place: socket.socket, path: str) -> httpx.Response:
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{place.getsockname()[1]}") as client:
        return await client.get(path)


async def test_a_worker_tells_its_health_and_measures(database: str, redis_url: str) -> None:
    place = listening("127.0.0.1", 0)
    async with working(database, redis_url, fails_once, place=place):
        job = await in_state(await asked())
        assert job.state == JobState.SUCCEEDED

        async def is_ready() -> bool:
            return (await asked_how_it_is(place, "/ready")).status_code == 200

        await eventually(is_ready)
        assert (await asked_how_it_is(place, "/health")).json() == {"status": "ok"}

        async def measured() -> str:
            text = (await asked_how_it_is(place, "/metrics")).text
            return text if 'salesloop_job_attempts_total{kind="test",outcome="succeeded"}' in text else ""

        text = await eventually(measured)
    for line in (
        'salesloop_job_attempts_total{kind="test",outcome="failed"}',
        'salesloop_job_start_lag_seconds_bucket{kind="test",le="0.025"}',
        'salesloop_job_duration_seconds_count{kind="test"}',
        "salesloop_jobs_running 0.0",
        "salesloop_jobs_handed_over_total",
        'salesloop_jobs_swept_total{found="left_behind"}',
        'salesloop_jobs_oldest_seconds{queue="default"} 0.0',
        'salesloop_queue_paused{queue="default"} 0.0',
    ):
        assert line in text, line


async def test_a_part_that_fails_makes_it_unready() -> None:
    async def step() -> None:
        raise OSError("gone")

    stop, part = asyncio.Event(), Part("the relay", step, every_seconds=60)
    task = asyncio.create_task(part.keep_going(stop))

    async def is_troubled() -> bool:
        return bool(part.trouble)

    await eventually(is_troubled)
    transport = httpx.ASGITransport(app=desk([part]))
    async with httpx.AsyncClient(transport=transport, base_url="http://worker") as client:
        answer = await client.get("/ready")
    assert (answer.status_code, answer.json()["troubled"]) == (503, {"the relay": "outage"})
    stop.set()
    part.wake()
    await task


def test_a_host_that_is_none_is_named() -> None:
    for host in ("no.such.host.invalid", "192.0.2.1"):
        with pytest.raises(CannotRun, match=r"HOST: .*127\.0\.0\.1"):
            listening(host, 0)


def test_a_taken_port_is_no_obstacle() -> None:
    first = listening("127.0.0.1", 0)
    first.listen()
    second = listening("127.0.0.1", first.getsockname()[1])
    assert second.getsockname()[1] != first.getsockname()[1]
    first.close()
    second.close()


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    """Where the spans of a test are found."""
    exporter = InMemorySpanExporter()
    before = tracing._tracer
    tracing.begin("test", SimpleSpanProcessor(exporter))
    yield exporter
    tracing._tracer = before


AGGREGATE = {"query": "mutation { feedbackAggregate { job { id } } }"}


async def test_a_job_is_in_the_trace_of_the_request_that_asked_for_it(
    rob: Graph, redis_url: str, database_url: str, spans: InMemorySpanExporter
) -> None:
    await rob.post(AGGREGATE, traceparent=PARENT)
    (request,) = spans.get_finished_spans()
    job = await Job.get()
    assert job.trace_parent == f"00-{PARENT.split('-')[1]}-{request.context.span_id:016x}-01"
    await Job.filter(id=job.id).update(kind="test")
    inner: list[Any] = []

    async def handler(running: RunningJob) -> None:
        inner.append(trace_parent.get())
        raise ValueError("no")

    async with working(database_url, redis_url, handler, retryable=lambda error: False):
        assert (await in_state(job)).state == JobState.DEAD

        async def ended() -> Any:
            return [span for span in spans.get_finished_spans() if span.name == "test"]

        (span,) = await eventually(ended)
    assert (span.parent.span_id, span.context.trace_id) == (request.context.span_id, request.context.trace_id)
    assert span.status.description == "failed"
    assert inner == [f"00-{span.context.trace_id:032x}-{span.context.span_id:016x}-01"]


@pytest.mark.parametrize(
    "parent",
    [None, "", "nonsense", PARENT.upper(), "ff" + PARENT[2:], "00-" + "0" * 32 + PARENT[35:], PARENT + "x"],
)
def test_what_is_no_parent_is_none(parent: str | None) -> None:
    with Tracing().request("GraphQL", parent) as span:
        assert span.trace_parent is None


def test_without_an_endpoint_the_callers_parent_is_passed_on() -> None:
    with Tracing().request("GraphQL", PARENT) as span:
        assert span.trace_parent == PARENT
