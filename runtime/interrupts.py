"""What Ctrl-C, SIGTERM and a closed terminal do to a process that has others to stop before it may go."""

import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

ENDINGS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
ECHO_SECONDS = 0.5


@contextmanager
def interruptible() -> Iterator[None]:
    """This will make each of the ending signals a KeyboardInterrupt, so that `finally` is reached whatever ends us.

    `timeout` and some terminals deliver one wish twice; an echo within half a second is not a second wish. A hang-up
    that was ignored (`nohup`) stays ignored. Outside the main thread nothing can be arranged and nothing is.
    """
    last = time.monotonic() - ECHO_SECONDS

    def interrupt(_signal: int, _frame: FrameType | None) -> None:
        nonlocal last
        if time.monotonic() - last >= ECHO_SECONDS:
            last = time.monotonic()
            raise KeyboardInterrupt

    ignored = {signal.SIGHUP} if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN else set()
    heeded = [each for each in ENDINGS if each not in ignored]
    with _handling(heeded, interrupt):
        yield


@contextmanager
def deferred() -> Iterator[None]:
    """This will hold the ending signals back for a moment that must not be torn: a child is born and written down."""
    held: list[int] = []
    try:
        with _handling(list(ENDINGS), lambda number, _frame: held.append(number)):
            yield
    finally:
        for number in held:
            signal.raise_signal(number)


@contextmanager
def _handling(signals: list[signal.Signals], handler: object) -> Iterator[None]:
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = {each: signal.signal(each, handler) for each in signals}  # type: ignore[arg-type]
    try:
        yield
    finally:
        for each, former in before.items():
            signal.signal(each, former)
