"""How a child process notices that its supervisor is gone, however it went: the pipe that is standard input ends."""

import os
import signal
import sys
import threading

GRACE_SECONDS = 20


def leave_with_supervisor() -> None:
    """This will watch standard input, and at its end ask this process to stop, and 20 s later make it."""
    threading.Thread(target=_watch, args=(sys.stdin.fileno(),), name="lifeline", daemon=True).start()


def _watch(descriptor: int) -> None:
    while os.read(descriptor, 1024):
        pass
    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGTERM)  # to wake the thread that handles signals
    last_resort = threading.Timer(GRACE_SECONDS, os._exit, args=(1,))
    last_resort.daemon = True
    last_resort.start()
