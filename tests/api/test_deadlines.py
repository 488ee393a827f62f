"""Nobody works for a client who has gone away, nor longer than is allowed."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx
import pytest

from api.http.deadline import ROUND_SECONDS
from domain.customers.models import Customer
from tests.live import Live
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
LIST = "{ customers { nodes { id } } }"
CREATE = 'mutation { customerCreate(input: {kind: PERSON, name: "Lee"}) { customer { name } } }'
LOCK = 'LOCK TABLE "customer"'


@pytest.fixture
def chosen() -> dict[str, Any]:
    return {"statement_timeout_seconds": 60, "database_pool_size": 3}


class Witness:
    """Somebody beside the server who holds a lock, so that statements wait, and who sees which of them do."""

    def __init__(self, holding: asyncpg.Connection, looking: asyncpg.Connection) -> None:
        self._holding, self._looking = holding, looking

    async def release(self) -> None:
        await self._holding.execute("ROLLBACK")

    async def some_wait(self) -> bool:
        return "active" in await self._states()

    async def none_waits(self) -> bool:
        """Whether all that the server had begun has ended, transactions among them."""
        return await self._states() <= {"idle"}

    async def _states(self) -> set[str]:
        rows = await self._looking.fetch(
            "SELECT state FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'salesloop'"
        )
        return {row["state"] for row in rows}


@pytest.fixture
async def locked(quiet: Live, database_url: str) -> AsyncIterator[Witness]:
    """Customers can neither be read nor written until the end of the test; who is at the door is known already."""
    await quiet.ask("{ __typename }")
    holding, looking = [await asyncpg.connect(database_url) for _ in range(2)]
    try:
        await holding.execute("BEGIN")
        await holding.execute(LOCK)
        yield Witness(holding, looking)
    finally:
        await holding.close()
        await looking.close()


def _post(live: Live, query: str) -> bytes:
    body = b'{"query": "%b"}' % query.replace('"', '\\"').encode()
    return (
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Authorization: Bearer %b\r\nContent-Length: %d\r\n\r\n%b" % (str(live.token).encode(), len(body), body)
    )


@pytest.mark.parametrize("query", [LIST, CREATE])
async def test_a_client_who_hangs_up_cancels_its_statement(quiet: Live, locked: Witness, query: str) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", quiet.port)
    writer.write(_post(quiet, query))
    await eventually(locked.some_wait)
    await asyncio.sleep(3 * ROUND_SECONDS)
    assert await locked.some_wait()
    writer.close()
    await eventually(locked.none_waits)
    await locked.release()
    assert await Customer.all().count() == 0


async def test_a_socket_that_completes_or_closes_cancels_its_statement(quiet: Live, locked: Witness) -> None:
    async with quiet.socket() as socket:
        await socket.subscribe(LIST)
        await eventually(locked.some_wait)
        await socket.send(id="1", type="complete")
        await eventually(locked.none_waits)
        await socket.subscribe(LIST, "2")
        await eventually(locked.some_wait)
    await eventually(locked.none_waits)


async def test_a_stream_that_is_closed_cancels_its_statement(quiet: Live, locked: Witness) -> None:
    async with quiet.stream(LIST):
        await eventually(locked.some_wait)
    await eventually(locked.none_waits)


HASTY = pytest.mark.parametrize("chosen", [{"request_timeout_seconds": 0.2, "database_pool_size": 3}])
TOLD = {"code": "TIMEOUT", "limit": "request_seconds", "allowed": 0.2}


@HASTY
@pytest.mark.parametrize(
    ("media_type", "status"), [("application/json", 200), ("application/graphql-response+json", 504)]
)
@pytest.mark.parametrize("query", [LIST, CREATE])
async def test_a_request_has_a_time(quiet: Live, locked: Witness, query: str, media_type: str, status: int) -> None:
    headers = {"authorization": f"Bearer {quiet.token}", "accept": media_type}
    async with httpx.AsyncClient() as http:
        response = await http.post(quiet.url, json={"query": query}, headers=headers)
    assert response.status_code == status
    assert response.headers["content-type"] == media_type
    (error,) = response.json()["errors"]
    assert error["extensions"] == TOLD
    assert "data" not in response.json()
    await eventually(locked.none_waits)
    await locked.release()
    assert await Customer.all().count() == 0


@HASTY
async def test_an_operation_on_a_line_has_the_same_time(quiet: Live, locked: Witness) -> None:
    async with quiet.socket() as socket:
        await socket.subscribe(LIST)
        assert await socket.code() == "TIMEOUT"
    async with quiet.stream(LIST) as stream:
        _, _, told = await stream.next()
        assert told["errors"][0]["extensions"] == TOLD
        assert (await stream.next())[1] == "complete"
    await eventually(locked.none_waits)


@HASTY
async def test_a_body_that_trickles_in_is_told_so(quiet: Live) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", quiet.port)
    head, _, body = _post(quiet, LIST).partition(b"\r\n\r\n")
    writer.write(head + b"\r\n\r\n" + body[:5])
    assert (await reader.readline()).startswith(b"HTTP/1.1 408")
    assert b'"code":"TIMEOUT"' in await reader.readuntil(b"}}]}")
    writer.close()
