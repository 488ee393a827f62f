"""The life cycle of jobs against a plain model of it: whatever happens in whatever order, both say the same."""

import asyncio
from collections.abc import Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from domain.jobs.commands import cancel_job, retry_job, start_job
from domain.jobs.dispatching import Claim, claim, hand_over, take_back
from domain.jobs.endings import Ending, cancellation, end_all, failure, postponement, recover, release, success
from domain.jobs.rules import LIVE, Dispatch, JobState, Policy
from domain.jobs.statements import rows_of
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Refusal
from runtime.database import connected

NOW = datetime(2024, 5, 1, tzinfo=UTC)
POLICY = Policy("test", max_attempts=2)
MOST_JOBS = 3
"""Few, so that much befalls each."""
LATER = timedelta(hours=1)
Made = TypeVar("Made")
Handed = TypeVar("Handed", Dispatch, Claim)


@dataclass
class Model:
    """What a job should be."""

    unique_key: str | None = None
    state: JobState = JobState.QUEUED
    attempt: int = 0
    dispatch: int = 0
    token: UUID | None = None
    is_called_off: bool = False
    attempts: int = 0
    """How many attempts at it have left a row."""


@dataclass
class Known:
    """What has been handed out so far, of which most is void by now."""

    jobs: dict[UUID, Model] = field(default_factory=dict)
    dispatches: list[Dispatch] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)


class LifeCycle(RuleBasedStateMachine):
    """Asks for jobs, hands them over, claims, ends, loses and repeats them, with what holds and with what is void."""

    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.known = Known()
        self.run(rows_of("DELETE FROM job"))

    def run(self, doing: Coroutine[Any, Any, Made]) -> Made:
        return self.loop.run_until_complete(doing)

    def model(self, key: UUID) -> Model:
        return self.known.jobs[key]

    @initialize(losses=st.integers(0, 2))
    def have_a_past(self, losses: int) -> None:
        self.ask(None)
        self.begin()
        for _ in range(losses):
            self.lose(self.known.claims[-1])
            self.begin()

    def begin(self) -> None:
        """All that can be begun is."""
        self.hand(MOST_JOBS)
        for dispatch in list(self.known.dispatches):
            self.claim(dispatch)

    def likely(self, some: list[Handed], state: JobState) -> list[Handed]:
        """Those that are about a job in the state, current or void, in which they might do harm; all where none is."""
        return [each for each in some if self.model(each.job_id).state == state] or some

    @precondition(lambda self: len(self.known.jobs) < MOST_JOBS)
    @rule(key=st.sampled_from([None, "a"]))
    def ask(self, key: str | None) -> None:
        live = [id for id, job in self.known.jobs.items() if key and job.unique_key == key and job.state in LIVE]
        job = self.run(start_job("test", {}, unique_key=key, by=SYSTEM, at=NOW))
        assert not live or job.id == live[0]
        self.known.jobs.setdefault(job.id, Model(key))

    @rule(most=st.integers(1, 3))
    def hand(self, most: int) -> None:
        for dispatch in self.run(hand_over([POLICY], {"default": 10}, most)).dispatches:
            job = self.model(dispatch.job_id)
            assert job.state == JobState.QUEUED
            job.state, job.dispatch = JobState.DISPATCHED, job.dispatch + 1
            assert dispatch.number == job.dispatch
            self.known.dispatches.append(dispatch)
        waiting = sum(job.state == JobState.QUEUED for job in self.known.jobs.values())
        assert not waiting or len(self.known.dispatches) >= most

    @precondition(lambda self: self.known.dispatches)
    @rule(data=st.data())
    def deliver(self, data: st.DataObject) -> None:
        self.claim(data.draw(st.sampled_from(self.likely(self.known.dispatches, JobState.DISPATCHED))))

    def claim(self, dispatch: Dispatch) -> None:
        job = self.model(dispatch.job_id)
        holds = job.state == JobState.DISPATCHED and job.dispatch == dispatch.number
        held = self.run(claim([(dispatch.job_id, dispatch.number)], [POLICY], "here"))
        assert bool(held) == holds
        if holds:
            job.state, job.attempt, job.token = JobState.RUNNING, job.attempt + 1, held[0].token
            assert held[0].attempt == job.attempt
            self.known.claims.append(held[0])

    @precondition(lambda self: self.known.dispatches)
    @rule(data=st.data())
    def lose_on_the_way(self, data: st.DataObject) -> None:
        dispatch = data.draw(st.sampled_from(self.likely(self.known.dispatches, JobState.DISPATCHED)))
        job = self.model(dispatch.job_id)
        holds = job.state == JobState.DISPATCHED and job.dispatch == dispatch.number
        assert bool(self.run(take_back([(dispatch.job_id, dispatch.number)]))) == holds
        if holds:
            job.state = JobState.QUEUED

    @precondition(lambda self: self.known.claims)
    @rule(
        data=st.data(), how=st.sampled_from(["success", "failure", "death", "release", "postponement", "cancellation"])
    )
    def finish(self, data: st.DataObject, how: str) -> None:
        held = data.draw(st.sampled_from(self.likely(self.known.claims, JobState.RUNNING)))
        job = self.model(held.job_id)
        holds = job.state == JobState.RUNNING and job.token == held.token
        ending: Ending = {
            "success": success(held, {}),
            "failure": failure(held, "no", LATER),
            "death": failure(held, "no", None),
            "release": release(held),
            "postponement": postponement(held, "not yet", LATER),
            "cancellation": cancellation(held),
        }[how]
        assert self.run(end_all([ending])) == ({held.job_id} if holds else set())
        if holds:
            job.state, job.token = ending.state, None
            job.attempt -= not ending.counts
            job.attempts += ending.outcome is not None

    @precondition(lambda self: self.known.claims)
    @rule(data=st.data(), is_taken_over=st.booleans())
    def go_silent(self, data: st.DataObject, is_taken_over: bool) -> None:
        held = data.draw(st.sampled_from(self.likely(self.known.claims, JobState.RUNNING)))
        self.lose(held)
        if is_taken_over:
            self.begin()

    def lose(self, held: Claim) -> None:
        job = self.model(held.job_id)
        self.run(
            rows_of(
                "UPDATE job SET lease_until = clock_timestamp() - interval '1 s' WHERE lease_token = $1", held.token
            )
        )
        found = self.run(recover())
        if job.state == JobState.RUNNING and job.token == held.token:
            job.state = JobState.DEAD if job.attempt >= POLICY.max_attempts else JobState.QUEUED
            if job.is_called_off:
                job.state = JobState.CANCELLED
            job.token, job.attempts = None, job.attempts + 1
            assert found == {held.job_id: job.state}
        else:
            assert found == {}

    @precondition(lambda self: self.known.jobs)
    @rule(data=st.data())
    def call_off(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.known.jobs)))
        job = self.model(key)
        self.run(cancel_job(key, by=SYSTEM, at=NOW))
        if job.state in LIVE and not job.is_called_off:
            job.is_called_off = True
            if job.state != JobState.RUNNING:
                job.state = JobState.CANCELLED

    @precondition(lambda self: self.known.jobs)
    @rule(data=st.data())
    def repeat(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.known.jobs)))
        job = self.model(key)
        others = [each for id, each in self.known.jobs.items() if id != key and each.state in LIVE]
        is_taken = job.unique_key is not None and any(each.unique_key == job.unique_key for each in others)
        try:
            self.run(retry_job(key, by=SYSTEM, at=NOW))
        except Refusal:
            assert is_taken
            return
        assert not is_taken
        if job.state in (JobState.DEAD, JobState.CANCELLED):
            job.state, job.attempt, job.is_called_off = JobState.QUEUED, 0, False

    @rule()
    def wait(self) -> None:
        self.run(rows_of("UPDATE job SET run_at = run_at - interval '2 h' WHERE state = 'scheduled'"))
        self.run(hand_over([POLICY], {"default": 0}, 1))
        for job in self.known.jobs.values():
            if job.state == JobState.SCHEDULED:
                job.state = JobState.QUEUED

    @invariant()
    def both_say_the_same(self) -> None:
        rows = self.run(
            rows_of(
                """SELECT id, state, attempt, dispatch, lease_token,
                    (SELECT count(*) FROM job_attempt a WHERE a.job_id = job.id) FROM job"""
            )
        )
        assert {row[0]: tuple(row)[1:] for row in rows} == {
            key: (job.state, job.attempt, job.dispatch, job.token, job.attempts) for key, job in self.known.jobs.items()
        }


@pytest.fixture
def machine(database_url: str) -> Iterator[type[LifeCycle]]:
    """The machine, over a database of its own."""
    loop = asyncio.new_event_loop()
    around = connected(database_url)
    loop.run_until_complete(around.__aenter__())
    LifeCycle.loop = loop
    yield LifeCycle
    loop.run_until_complete(around.__aexit__(None, None, None))
    loop.close()


def test_a_job_is_what_the_model_says(machine: type[LifeCycle]) -> None:
    how = settings(
        max_examples=60,
        stateful_step_count=60,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.reuse, Phase.generate),  # to make what fails smaller would take minutes
    )
    run_state_machine_as_test(machine, settings=how)
