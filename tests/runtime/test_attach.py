"""One owner at a time, and anybody who joins. Where only the lock matters, Valkey alone is started, for speed."""

import threading
from contextlib import ExitStack
from pathlib import Path

import pytest

from runtime.embedded import HomeInUse, attach, engines, find, ownerless
from runtime.embedded.ownership import owner
from runtime.settings import Settings
from tests.runtime.test_embedded import ask, command
from tests.waiting import until

pytestmark = pytest.mark.usefixtures("bare")

ELSEWHERE = "postgresql://db.example/sales"


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


@pytest.fixture
def valkey_only(settings: Settings) -> Settings:
    return settings.model_copy(update={"database_url": ELSEWHERE})


def test_nothing_runs_so_a_command_starts_engines_and_stops_them(settings: Settings) -> None:
    with attach(settings, "import") as running:
        assert ask(running.database_url, "SELECT 1") == 1
        assert command(running.redis_url, "PING")
        assert owner(settings.home).startswith("`salesloop import` (process ")
    assert owner(settings.home) == ""
    assert find(settings).database_url == find(settings).redis_url == ""
    assert ownerless(settings) == []


def test_a_command_joins_engines_that_run_and_leaves_them_running(settings: Settings) -> None:
    with engines(settings) as running:
        with attach(settings) as joined:
            assert (joined.database_url, joined.redis_url) == (running.database_url, running.redis_url)
            assert joined.owned == ()
        assert [engine.name for engine in running.owned if engine.answers()] == ["postgres", "valkey"]
        assert find(settings) == joined


def test_a_second_owner_is_refused_by_name(valkey_only: Settings) -> None:
    with engines(valkey_only) as running:
        with pytest.raises(HomeInUse, match=r"in use by `salesloop up` \(process \d+\)"), engines(valkey_only):
            pass
        assert running.owned[0].answers()


def test_a_command_that_started_them_waits_for_those_who_joined(valkey_only: Settings) -> None:
    started, finish, ended = threading.Event(), threading.Event(), threading.Event()

    def starter() -> None:
        with attach(valkey_only):
            started.set()
            assert finish.wait(30)
        ended.set()

    thread = threading.Thread(target=starter)
    thread.start()
    try:
        assert started.wait(30)
        with ExitStack() as joined:
            running = joined.enter_context(attach(valkey_only))
            finish.set()
            assert not ended.wait(0.3)
            assert command(running.redis_url, "PING")
        assert ended.wait(30)
    finally:
        finish.set()
        thread.join(30)
    assert find(valkey_only).redis_url == ""


def test_a_newcomer_takes_over_from_a_command_that_ends(valkey_only: Settings) -> None:
    outcomes: list[bool] = []

    def worker() -> None:
        with attach(valkey_only) as running:
            outcomes.append(command(running.redis_url, "PING"))

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: not any(thread.is_alive() for thread in threads), 60)
    assert outcomes == [True] * 4
    assert owner(valkey_only.home) == ""


def test_servers_of_ones_own_start_nothing(settings: Settings) -> None:
    mine = settings.with_engines(ELSEWHERE, "redis://cache.example")
    with attach(mine) as joined, engines(mine) as owned:
        assert joined == owned
        assert joined.database_url == ELSEWHERE
    assert not settings.home.exists()


def test_only_the_engine_without_a_url_is_started(valkey_only: Settings) -> None:
    with engines(valkey_only) as running:
        assert [engine.name for engine in running.owned] == ["valkey"]
        assert running.database_url == ELSEWHERE
        assert command(running.redis_url, "PING")
    assert not (valkey_only.home / "postgres").exists()
