"""Handing files in and getting them back, in pieces, by those who may."""

from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest

from domain.files.models import File, FileChunk
from tests.graph import Graph

pytestmark = pytest.mark.anyio


async def upload(graph: Graph, content: Any, name: str = "a.csv", media_type: str = "text/csv") -> httpx.Response:
    headers = {"content-type": media_type} | ({"authorization": f"Bearer {graph.token}"} if graph.token else {})
    return await graph.http.post("/files", params={"name": name}, content=content, headers=headers)


async def download(graph: Graph, id: str) -> httpx.Response:
    headers = {"authorization": f"Bearer {graph.token}"} if graph.token else {}
    return await graph.http.get(f"/files/{id}", headers=headers)


async def test_a_file_comes_back_as_it_was(rob: Graph, ada: Graph, graph: Graph) -> None:
    content = bytes(range(256)) * 10_000
    answer = await upload(rob, content)
    assert answer.status_code == 201
    assert answer.json()["size"] == len(content)
    assert await FileChunk.all().count() == 3
    for reader in (rob, ada):
        found = await download(reader, answer.json()["id"])
        assert found.content == content
        assert found.headers["content-disposition"] == 'attachment; filename="a.csv"'
    assert (await download(graph, answer.json()["id"])).status_code == 401


async def test_files_of_others_are_not_there(rob: Graph, ada: Graph) -> None:
    answer = await upload(ada, b"secret")
    assert (await download(rob, answer.json()["id"])).status_code == 404
    assert (await download(rob, "fil_1")).status_code == 404


@pytest.mark.parametrize(
    ("name", "media_type", "status"),
    [("", "text/csv", 400), ("../x", "text/csv", 201), ("a\n", "text/csv", 201), ("a\nb", "text/csv", 201), ("a", "nonsense", 400),
     ("x" * 201, "text/csv", 400), ("ü\"; x.csv", "text/csv; charset=utf-8", 201)],
)  # fmt: skip
async def test_names_and_kinds(rob: Graph, name: str, media_type: str, status: int) -> None:
    answer = await upload(rob, b"x", name, media_type)
    assert answer.status_code == status
    assert await File.all().count() == (1 if status == 201 else 0)
    if status == 201:
        assert (await download(rob, answer.json()["id"])).status_code == 200


@pytest.mark.parametrize("query", [b"name=%ff.csv", b"name=%E5%AE.csv", b"name=a%ed%a0%80", b"other=%ff&name=a.csv"])
async def test_a_name_that_is_not_utf_8_is_refused(rob: Graph, query: bytes) -> None:
    url = httpx.URL("http://salesloop.test/files", query=query)
    headers = {"content-type": "text/csv", "authorization": f"Bearer {rob.token}"}
    answer = await rob.http.post(url, content=b"x", headers=headers)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["extensions"]["code"] == "BAD_REQUEST"
    assert "UTF-8" in answer.json()["errors"][0]["message"]
    assert await File.all().count() == 0


async def test_one_user_does_not_fill_the_disk(rob: Graph, ada: Graph) -> None:
    ids = [(await upload(rob, bytes(4 << 20))).json()["id"] for _ in range(2)]
    answer = await upload(rob, b"x")
    assert answer.status_code == 413
    assert answer.json()["errors"][0] == {
        "message": "Your files may have 8,388,608 bytes together, and with this one they have more; remove some first.",
        "extensions": {"code": "QUOTA_EXCEEDED", "allowed": 8 << 20},
    }
    assert await File.all().count() == 2
    assert (await upload(ada, b"x")).status_code == 201
    for reader, status in ((Graph(rob.http), 401), (rob, 204), (rob, 404)):
        headers = {"authorization": f"Bearer {reader.token}"} if reader.token else {}
        assert (await rob.http.delete(f"/files/{ids[0]}", headers=headers)).status_code == status
    assert (await upload(rob, b"x")).status_code == 201


async def test_other_methods_are_told_which_there_are(rob: Graph) -> None:
    for path, allowed in (
        ("/files", {"POST"}),
        ("/files/fil_1", {"GET", "HEAD", "DELETE"}),
        ("/site/front.js", {"GET", "HEAD"}),
    ):
        answer = await rob.http.request("PATCH", path)
        assert (answer.status_code, set(answer.headers["allow"].split(", "))) == (405, allowed)


async def test_strangers_hand_in_nothing(graph: Graph) -> None:
    assert (await upload(graph, b"x")).status_code == 401
    assert await File.all().count() == 0


async def test_too_large_a_file_leaves_nothing(rob: Graph) -> None:
    async def pieces() -> AsyncIterator[bytes]:  # no length is declared: it shows while reading
        for _ in range(5):
            yield bytes(1 << 20)

    for content in (bytes((4 << 20) + 1), pieces()):
        assert (await upload(rob, content)).status_code == 413
    assert await File.all().count() == await FileChunk.all().count() == 0
