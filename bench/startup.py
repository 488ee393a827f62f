"""How long it takes from `salesloop up`, installed, to the first answered question of somebody who has signed in."""

import contextlib
import http.client
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.processes import REPOSITORY, free_port
from bench.report import heading, table
from bench.stand import Stand, ask, log_in

PATIENCE_SECONDS = 180
STOP_SECONDS = 45
POLL_SECONDS = 0.02
QUESTION = "{ viewer { id name } customers(first: 10) { nodes { id name } } }"


def run(stand: Stand) -> None:
    """This will start everything over an empty home, stop it, and start it over the same home again."""
    heading(
        "Start",
        "`salesloop up` with the demo, in a home of its own: seconds to the front door (/health), to a first answer to "
        "the demo's administrator, and to the end after SIGINT.\nEngines are the embedded ones, durable, whatever "
        "DATABASE_URL says.",
    )
    with _folder() as folder:
        rows = [(name, *_start(folder)) for name in ("first start, empty home", "second start, same home")]
    table(("", "s to the door", "s to the answer", "s to stop"), rows)


@contextmanager
def _folder() -> Iterator[Path]:
    """A short path, open to the account that the engines run as."""
    folder = Path(tempfile.mkdtemp(prefix="salesloop-up-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


def _start(folder: Path) -> tuple[float, float, float]:
    """Nothing of this process's settings reaches it."""
    port, log = free_port(), folder / "terminal"
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(REPOSITORY), "PORT": str(port), "LC_ALL": "C.UTF-8"}
    began = time.monotonic()
    with log.open("wb") as terminal:
        up = subprocess.Popen(
            [sys.executable, "-P", "-m", "cli", "up"],
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env=environment,
            preexec_fn=lambda: os.sched_setaffinity(0, range(os.cpu_count() or 1)),
        )
    try:
        _until_listening(up, port, log)
        door = time.monotonic() - began
        _sign_in_and_ask(up, port, log)
        answer = time.monotonic() - began
    finally:
        ending = time.monotonic()
        _stop(up)
    return door, answer, time.monotonic() - ending


def _until_listening(up: subprocess.Popen[bytes], port: int, log: Path) -> None:
    for _ in _attempts(up, log):
        with contextlib.suppress(OSError, http.client.HTTPException):
            line = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            line.request("GET", "/health")
            if line.getresponse().status == http.HTTPStatus.OK:
                return


def _sign_in_and_ask(up: subprocess.Popen[bytes], port: int, log: Path) -> None:
    from cli.demo import ADMIN_EMAIL, ADMIN_PASSWORD

    for _ in _attempts(up, log):
        with contextlib.suppress(OSError, http.client.HTTPException):
            ask(port, QUESTION, token=log_in(port, ADMIN_EMAIL, ADMIN_PASSWORD))
            return


def _attempts(up: subprocess.Popen[bytes], log: Path) -> Iterator[None]:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        yield
        if up.poll() is not None or time.monotonic() > deadline:
            fate = "took too long" if up.poll() is None else f"ended with {up.returncode}"
            raise RuntimeError(f"`salesloop up` {fate}:\n{log.read_text(errors='replace')[-2000:]}")
        time.sleep(POLL_SECONDS)


def _stop(up: subprocess.Popen[bytes]) -> None:
    if up.poll() is None:
        up.send_signal(signal.SIGINT)
        try:
            up.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            up.kill()
            up.wait()
