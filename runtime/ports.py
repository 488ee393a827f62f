"""The TCP port we listen on: whether it is free, and whether it is we who answer there."""

import contextlib
import errno
import http.client
import socket

from runtime.refusal import CannotRun

ANSWER_SECONDS = 2
_NO_ADDRESS = "HOST: {host} is not an address of this machine; try 127.0.0.1"
EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}


def require_free(host: str, port: int) -> None:
    """This will return where the port can be listened on.

    Raises: CannotRun.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        with socket.socket(family, socket.SOCK_STREAM) as attempt:
            attempt.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            attempt.bind(address)
    except socket.gaierror:
        raise CannotRun(_NO_ADDRESS.format(host=host)) from None
    except OSError as error:
        raise CannotRun(_refusal(host, port, error)) from None


def listening(host: str, port: int) -> socket.socket:
    """This will give a socket bound to the port, or to any where that is taken: processes may share a machine.

    Raises: CannotRun.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise CannotRun(_NO_ADDRESS.format(host=host)) from None
    made = socket.socket(family, socket.SOCK_STREAM)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        try:
            made.bind(address)
        except OSError:
            made.bind((address[0], 0, *address[2:]))
    except OSError as error:
        made.close()
        raise CannotRun(_refusal(host, port, error)) from None
    return made


def reachable(host: str) -> str:
    """This will give the address under which this machine itself reaches what listens on the host; for a URL."""
    name = EVERYWHERE.get(host, host)
    return f"[{name}]" if ":" in name else name


def answers_health(host: str, port: int) -> bool:
    """True where a GET of /health is answered with 200."""
    line = http.client.HTTPConnection(EVERYWHERE.get(host, host), port, timeout=ANSWER_SECONDS)
    with contextlib.closing(line):
        try:
            line.request("GET", "/health")
            return line.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False


def _refusal(host: str, port: int, error: OSError) -> str:
    match error.errno:
        case errno.EADDRINUSE:
            return (
                f"PORT: {port} is in use on {host}; stop what listens there, or choose another, as in PORT={port + 1}"
            )
        case errno.EACCES:
            return f"PORT: {port} is only for privileged accounts; choose one above 1023"
        case _:
            return f"HOST: cannot listen on {host}:{port} ({error.strerror}); try 127.0.0.1"
