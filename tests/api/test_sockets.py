"""The WebSocket speaks graphql-transport-ws to the letter, and nobody can hold it for ever or fill it."""

import asyncio
import random
from typing import Any

import orjson
import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus

from tests.live import Live, taken_in

pytestmark = pytest.mark.anyio
NAMES = "subscription { customerChanged { id customer { name } } }"
COUNT = "{ customers { totalCount { value } } }"


async def test_any_operation_may_be_sent(quiet: Live) -> None:
    await taken_in("Kim")
    async with quiet.socket() as socket:
        await socket.subscribe(COUNT)
        assert (await socket.next())["customers"]["totalCount"]["value"] == 1
        assert await socket.hear() == {"id": "1", "type": "complete"}
        create = (
            'mutation { customerCreate(input: {kind: PERSON, name: "Lee"}) { customer { name } userErrors { code } } }'
        )
        await socket.subscribe(create, "2")
        assert (await socket.next("2"))["customerCreate"] == {"customer": {"name": "Lee"}, "userErrors": []}


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("subscription {", "GRAPHQL_PARSE_FAILED"),
        ("subscription { nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("{ nothing }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { customerChanged { id } contactChanged { id } }", "GRAPHQL_VALIDATION_FAILED"),
        ("subscription { customerChanged @skip(if: true) { id } }", "GRAPHQL_VALIDATION_FAILED"),
    ],
)
async def test_what_cannot_begin_is_an_error_with_a_code(quiet: Live, query: str, code: str) -> None:
    async with quiet.socket() as socket:
        await socket.subscribe(query)
        assert await socket.code() == code
        await socket.subscribe(COUNT)
        await socket.next()


async def test_strangers_hear_nothing(served: Live) -> None:
    async with served.socket(init={}) as socket:
        await socket.subscribe(NAMES)
        assert await socket.code() == "UNAUTHENTICATED"


@pytest.mark.parametrize("init", [{"Authorization": "Bearer nonsense"}, {"authorization": 7}, {"AUTHORIZATION": ""}])
async def test_a_bad_token_closes_the_socket(served: Live, init: dict[str, Any]) -> None:
    async with served.socket(init=None) as socket:
        await socket.send(type="connection_init", payload=init)
        assert (await socket.closed())[0] == 4403


async def test_the_token_may_stand_in_the_handshake(quiet: Live) -> None:
    headers = {"Authorization": f"Bearer {quiet.token}"}
    async with quiet.as_user("").socket(init={}, additional_headers=headers) as socket:
        await socket.subscribe(COUNT)
        await socket.next()


@pytest.mark.parametrize(
    "message",
    [
        "",
        "nonsense",
        "null",
        "[]",
        '"ping"',
        "{}",
        '{"type": "start"}',
        '{"type": "subscribe"}',
        '{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": 1, "payload": {"query": "{ __typename }"}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": 1}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "variables": []}}',
        '{"type": "subscribe", "id": "1", "payload": {"query": "{ __typename }", "operationName": {}}}',
        '{"type": "complete"}',
        '{"type": "next", "id": "1", "payload": {}}',
        '{"type": "\\ud800"}',
        b"\x00\xff",
        "[" * 100_000,
    ],
)
async def test_what_is_no_message_closes_the_socket(quiet: Live, message: str | bytes) -> None:
    async with quiet.socket() as socket:
        await socket.raw.send(message)
        assert (await socket.closed())[0] == 4400


async def test_nothing_is_done_before_the_introduction(quiet: Live) -> None:
    async with quiet.as_user("").socket() as socket:
        await socket.send(type="ping", payload={"still": "here"})
        assert await socket.hear() == {"type": "pong", "payload": {"still": "here"}}
        await socket.subscribe(COUNT)
        assert await socket.closed() == (4401, "Unauthorized")


async def test_who_introduces_themselves_twice_is_shown_out(quiet: Live) -> None:
    async with quiet.socket() as socket:
        await socket.send(type="connection_init")
        assert await socket.closed() == (4429, "Too many initialisation requests")


@pytest.mark.parametrize("chosen", [{"socket_init_seconds": 0.1}])
async def test_who_does_not_introduce_themselves_is_shown_out(quiet: Live) -> None:
    async with quiet.as_user("").socket() as socket:
        assert await socket.closed() == (4408, "Connection initialisation timeout")


async def test_an_id_is_used_once_at_a_time(quiet: Live) -> None:
    async with quiet.socket() as socket:
        await socket.subscribe(NAMES)
        await socket.subscribe(NAMES)
        assert await socket.closed() == (4409, "Subscriber for 1 already exists")


@pytest.mark.parametrize("protocols", [("graphql-ws",), ("nonsense", "other")])
async def test_other_protocols_are_not_spoken(quiet: Live, protocols: tuple[str, ...]) -> None:
    with pytest.raises(ConnectionClosed) as caught:
        async with quiet.as_user("").socket(*protocols) as socket:
            await socket.raw.recv()
    assert caught.value.rcvd is not None
    assert caught.value.rcvd.code == 4406


@pytest.mark.parametrize("chosen", [{"operations_per_socket": 2}])
async def test_operations_of_a_socket_are_counted(quiet: Live) -> None:
    async with quiet.socket() as socket:
        for number in range(2):
            await socket.subscribe(NAMES, str(number))
        await socket.subscribe(NAMES, "more")
        error = await socket.hear()
        extensions = error["payload"][0]["extensions"]
        assert (error["id"], extensions) == ("more", {"code": "TOO_MANY_OPERATIONS", "requested": 3, "allowed": 2})
        await socket.send(id="0", type="complete")
        await socket.subscribe(COUNT, "again")
        await socket.next("again")


@pytest.mark.parametrize("chosen", [{"live_connections": 2, "live_connections_per_user": 1}])
async def test_sockets_and_streams_are_counted_of_the_process_and_of_each_user(quiet: Live) -> None:
    async with quiet.socket():
        async with quiet.as_user("").socket() as second:
            await second.send(type="connection_init", payload={"Authorization": f"Bearer {quiet.token}"})
            assert (await second.closed())[0] == 1013
        async with quiet.stream(NAMES) as stream:
            assert stream.response.status_code == 429
            (error,) = orjson.loads(await stream.response.aread())["errors"]
            assert error["extensions"]["code"] == "TOO_MANY_CONNECTIONS"
        async with quiet.as_user("").socket(init={}):
            with pytest.raises(InvalidStatus) as caught:
                async with quiet.as_user("").socket(init={}):
                    pass
            assert caught.value.response.status_code == 503


@pytest.mark.parametrize("chosen", [{"max_body_bytes": 10_000}])
async def test_a_frame_has_a_longest_size(quiet: Live) -> None:
    async with quiet.socket() as socket:
        with pytest.raises(ConnectionClosed):
            await socket.subscribe(COUNT + " " * 20_000)
            await socket.raw.recv()
        assert socket.raw.close_code == 1009


@pytest.mark.parametrize("chosen", [{"live_send_seconds": 0.3}])
async def test_who_takes_nothing_is_let_go(quiet: Live) -> None:
    """A client that asks on and on, and never reads an answer; what it asks for compresses badly."""
    chance = random.Random(1)
    for _ in range(100):
        await taken_in("".join(chr(chance.randrange(0x4E00, 0x9F00)) for _ in range(200)))
    asked = {"type": "subscribe", "payload": {"query": "{ customers(first: 100) { nodes { id name createdAt } } }"}}
    async with quiet.socket() as socket:
        socket.raw.transport.pause_reading()
        async with asyncio.timeout(30):
            number = 0
            while quiet.lines._open:
                number += 1
                socket.raw.transport.write(_frame(orjson.dumps({**asked, "id": str(number)})))
                await asyncio.sleep(0.005)
        socket.raw.transport.abort()


def _frame(text: bytes) -> bytes:
    """A masked text frame of 126 to 65,535 bytes; the mask of zeros changes nothing."""
    return b"\x81\xfe" + len(text).to_bytes(2) + bytes(4) + text


async def test_what_nobody_foresaw_is_masked_and_logged(quiet: Live, caplog: pytest.LogCaptureFixture) -> None:
    """An engine with a part missing, then a socket with one, stand for whatever else may be wrong."""
    engine = quiet.sockets.surroundings.engine
    async with quiet.socket() as socket:
        whole, engine._turns = engine._turns, None  # type: ignore[assignment]
        await socket.subscribe(COUNT)
        error = await socket.hear()
        engine._turns = whole
        (told,) = error["payload"]
        assert (error["type"], told["extensions"]["code"]) == ("error", "INTERNAL")
        assert told["extensions"]["incident"] in caplog.text
        doorkeeper, quiet.sockets.doorkeeper = quiet.sockets.doorkeeper, None  # type: ignore[assignment]
        async with quiet.as_user("").socket() as second:
            await second.send(type="connection_init")
            code, reason = await second.closed()
        quiet.sockets.doorkeeper = doorkeeper
    assert code == 1011
    assert reason.removesuffix(".").rpartition(" ")[2] in caplog.text
    assert "NoneType" not in reason
