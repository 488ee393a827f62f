"""Documents by their ids: told once by clients and shared by all processes, or of a manifest and nothing else."""

import hashlib
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.asgi import application
from domain.customers.models import Customer
from runtime import shelf
from runtime.settings import Settings
from runtime.shelf import Shelf
from tests.graph import PEM, Graph
from tests.live import Live, Stream, taken_in
from tests.roads import Roads

pytestmark = pytest.mark.anyio
JSON, RESPONSE = {"accept": "application/json"}, {"accept": "application/graphql-response+json"}
AWAY = "redis://127.0.0.1:1/0"
MANIFEST = Path(__file__).parent / "manifests/codegen.manifest.json"
TEXTS: dict[str, str] = json.loads(MANIFEST.read_text())
CREATE = 'mutation { customerCreate(input: {kind: COMPANY, name: "Acme"}) { customer { id } } }'
ALLOW_LIST = {"persisted_documents": MANIFEST, "persisted_only": True}


def new_text() -> str:
    """A valid document that nobody has told of yet."""
    return f"query Q{uuid4().hex} {{ viewer {{ name }} }}"


def digest_of(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def hashed(text: str, **more: Any) -> dict[str, Any]:
    """What Apollo's client sends at first."""
    return {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest_of(text)}}, **more}


@pytest.fixture
async def elsewhere(redis_url: str) -> AsyncIterator[Shelf]:
    """What another process finds."""
    found = Shelf(redis_url, 1)
    yield found
    await found.close()


def code(response: httpx.Response) -> str:
    (error,) = response.json()["errors"]
    found: str = error["extensions"]["code"]
    return found


async def name_of(graph: Graph, asked: dict[str, Any]) -> str:
    name: str = (await graph.post(asked)).json()["data"]["viewer"]["name"]
    return name


@pytest.mark.parametrize(("headers", "status"), [(JSON, 200), (RESPONSE, 400)])
async def test_a_text_is_sent_once_and_then_its_digest(ada: Graph, headers: dict[str, str], status: int) -> None:
    text = new_text()
    unknown = await ada.post(hashed(text), **headers)
    assert unknown.status_code == status
    (error,) = unknown.json()["errors"]
    assert error["message"] == "PersistedQueryNotFound"
    assert error["extensions"] == {"code": "PERSISTED_QUERY_NOT_FOUND"}
    assert (await ada.get(hashed(text), **headers)).json() == unknown.json()

    assert await name_of(ada, hashed(text, query=text)) == "Ada"
    assert await name_of(ada, hashed(text)) == "Ada"
    assert (await ada.get(hashed(text))).json()["data"] == {"viewer": {"name": "Ada"}}
    assert await name_of(ada, {"documentId": f"sha256:{digest_of(text)}"}) == "Ada"


async def test_a_text_may_be_told_of_by_get(ada: Graph) -> None:
    text = new_text()
    await ada.get(hashed(text, query=text))
    assert await name_of(ada, hashed(text)) == "Ada"


async def test_what_one_process_was_told_all_know(ada: Graph, elsewhere: Shelf) -> None:
    told, heard = new_text(), new_text()
    await ada.post(hashed(told, query=told))
    assert await elsewhere.find(digest_of(told)) == told
    await elsewhere.put(digest_of(heard), heard, "somebody")
    assert await name_of(ada, hashed(heard)) == "Ada"


async def test_a_wrong_digest_is_refused(ada: Graph) -> None:
    text = new_text()
    assert code(await ada.post(hashed(new_text(), query=text))) == "BAD_USER_INPUT"
    assert code(await ada.post(hashed(text, query=CREATE))) == "BAD_USER_INPUT"
    assert not await Customer.exists()
    assert code(await ada.post(hashed(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_strangers_have_nothing_kept(graph: Graph) -> None:
    text = f"query Q{uuid4().hex} {{ __typename }}"
    assert (await graph.post(hashed(text, query=text))).json()["data"] == {"__typename": "Query"}
    assert code(await graph.post(hashed(text))) == "PERSISTED_QUERY_NOT_FOUND"


@pytest.mark.parametrize(
    ("body", "wanted"),
    [("{{ nothing{0} }}", "GRAPHQL_VALIDATION_FAILED"), ("query Q{0} {{", "GRAPHQL_PARSE_FAILED"),
     ("{{ " + "a{0} " * 3000 + "}}", "PERSISTED_QUERY_NOT_FOUND")],
)  # fmt: skip
async def test_only_what_is_valid_and_short_is_kept(ada: Graph, body: str, wanted: str) -> None:
    text = body.format(uuid4().hex)
    refused = (await ada.post(hashed(text, query=text))).json()["errors"][0]
    assert refused["extensions"]["code"] in (wanted, "QUERY_TOO_LARGE")
    assert code(await ada.post(hashed(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def test_nobody_fills_redis(ada: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelf, "MOST_BYTES_OF_A_VIEWER", 1_000)
    texts = [new_text() for _ in range(6)]
    for text in [*texts, *texts]:
        assert await name_of(ada, hashed(text, query=text)) == "Ada"  # which runs all the same
    found = [(await ada.post(hashed(text))).json() for text in texts]
    assert ["data" in answer for answer in found] == [True] * 3 + [False] * 3


async def test_a_mutation_is_never_sent_by_get(ada: Graph) -> None:
    await ada.post(hashed(CREATE, query=CREATE))
    for method in ("GET", "HEAD"):
        assert (await ada.get(hashed(CREATE), method)).status_code == 405
        assert (await ada.get({"query": CREATE}, method)).status_code == 405
    assert await Customer.all().count() == 1


async def test_an_id_that_nobody_knows(ada: Graph) -> None:
    for id in ("sha256:" + "0" * 64, "0" * 64, "who", "sha256:", "sha256:é", "x" * 10_000, "\x00"):
        unknown = await ada.post({"documentId": id}, **RESPONSE)
        assert (unknown.status_code, code(unknown)) == (400, "PERSISTED_QUERY_NOT_FOUND")
        assert unknown.json()["errors"][0]["message"] == "No document is stored under this id."


async def test_a_request_is_for_one_document(ada: Graph) -> None:
    text = new_text()
    for asked in (
        {"query": text, "documentId": f"sha256:{digest_of(text)}"},
        {"documentId": 1},
        {"documentId": ["a"]},
        {},
        {"documentId": None, "query": None},
        {"extensions": {"persistedQuery": {"version": 2, "sha256Hash": digest_of(text)}}},
        {"extensions": {"persistedQuery": {"version": 1}}},
        {"extensions": {"persistedQuery": 1}, "query": text},
    ):
        refused = await ada.post(asked, **JSON)
        assert (refused.status_code, code(refused)) == (400, "BAD_REQUEST"), asked
    assert await name_of(ada, {"query": text, "documentId": None, "operationName": ""}) == "Ada"


async def test_without_redis_a_process_has_its_own(
    ada: Graph, database_url: str, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    alone = application(Settings(home=tmp_path, database_url=database_url, redis_url=AWAY, token_key=PEM))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=alone), base_url="http://salesloop.test") as http:
        there, text = Graph(http, ada.token), new_text()
        assert code(await there.post(hashed(text))) == "PERSISTED_QUERY_NOT_FOUND"
        assert await name_of(there, hashed(text, query=text)) == "Ada"
        assert await name_of(there, hashed(text)) == "Ada"
    await Roads(alone).engine.autocommit.close()
    assert "this process has only its own texts" in caplog.text
    assert code(await ada.post(hashed(text))) == "PERSISTED_QUERY_NOT_FOUND"


async def by_stream(live: Live, asked: dict[str, Any]) -> Any:
    """What the first event of a stream tells."""
    headers = {"accept": "text/event-stream", "authorization": f"Bearer {live.token}"}
    async with (
        httpx.AsyncClient() as http,
        http.stream("POST", live.url, json={**asked, "variables": {}}, headers=headers) as response,
    ):
        return (await Stream(response).next())[2]


async def test_sockets_and_streams_know_them_too(quiet: Live) -> None:
    text = new_text()
    async with quiet.socket() as socket:
        for asked, wanted in (
            (hashed(text), "error"), (hashed(text, query=text), "next"), (hashed(text), "next"),
            ({"documentId": f"sha256:{digest_of(text)}"}, "next"), ({"documentId": "who"}, "error"),
        ):  # fmt: skip
            await socket.send(id="1", type="subscribe", payload=asked)
            heard = await socket.hear()
            assert heard["type"] == wanted, asked
            if wanted == "error":
                assert heard["payload"][0]["extensions"]["code"] == "PERSISTED_QUERY_NOT_FOUND"
            else:
                assert heard["payload"]["data"] == {"viewer": {"name": "Vera"}}
                assert (await socket.hear())["type"] == "complete"
    assert (await by_stream(quiet, hashed(text)))["data"] == {"viewer": {"name": "Vera"}}
    assert (await by_stream(quiet, {"documentId": "who"}))["errors"][0]["message"].startswith("No document")


async def test_a_subscription_by_its_id(quiet: Live, elsewhere: Shelf) -> None:
    text = f"subscription S{uuid4().hex}($after: String) {{ customerChanged(after: $after) {{ topic }} }}"
    await elsewhere.put(digest_of(text), text, "somebody")
    here = await quiet.here()
    await taken_in("Kim")
    async with quiet.socket() as socket:
        await socket.send(id="1", type="subscribe", payload=hashed(text, variables={"after": here}))
        assert (await socket.next())["customerChanged"] == {"topic": "CUSTOMER_CREATED"}


@pytest.mark.parametrize("payload", [{}, {"documentId": 1}, {"query": 1, "documentId": "a"}, {"extensions": []}])
async def test_a_payload_that_makes_no_sense_closes_its_socket(quiet: Live, payload: dict[str, Any]) -> None:
    async with quiet.socket() as socket:
        await socket.send(id="1", type="subscribe", payload=payload)
        assert (await socket.closed())[0] == 4400


ANYTHING: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(max_size=5) | st.just("0" * 64),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["persistedQuery", "version", "sha256Hash", "x"]), inner, max_size=3)
        | st.fixed_dictionaries({"persistedQuery": st.fixed_dictionaries({"version": st.just(1), "sha256Hash": inner})})
    ),
    max_leaves=6,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(extensions=ANYTHING, id=ANYTHING, query=st.none() | st.just("{ viewer { name } }") | st.text(max_size=3))
async def test_whatever_is_sent_is_answered(ada: Graph, extensions: Any, id: Any, query: str | None) -> None:
    asked = {"extensions": extensions, "documentId": id, "query": query}
    for response in (await ada.post(asked), await ada.get({key: value for key, value in asked.items() if value})):
        assert response.status_code in (200, 400)
        for error in response.json().get("errors", []):
            assert error["extensions"]["code"] != "INTERNAL"


class TestAllowList:
    """Only documents of the manifest run."""

    @pytest.fixture
    def chosen(self) -> dict[str, Any]:
        return ALLOW_LIST

    async def test_a_text_is_refused_and_not_run(self, ada: Graph) -> None:
        known = next(iter(TEXTS.values()))
        for asked in ({"query": CREATE}, hashed(CREATE, query=CREATE), {"query": known}, hashed(known, query=known)):
            refused = await ada.post(asked, **RESPONSE)
            assert (refused.status_code, code(refused)) == (400, "PERSISTED_QUERY_ID_REQUIRED")
        for query in ("{ __schema { types { name } } }", "{", " "):
            assert code(await ada.post({"query": query})) == "PERSISTED_QUERY_ID_REQUIRED"
        assert not await Customer.exists()

    async def test_an_id_that_is_not_in_the_manifest_is_refused(self, ada: Graph, elsewhere: Shelf) -> None:
        text = new_text()
        await elsewhere.put(digest_of(text), text, "somebody")
        for asked in (hashed(text), {"documentId": f"sha256:{digest_of(text)}"}, {"documentId": "who"}):
            assert code(await ada.post(asked)) == "PERSISTED_QUERY_NOT_IN_LIST"
        assert code(await ada.post({})) == "BAD_REQUEST"

    async def test_documents_of_the_manifest_run(self, ada: Graph) -> None:
        for id in TEXTS:
            assert (await ada.post({"documentId": id, "variables": {"input": {"email": "", "password": ""}}})).json()[
                "data"
            ]

    async def test_sockets_and_streams_take_no_text_either(self, quiet: Live) -> None:
        async with quiet.socket() as socket:
            await socket.subscribe("{ viewer { name } }")
            assert await socket.code() == "PERSISTED_QUERY_ID_REQUIRED"
        (error,) = (await by_stream(quiet, {"query": "{ viewer { name } }"}))["errors"]
        assert error["extensions"]["code"] == "PERSISTED_QUERY_ID_REQUIRED"
