"""Idempotency keys: the same request again is done once and answered alike, whatever became of the first answer."""

import asyncio
import re
from collections.abc import Mapping
from copy import deepcopy
from datetime import timedelta
from typing import Any

import pytest
from graphql import GraphQLObjectType, GraphQLOutputType, get_named_type, is_required_argument

from api.schema import build_schema, core_schema
from domain.customers.models import Customer
from domain.kernel.events import Event
from domain.kernel.idempotency import IdempotencyKey, forget_keys
from tests.api.test_mutations import words
from tests.api.test_user_errors import OF, named, state
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
MUTATIONS = core_schema(build_schema()).mutation_type.fields  # type: ignore[union-attr]
ONCE = sorted(name for name, mutation in MUTATIONS.items() if "idempotencyKey" in mutation.args)
MAKING = re.compile("(Create|Upsert|Record|Start|Respond|Add|Receive|Propose|Adopt|Convert)$")
"""How mutations that make something are called."""
SHOWN_ONCE = {"apiKeyCreate", "webhookEndpointCreate"}
"""What gives a secret that is kept nowhere, and so cannot be given again."""

CREATE = """mutation ($input: CustomerCreateInput!, $key: String) { customerCreate(input: $input, idempotencyKey: $key) {
  customer { id name version } userErrors { field message code } } }"""
GIVEN: dict[str, Any] = {"kind": "PERSON", "name": "Kim", "externalId": "C1"}
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}


def selected(kind: GraphQLOutputType, deep: int = 3) -> str:
    """A selection of all that is at hand of a payload: its scalars, and the ids and versions of its records."""
    inner = get_named_type(kind)
    if not isinstance(inner, GraphQLObjectType):
        return ""
    names = [name for name in ("id", "version") if name in inner.fields] or [
        name
        for name, field in inner.fields.items()
        if not any(is_required_argument(arg) for arg in field.args.values())
    ]
    parts = [
        f"{name} {selected(inner.fields[name].type, deep - 1)}"
        for name in names
        if deep > 1 or not isinstance(get_named_type(inner.fields[name].type), GraphQLObjectType)
    ]
    return f"{{ {' '.join(parts)} }}"


def document(mutation: str, given: Mapping[str, Any]) -> str:
    """A mutation that takes all its arguments as variables of the same names."""
    names = [*given, "idempotencyKey"]
    declared = ", ".join(f"${name}: {MUTATIONS[mutation].args[name].type}" for name in names)
    handed = ", ".join(f"{name}: ${name}" for name in names)
    return f"mutation ({declared}) {{ {mutation}({handed}) {selected(MUTATIONS[mutation].type)} }}"


async def done() -> list[Any]:
    """What has been done: what is stored of everything, and which keys are remembered."""
    return [*await state(), await IdempotencyKey.all().count()]


def test_everything_that_makes_something_takes_a_key() -> None:
    assert {name for name in MUTATIONS if MAKING.search(name)} <= {*ONCE, *SHOWN_ONCE}
    assert not [name for name in ONCE if name.endswith(("Update", "Remove"))]


@pytest.mark.parametrize("mutation", ONCE)
async def test_the_same_again_is_done_once_and_answered_alike(ada: Graph, mutation: str) -> None:
    given = named(deepcopy(OF[mutation].GOOD[mutation]), await OF[mutation].stored())
    first = await ada.ask(document(mutation, given), **given, idempotencyKey="k1")
    assert first[mutation]["userErrors"] == []
    before = await done()
    assert await ada.ask(document(mutation, given), **given, idempotencyKey="k1") == first
    assert await done() == before


async def test_a_phone_loses_the_answer_and_sends_again(ada: Graph) -> None:
    """It gave up waiting before the answer came; what it then sends is answered as if nothing had happened."""
    sending = asyncio.create_task(ada.ask(CREATE, input=GIVEN, key="3f0c"))
    while await IdempotencyKey.all().count() == 0:
        await asyncio.sleep(0)
    sending.cancel()
    await asyncio.gather(sending, return_exceptions=True)
    payload = (await ada.ask(CREATE, input=GIVEN, key="3f0c"))["customerCreate"]
    assert payload["userErrors"] == []
    assert payload["customer"]["name"] == "Kim"
    assert await Customer.all().count() == await Event.all().filter(topic="customers.customer.created").count() == 1


async def test_a_repetition_selects_what_it_asks_for_and_as_it_stands_now(ada: Graph) -> None:
    first = (await ada.ask(CREATE, input=GIVEN, key="k"))["customerCreate"]["customer"]
    await Customer.all().update(name="Lea", version=2)
    other = """mutation ($input: CustomerCreateInput!, $key: String) { again: customerCreate(idempotencyKey: $key, input: $input) {
      one: customer { id called: name contacts { totalCount { value } } } two: customer { version } userErrors { code } } }"""
    again = (await ada.ask(other, input=GIVEN, key="k"))["again"]
    assert again["one"] == {"id": first["id"], "called": "Lea", "contacts": {"totalCount": {"value": 0}}}
    assert again["two"] == {"version": 2}


async def test_how_many_statements_a_key_costs(ada: Graph) -> None:
    await ada.ask(CREATE, input={"kind": "PERSON", "name": "x"}, key="0")
    with ada.counting() as statements:
        await ada.ask(CREATE, input=GIVEN, key="k")
    assert words(statements) == ["BEGIN", "INSERT", "WITH", "UPDATE", "SELECT", "COMMIT"]
    with ada.counting() as statements:
        await ada.ask(CREATE, input=GIVEN, key="k")
    assert words(statements) == ["BEGIN", "INSERT", "SELECT", "COMMIT"]


OTHERS = (
    {**GIVEN, "name": "Lea"},
    {**GIVEN, "email": None},
    {name: value for name, value in GIVEN.items() if name != "externalId"},
)


@pytest.mark.parametrize("given", OTHERS)
async def test_a_key_stands_for_one_input(ada: Graph, given: dict[str, Any]) -> None:
    await ada.ask(CREATE, input=GIVEN, key="k")
    before = await done()
    (error,) = (await ada.ask(CREATE, input=given, key="k"))["customerCreate"]["userErrors"]
    assert (error["field"], error["code"]) == (["idempotencyKey"], "IDEMPOTENCY_KEY_REUSED")
    assert await done() == before


async def test_how_the_input_is_written_does_not_matter(ada: Graph) -> None:
    first = (await ada.ask(CREATE, input=GIVEN, key="k"))["customerCreate"]
    literal = """mutation { customerCreate(idempotencyKey: "k", input: {externalId: "C1", name: "Kim", kind: PERSON}) {
      customer { id name version } userErrors { field message code } } }"""
    assert (await ada.ask(literal))["customerCreate"] == first


async def test_the_same_key_twice_in_one_operation(ada: Graph) -> None:
    twice = """mutation ($input: CustomerCreateInput!) {
      a: customerCreate(input: $input, idempotencyKey: "k") { customer { id } }
      b: customerCreate(input: $input, idempotencyKey: "k") { customer { id } } }"""
    answer = await ada.ask(twice, input=GIVEN)
    assert answer["a"] == answer["b"]
    assert await Customer.all().count() == 1


async def test_what_was_refused_may_be_put_right_under_the_same_key(ada: Graph) -> None:
    payload = (await ada.ask(CREATE, input={**GIVEN, "country": "de"}, key="k"))["customerCreate"]
    assert payload["userErrors"][0]["code"] == "INVALID"
    assert await IdempotencyKey.all().count() == 0
    assert (await ada.ask(CREATE, input={**GIVEN, "country": "DE"}, key="k"))["customerCreate"]["userErrors"] == []


async def test_keys_belong_to_their_user_and_their_mutation(ada: Graph, rob: Graph) -> None:
    given = {"kind": "PERSON", "name": "Kim"}
    product = (
        """mutation { productCreate(input: {sku: "S", name: "S"}, idempotencyKey: "k") { userErrors { code } } }"""
    )
    ids = {(await graph.ask(CREATE, input=given, key="k"))["customerCreate"]["customer"]["id"] for graph in (ada, rob)}
    assert len(ids) == 2
    assert (await ada.ask(product))["productCreate"]["userErrors"] == []


@pytest.mark.parametrize("key", ["", " ", "a b", "k\u0000", "ключ", "x" * 256, "a\n"])
async def test_keys_are_visible_characters(ada: Graph, key: str) -> None:
    before = await done()
    (error,) = (await ada.ask(CREATE, input=GIVEN, key=key))["customerCreate"]["userErrors"]
    assert (error["field"], error["code"]) == (["idempotencyKey"], "INVALID")
    assert error["message"].startswith("idempotencyKey must be 1 to 255 visible ASCII characters")
    assert await done() == before


async def test_keys_are_forgotten_after_their_time(ada: Graph) -> None:
    await ada.ask(CREATE, input={"kind": "PERSON", "name": "Kim"}, key="k")
    await ada.ask(CREATE, input={"kind": "PERSON", "name": "Kim"}, key="old")
    moment = (await IdempotencyKey.get(key="old")).created_at
    await IdempotencyKey.filter(key="old").update(created_at=moment - timedelta(hours=25))
    assert await forget_keys(moment - timedelta(hours=24)) == 1
    assert await IdempotencyKey.all().values_list("key", flat=True) == ["k"]


class TestMany:
    """Many senders at once, each with a connection of its own."""

    @pytest.fixture
    def pool_size(self) -> int:
        return 8

    async def test_many_senders_at_once_do_it_once(self, ada: Graph) -> None:
        given = {"kind": "PERSON", "name": "Kim"}
        answers = await asyncio.gather(*(ada.ask(CREATE, input=given, key="k") for _ in range(20)))
        assert len({answer["customerCreate"]["customer"]["id"] for answer in answers}) == 1
        assert await Customer.all().count() == 1
        assert await Event.filter(topic="customers.customer.created").count() == 1

    async def test_of_many_senders_of_other_inputs_one_is_heard(self, ada: Graph) -> None:
        sent = (ada.ask(CREATE, input={"kind": "PERSON", "name": f"Kim {n}"}, key="k") for n in range(20))
        payloads = [answer["customerCreate"] for answer in await asyncio.gather(*sent)]
        codes = [error["code"] for payload in payloads for error in payload["userErrors"]]
        assert codes == ["IDEMPOTENCY_KEY_REUSED"] * 19
        assert await Customer.all().count() == 1

    async def test_who_waited_for_a_refused_one_does_it(self, ada: Graph) -> None:
        """The first holds the key and is refused; the second waited, finds the key free, and is done."""
        taken = await Customer.create(kind="person", name="A", external_id="C1", **STAMPS)
        answers = await asyncio.gather(*(ada.ask(CREATE, input=GIVEN, key="k") for _ in range(5)))
        codes = {answer["customerCreate"]["userErrors"][0]["code"] for answer in answers}
        assert codes == {"CONFLICT"}
        await taken.delete()
        assert (await ada.ask(CREATE, input=GIVEN, key="k"))["customerCreate"]["userErrors"] == []
