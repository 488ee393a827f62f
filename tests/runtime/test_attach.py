"""One owner at a time, and anybody who joins."""

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


@pytest.fixture
def settings(home: Path) -> Settings:
    return Settings(home=home)


def test_nothing_runs_so_a_command_starts_engines_and_stops_them(settings: Settings) -> None:
    with attach(settings, "import") as running:
        assert ask(running.database_url, "SELECT 1") == 1
        assert command(running.redis_url, "PING")
        assert owner(settings.home).startswith("`salesloop import` (process ")
    assert owner(settings.home) == ""
    assert find(settings).database_url == find(settings).redis_url == ""
    assert ownerless(settings) == []


def test_a_command_joins_engines_that_run_and_a_second_owner_is_refused_by_name(settings: Settings) -> None:
    with engines(settings) as running:
        with attach(settings) as joined:
            assert (joined.database_url, joined.redis_url) == (running.database_url, running.redis_url)
            assert joined.owned == ()
        with pytest.raises(HomeInUse, match=r"in use by `salesloop up` \(process \d+\)"), engines(settings):
            pass
        assert [engine.name for engine in running.owned if engine.answers()] == ["postgres", "valkey"]
        assert find(settings) == joined


def test_a_command_that_started_them_waits_for_those_who_joined(settings: Settings) -> None:
    started, finish = threading.Event(), threading.Event()

    def starter() -> None:
        with attach(settings):
            started.set()
            assert finish.wait(30)

    thread = threading.Thread(target=starter)
    thread.start()
    try:
        assert started.wait(30)
        with ExitStack() as joined:
            running = joined.enter_context(attach(settings))
            finish.set()
            assert ask(running.database_url, "SELECT pg_sleep(0.3)::text") == ""
            assert thread.is_alive()
            assert find(settings) == running
    finally:
        finish.set()
        thread.join(30)
    assert find(settings).database_url == ""


def test_a_newcomer_takes_over_from_a_command_that_ends(settings: Settings) -> None:
    outcomes: list[int] = []

    def worker() -> None:
        with attach(settings) as running:
            outcomes.append(ask(running.database_url, "SELECT 1"))

    threads = [threading.Thread(target=worker) for _ in range(4)]
    for thread in threads:
        thread.start()
    until(lambda: not any(thread.is_alive() for thread in threads), 60)
    assert outcomes == [1, 1, 1, 1]
    assert owner(settings.home) == ""


def test_servers_of_ones_own_start_nothing(settings: Settings) -> None:
    mine = settings.with_engines("postgresql://db.example/sales", "redis://cache.example")
    with attach(mine) as joined, engines(mine) as owned:
        assert joined == owned
        assert joined.database_url == "postgresql://db.example/sales"
    assert not settings.home.exists()


def test_only_the_engine_without_a_url_is_started(settings: Settings) -> None:
    with engines(settings.model_copy(update={"database_url": "postgresql://db.example/sales"})) as running:
        assert [engine.name for engine in running.owned] == ["valkey"]
        assert command(running.redis_url, "PING")
    assert not (settings.home / "postgres").exists()
