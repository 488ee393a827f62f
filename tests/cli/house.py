"""A house to run commands in: one home and one port, and a view of every process that lives there."""

import http.client
import os
import socket
import subprocess
import sys
from contextlib import closing, suppress
from pathlib import Path
from typing import IO

import psutil

REPOSITORY = Path(__file__).parents[2]


def free_port() -> int:
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return int(line.getsockname()[1])


class House:
    """One home, one port, and commands run over them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / ".salesloop"
        self.port = free_port()
        self.log = folder / "terminal"

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        with self.log.open("a") as log:
            return self._begin([*arguments], stdout=log)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        process = self._begin([*arguments], stdout=subprocess.PIPE)
        try:
            said, _ = process.communicate(timeout=60)
        finally:
            process.kill()
        return subprocess.CompletedProcess(arguments, process.returncode, said)

    def healthy(self) -> bool:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)) as line:
            try:
                line.request("GET", "/ready")
                return line.getresponse().status == 200
            except OSError:
                return False

    def engine(self, name: str) -> psutil.Process:
        """The oldest process of that name that works in this home."""
        return min((each for each in self.processes() if each.name() == name), key=psutil.Process.create_time)

    def processes(self) -> list[psutil.Process]:
        return [each for each in psutil.process_iter() if self._lives_here(each)]

    def names(self) -> set[str]:
        """The names of the processes that live here; one that ends meanwhile is left out."""
        names = set()
        for each in self.processes():
            with suppress(psutil.NoSuchProcess):
                names.add(each.name())
        return names

    def clear(self) -> None:
        """This will leave nobody behind, whatever a test that failed has left."""
        for each in self.processes():
            each.kill()

    def _lives_here(self, process: psutil.Process) -> bool:
        try:
            places = [process.cwd(), *process.cmdline()]
        except psutil.Error:
            return False
        return process.pid != os.getpid() and any(place.startswith(str(self.folder)) for place in places)

    def _begin(self, arguments: list[str], stdout: int | IO[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-P", "-m", "cli", *arguments],
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env={"PYTHONPATH": str(REPOSITORY), "PORT": str(self.port), "LC_ALL": "C.UTF-8"},
        )
