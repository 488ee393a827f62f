"""The ways to Redis, gone to the end: a failover behind sentinels, passwords, and TLS that knows who is at the other end."""

import asyncio
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import socket

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from redis.exceptions import ConnectionError as NotConnected

from runtime.embedded import Running
from runtime.embedded.valkey import ValkeyEngine
from runtime.redis import redis_client
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
PASSWORD = "p@ss/w:rd"
IN_URL = "p%40ss%2Fw%3Ard"
HOST = "127.0.0.1"


def free_port() -> int:
    with socket() as taken:
        taken.bind((HOST, 0))
        port: int = taken.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def binary(engines: Running) -> Path:
    """Where the server is that also plays sentinel."""
    (valkey,) = [engine for engine in engines.owned if isinstance(engine, ValkeyEngine)]
    return Path(valkey.process.binary)


class Servers:
    """Servers and a sentinel, each a process on a port of its own."""

    def __init__(self, binary: Path, home: Path) -> None:
        self._binary, self._home = binary, home
        self.running: dict[int, subprocess.Popen[bytes]] = {}

    def start(self, *lines: str, sentinel: bool = False) -> int:
        port = free_port()
        said = self._home / f"{port}.conf"
        given = (f"port {port}", f"bind {HOST}", f"dir {self._home}", 'save ""', "appendonly no", *lines)
        said.write_text("\n".join(line for line in given if not (sentinel and line.startswith(("save", "append")))))
        how = ["--sentinel"] if sentinel else []
        self.running[port] = subprocess.Popen([self._binary, said, *how], stdout=subprocess.DEVNULL)
        return port

    def kill(self, port: int) -> None:
        self.running[port].kill()
        self.running[port].wait()


@pytest.fixture
def servers(binary: Path, tmp_path: Path) -> Iterator[Servers]:
    started = Servers(binary, tmp_path)
    yield started
    for port in started.running:
        started.kill(port)


async def is_up(url: str) -> bool:
    async with redis_client(url) as client:
        try:
            return bool(await client.ping())
        except (OSError, NotConnected):
            return False


async def test_a_failover_is_followed(servers: Servers) -> None:
    auth = (f'requirepass "{PASSWORD}"', f'masterauth "{PASSWORD}"')
    master = servers.start(*auth)
    replica = servers.start(*auth, f"replicaof {HOST} {master}")
    direct = f"redis://:{IN_URL}@{HOST}:{replica}"
    await eventually(lambda: is_up(f"redis://:{IN_URL}@{HOST}:{master}"))
    await eventually(lambda: is_up(direct))
    async with redis_client(direct) as client:

        async def in_step() -> bool:
            return bool((await client.info("replication"))["master_link_status"] == "up")

        await eventually(in_step)
    sentinel = servers.start(
        f"sentinel monitor loop {HOST} {master} 1",
        f'sentinel auth-pass loop "{PASSWORD}"',
        "sentinel down-after-milliseconds loop 300",
        "sentinel failover-timeout loop 1000",
        sentinel=True,
    )
    away = free_port()
    async with redis_client(f"redis+sentinel://:{IN_URL}@{HOST}:{away},{HOST}:{sentinel}/loop/0") as client:

        async def written(name: str) -> bool:
            try:
                return bool(await client.set(name, "1"))
            except (OSError, NotConnected):
                return False

        async def sentinel_knows_both() -> bool:
            async with redis_client(f"redis://{HOST}:{sentinel}") as asked:
                try:
                    return len(await asked.execute_command("SENTINEL", "REPLICAS", "loop")) == 1  # type: ignore[no-untyped-call]
                except (OSError, NotConnected):
                    return False

        await eventually(sentinel_knows_both)
        assert await written("before")
        servers.kill(master)
        await eventually(lambda: written("after"))
        assert await client.get("before") == b"1"


def certificates(folder: Path, name: str) -> tuple[Path, Path]:
    """A certificate that vouches for itself as `name`, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    who = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder(who, who, key.public_key(), x509.random_serial_number(), now, now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    places = folder / "cert.pem", folder / "key.pem"
    places[0].write_bytes(made.public_bytes(Encoding.PEM))
    places[1].write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return places


@asynccontextmanager
async def behind_tls(path: str, certificate: Path, key: Path) -> AsyncIterator[int]:
    """A port on which TLS is spoken, before the server at a socket."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    pumps: set[asyncio.Task[None]] = set()

    async def pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while some := await reader.read(65536):
                writer.write(some)
        finally:
            writer.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        inner_reader, inner_writer = await asyncio.open_unix_connection(path)
        pumps.update({asyncio.create_task(pump(reader, inner_writer)), asyncio.create_task(pump(inner_reader, writer))})

    server = await asyncio.start_server(serve, HOST, 0, ssl=context)
    yield server.sockets[0].getsockname()[1]
    server.close()
    for task in pumps:
        task.cancel()
    await asyncio.gather(*pumps, return_exceptions=True)


async def test_tls_is_spoken_to_who_is_vouched_for(redis_url: str, tmp_path: Path) -> None:
    certificate, key = certificates(tmp_path, "localhost")
    async with behind_tls(redis_url.removeprefix("unix://"), certificate, key) as port:
        async with redis_client(f"rediss://localhost:{port}?ca={certificate}") as client:
            assert await client.ping()
        for refused in (f"rediss://{HOST}:{port}?ca={certificate}", f"rediss://localhost:{port}"):
            async with redis_client(refused) as client:
                with pytest.raises(NotConnected, match=r"CERTIFICATE_VERIFY_FAILED|certificate verify failed"):
                    await client.ping()
