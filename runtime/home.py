"""The home: one folder for everything that Salesloop keeps on this machine."""

import fcntl
import os
import pwd
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from runtime.refusal import CannotRun


def open_home(home: Path) -> Path:
    """This will make the folder where it is missing, and give it back.

    It is private; made by root it lets others pass to their own folders inside, for the engines run as `nobody`.

    Raises: CannotRun where it cannot be made, or is somebody else's.
    """
    try:
        with suppress(FileExistsError):
            home.mkdir(parents=True)
            home.chmod(0o755 if os.geteuid() == 0 else 0o700)
        owner = home.stat().st_uid
    except OSError as error:
        raise CannotRun(f"SALESLOOP_HOME: {home} cannot be used ({error.strerror}); choose another folder") from None
    if not home.is_dir():
        raise CannotRun(f"SALESLOOP_HOME: {home} is a file; choose another folder")
    if owner != os.geteuid():
        raise CannotRun(
            f"SALESLOOP_HOME: {home} belongs to {account_name(owner)}; run as that account, or choose another"
        )
    return home


@contextmanager
def preparing(home: Path) -> Iterator[None]:
    """This will let one process at a time prepare what a home holds; the others wait, and find it prepared."""
    with open(os.open(home / "prepare.lock", os.O_RDWR | os.O_CREAT, 0o600), "r+") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def account_name(uid: int) -> str:
    """This will name an account, by its number where it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return f"user {uid}"
