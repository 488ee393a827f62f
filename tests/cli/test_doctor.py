"""What `salesloop doctor` finds."""

import json
import socket

import psutil

from runtime.embedded import start_valkey
from tests.cli.house import House


def look(house: House) -> tuple[int, dict[str, dict[str, str]]]:
    looked = house.run("doctor", "--json")
    return looked.returncode, {each["check"]: each for each in json.loads(looked.stdout)}


def amiss(found: dict[str, dict[str, str]]) -> set[str]:
    """What is wrong with the house, whatever else is installed on this machine, or was."""
    return {name for name, each in found.items() if not each["ok"]} - {"packages", "abandoned data"}


def test_before_the_first_start_nothing_is_wrong_and_nothing_is_made(house: House) -> None:
    _, found = look(house)
    assert amiss(found) == set()
    assert found["database"]["found"] == found["redis"]["found"] == "embedded, not running"
    assert found["engines"]["found"].endswith(" fit")
    assert found["token key"]["found"] == "none yet; the first start makes one"
    assert not house.home.exists()


def test_each_thing_amiss_has_its_remedy_and_the_exit_code_is_1(house: House) -> None:
    (house.folder / ".env").write_text(
        "DATABASE_URL=postgresql://ann:s3cret@127.0.0.1:1/sales\nREDIS_URL=redis://:s3cret@127.0.0.1:1\n"
        "TOKEN_KEY_FILE=missing.pem\n"
    )
    with socket.socket() as line:
        line.bind(("127.0.0.1", house.port))
        line.listen()
        code, found = look(house)
    assert code == 1
    assert amiss(found) == {"port", "token key", "database", "clock", "redis"}
    assert found["engines"]["found"] == "servers of your own"
    assert "PORT: " in found["port"]["found"]
    assert "openssl" in found["token key"]["found"]
    assert "s3cret" not in str(found)


def test_wrong_settings_are_a_finding(house: House) -> None:
    (house.folder / ".env").write_text("TOKEN_MINUTES=never\n")
    looked = house.run("doctor")
    assert looked.returncode == 1
    assert "✗ settings" in looked.stdout
    assert "TOKEN_MINUTES: input should be a valid integer" in looked.stdout


def test_an_engine_without_an_owner_is_a_finding(house: House) -> None:
    engine = start_valkey(house.home)
    try:
        code, found = look(house)
        pid = psutil.Process(engine.process.pid).pid
        assert code == 1
        assert found["leftovers"]["found"] == f"without an owner: valkey-server ({pid})"
        assert found["leftovers"]["remedy"] == "salesloop up ends them, and starts its own"
        assert found["redis"]["found"].startswith("Valkey 9.")
    finally:
        engine.kill()
