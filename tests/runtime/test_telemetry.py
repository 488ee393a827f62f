import json
import logging
from collections.abc import Iterator

import pytest

from runtime.settings import Settings
from runtime.telemetry import configure_logging, mask, request_id

pytestmark = pytest.mark.usefixtures("bare")


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = root.handlers, root.level
    yield
    root.handlers, root.level = handlers, level
    logging.captureWarnings(False)


def test_production_writes_json_lines_with_the_request_they_belong_to(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(environment="production"))
    token = request_id.set("r-1")
    try:
        logging.getLogger("salesloop").warning("refused %s", "x", extra={"code": "STALE"})
    finally:
        request_id.reset(token)
    line = json.loads(capsys.readouterr().err)
    assert line.pop("time").endswith("+00:00")
    expected = {"level": "WARNING", "logger": "salesloop", "message": "refused x", "request_id": "r-1", "code": "STALE"}
    assert line == expected


def test_an_exception_stays_on_one_line_of_json(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings(environment="production"))
    try:
        raise RuntimeError("postgresql://ann:s3cret@h/d")
    except RuntimeError:
        logging.getLogger("salesloop").exception("failed")
    (line,) = capsys.readouterr().err.splitlines()
    assert "RuntimeError" in json.loads(line)["exception"]
    assert "s3cret" not in line


def test_development_is_readable(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(Settings())
    logging.getLogger("salesloop").info("claimed", extra={"job": 7})
    logging.getLogger("salesloop").debug("unheard")
    assert capsys.readouterr().err.endswith(" INFO     salesloop: claimed  job=7\n")


@pytest.mark.parametrize(
    "text",
    [
        "connect to postgresql://ann:s3cret@h/d",
        "redis://:s3cret@h",
        "Authorization: Bearer s3cret.s3cret",
        '{"password": "s3cret"}',
        "token=s3cret&x=1",
        "-----BEGIN PRIVATE KEY-----\ns3cret\n-----END PRIVATE KEY-----",
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str) -> None:
    assert "s3cret" not in mask(text)


def test_ordinary_text_is_left_alone() -> None:
    text = "opportunity opp_0192 moved to WON by ann@example.com at 12:30:05"
    assert mask(text) == text
