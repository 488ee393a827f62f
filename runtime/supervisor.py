"""One terminal for the whole house: starts the processes, prefixes what they say, mends what breaks, stops in order.

Each child leads a session of its own, so a terminal's Ctrl-C reaches only the supervisor, which then stops the last
started first. A child's standard input is a pipe that only the supervisor holds: where the supervisor is killed the
pipe ends, and the child leaves by itself (`runtime.lifeline`).
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO

from runtime.embedded import Engine, EngineRefused
from runtime.interrupts import deferred
from runtime.refusal import CannotRun

POLL_SECONDS = 0.1
READY_SECONDS = 60
STOP_SECONDS = 15
SETTLED_SECONDS = 1
STEADY_SECONDS = 60
BACKOFF_SECONDS = (1, 2, 5, 10, 30)
ATTEMPTS_BEFORE_READY = 3
COLOURS = (36, 35, 33, 32)


class StartRefused(CannotRun):
    """A child did not come up; what it said stands above."""


class Backoff:
    """How long to wait before the next attempt: longer each time, short again after a steady minute."""

    def __init__(self) -> None:
        self.failures = 0
        self.due = 0.0
        self._began = time.monotonic()

    def began(self) -> None:
        """This will note that an attempt runs from now."""
        self._began = time.monotonic()
        self.due = 0.0

    @property
    def age_seconds(self) -> float:
        """How long ago the latest attempt began."""
        return time.monotonic() - self._began

    def failed(self) -> int:
        """This will note a failure, and give the seconds to wait."""
        if self.age_seconds > STEADY_SECONDS:
            self.failures = 0
        seconds = BACKOFF_SECONDS[min(self.failures, len(BACKOFF_SECONDS) - 1)]
        self.failures += 1
        self.due = time.monotonic() + seconds
        return seconds


@dataclass
class Child:
    """A process to keep alive: its name, its command, and how to tell that it works (by living for a second)."""

    name: str
    command: Sequence[str]
    ready: Callable[[], bool] | None = None
    was_ready: bool = False
    backoff: Backoff = field(default_factory=Backoff)
    process: subprocess.Popen[str] | None = None


class Supervisor:
    """Keeps engines and children running until it is interrupted."""

    def __init__(
        self,
        children: Sequence[Child],
        engines: Sequence[Engine],
        environment: Mapping[str, str],
        output: IO[str] = sys.stdout,
    ) -> None:
        self.children = children
        self.engines = {engine.name: (engine, Backoff()) for engine in engines}
        self.environment = environment
        self.output = output
        self._writing = threading.Lock()
        self._width = max(len(name) for name in ["salesloop", *(child.name for child in children), *self.engines])

    def run(self, on_ready: Callable[[], None]) -> None:
        """This will return when it was interrupted and every child has stopped; engines are left to their owner.

        Raises: StartRefused where a child never became ready; KeyboardInterrupt where a second one came meanwhile.
        """
        try:
            for child in self.children:
                self._launch(child)
            self._until_ready()
            on_ready()
            while True:
                self._mend()
                time.sleep(POLL_SECONDS)
        except KeyboardInterrupt:
            self.say("salesloop", "stopping (once more stops at once)")
        finally:
            self._stop()

    def say(self, name: str, text: str) -> None:
        """This will write one line under a name."""
        prefix = f"{name:<{self._width}} |"
        if self.output.isatty():
            names = [child.name for child in self.children]
            colour = COLOURS[names.index(name) % len(COLOURS)] if name in names else 90
            prefix = f"\x1b[{colour}m{prefix}\x1b[0m"
        with self._writing, contextlib.suppress(BrokenPipeError, ValueError):
            self.output.write(f"{prefix} {text}\n")
            self.output.flush()

    def _launch(self, child: Child) -> None:
        child.backoff.began()
        with deferred():
            child.process = subprocess.Popen(
                child.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                env={**self.environment, "PYTHONUNBUFFERED": "1"},
                text=True,
                encoding="utf-8",
                errors="replace",
                start_new_session=True,
            )
        threading.Thread(target=self._relay, args=(child.name, child.process.stdout), daemon=True).start()

    def _relay(self, name: str, lines: IO[str]) -> None:
        with lines:
            for line in lines:
                self.say(name, line.rstrip("\n"))

    def _until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not all(self._is_ready(child) for child in self.children):
            self._mend()
            for child in self.children:
                if child.backoff.failures >= ATTEMPTS_BEFORE_READY:
                    raise StartRefused(f"{child.name} ended {ATTEMPTS_BEFORE_READY} times while starting")
            if time.monotonic() > deadline:
                slow = ", ".join(child.name for child in self.children if not child.was_ready)
                raise StartRefused(f"{slow} did not become ready within {READY_SECONDS} s")
            time.sleep(POLL_SECONDS)

    def _is_ready(self, child: Child) -> bool:
        if not child.was_ready and _alive(child):
            child.was_ready = child.ready() if child.ready else child.backoff.age_seconds > SETTLED_SECONDS
        return child.was_ready

    def _mend(self) -> None:
        for engine, backoff in self.engines.values():
            self._mend_engine(engine, backoff)
        for child in self.children:
            self._mend_child(child)

    def _mend_child(self, child: Child) -> None:
        if _alive(child):
            return
        if child.process:
            seconds = child.backoff.failed()
            self.say("salesloop", f"{child.name} {_ending(child.process)}; starting it again in {seconds} s")
            _kill(child)
        elif time.monotonic() >= child.backoff.due:
            self._launch(child)

    def _mend_engine(self, engine: Engine, backoff: Backoff) -> None:
        if engine.alive():
            return
        if not backoff.due:
            seconds = backoff.failed()
            self.say("salesloop", f"{engine.name} ended; starting it again in {seconds} s")
        elif time.monotonic() >= backoff.due:
            self._restart(engine, backoff)

    def _restart(self, engine: Engine, backoff: Backoff) -> None:
        try:
            engine.start()
        except EngineRefused as refusal:
            seconds = backoff.failed()
            self.say("salesloop", f"{refusal}\ntrying again in {seconds} s")
        else:
            backoff.began()
            self.say("salesloop", f"{engine.name} runs again")

    def _stop(self) -> None:
        """The last started first, each with a deadline; an interruption meanwhile kills whatever is left."""
        try:
            for child in reversed(self.children):
                _stop(child)
        except BaseException:
            for child in self.children:
                _kill(child)
            raise


def _alive(child: Child) -> bool:
    return child.process is not None and child.process.poll() is None


def _stop(child: Child) -> None:
    if child.process and _alive(child):
        child.process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(STOP_SECONDS)
    _kill(child)


def _kill(child: Child) -> None:
    """A child's own children are of its session; none of them may stay behind."""
    process, child.process = child.process, None
    if process is None:
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    if process.stdin:
        process.stdin.close()


def _ending(process: subprocess.Popen[str]) -> str:
    code = process.returncode
    return f"was killed ({signal.Signals(-code).name})" if code < 0 else f"ended with exit code {code}"
