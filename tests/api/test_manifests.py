"""Manifests of real tools run by their ids; what is wrong with one is told when the process begins."""

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from api.asgi import application
from api.graph.manifest import ManifestRefused
from runtime.settings import Settings
from tests.graph import PASSWORD, PEM, Graph

pytestmark = pytest.mark.anyio
MANIFESTS = Path(__file__).parent / "manifests"
CODEGEN = json.loads((MANIFESTS / "codegen.manifest.json").read_text())
CODEGEN_SHA1 = json.loads((MANIFESTS / "codegen_sha1.manifest.json").read_text())
APOLLO = {
    each["id"]: each["body"] for each in json.loads((MANIFESTS / "apollo.manifest.json").read_text())["operations"]
}
RESPONSE = {"accept": "application/graphql-response+json"}
TEXTS = {"codegen": CODEGEN, "codegen_sha1": CODEGEN_SHA1, "apollo": APOLLO}


def id_of(texts: dict[str, str], operation: str) -> str:
    (id,) = (id for id, text in texts.items() if f" {operation}" in f" {text}")
    return id


@pytest.fixture(params=TEXTS)
def written_by(request: pytest.FixtureRequest) -> str:
    name: str = request.param
    return name


@pytest.fixture
def chosen(written_by: str) -> dict[str, Any]:
    return {"persisted_documents": MANIFESTS / f"{written_by}.manifest.json"}


async def test_the_manifests_of_real_tools_run(ada: Graph, graph: Graph, written_by: str) -> None:
    texts = TEXTS[written_by]
    who = {"documentId": id_of(texts, "query WhoAmI")}
    assert (await ada.post(who)).json()["data"]["viewer"]["name"] == "Ada"
    assert (await ada.get(who)).json()["data"]["viewer"]["name"] == "Ada"

    listed = {"documentId": id_of(texts, "query CustomersByName"), "variables": {"first": 1}}
    assert (await ada.post(listed)).json()["data"]["customers"]["nodes"] == []

    given = {"input": {"email": "ada@example.org", "password": PASSWORD}}
    login = {"documentId": id_of(texts, "mutation SignIn"), "operationName": "SignIn", "variables": given}
    assert (await graph.post(login)).json()["data"]["login"]["token"]
    for method in ("GET", "HEAD"):
        refused = await ada.get(login, method)
        assert (refused.status_code, refused.headers["allow"]) == (405, "POST")


@pytest.mark.parametrize("written_by", ["codegen", "apollo"], indirect=False)
async def test_a_sha256_is_known_with_its_prefix_and_without(ada: Graph, written_by: str) -> None:
    digest = id_of(TEXTS[written_by], "query WhoAmI").removeprefix("sha256:")
    by_apollo = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": digest}}}
    for asked in ({"documentId": digest}, {"documentId": f"sha256:{digest}"}, by_apollo):
        assert (await ada.post(asked)).json()["data"]["viewer"]["name"] == "Ada"
    assert (await ada.post({"documentId": f"sha1:{digest}"})).json()["errors"]


@pytest.mark.parametrize("written_by", ["apollo"], indirect=False)
async def test_documents_of_a_manifest_are_not_parsed_again(ada: Graph) -> None:
    assert ada.roads is not None
    documents = ada.roads.engine.documents
    kept = dict(documents._lasting)
    for _ in range(3):
        await ada.post({"documentId": id_of(APOLLO, "query WhoAmI")})
    assert len(kept) == 3
    assert documents._lasting == kept
    assert not documents._kept.keys() & kept.keys()


GOOD = "query Good { viewer { name } }"
SHA256 = hashlib.sha256(GOOD.encode()).hexdigest()
WRONG = {
    "not JSON": ("{", "is not JSON", "make it anew"),
    "a list": ("[]", "is no manifest", "graphql-codegen"),
    "a text that is none": ('{"id": 1}', "is no manifest", "graphql-codegen"),
    "another version of Apollo's": (
        json.dumps({"format": "apollo-persisted-query-manifest", "version": 2, "operations": []}),
        "is no manifest", "version 1 of apollo",
    ),
    "no operations": (
        json.dumps({"format": "apollo-persisted-query-manifest", "version": 1}), "is no manifest", "version 1 of apollo",
    ),
    "an operation without a body": (
        json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [{"id": "a"}]}),
        "is no manifest", "version 1 of apollo",
    ),
    "an operation that is none": (
        json.dumps({"format": "apollo-persisted-query-manifest", "version": 1, "operations": [1]}),
        "is no manifest", "version 1 of apollo",
    ),
    "what cannot be parsed": (json.dumps({"a": "query A {"}), "query A (a): Syntax Error", "make the manifest anew"),
    "what does not fit the schema": (
        json.dumps({"a": "query A { viewer { nme } }"}), "query A (a): Cannot query field 'nme' on type 'User'",
        "from the schema that this version serves",
    ),
    "what asks for too much": (
        json.dumps({"a": "query A { " + "a " * 5000 + "}"}), "query A (a): The operation asks for", "anew",
    ),
    "a digest of another text": (
        json.dumps({SHA256: GOOD + " "}), f"query Good ({SHA256}): the id is not the SHA-256", "make the manifest anew",
    ),
    "a prefixed digest of another text": (
        json.dumps({f"sha256:{SHA256}": GOOD + " "}), f"query Good (sha256:{SHA256}): the id is not", "anew",
    ),
}  # fmt: skip


def refusal_of(path: Path, redis_url: str, **more: Any) -> str:
    settings = Settings(redis_url=redis_url, token_key=PEM, persisted_documents=path, **more)
    with pytest.raises(ManifestRefused) as refused:
        application(settings)
    assert refused.value.exit_code == 2
    return str(refused.value)


@pytest.mark.parametrize("name", WRONG)
def test_a_bad_manifest_is_named_with_its_fault_and_remedy(name: str, tmp_path: Path, redis_url: str) -> None:
    manifest, fault, remedy = WRONG[name]
    path = tmp_path / "documents.json"
    path.write_text(manifest)
    (line,) = refusal_of(path, redis_url).splitlines()
    assert line.startswith(f"PERSISTED_DOCUMENTS: {path}: {fault}")
    assert remedy in line


def test_a_manifest_that_is_not_there_is_named(tmp_path: Path, redis_url: str) -> None:
    path = tmp_path / "documents.json"
    assert refusal_of(path, redis_url).startswith(f"PERSISTED_DOCUMENTS: {path}: cannot be read (No such file")


def test_all_documents_at_fault_are_told_at_once(tmp_path: Path, redis_url: str) -> None:
    path = tmp_path / "documents.json"
    path.write_text(json.dumps({"a": "query A {", "b": GOOD, "c": "query C { nothing }"}))
    lines = refusal_of(path, redis_url).splitlines()
    assert ["query A (a)" in lines[0], "query C (c)" in lines[1], len(lines)] == [True, True, 2]
