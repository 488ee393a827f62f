"""The way to Redis or Valkey: reads a URL by ourselves, for arq's own reader leaves passwords percent-encoded.

Known are `redis://`, `rediss://` (TLS; certificate and host name are checked), `unix://` (a path), and
`redis+sentinel://` and `rediss+sentinel://`, which name sentinels and the service whose master they know.
"""

from __future__ import annotations

import socket
import ssl
import sys
from dataclasses import dataclass, field, replace
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import SplitResult, parse_qs, unquote, urlsplit

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.sentinel import SentinelConnectionPool

DEFAULT_PORT = 6379
SENTINEL_PORT = 26379
CONNECT_TIMEOUT_SECONDS = 5
SENTINEL_TIMEOUT_SECONDS = 0.5
"""Sentinels are asked one after another, so one that is away must not take up the patience of those who wait."""
OPTIONS = {
    "redis": ("db",),
    "rediss": ("db", "ca"),
    "unix": ("db",),
    "redis+sentinel": ("db", "sentinel_username", "sentinel_password"),
    "rediss+sentinel": ("db", "ca", "sentinel_username", "sentinel_password"),
}
EXAMPLE = "redis+sentinel://host1:26379,host2:26379/service/0"
ENCODE = "percent-encode special characters of the password"
KEEPALIVE = (
    {
        socket.TCP_KEEPIDLE: 10,
        socket.TCP_KEEPINTVL: 5,
        socket.TCP_KEEPCNT: 3,
        socket.TCP_USER_TIMEOUT: 20_000,
    }
    if sys.platform == "linux"
    else {}
)
"""A machine that vanishes closes no connection: after some 20 s the system gives it up for us."""


@dataclass(frozen=True)
class RedisAddress:
    """Where a Redis-compatible server is, or the sentinels who know, and how to introduce oneself there."""

    host: str = "localhost"
    port: int = DEFAULT_PORT
    socket_path: str | None = None
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: str | None = None
    service: str | None = None
    sentinels: tuple[tuple[str, int], ...] = ()
    sentinel_username: str | None = None
    sentinel_password: str | None = field(default=None, repr=False)


def redis_address(url: str) -> RedisAddress:
    """This will read a URL; user, password and socket path are percent-decoded.

    Raises: ValueError, whose text never repeats the URL, since that may hold a password.
    """
    parts = _split(url)
    if parts.scheme not in OPTIONS:
        raise ValueError(f"the scheme must be one of: {', '.join(f'{scheme}://' for scheme in OPTIONS)}")
    options = _options(parts)
    if parts.scheme == "unix":
        return _socket_address(unquote(parts.path), parts.netloc, options.get("db", "0"))
    address = RedisAddress(
        username=unquote(parts.username) if parts.username else None,
        password=unquote(parts.password) if parts.password else None,
        tls=parts.scheme.startswith("rediss"),
        ca=_certificates(options["ca"]) if "ca" in options else None,
    )
    reader = _sentinel_address if parts.scheme.endswith("+sentinel") else _tcp_address
    return reader(address, parts, options)


def port_of(parts: SplitResult) -> int | None:
    """This will give a URL's port; the standard library's own complaint repeats what may be half a password."""
    try:
        return parts.port
    except ValueError:
        raise ValueError(f"the port must be a number; {ENCODE}") from None


def _split(url: str) -> SplitResult:
    """The standard library's own complaints repeat the password here, too."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise ValueError(f"the host cannot be read; {ENCODE}") from None
    if parts.fragment:
        raise ValueError(f"there is a # in it; {ENCODE}")
    return parts


def _options(parts: SplitResult) -> dict[str, str]:
    """A plus sign is one, as in the rest of the URL, and no space."""
    known = OPTIONS[parts.scheme]
    given = parse_qs(parts.query.replace("+", "%2B"), keep_blank_values=True)
    if given.keys() - {*known}:
        raise ValueError(f"{parts.scheme}:// has no options but {', '.join(known)}; {ENCODE}")
    return {name: values[-1] for name, values in given.items()}


def _tcp_address(address: RedisAddress, parts: SplitResult, options: dict[str, str]) -> RedisAddress:
    return replace(
        address,
        host=parts.hostname or "localhost",
        port=port_of(parts) or DEFAULT_PORT,
        database=_database_number(options.get("db", parts.path.strip("/") or "0")),
    )


def _sentinel_address(address: RedisAddress, parts: SplitResult, options: dict[str, str]) -> RedisAddress:
    service, _, database = parts.path.strip("/").partition("/")
    if not service:
        raise ValueError(f"the name of the service is missing, as in {EXAMPLE}")
    return replace(
        address,
        sentinels=tuple(_sentinel(place) for place in parts.netloc.rpartition("@")[2].split(",")),
        service=unquote(service),
        database=_database_number(options.get("db", database or "0")),
        sentinel_username=options.get("sentinel_username"),
        sentinel_password=options.get("sentinel_password"),
    )


def _sentinel(place: str) -> tuple[str, int]:
    parts = _split(f"//{place}")
    port = port_of(parts) or SENTINEL_PORT
    if not parts.hostname:
        raise ValueError(f"the host of a sentinel is missing, as in {EXAMPLE}")
    return parts.hostname, port


def _socket_address(path: str, netloc: str, database: str) -> RedisAddress:
    if netloc or not path.startswith("/"):
        raise ValueError("a socket needs an absolute path, as in unix:///run/valkey.sock")
    return RedisAddress(socket_path=path, database=_database_number(database))


def _database_number(text: str) -> int:
    if not text.isdecimal():
        raise ValueError("the database must be a number, as in redis://localhost:6379/0")
    return int(text)


def _certificates(path: str) -> str:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(path)
    except OSError:
        raise ValueError("ca must be the path of a readable file with certificates as PEM") from None
    return path


def redis_client(url: str) -> Redis:
    """This will make a client with a pool of its own; nothing is connected until the first command.

    Behind sentinels it asks them for the master whenever it connects, and so follows a failover.
    """
    from redis.asyncio import Redis

    address = redis_address(url)
    manner: dict[str, Any] = {
        "db": address.database,
        "username": address.username,
        "password": address.password,
        "health_check_interval": 30,
    }
    if address.socket_path:
        return Redis(unix_socket_path=address.socket_path, **manner)
    manner |= _line(address) | {"socket_connect_timeout": CONNECT_TIMEOUT_SECONDS}
    if address.sentinels:
        return Redis.from_pool(_master_pool()(address.service, _sentinels(address), **manner))
    return Redis(host=address.host, port=address.port, **manner)


def _line(address: RedisAddress) -> dict[str, Any]:
    line: dict[str, Any] = {"socket_keepalive": True, "socket_keepalive_options": KEEPALIVE}
    if address.tls:
        line |= {"ssl": True, "ssl_cert_reqs": "required", "ssl_check_hostname": True, "ssl_ca_certs": address.ca}
    return line


def _sentinels(address: RedisAddress) -> Any:
    from redis.asyncio.sentinel import Sentinel

    manner = {
        "username": address.sentinel_username,
        "password": address.sentinel_password,
        "socket_connect_timeout": SENTINEL_TIMEOUT_SECONDS,
        "socket_timeout": SENTINEL_TIMEOUT_SECONDS,
    }
    return Sentinel(address.sentinels, sentinel_kwargs=manner | _line(address))  # type: ignore[no-untyped-call]


@cache
def _master_pool() -> type[SentinelConnectionPool]:
    """Made here, since redis-py takes its time to import."""
    from redis.asyncio.sentinel import SentinelConnectionPool

    class MasterPool(SentinelConnectionPool):
        """Lets go of the sentinels, too, whom redis-py would stay connected to."""

        async def disconnect(self, inuse_connections: bool = True) -> None:
            if inuse_connections:
                for sentinel in self.sentinel_manager.sentinels:
                    await sentinel.aclose()
            await super().disconnect(inuse_connections)

    return MasterPool
