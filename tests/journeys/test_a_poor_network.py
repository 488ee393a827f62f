"""A representative on the road: the phone loses requests and answers, and sends again until it knows."""

import random
from typing import Any

import httpx
import pytest

from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackItem
from domain.kernel.events import Event
from domain.kernel.ids import new_id
from tests.graph import Graph

pytestmark = pytest.mark.anyio

CUSTOMER = """mutation ($input: CustomerCreateInput!, $key: String!) {
  made: customerCreate(input: $input, idempotencyKey: $key) { record: customer { id } userErrors { code } } }"""
CONTACT = """mutation ($customer: ID!, $input: ContactCreateInput!, $key: String!) {
  made: contactCreate(customerId: $customer, input: $input, idempotencyKey: $key) {
    record: contact { id } userErrors { code } } }"""
FEEDBACK = """mutation ($input: FeedbackRecordInput!, $key: String!) {
  made: feedbackRecord(input: $input, idempotencyKey: $key) { record: feedbackItem { id } userErrors { code } } }"""


class PoorNetwork(httpx.AsyncBaseTransport):
    """Loses every other request: half of these before they arrive, half once they are done, with their answer."""

    def __init__(self, good: httpx.AsyncBaseTransport, seed: int) -> None:
        self._good = good
        self._chance = random.Random(seed)
        self.lost = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        fate = self._chance.choice(("arrives", "arrives", "lost on the way there", "lost on the way back"))
        if fate == "lost on the way there":
            self.lost += 1
            raise httpx.ConnectError("no network")
        response = await self._good.handle_async_request(request)
        if fate == "lost on the way back":
            self.lost += 1
            await response.aread()
            raise httpx.ReadError("the network went away")
        return response


async def sent_until_known(phone: Graph, query: str, **variables: Any) -> str:
    """The id of what was made, however often it had to be sent; each thing has a key of its own."""
    key = new_id().hex
    while True:
        try:
            made = (await phone.ask(query, **variables, key=key))["made"]
        except httpx.TransportError:
            continue
        assert made["userErrors"] == []
        record: str = made["record"]["id"]
        return record


@pytest.mark.parametrize("seed", range(3))
async def test_a_phone_loses_the_answer_and_sends_again(rob: Graph, seed: int) -> None:
    network = PoorNetwork(rob.http._transport, seed)
    known: list[str] = []
    async with httpx.AsyncClient(transport=network, base_url="http://salesloop.test") as http:
        phone = Graph(http, rob.token)
        for number in range(8):
            given = {"kind": "COMPANY", "name": f"Customer {number}"}
            customer = await sent_until_known(phone, CUSTOMER, input=given)
            contact = await sent_until_known(phone, CONTACT, customer=customer, input={"name": "Kim"})
            said = {"source": "REPRESENTATIVE", "text": "late again", "customerId": customer}
            known += [customer, contact, await sent_until_known(phone, FEEDBACK, input=said)]
    assert network.lost > 5
    assert len(set(known)) == 24
    assert [await model.all().count() for model in (Customer, Contact, FeedbackItem)] == [8, 8, 8]
    assert await Event.filter(actor_name="Rob").count() == 24
