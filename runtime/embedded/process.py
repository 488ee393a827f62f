"""One engine's process: started, watched, stopped, and what an earlier one left behind cleared away.

Which processes are an engine's is not believed from a file: it is the ones of that name whose working directory is
the engine's data. So a stale pid file can never cost a stranger its life.
"""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any

import psutil

from runtime.embedded.quarters import Account, EngineRefused
from runtime.interrupts import deferred

START_SECONDS = 120
STOP_SECONDS = 30
KILL_SECONDS = 5
POLL_SECONDS = 0.02
LOG_BYTES = 10 * 1024 * 1024
LOG_TAIL_LINES = 15


class EngineProcess:
    """The process of one engine over one data folder."""

    def __init__(
        self,
        binary: Path,
        data: Path,
        log: Path,
        account: Account,
        *,
        polite: signal.Signals = signal.SIGTERM,
        abrupt: signal.Signals = signal.SIGKILL,
    ) -> None:
        self.binary = binary
        self.data = data
        self.log = log
        self.account = account
        self.polite = polite
        self.abrupt = abrupt
        self._child: subprocess.Popen[bytes] | None = None
        self._log_begins = 0

    @property
    def pid(self) -> int | None:
        """The running process, None where there is none."""
        return self._child.pid if self._child and self.alive() else None

    def alive(self) -> bool:
        """True while the process we started runs."""
        return self._child is not None and self._child.poll() is None

    def launch(self, arguments: list[str]) -> None:
        """This will start the engine after whatever an earlier owner left running over the same data is gone."""
        self.clear_leftovers()
        with self._open_log() as log, deferred():
            self._child = subprocess.Popen(
                [self.binary, *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                **bare(self.account),
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """This will return when the engine answers.

        Raises: EngineRefused with the end of its log where it ends first, or has not answered in two minutes.
        """
        deadline = time.monotonic() + START_SECONDS
        while not ready():
            if not self.alive():
                raise EngineRefused(f"{self.binary.name} ended while starting; {self._last_words()}")
            if time.monotonic() > deadline:
                raise EngineRefused(f"{self.binary.name} does not answer after {START_SECONDS} s; {self._last_words()}")
            time.sleep(POLL_SECONDS)

    def stop(self) -> None:
        """This will end the engine in good order, at once where that takes over 30 s or is interrupted."""
        if self._child is None:
            return
        try:
            self._child.send_signal(self.polite)
            self._child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self.kill()
        except BaseException:
            self.kill()
            raise

    def kill(self) -> None:
        """This will end the engine now, with whatever it leaves."""
        if self._child is not None:
            self._child.send_signal(self.abrupt)
            try:
                self._child.wait(KILL_SECONDS)
            except subprocess.TimeoutExpired:
                self._child.kill()
                self._child.wait()
        self.clear_leftovers(patience_seconds=0)

    def leftovers(self) -> list[psutil.Process]:
        """This will find every process of this engine over this data, whoever started it."""
        return [each for each in psutil.process_iter() if self._is_engine(each)]

    def clear_leftovers(self, patience_seconds: float = STOP_SECONDS) -> None:
        """This will end them: politely those that are no other's child, and after the patience all by SIGKILL."""
        found = self.leftovers()
        if patience_seconds:
            pids = {each.pid for each in found}
            _signal([each for each in found if _parent(each) not in pids], self.polite)
        if self._gone(patience_seconds):
            return
        _signal(self.leftovers(), signal.SIGKILL)
        if not self._gone(KILL_SECONDS):
            raise EngineRefused(f"{self.binary.name} over {self.data} is running and cannot be ended by this account")

    def _gone(self, seconds: float) -> bool:
        """A zombie counts as gone: in a container nobody may ever collect it."""
        deadline = time.monotonic() + seconds
        while self.leftovers():
            if time.monotonic() >= deadline:
                return False
            time.sleep(POLL_SECONDS)
        return True

    def _is_engine(self, process: psutil.Process) -> bool:
        try:
            return process.name() == self.binary.name and process.cwd().removesuffix(" (deleted)") == str(self.data)
        except psutil.Error:
            return False

    def _open_log(self) -> IO[bytes]:
        if self.log.exists() and self.log.stat().st_size > LOG_BYTES:
            self.log.replace(self.log.with_suffix(".log.1"))
        log = os.fdopen(os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
        self._log_begins = log.tell()
        return log

    def _last_words(self) -> str:
        with self.log.open("rb") as log:
            log.seek(self._log_begins)
            lines = log.read().decode(errors="replace").splitlines()
        return "\n  ".join([f"the end of {self.log}:", *lines[-LOG_TAIL_LINES:]])


def end_users_of(folder: Path) -> None:
    """This will kill whoever works in a folder, or was started with its name: an attempt that is no one's now."""
    deadline = time.monotonic() + KILL_SECONDS
    while (users := [each for each in psutil.process_iter() if _uses(each, folder)]) and time.monotonic() < deadline:
        _signal(users, signal.SIGKILL)
        time.sleep(POLL_SECONDS)


def _uses(process: psutil.Process, folder: Path) -> bool:
    try:
        return any(Path(place).is_relative_to(folder) for place in [process.cwd(), *process.cmdline()])
    except psutil.Error:
        return False


def _parent(process: psutil.Process) -> int | None:
    with contextlib.suppress(psutil.Error):
        return process.ppid()
    return None


def _signal(processes: list[psutil.Process], number: signal.Signals) -> None:
    for each in processes:
        with contextlib.suppress(psutil.Error):
            each.send_signal(number)


def bare(account: Account) -> dict[str, Any]:
    """This will give `subprocess` what runs a child as that account, with nothing of our environment or folder."""
    surroundings: dict[str, Any] = {"env": {"LC_ALL": "C"}, "cwd": "/"}
    if account.drops_root:
        surroundings |= {"user": account.uid, "group": account.gid, "extra_groups": []}
    return surroundings
