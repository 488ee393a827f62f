"""Real engines, and what becomes of their data when they, or those who started them, are killed."""

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import asyncpg
import psutil
import pytest

from runtime.embedded import EngineRefused, start_postgres, start_valkey, throwaway
from runtime.embedded.postgres import PostgresEngine
from runtime.embedded.process import bare as surroundings
from runtime.embedded.quarters import SYSTEM_FOLDER, Account, abandoned, engine_folder, quarters
from runtime.home import open_home
from runtime.redis import redis_client
from runtime.refusal import CannotRun
from tests.waiting import until

ROOT = os.geteuid() == 0
START_AND_WAIT = """
import sys
from pathlib import Path
from runtime.embedded import start_postgres
start_postgres(Path(sys.argv[1]), durable=False)
print("started", flush=True)
sys.stdin.read()
"""


def ask(url: str, *statements: str) -> Any:
    async def answer() -> Any:
        connection = await asyncpg.connect(url)
        try:
            for statement in statements[:-1]:
                await connection.execute(statement)
            return await connection.fetchval(statements[-1])
        finally:
            await connection.close()

    return asyncio.run(answer())


def command(url: str, *words: str | int) -> Any:
    async def answer() -> Any:
        client = redis_client(url)
        try:
            return await client.execute_command(*words)  # type: ignore[no-untyped-call]
        finally:
            await client.aclose()

    return asyncio.run(answer())


@contextlib.contextmanager
def running(home: Path, *, durable: bool = False) -> Iterator[PostgresEngine]:
    engine = start_postgres(home, durable=durable)
    try:
        yield engine
    finally:
        engine.kill()


def test_throwaway_engines_answer_whatever_libpq_is_told_and_leave_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PGPORT", "1")
    monkeypatch.setenv("PGHOST", "db.example")
    with throwaway() as here:
        home = here.owned[0].process.log.parent.parent
        assert ask(here.database_url, "SELECT lower('ÄÖ') || current_setting('server_version_num')").startswith("äö18")
        assert command(here.redis_url, "PING")
        assert home.exists()
    assert not home.exists()
    assert not [left for engine in here.owned for left in engine.process.leftovers()]


def test_a_durable_postgresql_syncs_listens_on_no_port_and_knows_unicode(home: Path) -> None:
    with running(home, durable=True) as engine:
        shown = {
            name: ask(engine.url, f"SHOW {name}")
            for name in ("fsync", "synchronous_commit", "data_checksums", "listen_addresses", "timezone", "jit")
        }
        assert shown == {
            "fsync": "on",
            "synchronous_commit": "on",
            "data_checksums": "on",
            "listen_addresses": "",
            "timezone": "UTC",
            "jit": "off",
        }
        assert ask(engine.url, "SELECT datlocale FROM pg_database WHERE datname = 'salesloop'") == "C.UTF-8"
        assert (home / "sockets").stat().st_mode & 0o777 == 0o700
        assert (home / "postgres").stat().st_mode & 0o777 == 0o700


def test_rows_outlive_a_stop_and_a_kill(home: Path) -> None:
    engine = start_postgres(home)
    try:
        ask(engine.url, "CREATE TABLE kept (n int)", "INSERT INTO kept VALUES (1) RETURNING n")
        engine.stop()
        assert not engine.alive()
        engine.start()
        ask(engine.url, "INSERT INTO kept VALUES (2) RETURNING n")
        psutil.Process(engine.process.pid).kill()
        until(lambda: not engine.alive())
        engine.start()
        assert ask(engine.url, "SELECT sum(n) FROM kept") == 3
    finally:
        engine.kill()


def test_a_server_whose_owner_was_killed_is_ended_first(home: Path) -> None:
    owner = _owner(home)
    assert owner.stdout
    assert owner.stdout.readline() == b"started\n"
    orphan = PostgresEngine(quarters(home))
    (postmaster,) = [each for each in orphan.process.leftovers() if _parent(each) == owner.pid]
    owner.kill()
    owner.communicate()
    assert postmaster.is_running()
    assert orphan.answers()
    with running(home) as engine:
        assert engine.process.pid != postmaster.pid
        assert ask(engine.url, "SELECT 1") == 1
        assert _gone(postmaster)


def test_backends_without_their_postmaster_do_not_bar_the_next_start(home: Path) -> None:
    with running(home) as engine:
        backends = psutil.Process(engine.process.pid).children()
        for backend in backends:
            with contextlib.suppress(psutil.NoSuchProcess):  # one that ends by itself, such as a worker of autovacuum
                backend.suspend()
        psutil.Process(engine.process.pid).kill()
        until(lambda: not engine.alive())
        engine.process.clear_leftovers(patience_seconds=0)
        until(lambda: all(_gone(backend) for backend in backends))
        engine.start()
        assert ask(engine.url, "SELECT 1") == 1


def test_an_interrupted_initdb_leaves_no_half(home: Path) -> None:
    owner = _owner(home)
    until(lambda: list(home.glob("postgres.new-*/cluster/base")))
    owner.kill()
    owner.communicate()
    assert not (home / "postgres").exists()
    with running(home) as engine:
        assert ask(engine.url, "SELECT 1") == 1
        assert not list(home.glob("postgres.new-*"))


def test_stale_pid_files_cost_no_stranger_its_life_and_bar_no_start(home: Path) -> None:
    start_postgres(home, durable=False).kill()
    account = quarters(home).account
    with subprocess.Popen(["cat"], stdin=subprocess.PIPE, **surroundings(account)) as stranger:
        for file in (home / "postgres" / "postmaster.pid", home / "sockets" / ".s.PGSQL.5432.lock"):
            file.write_text(f"{stranger.pid}\n{home / 'postgres'}\n1\n5432\n\n\n\nready   \n")
            shutil.chown(file, account.uid)
            file.chmod(0o600)
        with running(home) as engine:
            assert ask(engine.url, "SELECT 1") == 1
        assert stranger.poll() is None


def test_a_start_that_fails_shows_the_end_of_the_log(home: Path) -> None:
    start_postgres(home, durable=False).stop()
    (home / "postgres" / "global" / "pg_control").unlink()
    with pytest.raises(EngineRefused, match=r"(?s)ended while starting.*postgres\.log.*pg_control"):
        start_postgres(home, durable=False)


def test_data_of_another_version_are_not_touched(home: Path) -> None:
    open_home(home)
    (home / "postgres").mkdir()
    (home / "postgres" / "PG_VERSION").write_text("16\n")
    with pytest.raises(EngineRefused, match="was written by PostgreSQL 16"):
        start_postgres(home)
    assert os.listdir(home / "postgres") == ["PG_VERSION"]


def test_many_may_prepare_a_new_home_at_once(tmp_path: Path) -> None:
    for round_number in range(20):
        new = tmp_path / f"{'long' * 30}-{round_number}" / "home"
        with ThreadPoolExecutor(8) as pool:
            found = list(pool.map(quarters, [new] * 8))
        assert len(set(found)) == 1
        shutil.rmtree(found[0].sockets)
        if found[0].root != new:
            shutil.rmtree(found[0].root)


def test_a_home_that_is_a_file_is_said_to_be_one(home: Path) -> None:
    home.touch()
    with pytest.raises(CannotRun, match="is a file"):
        quarters(home)


@pytest.mark.parametrize("name", ["long" * 30, "odd, name=1 é"])
def test_a_path_no_socket_can_have_gets_another_private_folder(home: Path, name: str) -> None:
    place = home.with_name(name)
    with running(place) as engine:
        sockets = Path((place / "socket-folder").read_text())
        assert sockets.stat().st_mode & 0o777 == 0o700
        assert ask(engine.url, "SHOW unix_socket_directories") == str(sockets)
        assert quarters(place).sockets == sockets
    shutil.rmtree(sockets)


def test_valkey_keeps_what_was_written_through_a_kill(home: Path) -> None:
    engine = start_valkey(home)
    try:
        assert command(engine.url, "SET", "kept", "1")
        assert command(engine.url, "WAITAOF", 1, 0, 5000)[0] == 1
        psutil.Process(engine.process.pid).kill()
        until(lambda: not engine.alive())
        assert not engine.answers()
        engine.start()
        assert command(engine.url, "GET", "kept") == b"1"
        assert command(engine.url, "CONFIG", "GET", "maxmemory-policy") == [b"maxmemory-policy", b"noeviction"]
        engine.stop()
        assert not engine.alive()
    finally:
        engine.kill()


@pytest.mark.skipif(not ROOT, reason="only root drops to another account")
def test_as_root_a_private_folder_stays_private_and_the_engines_live_elsewhere(tmp_path: Path) -> None:
    private = tmp_path / "private"
    private.mkdir(mode=0o700)
    home = private / "home"
    try:
        with running(home) as engine:
            place = quarters(home).root
            assert place.parent == SYSTEM_FOLDER
            assert (home / "quarters").read_text().splitlines()[0] == str(place)
            assert ask(engine.url, "SHOW data_directory") == str(place / "postgres")
            assert private.stat().st_mode & 0o777 == 0o700
            assert place not in abandoned()
            assert psutil.Process(engine.process.pid).username() == "nobody"
        shutil.rmtree(home)
        assert place in abandoned()
        assert quarters(home).root != place
    finally:
        for each in [*abandoned(), quarters(home).root]:
            if (each / "home").read_text().strip() == str(home):
                shutil.rmtree(each)


@pytest.mark.skipif(not ROOT, reason="only root drops to another account")
def test_as_root_a_wheel_in_a_private_folder_is_copied_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "testwheel" / "bin").mkdir(parents=True)
    (tmp_path / "testwheel" / "__init__.py").touch()
    (tmp_path / "testwheel" / "bin" / "tool").write_text("#!/bin/sh\n")
    (tmp_path / "testwheel" / "bin" / "tool").chmod(0o700)
    (tmp_path / "test_wheel-1.2.dist-info").mkdir()
    (tmp_path / "test_wheel-1.2.dist-info" / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: test-wheel\nVersion: 1.2\n"
    )
    monkeypatch.syspath_prepend(str(tmp_path))
    nobody = Account.fitting()
    copy = SYSTEM_FOLDER / "engines" / "test-wheel-1.2"
    try:
        found = engine_folder("testwheel", "test-wheel", ("testwheel/bin",), nobody)
        assert found == copy == engine_folder("testwheel", "test-wheel", ("testwheel/bin",), nobody)
        assert nobody.reaches(copy / "testwheel" / "bin" / "tool")
        assert not list(copy.parent.glob(".draft-*"))
    finally:
        shutil.rmtree(copy, ignore_errors=True)


@pytest.mark.skipif(ROOT, reason="root may write anywhere")
def test_a_home_that_cannot_be_made_is_refused() -> None:
    with pytest.raises(CannotRun, match="SALESLOOP_HOME: /proc/home cannot be used"):
        start_valkey(Path("/proc/home"))


@pytest.mark.skipif(not ROOT, reason="only root meets homes of others that it could write to")
def test_a_home_of_another_account_is_refused(home: Path) -> None:
    home.mkdir()
    shutil.chown(home, "nobody")
    with pytest.raises(CannotRun, match="belongs to nobody"):
        start_valkey(home)
    assert not os.listdir(home)


def test_a_missing_wheel_is_told_with_its_remedy() -> None:
    with pytest.raises(EngineRefused, match=r"salesloop\[embedded\]"):
        engine_folder("no_such_package", "no-such-package", ("bin",), Account.fitting())


def _owner(home: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", START_AND_WAIT, str(home)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )


def _parent(process: psutil.Process) -> int | None:
    with contextlib.suppress(psutil.Error):
        return process.ppid()
    return None


def _gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True
