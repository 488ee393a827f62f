"""ariadne-codegen's subscription: an iterator of pydantic models, begun anew behind the last event where it breaks."""

import asyncio
import json
import os
from contextlib import suppress
from typing import Any

from heard import Client
from sales import Client as Teller
from sales import CustomerCreateInput, CustomerKind, CustomerUpdateInput
from websockets.exceptions import WebSocketException

PORT = int(os.environ["GRAPH_PORT"])
HEADERS = {"Authorization": f"Bearer {os.environ['GRAPH_TOKEN']}"}


class Road:
    """A way to the server that can be cut, and mended on the same port."""

    def __init__(self) -> None:
        self.port = 0
        self._open: set[asyncio.StreamWriter] = set()

    async def mend(self) -> None:
        self._gate = await asyncio.start_server(self._lead, "127.0.0.1", self.port)
        self.port = self._gate.sockets[0].getsockname()[1]

    async def cut(self) -> None:
        self._gate.close()
        for each in self._open:
            each.close()

    async def _lead(self, near: asyncio.StreamReader, back: asyncio.StreamWriter) -> None:
        far, onwards = await asyncio.open_connection("127.0.0.1", PORT)
        self._open |= {back, onwards}
        await asyncio.gather(self._pass_on(near, onwards), self._pass_on(far, back))

    async def _pass_on(self, one: asyncio.StreamReader, other: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await one.read(65536):
                other.write(data)
        other.close()


async def follow(port: int, key: str, after: str, heard: list[Any]) -> None:
    address = f"ws://127.0.0.1:{port}/graphql"
    while True:
        client = Client(ws_url=address, ws_connection_init_payload=HEADERS)
        with suppress(WebSocketException, OSError):
            async for message in client.changed(key, after):
                heard.append(message.customer_changed)
                after = message.customer_changed.id
        await asyncio.sleep(0.05)


async def until(heard: list[Any], number: int) -> None:
    async with asyncio.timeout(10):
        while len(heard) < number:
            await asyncio.sleep(0.02)


async def main() -> None:
    road, heard = Road(), []
    await road.mend()
    url = f"http://127.0.0.1:{PORT}/graphql"
    async with Teller(url, HEADERS) as teller, Client(url, HEADERS) as reader:
        given = CustomerCreateInput(kind=CustomerKind.COMPANY, name="Listening ariadne")
        key = (await teller.create(given)).customer_create.customer.id
        following = asyncio.create_task(follow(road.port, key, (await reader.now()).last_event_id, heard))
        await teller.update(key, CustomerUpdateInput(city="Linz"))
        await until(heard, 1)
        await road.cut()
        await teller.update(key, CustomerUpdateInput(city="Graz"))
        await teller.update(key, CustomerUpdateInput(city="Wien"))
        meanwhile = len(heard) - 1
        await road.mend()
        await until(heard, 3)
        await teller.update(key, CustomerUpdateInput(city="Bregenz"))
        await until(heard, 4)
        following.cancel()
    told = {
        "heard": len(heard),
        "meanwhile": meanwhile,
        "different": len({event.id for event in heard}),
        "changed": [event.changed for event in heard],
        "known": heard[-1].customer.city,
    }
    print(json.dumps(told))


asyncio.run(main())
