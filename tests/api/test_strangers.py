"""In production strangers learn nothing of the schema, whatever they try; people who have signed in learn all of it."""

import pytest

from domain.access.models import User
from tests.graph import PASSWORD, Graph

pytestmark = pytest.mark.anyio


PRODUCTION = pytest.mark.parametrize("chosen", [{"environment": "production"}])


SIGN_IN = {
    "message": "Sign in first: strangers may ask for `login` only, and are told no more.",
    "extensions": {"code": "UNAUTHENTICATED"},
}
GUESSES = {
    "a field that is there": "{ customers { nodes { id } } }",
    "a field that is not": "{ custmers { nodes { id } } }",
    "a field that is there, inside": "{ customers { nodes { name } } }",
    "a field that is not, inside": "{ customers { nodes { nmae } } }",
    "an argument that is not": "{ customers(frist: 1) { nodes { id } } }",
    "an enum value that is not": "{ customers(where: {kind: {eq: PERSO}}) { nodes { id } } }",
    "a type that is not": "{ ... on Custmer { id } }",
    "a type that is there": "{ node(id: 1) { ... on Customer { id } } }",
    "a mutation that is not": "mutation { customerCraete { userErrors { code } } }",
    "a mutation that is there": 'mutation { customerCreate(input: {kind: PERSON, name: "x"}) { userErrors { code } } }',
    "beside the login": 'mutation { login(input: {email: "a", password: "b"}) { token } customerCreate }',
    "a payload's field that is not": 'mutation { login(input: {email: "a", password: "b"}) { tokne } }',
    "an input's field that is not": 'mutation { login(input: {emial: "a"}) { token } }',
    "an unknown variable's type": "query ($a: CustomerKnid) { __typename @include(if: $a) }",
    "a subscription": "subscription { customerChanged { id } }",
    "a subscription that is not": "subscription { customerChnaged { id } }",
    "the schema": "{ __schema { types { name } } }",
    "a type of the schema": '{ __type\n(name: "User") { name } }',
    "the schema in a fragment": "{ ...A } fragment A on Query { ... { __schema { types { name } } } }",
    "too much of the schema": "{ __schema { "
    + " ".join(f"a{n}: types {{ fields {{ args {{ name }} }} }}" for n in range(9))
    + " } }",
    "two operations without a name": "query A { viewer { id } } query B { viewer { id } }",
    "two that are open, and one that is not": "query A { __typename } query B { viewer { id } }",
}


@PRODUCTION
@pytest.mark.parametrize("name", GUESSES)
async def test_what_is_there_and_what_is_not_look_the_same(graph: Graph, name: str) -> None:
    assert await graph.answer(GUESSES[name]) == {"errors": [SIGN_IN]}


@PRODUCTION
async def test_variables_tell_nothing_either(graph: Graph) -> None:
    login = "mutation ($input: LoginInput!) { login(input: $input) { token } }"
    assert await graph.answer(login, input={"emial": "a"}) == {"errors": [SIGN_IN]}
    query = "query ($kind: CustomerKind!) { customers(where: {kind: {eq: $kind}}) { nodes { id } } }"
    assert await graph.answer(query, kind="PERSO") == {"errors": [SIGN_IN]}


@PRODUCTION
async def test_faults_of_the_document_alone_are_told(graph: Graph) -> None:
    assert await graph.code("{ customers") == "GRAPHQL_PARSE_FAILED"
    assert await graph.code("{ " + "a " * 5000 + "}") == "QUERY_TOO_LARGE"


@PRODUCTION
async def test_strangers_may_sign_in(graph: Graph, administrator: User) -> None:
    assert await graph.ask("{ __typename ...A } fragment A on Query { ...B } fragment B on Query { __typename }")
    login = "mutation ($input: LoginInput!) { login(input: $input) { token userErrors { code } } }"
    done = await graph.ask(login, input={"email": administrator.email, "password": PASSWORD})
    assert done["login"]["token"]


@PRODUCTION
async def test_who_has_signed_in_learns_all(rob: Graph) -> None:
    await _learns_all(rob)


async def test_in_development_everybody_learns_all(graph: Graph) -> None:
    await _learns_all(graph)


async def _learns_all(client: Graph) -> None:
    assert (await client.ask("{ __schema { queryType { name } } }"))["__schema"]["queryType"]["name"] == "Query"
    (error,) = (await client.answer("{ custmers { nodes { id } } }"))["errors"]
    assert "'customers'" in error["message"]
    query = "query ($kind: CustomerKind!) { customers(where: {kind: {eq: $kind}}) { nodes { id } } }"
    (error,) = (await client.answer(query, kind="PERSO"))["errors"]
    assert "'PERSON'" in error["message"]
