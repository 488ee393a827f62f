"""Who owns a home's engines: one process at a time starts and stops them, others may use them meanwhile.

Locks are the kernel's (flock), so they end with their process however that ends; what is written in the lock file only
serves the message to whoever comes second.
"""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from runtime.refusal import CannotRun

LOOK_SECONDS = 0.4
POLL_SECONDS = 0.05


class HomeInUse(CannotRun):
    """Another process owns the engines of this home; the text says which."""


@contextmanager
def own(home: Path, purpose: str) -> Iterator[None]:
    """This will make us the owner for the length of the block.

    Raises: HomeInUse, within half a second.
    """
    with _open(home / "up.lock") as lock:
        if not _locked(lock):
            raise HomeInUse(f"{home} is in use by {lock.read().strip() or 'another process'}")
        _write(lock, f"`salesloop {purpose}` (process {os.getpid()})")
        try:
            yield
        finally:
            _write(lock, "")


def owner(home: Path) -> str:
    """This will name the owner, empty where the home has none."""
    if not (home / "up.lock").exists():
        return ""
    with _open(home / "up.lock") as lock:
        return "" if _lock(lock, fcntl.LOCK_SH) else lock.read().strip()


@contextmanager
def using(home: Path) -> Iterator[None]:
    """This will keep an owner that is patient from stopping its engines for the length of the block."""
    with _open(home / "users.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_SH)
        yield


@contextmanager
def unused(home: Path) -> Iterator[None]:
    """This will wait until nobody uses the engines, and keep newcomers waiting for the length of the block."""
    with _open(home / "users.lock") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _locked(lock: IO[str]) -> bool:
    """Tried for a moment, since `owner` takes the same lock for an instant to look."""
    deadline = time.monotonic() + LOOK_SECONDS
    while not _lock(lock, fcntl.LOCK_EX):
        if time.monotonic() > deadline:
            return False
        time.sleep(POLL_SECONDS)
    return True


def _lock(lock: IO[str], kind: int) -> bool:
    try:
        fcntl.flock(lock, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _open(path: Path) -> IO[str]:
    return open(os.open(path, os.O_RDWR | os.O_CREAT, 0o600), "r+")


def _write(lock: IO[str], text: str) -> None:
    lock.seek(0)
    lock.truncate()
    lock.write(text)
    lock.flush()
