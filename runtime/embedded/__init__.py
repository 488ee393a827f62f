"""PostgreSQL and Valkey without Docker: the engines of a home, started by whoever needs them first.

`engines` is for `salesloop up`, which owns them as long as it runs; `attach` for any other command, which uses what
runs or starts it for a moment; `throwaway` for tests and benchmarks. Where a URL is set, that engine is not ours and
nothing is started.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from runtime.embedded.ownership import HomeInUse, own, owner, unused, using
from runtime.embedded.postgres import PostgresEngine
from runtime.embedded.process import EngineProcess
from runtime.embedded.quarters import EngineRefused, quarters
from runtime.embedded.valkey import ValkeyEngine
from runtime.interrupts import interruptible
from runtime.settings import Settings

__all__ = [
    "Engine",
    "EngineRefused",
    "HomeInUse",
    "Running",
    "attach",
    "engines",
    "find",
    "ownerless",
    "start_postgres",
    "start_valkey",
    "throwaway",
]

JOIN_SECONDS = 60
POLL_SECONDS = 0.1


class Engine(Protocol):
    """A server of our own, over the data of one home."""

    name: str
    process: EngineProcess

    @property
    def url(self) -> str: ...
    def start(self) -> None: ...
    def alive(self) -> bool: ...
    def answers(self) -> bool: ...
    def stop(self) -> None: ...
    def kill(self) -> None: ...


@dataclass(frozen=True)
class Running:
    """Where the engines answer; `owned` are those to watch and stop, in the order of their start."""

    database_url: str
    redis_url: str
    owned: tuple[Engine, ...] = ()


def start_postgres(home: Path, *, durable: bool = True) -> PostgresEngine:
    """This will start a PostgreSQL over the home; the caller stops it. Not durable: faster, and forgets in a crash."""
    engine = PostgresEngine(quarters(home), durable=durable)
    engine.start()
    return engine


def start_valkey(home: Path, *, durable: bool = True) -> ValkeyEngine:
    """This will start a Valkey over the home; the caller stops it."""
    engine = ValkeyEngine(quarters(home), durable=durable)
    engine.start()
    return engine


@contextmanager
def engines(settings: Settings, purpose: str = "up") -> Iterator[Running]:
    """This will own the home's engines for the length of the block, and end them without waiting for their users.

    Raises: HomeInUse, EngineRefused.
    """
    if not _embeds(settings):
        yield Running(settings.database_url, settings.redis_url)
        return
    quarters(settings.home)
    with own(settings.home, purpose):
        ours = _ours(settings)
        try:
            for engine in ours:
                engine.start()
            yield _running(settings, ours, owned=True)
        finally:
            end(ours)


@contextmanager
def attach(settings: Settings, purpose: str = "command") -> Iterator[Running]:
    """This will give the engines that run, or start them for the length of the block; whoever joins is waited for.

    Raises: HomeInUse where the owner's engines have not answered within a minute; EngineRefused.
    """
    if not _embeds(settings):
        yield Running(settings.database_url, settings.redis_url)
        return
    quarters(settings.home)
    with ExitStack() as stack:
        deadline = time.monotonic() + JOIN_SECONDS
        while (running := _start(settings, purpose, stack) or _join(settings, stack)) is None:
            if time.monotonic() > deadline:
                raise HomeInUse(f"the engines of {settings.home} belong to another process, and do not answer")
            time.sleep(POLL_SECONDS)
        yield running


def find(settings: Settings) -> Running:
    """This will give what runs now, and start nothing; an engine of ours that does not answer has an empty URL."""
    if not _embeds(settings) or not os.path.exists(settings.home):
        return Running(settings.database_url, settings.redis_url)
    return _running(settings, [engine for engine in _ours(settings) if engine.answers()])


def ownerless(settings: Settings) -> list[str]:
    """This will name engines that run though nobody owns the home: their owner was killed."""
    if not _embeds(settings) or not os.path.exists(settings.home) or owner(settings.home):
        return []
    return [f"{left.name()} ({left.pid})" for engine in _ours(settings) for left in engine.process.leftovers()[:1]]


@contextmanager
def throwaway() -> Iterator[Running]:
    """This will start private engines in a temporary folder which forget everything; about 1 s."""
    home = Path(tempfile.mkdtemp(prefix="salesloop-", dir="/tmp"))  # short, for the sockets
    home.chmod(0o755)
    place = quarters(home)
    ours: tuple[Engine, ...] = (PostgresEngine(place, durable=False), ValkeyEngine(place, durable=False))
    try:
        for engine in ours:
            engine.start()
        yield Running(ours[0].url, ours[1].url, ours)
    finally:
        for engine in ours:
            engine.kill()
        shutil.rmtree(home)


def end(engines: Sequence[Engine]) -> None:
    """This will stop them, the last started first; an interruption ends all of them at once."""
    try:
        for engine in reversed(engines):
            engine.stop()
    except BaseException:
        for engine in reversed(engines):
            engine.kill()
        raise


def _start(settings: Settings, purpose: str, stack: ExitStack) -> Running | None:
    attempt = ExitStack()
    with attempt:
        try:
            attempt.enter_context(own(settings.home, purpose))
        except HomeInUse:
            return None
        attempt.enter_context(interruptible())
        ours = _ours(settings)
        attempt.callback(_end_when_unused, settings.home, ours)
        for engine in ours:
            engine.start()
        stack.push(attempt.pop_all())
    return _running(settings, ours)


def _end_when_unused(home: Path, ours: Sequence[Engine]) -> None:
    with unused(home):
        end(ours)


def _join(settings: Settings, stack: ExitStack) -> Running | None:
    attempt = ExitStack()
    with attempt:
        attempt.enter_context(using(settings.home))
        theirs = _ours(settings)
        if not all(engine.answers() for engine in theirs):
            return None
        stack.push(attempt.pop_all())
    return _running(settings, theirs)


def _embeds(settings: Settings) -> bool:
    return settings.embeds_database or settings.embeds_redis


def _ours(settings: Settings) -> tuple[Engine, ...]:
    place = quarters(settings.home)
    database: tuple[Engine, ...] = (PostgresEngine(place),) if settings.embeds_database else ()
    redis: tuple[Engine, ...] = (ValkeyEngine(place),) if settings.embeds_redis else ()
    return database + redis


def _running(settings: Settings, ours: Sequence[Engine], *, owned: bool = False) -> Running:
    urls = {engine.name: engine.url for engine in ours}
    return Running(
        urls.get("postgres", settings.database_url),
        urls.get("valkey", settings.redis_url),
        tuple(ours) if owned else (),
    )
