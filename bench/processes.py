"""Servers as processes: started on a core of their own, watched through /proc, stopped by their pid."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

READY_SECONDS = 60
STOP_SECONDS = 20
POLL_SECONDS = 0.02
REPOSITORY = Path(__file__).parents[1]
PYTHON = (sys.executable, "-P")


@dataclass(frozen=True, slots=True)
class Cores:
    """Which cores the measured server may use, and which everybody else; the same ones where there is only one."""

    server: frozenset[int]
    others: frozenset[int]

    @classmethod
    def of_this_machine(cls) -> "Cores":
        """This will give the server the first core, and the others all the rest."""
        first, *rest = sorted(os.sched_getaffinity(0))
        return cls(frozenset({first}), frozenset(rest or {first}))


@dataclass(frozen=True, slots=True)
class Process:
    """A process that runs, and the port it listens on, if it does."""

    pid: int
    port: int = 0

    def cpu_seconds(self) -> float:
        """This will give the processor time it has used so far, in user and kernel mode."""
        return cpu_seconds(self.pid)

    def resident_mebibytes(self) -> float:
        """This will give the memory that it holds now."""
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        (size,) = (line.split()[1] for line in lines if line.startswith("VmRSS:"))
        return int(size) / 1024


def cpu_seconds(pid: int) -> float:
    """This will give a process's processor time: that of its threads by the scheduler, to the nanosecond."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        threads = Path(f"/proc/{pid}/task").iterdir()
        return sum(int((thread / "schedstat").read_text().split()[0]) for thread in threads) / 1e9
    return 0.0


def children(pid: int) -> list[int]:
    """This will name the processes that a process has started and that still run."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def pin(pid: int, cores: frozenset[int]) -> None:
    """This will keep a process, and all it has started, on these cores."""
    for each in (pid, *children(pid)):
        with contextlib.suppress(ProcessLookupError):
            os.sched_setaffinity(each, cores)


def free_port() -> int:
    """This will give a TCP port that nobody listens on."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


@contextmanager
def running(
    command: Sequence[str],
    environment: Mapping[str, str],
    *,
    port: int = 0,
    cores: frozenset[int] | None = None,
    folder: Path | None = None,
    ready: Callable[[int], bool] | None = None,
    program: Sequence[str] = PYTHON,
) -> Iterator[Process]:
    """This will keep a command running for the length of the block; what it says is shown where it fails.

    Raises: RuntimeError where it ends, or is not ready within a minute.
    """
    with tempfile.TemporaryFile() as terminal:
        process = subprocess.Popen(
            [*program, *command],
            stdin=subprocess.DEVNULL,
            stdout=terminal,
            stderr=subprocess.STDOUT,
            cwd=folder,
            env={**environment, "PYTHONPATH": str(REPOSITORY)},
            start_new_session=True,
            preexec_fn=(lambda: os.sched_setaffinity(0, cores)) if cores else None,
        )
        try:
            _await(process, command, (lambda: ready(port)) if ready else lambda: True, terminal)
            yield Process(process.pid, port)
        finally:
            _stop(process)


def answers(port: int) -> bool:
    """True where something answers HTTP there."""
    line = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    with contextlib.closing(line):
        try:
            line.request("GET", "/health")
            return line.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def _await(
    process: subprocess.Popen[bytes], command: Sequence[str], ready: Callable[[], bool], terminal: IO[bytes]
) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not ready():
        if process.poll() is not None:
            terminal.seek(0)
            said = terminal.read().decode(errors="replace")
            raise RuntimeError(f"`{' '.join(command)}` ended with {process.returncode}:\n{said}")
        if time.monotonic() > deadline:
            raise RuntimeError(f"`{' '.join(command)}` was not ready within {READY_SECONDS} s")
        time.sleep(POLL_SECONDS)


def _stop(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
