"""ariadne-codegen: a client of typed methods, whose answers are pydantic models."""

import asyncio
import json
import os
from collections.abc import Callable
from typing import Any

from sales import Client, CustomerCreateInput, CustomerKind, CustomerUpdateInput, CustomerWhere, StringFilter

WHERE = CustomerWhere(name=StringFilter(startsWith="Ariadne"))


async def read(client: Client, first: dict[str, Any], onwards: Callable[[Any], dict[str, Any] | None]) -> list[Any]:
    pages, span = [], first
    while span:
        page = (await client.page(where=WHERE, **span)).customers
        pages.append([card.name for card in page.nodes])
        span = onwards(page.page_info)
    return pages


async def main() -> None:
    address = f"127.0.0.1:{os.environ['GRAPH_PORT']}/graphql"
    headers = {"Authorization": f"Bearer {os.environ['GRAPH_TOKEN']}"}
    async with Client(f"http://{address}", headers, ws_url=f"ws://{address}", ws_headers=headers) as client:
        made = []
        for number in range(1, 6):
            given = CustomerCreateInput(kind=CustomerKind.COMPANY, name=f"Ariadne {number}", city="Linz")
            made.append((await client.create(given)).customer_create.customer)
        third = made[2]
        forward = await read(
            client, {"first": 2}, lambda page: {"first": 2, "after": page.end_cursor} if page.has_next_page else None
        )
        backward = await read(
            client,
            {"last": 2},
            lambda page: {"last": 2, "before": page.start_cursor} if page.has_previous_page else None,
        )
        changed = (await client.update(third.id, CustomerUpdateInput(city=None), 1)).customer_update
        refused = (await client.update(third.id, CustomerUpdateInput(city="Wien"), 1)).customer_update
    told = {
        "moment": third.created_at.isoformat(),
        "kind": third.kind,
        "forward": forward,
        "backward": backward,
        "changed": changed.model_dump(mode="json"),
        "refused": refused.model_dump(mode="json"),
    }
    print(json.dumps(told))


asyncio.run(main())
