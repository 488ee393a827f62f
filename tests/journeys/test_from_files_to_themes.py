"""A story: files are handed in, a worker takes them in, listens, and people read what customers talk about."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from runtime.redis import redis_client
from tests.graph import Graph
from tests.waiting import eventually
from workers.kinds import KINDS
from workers.main import work

pytestmark = pytest.mark.anyio

CUSTOMERS = """external_id,kind,name,email,phone,industry,city,country,note
C1,person,王芳,,,,上海,CN,
C2,company,Northwind GmbH,info@northwind.example,,Trade,Ulm,DE,
C3,spaceship,Nobody,,,,,XX,
"""
PRODUCTS = """sku,name,category,description,list_price,currency
HOTEL,Hotel stay,Travel,,120.00,EUR
LAPTOP,Laptop,Computers,,999.99,EUR
"""
ORDERS = """external_id,customer_external_id,ordered_at,currency,sku,quantity,amount
O1,C1,2024-01-05T10:00:00Z,EUR,HOTEL,2,240.00
O1,C1,2024-01-05T10:00:00Z,EUR,LAPTOP,1,999.99
O2,C2,2024-01-06T10:00:00Z,EUR,LAPTOP,NaN,1.00
O3,C9,2024-01-07T10:00:00Z,EUR,LAPTOP,1,1.00
"""
FEEDBACK = "\n".join(
    f'{{"external_id":"F{number}","source":"review","text":"{text}","customer_external_id":"C1",'
    f'"product_sku":"{sku}","order_external_id":"O1","received_at":"2024-02-0{1 + number % 5}T08:00:00Z"}}'
    for number, (text, sku) in enumerate(
        [("酒店房间很大,早餐很好,非常满意", "HOTEL")] * 8
        + [("太差了,酒店房间很脏,早餐难吃", "HOTEL")] * 6
        + [("屏幕很漂亮,键盘手感不错", "LAPTOP"), ("the screen broke and the battery died, terrible", "LAPTOP")] * 7
    )
)


@pytest.fixture
def pool_size() -> int:
    """Enough for the API and the worker, which share the models' connections here."""
    return 12


@pytest.fixture
async def worker(graph: Graph, database_url: str, redis_url: str) -> AsyncIterator[None]:
    """A real worker beside the API."""
    client = redis_client(redis_url)
    await client.flushall()
    await client.aclose()
    stop = asyncio.Event()
    task = asyncio.create_task(work(database_url, redis_url, stop, kinds=KINDS))
    yield
    stop.set()
    await task


JOB = "query ($id: ID!) { job(id: $id) { state result error attempt progressMessage requestedBy { name } } }"


async def ended(ada: Graph, id: str) -> dict[str, Any]:
    async def job() -> dict[str, Any] | None:
        found: dict[str, Any] = (await ada.ask(JOB, id=id))["job"]
        return found if found["state"] in ("SUCCEEDED", "DEAD") else None

    done = await eventually(job, 60)
    assert done is not None
    return done


async def take_in(ada: Graph, kind: str, name: str, content: str) -> dict[str, Any]:
    headers = {"authorization": f"Bearer {ada.token}", "content-type": "text/csv"}
    file = (await ada.http.post("/files", params={"name": name}, content=content.encode(), headers=headers)).json()
    start = """mutation ($input: ImportStartInput!) {
      importStart(input: $input) { job { id state } userErrors { message } } }"""
    started = (await ada.ask(start, input={"kind": kind, "fileId": file["id"]}))["importStart"]
    assert started["userErrors"] == []
    return await ended(ada, started["job"]["id"])


async def test_from_files_to_themes(ada: Graph, worker: None) -> None:
    done = await take_in(ada, "CUSTOMERS", "customers.csv", CUSTOMERS)
    assert done["state"] == "SUCCEEDED", done
    assert done["requestedBy"] == {"name": "Ada"}
    assert (done["result"]["created"], done["result"]["rejected"]) == (2, 1)
    headers = {"authorization": f"Bearer {ada.token}"}
    rejects = await ada.http.get(f"/files/{done['result']['rejects_file']}", headers=headers)
    assert "4,kind," in rejects.text

    await take_in(ada, "PRODUCTS", "products.csv", PRODUCTS)
    done = await take_in(ada, "ORDERS", "orders.csv", ORDERS)
    assert (done["result"]["created"], done["result"]["rejected"]) == (1, 2), done
    done = await take_in(ada, "FEEDBACK", "feedback.jsonl", FEEDBACK)
    assert done["result"]["created"] == 28, done
    again = await take_in(ada, "FEEDBACK", "feedback.jsonl", FEEDBACK)
    assert (again["result"]["created"], again["result"]["unchanged"]) == (0, 28)

    jobs = await ada.ask('{ jobs(where: {kind: {eq: "feedback.aggregate"}}) { nodes { id } } }')
    done = await ended(ada, jobs["jobs"]["nodes"][0]["id"])
    assert done["state"] == "SUCCEEDED", done
    assert done["result"]["items"] == 28
    assert all(told["method"] for told in done["result"]["held_out_accuracy"].values())

    data = await ada.ask(
        """{
          feedbackThemes { nodes { label language itemCount meanSentiment quotes(first: 1) { nodes { text } } } }
          customers(where: {feedback: {some: {sentimentLabel: {eq: NEGATIVE}}}}) { nodes {
            name
            orders { nodes { total { amount currency } lines { nodes { product { name feedback(first: 1) {
              nodes { sentimentLabel order { externalId } } } } } } } }
          } }
          feedbackSeries(grain: MONTH, start: "2024-01-01", end: "2025-01-01") { startsOn itemCount meanSentiment }
        }"""
    )
    labels = {theme["label"] for theme in data["feedbackThemes"]["nodes"]}
    assert any("房间" in label for label in labels), labels
    assert {theme["language"] for theme in data["feedbackThemes"]["nodes"]} == {"zh", "en"}
    assert data["feedbackThemes"]["nodes"][0]["quotes"]["nodes"]
    (customer,) = data["customers"]["nodes"]
    assert customer["name"] == "王芳"
    assert customer["orders"]["nodes"][0]["total"] == {"amount": "1239.99", "currency": "EUR"}
    assert data["feedbackSeries"][0]["startsOn"] == "2024-02-01"
    assert data["feedbackSeries"][0]["itemCount"] == 28
