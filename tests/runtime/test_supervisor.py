"""A supervisor in a process of its own, over small real children."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import psutil
import pytest

from tests.waiting import until

REPOSITORY = Path(__file__).parents[2]

SUPERVISOR = """
import signal
import sys
from pathlib import Path

from runtime.embedded import start_valkey
from runtime.interrupts import interruptible
from runtime.refusal import CannotRun
from runtime.supervisor import Child, Supervisor

signal.signal(signal.SIGHUP, signal.SIG_DFL)  # which is ignored where the tests are run by nohup
home, *scripts = map(Path, sys.argv[1:])
children = [Child(path.stem, [sys.executable, "-u", str(path)]) for path in scripts]
with interruptible():
    engines = [start_valkey(home)] if home.name == "home" else []
    try:
        Supervisor(children, engines, {"PYTHONPATH": sys.path[1]}).run(lambda: print("READY", flush=True))
    except CannotRun as refusal:
        print(refusal, flush=True)
        sys.exit(refusal.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    finally:
        for engine in engines:
            engine.stop()
"""

STEADY = """
import os, signal
from runtime.lifeline import leave_with_supervisor
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGTERM])
leave_with_supervisor()
print("pid", os.getpid(), flush=True)
signal.sigwait([signal.SIGTERM])
print("leaving", flush=True)
"""
STUBBORN = """
import os, signal
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print("pid", os.getpid(), flush=True)
while True:
    signal.pause()
"""
PARENT = """
import os, signal, subprocess, sys
subprocess.Popen([sys.executable, "-c", "import os, signal; print('pid', os.getpid(), flush=True); signal.pause()"])
signal.pause()
"""
BROKEN = "raise SystemExit(3)"


class Terminal:
    """What a person in front of the supervisor sees and does."""

    def __init__(self, process: subprocess.Popen[str], log: Path) -> None:
        self.process = process
        self.log = log

    def lines(self, beginning: str = "") -> list[str]:
        return [line for line in self.log.read_text().splitlines() if line.startswith(beginning)]

    def reads(self, beginning: str, times: int = 1) -> list[str]:
        return until(lambda: found if len(found := self.lines(beginning)) >= times else [], 20)

    def pid(self, name: str, time: int = 1) -> int:
        return int(self.reads(f"{name:<9} | pid", time)[-1].split()[-1])

    def press_ctrl_c_while(self, pid: int) -> bool:
        """True when the process is gone; nothing is pressed then."""
        if gone := not psutil.pid_exists(pid):
            return gone
        self.press_ctrl_c()
        return False

    def press_ctrl_c(self) -> None:
        self.process.send_signal(signal.SIGINT)


Start = Callable[..., Terminal]


def _end(process: subprocess.Popen[str]) -> None:
    """Kills it and all that it started."""
    with suppress(psutil.NoSuchProcess):
        for each in [*psutil.Process(process.pid).children(recursive=True), process]:
            with suppress(psutil.NoSuchProcess):
                each.kill()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    with ExitStack() as stack:

        def run(home: Path | None = None, **scripts: str) -> Terminal:
            paths = [tmp_path / f"{name}.py" for name in scripts]
            for path, text in zip(paths, scripts.values(), strict=True):
                path.write_text(text)
            command = [sys.executable, "-c", SUPERVISOR, str(home or tmp_path), *map(str, paths)]
            log = stack.enter_context((tmp_path / "terminal").open("w"))
            process = subprocess.Popen(
                command, stdout=log, stderr=log, text=True, cwd="/", env={"PYTHONPATH": str(REPOSITORY)}
            )
            stack.enter_context(process)
            stack.callback(_end, process)
            return Terminal(process, tmp_path / "terminal")

        yield run


def test_ctrl_c_stops_the_last_started_first_and_is_no_failure(start: Start) -> None:
    terminal = start(api=STEADY, worker=STEADY)
    terminal.reads("READY")
    pids = [terminal.pid("api"), terminal.pid("worker")]
    terminal.press_ctrl_c()
    assert terminal.process.wait(10) == 0
    ending = terminal.lines("salesloop | stopping") + [line for line in terminal.lines() if line.endswith("leaving")]
    assert ending == ["salesloop | stopping (once more stops at once)", "worker    | leaving", "api       | leaving"]
    assert not any(psutil.pid_exists(pid) for pid in pids)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_end_is_the_same_wish(start: Start, number: signal.Signals) -> None:
    terminal = start(api=STEADY)
    pid = terminal.pid("api")
    terminal.process.send_signal(number)
    assert terminal.process.wait(10) == 0
    assert not psutil.pid_exists(pid)


def test_a_terminals_ctrl_c_does_not_reach_the_children(start: Start) -> None:
    terminal = start(api=STEADY)
    pid = terminal.pid("api")
    assert os.getsid(pid) == pid != os.getsid(terminal.process.pid)


def test_a_second_ctrl_c_kills_at_once(start: Start) -> None:
    terminal = start(api=STEADY, worker=STUBBORN)
    terminal.reads("READY")
    pids = [terminal.pid("api"), terminal.pid("worker")]
    terminal.press_ctrl_c()
    terminal.reads("salesloop | stopping")
    until(lambda: terminal.press_ctrl_c_while(pids[1]))
    assert terminal.process.wait(10) == 130
    assert not any(psutil.pid_exists(pid) for pid in pids)


def test_a_crashed_child_is_started_again_and_its_own_children_ended(start: Start) -> None:
    terminal = start(api=STEADY, worker=PARENT)
    grandchild = psutil.Process(terminal.pid("worker"))
    parent = grandchild.parent()
    assert parent
    parent.kill()
    terminal.reads("salesloop | worker was killed (SIGKILL); starting it again in 1 s")
    assert terminal.pid("worker", 2) != grandchild.pid
    until(lambda: not grandchild.is_running() or grandchild.status() == psutil.STATUS_ZOMBIE)
    assert psutil.pid_exists(terminal.pid("api"))


def test_a_child_that_cannot_start_ends_the_attempt(start: Start) -> None:
    terminal = start(broken=BROKEN, api=STEADY)
    assert terminal.process.wait(20) == 1
    assert terminal.lines("salesloop | broken ended with exit code 3; starting it again in 1 s")
    assert terminal.lines()[-1] == "broken ended 3 times while starting"
    assert not psutil.pid_exists(terminal.pid("api"))


def test_children_notice_that_their_supervisor_was_killed(start: Start) -> None:
    terminal = start(api=STEADY, worker=STEADY)
    terminal.reads("READY")
    children = [psutil.Process(terminal.pid(name)) for name in ("api", "worker")]
    terminal.process.kill()
    until(lambda: not any(each.is_running() and each.status() != psutil.STATUS_ZOMBIE for each in children))


def test_a_killed_engine_is_started_again(start: Start, home: Path) -> None:
    terminal = start(home=home, api=STEADY)
    terminal.reads("READY")
    (engine,) = [each for each in psutil.Process(terminal.process.pid).children() if each.name() == "valkey-server"]
    engine.kill()
    terminal.reads("salesloop | valkey ended; starting it again in 1 s")
    terminal.reads("salesloop | valkey runs again")
    terminal.press_ctrl_c()
    assert terminal.process.wait(10) == 0
    assert not [each for each in psutil.process_iter() if str(home) in " ".join(_cmdline(each))]


def _cmdline(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline()
    except psutil.Error:
        return []
