"""What clients may keep: queries by their ids, by GET, asked about each time; nothing else."""

import hashlib
from typing import Any

import httpx
import pytest

from tests.graph import Graph

pytestmark = pytest.mark.anyio
LIST = "query List($first: Int) { customers(first: $first) { nodes { id name } } }"
CREATE = "mutation ($name: String!) { customerCreate(input: {kind: COMPANY, name: $name}) { customer { id } } }"
NO = "no-store"


def by_id(text: str, **more: Any) -> dict[str, Any]:
    return {"documentId": f"sha256:{hashlib.sha256(text.encode()).hexdigest()}", **more}


def by_apollo(text: str, **more: Any) -> dict[str, Any]:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}, **more}


async def told(graph: Graph, text: str) -> None:
    await graph.post({"query": text, **by_apollo(text)})


async def kept(graph: Graph, asked: dict[str, Any], method: str = "GET", **headers: str) -> httpx.Response:
    """An answer that may be kept."""
    response = await graph.get(asked, method, **headers)
    assert response.headers["cache-control"] == "private, no-cache"
    assert response.headers["vary"] == "Accept, Authorization, Accept-Encoding"
    assert response.headers["etag"].startswith('W/"')
    return response


async def test_an_answer_is_sent_again_only_where_it_is_another(ada: Graph) -> None:
    await told(ada, LIST)
    await ada.ask(CREATE, name="Acme")
    for asked in (by_id(LIST), by_apollo(LIST), by_id(LIST, variables={"first": 3})):
        first = await kept(ada, asked)
        assert first.json()["data"]["customers"]["nodes"][0]["name"] == "Acme"
        again = await kept(ada, asked, **{"if-none-match": first.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
        assert not again.headers.keys() & {"content-length", "content-type"}

    await ada.ask(CREATE, name="Bolt")
    changed = await kept(ada, by_id(LIST), **{"if-none-match": first.headers["etag"]})
    assert changed.status_code == 200
    assert len(changed.json()["data"]["customers"]["nodes"]) == 2
    assert changed.headers["etag"] != first.headers["etag"]


async def test_the_tag_is_over_the_data_and_not_over_the_cost(ada: Graph) -> None:
    await told(ada, LIST)
    answers = [await kept(ada, by_id(LIST)) for _ in range(3)]
    assert len({answer.headers["etag"] for answer in answers}) == 1
    assert "cost" in answers[0].json()["extensions"]


@pytest.mark.parametrize(
    ("sent", "status"),
    [("{tag}", 304), ("{strong}", 304), ('"a", {tag} , W/"b"', 304), ("*", 304), ('W/"a"', 200), ("", 200), (",,", 200),
     ("{bare}", 200)],
)  # fmt: skip
async def test_tags_are_compared_as_weak_ones(ada: Graph, sent: str, status: int) -> None:
    await told(ada, LIST)
    tag = (await kept(ada, by_id(LIST))).headers["etag"]
    header = sent.format(tag=tag, strong=tag.removeprefix("W/"), bare=tag.removeprefix("W/").strip('"'))
    assert (await kept(ada, by_id(LIST), **{"if-none-match": header})).status_code == status


async def test_head_tells_the_same(ada: Graph) -> None:
    await told(ada, LIST)
    first = await kept(ada, by_id(LIST))
    assert (await kept(ada, by_id(LIST), "HEAD")).headers["etag"] == first.headers["etag"]


async def test_viewers_differ(ada: Graph, graph: Graph) -> None:
    who = "query Who { viewer { name } }"
    await told(ada, who)
    tag = (await kept(ada, by_id(who))).headers["etag"]
    stranger = await graph.get(by_id(who), **{"if-none-match": tag})
    assert (stranger.status_code, stranger.headers["cache-control"]) == (200, NO)
    assert stranger.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_nothing_else_may_be_kept(ada: Graph) -> None:
    await told(ada, LIST)
    await told(ada, CREATE)
    for response in (
        await ada.get({"query": LIST}),
        await ada.get(by_apollo(LIST, query=LIST)),
        await ada.post(by_id(LIST), **{"if-none-match": "*"}),
        await ada.post({"query": CREATE, "variables": {"name": "Acme"}}),
        await ada.get(by_id(CREATE, variables={"name": "Acme"}), **{"if-none-match": "*"}),
        await ada.get(by_id(LIST, variables={"first": 1000}), **{"if-none-match": "*"}),
        await ada.get(by_id(LIST, variables={"first": "x"})),
        await ada.get(by_id("{ nobody { knows } }"), **{"if-none-match": "*"}),
        await ada.get({}),
        await ada.get(by_id(LIST), accept="image/png"),
        await ada.get(by_id(LIST), authorization="Basic x"),
    ):
        assert response.headers["cache-control"] == NO, response.text
        assert "etag" not in response.headers
        assert response.status_code != 304
