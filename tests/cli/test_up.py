"""`salesloop up` as a person meets it: one process, a whole system, and what happens when parts of it die."""

import json
import signal
import socket

import pytest

from runtime.embedded import find
from runtime.settings import Settings
from tests.cli.house import House, free_port
from tests.waiting import until


def test_up_serves_outlives_its_parts_and_leaves_nothing(house: House) -> None:
    up = house.start("up", "--no-demo")
    until(lambda: "Ctrl-C" in house.log.read_text() or up.poll() is not None, 60)
    assert house.healthy(), house.log.read_text()
    running = find(Settings(home=house.home))
    assert running.database_url
    assert running.redis_url

    _a_second_up_is_refused(house)
    joined = house.run("migrate")
    assert (joined.returncode, joined.stdout) == (0, "The database is up to date.\n")

    found = {each["check"]: each["found"] for each in json.loads(house.run("doctor", "--json").stdout)}
    assert found["port"] == f"{house.port}, and the API answers there"
    assert found["database"].endswith(", no migration pending")
    assert found["leftovers"] == f"none; in use by `salesloop up` (process {_owner(house)})"

    assert "Traceback" not in house.log.read_text()
    house.engine("postgres").kill()
    until(lambda: "postgres runs again" in house.log.read_text(), 30)
    until(house.healthy, 30)

    up.send_signal(signal.SIGINT)
    assert up.wait(40) == 0, house.log.read_text()
    until(lambda: not house.processes())
    assert "Stopped." in house.log.read_text()


def _a_second_up_is_refused(house: House) -> None:
    second = house.run("up", "--port", str(free_port()))
    assert second.returncode == 1
    assert second.stdout.endswith(f"{house.home} is in use by `salesloop up` (process {_owner(house)})\n")


def _owner(house: House) -> int:
    (owner,) = [each.pid for each in house.processes() if each.cmdline()[-2:] == ["up", "--no-demo"]]
    return owner


def test_after_up_was_killed_nothing_serves_and_the_next_one_starts(house: House) -> None:
    up = house.start("up", "--no-demo")
    until(lambda: "Ctrl-C" in house.log.read_text() or up.poll() is not None, 60)
    up.kill()
    up.wait()
    until(lambda: house.names() <= {"postgres", "valkey-server"}, 30)
    assert not house.healthy()
    house.log.write_text("")
    again = house.start("up", "--no-demo")
    until(lambda: "Ctrl-C" in house.log.read_text() or again.poll() is not None, 60)
    assert house.healthy(), house.log.read_text()
    again.send_signal(signal.SIGTERM)
    assert again.wait(40) == 0
    until(lambda: not house.processes())


def test_ctrl_c_while_starting_stops_what_had_started(house: House) -> None:
    up = house.start("up", "--no-demo")
    until(lambda: (house.home / "postgres").exists(), 30)
    up.send_signal(signal.SIGINT)
    assert up.wait(40) == 0
    until(lambda: not house.processes())


def test_a_port_in_use_is_told_before_anything_starts(house: House) -> None:
    with socket.socket() as line:
        line.bind(("127.0.0.1", house.port))
        line.listen()
        refused = house.run("up")
    assert refused.returncode == 1
    assert refused.stdout.startswith(f"salesloop: PORT: {house.port} is in use on 127.0.0.1; stop what listens there")
    assert not house.home.exists()


@pytest.mark.parametrize("command", ["up", "serve", "work", "migrate"])
def test_settings_that_cannot_be_used_exit_with_2_and_no_traceback(house: House, command: str) -> None:
    (house.folder / ".env").write_text("TOKEN_MINUTES=never\nREDIS_URL=redis://:s3cret/word@h\n")
    refused = house.run(command)
    assert refused.returncode == 2
    assert [line.split(":")[1].strip() for line in refused.stdout.splitlines()] == ["REDIS_URL", "TOKEN_MINUTES"]
    assert "s3cret" not in refused.stdout


def test_a_database_that_does_not_answer_is_told(house: House) -> None:
    (house.folder / ".env").write_text(
        f"DATABASE_URL=postgresql://ann:s3cret@127.0.0.1:{free_port()}/sales\nREDIS_URL=redis://127.0.0.1:1\n"
        "TOKEN_KEY_FILE=token.pem\n"
    )
    refused = house.run("migrate")
    assert refused.returncode == 1
    assert refused.stdout.startswith("salesloop: DATABASE_URL: PostgreSQL does not let us in: ")
    assert "s3cret" not in refused.stdout
    assert "Traceback" not in refused.stdout
