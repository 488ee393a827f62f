"""Webhooks over the API: endpoints, their secrets, and what became of deliveries."""

from datetime import timedelta
from typing import Any

import pytest

from domain.access.keys import create_key
from domain.jobs.statements import rows_of
from domain.kernel.actor import Actor
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from domain.kernel.ids import public_id, read_id
from domain.kernel.permissions import Permission
from domain.webhooks.commands import MOST_ENDPOINTS
from domain.webhooks.fan_out import fan_out
from domain.webhooks.models import WebhookEndpoint, WebhookSecret
from domain.webhooks.topics import EVENT_TYPES
from tests.graph import NOW, Graph
from tests.hooks import happens

pytestmark = pytest.mark.anyio
URL = "https://hooks.example.org/token?key=hush"
CREATE = """mutation ($input: WebhookEndpointCreateInput!) { webhookEndpointCreate(input: $input) {
  webhookEndpoint { id name url eventTypes isActive disabledReason secretCount createdBy { name } version } secret
  userErrors { field message code } } }"""
UPDATE = """mutation ($id: ID!, $input: WebhookEndpointUpdateInput!, $version: Int) {
  webhookEndpointUpdate(id: $id, input: $input, expectedVersion: $version) {
  webhookEndpoint { url isActive disabledReason eventTypes version } userErrors { field code } } }"""
ROTATE = """mutation ($id: ID!, $hours: Int) { webhookSecretRotate(id: $id, input: {overlapHours: $hours}) {
  webhookEndpoint { secretCount } secret userErrors { field code message } } }"""
DELETE = "mutation ($id: ID!) { webhookEndpointDelete(id: $id) { deletedWebhookEndpointId userErrors { code } } }"
TEST = "mutation ($id: ID!) { webhookEndpointTest(id: $id) { webhookEndpoint { id } userErrors { code } } }"
REPLAY = "mutation ($id: ID!) { webhookDeliveryReplay(id: $id) { webhookDelivery { state } userErrors { code } } }"
LISTED = """{ webhookDeliveries(where: {state: {eq: PENDING}, topic: {eq: "customers.customer.created"}}) {
  nodes { id eventId topic state attemptCount nextAttemptAt failure endpoint { name }
    job { kind } attempts { nodes { number } } } } }"""
GIVEN: dict[str, Any] = {"name": "Billing", "url": URL, "eventTypes": ["orders.*", "customers.customer.created"]}


async def made(ada: Graph, **given: Any) -> tuple[str, str]:
    payload = (await ada.ask(CREATE, input=GIVEN | given))["webhookEndpointCreate"]
    assert payload["userErrors"] == []
    return payload["webhookEndpoint"]["id"], payload["secret"]


async def test_an_endpoint_is_set_up_and_its_secret_shown_once(ada: Graph) -> None:
    payload = (await ada.ask(CREATE, input=GIVEN))["webhookEndpointCreate"]
    endpoint, secret = payload["webhookEndpoint"], payload["secret"]
    assert endpoint | {"id": ""} == {
        "id": "",
        "name": "Billing",
        "url": URL,
        "eventTypes": ["customers.customer.created", "orders.*"],
        "isActive": True,
        "disabledReason": None,
        "secretCount": 1,
        "createdBy": {"name": "Ada"},
        "version": 1,
    }
    assert secret.startswith("whsec_")
    (kept,) = await WebhookSecret.all()
    assert secret.removeprefix("whsec_") not in kept.secret
    event = await Event.get(topic="webhooks.endpoint.created")
    assert event.data["url"] == "https://hooks.example.org"
    rows = await rows_of("SELECT string_agg(e::text, ' ') AS all FROM event e")
    assert not [word for word in ("hush", "token", secret, kept.secret) if word in rows[0]["all"]]


async def test_an_endpoint_changes_and_the_log_tells_no_secret_of_it(ada: Graph) -> None:
    id, _ = await made(ada)
    changes = {"url": "https://other.example/new?key=hush", "isActive": False}
    payload = (await ada.ask(UPDATE, id=id, input=changes, version=1))["webhookEndpointUpdate"]
    assert payload["webhookEndpoint"]["disabledReason"] == "BY_HAND"
    assert payload["webhookEndpoint"]["version"] == 2
    event = await Event.get(topic="webhooks.endpoint.updated")
    told = {"url": "https://other.example", "is_active": False, "disabled_reason": "by_hand"}
    assert event.data == told
    assert event.before == {"url": "https://hooks.example.org", "is_active": True, "disabled_reason": None}
    stale = (await ada.ask(UPDATE, id=id, input={"name": "B"}, version=1))["webhookEndpointUpdate"]
    assert [error["code"] for error in stale["userErrors"]] == ["STALE"]
    again = (await ada.ask(UPDATE, id=id, input={"isActive": True}))["webhookEndpointUpdate"]["webhookEndpoint"]
    assert (again["isActive"], again["disabledReason"]) == (True, None)


async def test_secrets_are_rotated_and_bounded(ada: Graph) -> None:
    id, first = await made(ada)
    seen = {first}
    for count in (2, 3, 4):
        payload = (await ada.ask(ROTATE, id=id, hours=24))["webhookSecretRotate"]
        assert payload["webhookEndpoint"]["secretCount"] == count
        seen.add(payload["secret"])
    (error,) = (await ada.ask(ROTATE, id=id, hours=24))["webhookSecretRotate"]["userErrors"]
    assert (error["field"], error["code"]) == (["input", "overlapHours"], "CONFLICT")
    payload = (await ada.ask(ROTATE, id=id, hours=0))["webhookSecretRotate"]
    assert payload["webhookEndpoint"]["secretCount"] == 1
    assert len(seen | {payload["secret"]}) == 5


async def test_what_is_not_active_gets_no_test(ada: Graph) -> None:
    id, _ = await made(ada)
    assert (await ada.ask(TEST, id=id))["webhookEndpointTest"]["userErrors"] == []
    await ada.ask(UPDATE, id=id, input={"isActive": False})
    assert (await ada.ask(TEST, id=id))["webhookEndpointTest"]["userErrors"] == [{"code": "CONFLICT"}]


async def test_deliveries_are_listed_in_one_statement_and_replayed_when_they_have_ended(ada: Graph) -> None:
    await made(ada)
    await happens()
    await fan_out(at=system_clock())
    await ada.ask(LISTED)
    with ada.counting() as statements:
        (delivery,) = (await ada.ask(LISTED))["webhookDeliveries"]["nodes"]
    assert len(statements) == 1
    assert (delivery["state"], delivery["job"], delivery["endpoint"]) == (
        "PENDING",
        {"kind": "webhooks.deliver"},
        {"name": "Billing"},
    )
    trail = "query ($id: String) { auditEvents(where: {topic: $id}) { nodes { id } } }"
    (event,) = (await ada.ask(trail, id=delivery["topic"]))["auditEvents"]["nodes"]
    assert event["id"] == delivery["eventId"]
    replay = (await ada.ask(REPLAY, id=delivery["id"]))["webhookDeliveryReplay"]
    assert replay["userErrors"] == [{"code": "CONFLICT"}], "it is under way"
    await rows_of("UPDATE webhook_delivery SET state = 'failed'")
    await rows_of("UPDATE job SET state = 'dead', finished_at = now()")
    replay = (await ada.ask(REPLAY, id=delivery["id"]))["webhookDeliveryReplay"]
    assert replay == {"webhookDelivery": {"state": "PENDING"}, "userErrors": []}


async def test_an_endpoint_is_removed_with_its_history(ada: Graph) -> None:
    id, _ = await made(ada)
    await happens()
    await fan_out(at=system_clock())
    assert (await ada.ask(DELETE, id=id))["webhookEndpointDelete"] == {
        "deletedWebhookEndpointId": id,
        "userErrors": [],
    }
    assert await rows_of("SELECT FROM webhook_delivery UNION ALL SELECT FROM webhook_secret") == []
    event = await Event.get(topic="webhooks.endpoint.deleted")
    assert (event.subject_id, event.before["name"]) == (read_id("whe", id), "Billing")


async def test_there_are_only_so_many_endpoints(ada: Graph) -> None:
    values: dict[str, Any] = {"url": URL, "event_types": [], "starts_transaction": 0}
    stamps = {"created_at": NOW, "updated_at": NOW}
    await WebhookEndpoint.bulk_create([WebhookEndpoint(name="A", **values, **stamps) for _ in range(MOST_ENDPOINTS)])
    payload = (await ada.ask(CREATE, input=GIVEN))["webhookEndpointCreate"]
    assert [error["code"] for error in payload["userErrors"]] == ["EXHAUSTED"]


async def test_no_program_opens_a_way_out(ada: Graph, by: Actor) -> None:
    """An API key sees, tests and replays; where data go, and with which secret, a person says."""
    id, _ = await made(ada)
    scope = [Permission.WEBHOOKS_READ, Permission.WEBHOOKS_WRITE, Permission.AUDIT_READ]
    at = system_clock()
    key = await create_key({"name": "k", "expires_at": at + timedelta(days=1)}, scope, by=by, at=at)
    program = Graph(ada.http, key.text)
    for name, answer in (
        ("webhookEndpointCreate", await program.ask(CREATE, input=GIVEN)),
        ("webhookEndpointUpdate", await program.ask(UPDATE, id=id, input={"url": "https://evil.example"})),
        ("webhookSecretRotate", await program.ask(ROTATE, id=id, hours=0)),
    ):
        assert [error["code"] for error in answer[name]["userErrors"]] == ["FORBIDDEN"], name
    assert (await program.ask(TEST, id=id))["webhookEndpointTest"]["userErrors"] == []
    assert await WebhookEndpoint.all().count() == 1


async def test_secrets_are_no_field_of_anything(ada: Graph) -> None:
    await made(ada)
    (secret,) = await WebhookSecret.all()
    for kind in ("WebhookEndpoint", "WebhookDelivery", "WebhookAttempt"):
        fields = (await ada.ask("query ($name: String!) { __type(name: $name) { fields { name } } }", name=kind))[
            "__type"
        ]["fields"]
        assert "secret" not in {field["name"] for field in fields}
    found = await ada.ask("query ($id: ID!) { node(id: $id) { id } }", id=public_id("whs", secret.id))
    assert found["node"] is None


async def test_event_types_are_there_to_choose_from(ada: Graph) -> None:
    found = (await ada.ask("{ webhookEventTypes { name subjectPrefix } }"))["webhookEventTypes"]
    assert len(found) == len(EVENT_TYPES)
    assert {"name": "orders.order.shipped", "subjectPrefix": "ord"} in found
    assert {"name": "access.record.handed_over", "subjectPrefix": None} in found
