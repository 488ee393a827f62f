"""Requests to places that somebody else has named, over real sockets: nothing but what was judged is connected to."""

import asyncio
import datetime
import ipaddress
import ssl
from collections.abc import Iterable, Sequence
from pathlib import Path

import httpcore2
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from domain.webhooks.addresses import read_networks
from domain.webhooks.rules import Answer, Failure
from runtime.outbound import MOST_READ_BYTES, Outbound, Resolve
from tests.receiver import BUSY, OK, receiving

pytestmark = pytest.mark.anyio
HERE = read_networks("127.0.0.1/32")
PUBLIC = "93.184.216.34"
BODY = b'{"type":"x"}'


class Names:
    """A resolver whose answers are laid out beforehand, one for each question; the last one stays."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[str] = []

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if not answer:
            raise OSError("no such name")
        return answer


class Dials(httpcore2.AsyncNetworkBackend):
    """Connects for real to this machine; the internet is out of reach, and which address was wanted is on record."""

    def __init__(self) -> None:
        self.dialled: list[str] = []

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        self.dialled.append(host)
        if not ipaddress.ip_address(host).is_loopback:
            raise httpcore2.ConnectError("out of reach")
        return await httpcore2.AnyIOBackend().connect_tcp(host, port, timeout, local_address, socket_options)


async def posted(url: str, names: Resolve, dials: Dials, private: str = "") -> Failure | None:
    outbound = Outbound(read_networks(private), resolve=names, dial=dials)
    return (await outbound.post(url, {}, BODY)).failure


async def test_a_message_arrives_as_it_was_written() -> None:
    async with receiving() as receiver:
        answer = await Outbound(HERE).post(receiver.url, {"webhook-id": "whd_1"}, BODY)
    (received,) = receiver.received
    assert (answer.status, answer.failure) == (200, None)
    assert received.line == "POST /hook?tenant=1 HTTP/1.1"
    assert received.body == BODY
    assert received.headers["host"] == f"127.0.0.1:{receiver.port}"
    assert received.headers["content-type"] == "application/json"
    assert received.headers["webhook-id"] == "whd_1"
    assert not {"authorization", "cookie", "accept-encoding"} & received.headers.keys()


async def test_an_answer_that_changes_to_a_local_address_is_not_connected_to() -> None:
    """DNS rebinding: the first answer is public, the next one is this machine."""
    async with receiving() as receiver:
        names, dials = Names([PUBLIC], ["127.0.0.1"]), Dials()
        url = f"https://rebind.example:{receiver.port}/"
        assert await posted(url, names, dials) == Failure.NOT_CONNECTED
        assert await posted(url, names, dials) == Failure.ADDRESS_REFUSED
    assert dials.dialled == [PUBLIC]
    assert receiver.connections == 0


async def test_a_name_is_asked_for_once_and_what_was_judged_is_connected_to() -> None:
    """The answer that was judged is allowed; what the name would come to a moment later is not."""
    async with receiving("127.0.0.1") as good, receiving("127.0.0.2", good.port) as bad:
        names, dials = Names(["127.0.0.1"], ["127.0.0.2"]), Dials()
        url = f"http://rebind.example:{good.port}/"
        assert await posted(url, names, dials, "127.0.0.1/32") is None
        assert names.asked == ["rebind.example"]
        assert await posted(url, names, dials, "127.0.0.1/32") == Failure.ADDRESS_REFUSED
    assert dials.dialled == ["127.0.0.1"]
    assert (good.connections, bad.connections) == (1, 0)
    assert good.received[0].headers["host"] == f"rebind.example:{good.port}"


@pytest.mark.parametrize(
    "answers",
    [
        [PUBLIC, "127.0.0.1"],
        ["127.0.0.1", PUBLIC],
        ["169.254.169.254"],
        ["::ffff:169.254.169.254"],
        ["fd00:ec2::254"],
        ["10.0.0.1"],
        ["fe80::1%eth0"],
        ["no address at all"],
    ],
)
async def test_one_address_that_is_not_public_is_enough(answers: list[str]) -> None:
    dials = Dials()
    assert await posted("https://mixed.example/", Names(answers), dials) == Failure.ADDRESS_REFUSED
    assert dials.dialled == []


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "localhost", "[::1]", "[::ffff:7f00:1]"])
async def test_this_machine_by_any_name_is_refused_by_the_real_resolver(host: str) -> None:
    async with receiving() as receiver:
        dials = Dials()
        answer = await Outbound(dial=dials).post(f"https://{host}:{receiver.port}/", {}, BODY)
    assert answer.failure in (Failure.ADDRESS_REFUSED, Failure.NOT_RESOLVED)
    assert dials.dialled == []
    assert receiver.connections == 0


async def test_without_tls_nothing_goes_over_the_internet() -> None:
    dials = Dials()
    assert await posted("http://a.example/", Names([PUBLIC]), dials, "10.0.0.0/8") == Failure.ADDRESS_REFUSED
    assert dials.dialled == []


async def test_redirects_are_not_followed() -> None:
    async with receiving() as receiver, receiving("127.0.0.1") as aim:
        for place in ("http://169.254.169.254/latest/meta-data", aim.url):
            receiver.answers = [f"HTTP/1.1 307 Go\r\nlocation: {place}\r\ncontent-length: 0\r\n\r\n".encode()]
            answer = await Outbound(HERE).post(receiver.url, {}, BODY)
            assert (answer.status, answer.failure) == (307, Failure.REDIRECTED)
    assert aim.connections == 0


async def test_proxies_of_the_environment_are_not_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    async with receiving() as receiver, receiving() as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        assert (await Outbound(HERE).post(receiver.url, {}, BODY)).status == 200
    assert proxy.connections == 0


async def test_who_is_silent_is_waited_for_so_long_and_no_longer() -> None:
    async with receiving() as receiver:
        receiver.silent = True
        answer = await Outbound(HERE, total_seconds=0.2).post(receiver.url, {}, BODY)
    assert (answer.status, answer.failure) == (None, Failure.TIMED_OUT)
    assert answer.duration_ms >= 190


async def test_a_resolver_that_hangs_is_not_waited_for() -> None:
    async def hang(host: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    assert (await Outbound(resolve=hang, total_seconds=0.1).post("https://a.example/", {}, BODY)).failure == (
        Failure.TIMED_OUT
    )


async def test_of_an_endless_answer_little_is_read() -> None:
    async with receiving() as receiver:
        body = b"x" * (MOST_READ_BYTES + 1)
        receiver.answers = [b"HTTP/1.1 200 OK\r\ncontent-length: 99999999999\r\n\r\n" + body]
        assert (await Outbound(HERE).post(receiver.url, {}, BODY)).failure is None


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9\r\n",
        b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nx",
        b"HTTP/1.1 nonsense\r\n\r\n",
        b"",
        b"HTTP/1.1 200 OK\r\n" + b"x: y\r\n" * 60_000 + b"\r\n",
    ],
    ids=["another protocol", "cut off", "no status", "nothing", "endless headers"],
)
async def test_what_is_no_answer_is_a_failure(answer: bytes) -> None:
    async with receiving() as receiver:
        receiver.answers = [answer]
        assert (await Outbound(HERE).post(receiver.url, {}, BODY)).failure == Failure.BROKEN_ANSWER


async def test_a_bomb_is_not_unpacked() -> None:
    async with receiving() as receiver:
        head = b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 4\r\n\r\n"
        receiver.answers = [head + b"bomb"]
        assert (await Outbound(HERE).post(receiver.url, {}, BODY)).failure is None


async def test_nobody_there_and_no_such_name_are_told_apart() -> None:
    async with receiving() as receiver:
        url = receiver.url
    assert (await Outbound(HERE).post(url, {}, BODY)).failure == Failure.NOT_CONNECTED
    assert await posted("https://a.example/", Names([]), Dials()) == Failure.NOT_RESOLVED


async def test_when_to_come_back_is_handed_on() -> None:
    async with receiving() as receiver:
        receiver.answers = [BUSY, OK]
        answer = await Outbound(HERE).post(receiver.url, {}, BODY)
    assert (answer.status, answer.failure, answer.retry_after) == (503, Failure.STATUS, "1200")


def certificate(folder: Path, host: str) -> Path:
    """A certificate of its own authority, good for a host."""
    key, name = generate_private_key(SECP256R1()), x509.Name([])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=True)
        .sign(key, SHA256())
    )
    path = folder / "certificate.pem"
    secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    path.write_bytes(made.public_bytes(Encoding.PEM) + secret)
    return path


async def test_tls_is_of_the_host_that_was_named_and_not_of_its_address(tmp_path: Path) -> None:
    path = certificate(tmp_path, "hooks.example")
    served = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    served.load_cert_chain(path)
    trust = ssl.create_default_context(cafile=str(path))

    async def over_tls(host: str, trust: ssl.SSLContext | None) -> Answer:
        outbound = Outbound(HERE, resolve=Names(["127.0.0.1"]), trust=trust)
        return await outbound.post(f"https://{host}:{receiver.port}/", {}, BODY)

    async with receiving(trust=served) as receiver:
        assert (await over_tls("hooks.example", trust)).status == 200
        assert (await over_tls("other.example", trust)).failure == Failure.NOT_TRUSTED
        assert (await over_tls("hooks.example", None)).failure == Failure.NOT_TRUSTED
    assert len(receiver.received) == 1
