"""The way to Redis or Valkey: reads a URL by ourselves, for arq's own reader leaves passwords percent-encoded.

Three schemes are known: `redis://`, `rediss://` (TLS; certificate and host name are checked) and `unix://` (a path).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from redis.asyncio import Redis

DEFAULT_PORT = 6379
CONNECT_TIMEOUT_SECONDS = 5


@dataclass(frozen=True)
class RedisAddress:
    """Where a Redis-compatible server is, and how to introduce oneself there."""

    host: str = "localhost"
    port: int = DEFAULT_PORT
    socket_path: str | None = None
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False


def redis_address(url: str) -> RedisAddress:
    """This will read a URL; user, password and socket path are percent-decoded.

    Raises: ValueError, whose text never repeats the URL, since that may hold a password.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("redis", "rediss", "unix"):
        raise ValueError("the scheme must be redis://, rediss:// or unix://")
    options = parse_qs(parts.query)
    if options.keys() - {"db"}:
        raise ValueError("the only option is db; percent-encode special characters of the password")
    if parts.scheme == "unix":
        return _socket_address(unquote(parts.path), parts.netloc, options.get("db", ["0"])[-1])
    return RedisAddress(
        host=parts.hostname or "localhost",
        port=port_of(parts) or DEFAULT_PORT,
        database=_database_number(options.get("db", [parts.path.strip("/") or "0"])[-1]),
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme == "rediss",
    )


def port_of(parts: SplitResult) -> int | None:
    """This will give a URL's port; the standard library's own complaint repeats what may be half a password."""
    try:
        return parts.port
    except ValueError:
        raise ValueError("the port must be a number; percent-encode special characters of the password") from None


def _socket_address(path: str, netloc: str, database: str) -> RedisAddress:
    if netloc or not path.startswith("/"):
        raise ValueError("a socket needs an absolute path, as in unix:///run/valkey.sock")
    return RedisAddress(socket_path=path, database=_database_number(database))


def _database_number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("the database must be a number, as in redis://localhost:6379/0")
    return int(text)


def redis_client(url: str) -> Redis:
    """This will make a client with a pool of its own; nothing is connected until the first command."""
    from redis.asyncio import Redis

    address = redis_address(url)
    place: dict[str, Any] = {"host": address.host, "port": address.port}
    if address.socket_path:
        place = {"unix_socket_path": address.socket_path}
    elif address.tls:
        place |= {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": True}
    return Redis(
        **place,
        db=address.database,
        username=address.username,
        password=address.password,
        socket_connect_timeout=CONNECT_TIMEOUT_SECONDS,
        health_check_interval=30,
    )
