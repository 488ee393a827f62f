"""Verbs of endpoints: set one up, change it, rotate its secret, try it out, remove it.

An endpoint is a way out for data, by which nobody is asked again. So whoever sets one up, or says where it leads, may
see every event (AUDIT_READ over all), and does so in person.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from tortoise.connection import get_connection

from domain.access.tokens import TokenKey
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.changes import change, check_fields
from domain.kernel.events import emit, horizon
from domain.kernel.permissions import Permission, Reach
from domain.kernel.refusals import Conflict, Exhausted
from domain.kernel.transactions import one_transaction
from domain.webhooks.addresses import Networks, check_url
from domain.webhooks.models import WebhookDelivery, WebhookEndpoint
from domain.webhooks.rules import ENDPOINT, USUAL_OVERLAP_HOURS, DisabledReason, check_overlap, told
from domain.webhooks.secrets import add_secret, retire_secrets

TOPIC = "webhooks.endpoint"
MOST_ENDPOINTS = 100
MOST_REMOVED = 10_000
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('salesloop webhook endpoints'))"


class TooManyEndpoints(Exhausted):
    """There are as many endpoints as there may be."""

    def __init__(self) -> None:
        super().__init__(f"There are {MOST_ENDPOINTS} endpoints, and there may be no more; remove one first.")


class EndpointInactive(Conflict):
    """Nothing is sent to an endpoint that is not active."""

    def __init__(self) -> None:
        super().__init__("The endpoint is not active, so nothing is sent to it; activate it first.", "id")


class LongHistory(Conflict):
    """An endpoint has so many deliveries that it cannot be removed along with them."""

    def __init__(self) -> None:
        super().__init__(
            f"The endpoint has more than {MOST_REMOVED} deliveries; deactivate it, and remove it when they are "
            "forgotten.",
            "id",
        )


class MadeEndpoint(NamedTuple):
    """An endpoint, and a new secret of it as text, which nobody can read again."""

    record: WebhookEndpoint
    secret: str


async def create_endpoint(
    given: Mapping[str, Any], *, private: Networks = (), key: TokenKey, by: Actor, at: datetime
) -> MadeEndpoint:
    """This will set up an endpoint for events from now on. Needs `name`, `url` and `event_types`.

    `private` are the networks that are open to it beside the public internet. Raises Unauthenticated, Forbidden,
    Invalid, TooManyEndpoints.
    """
    _must_lead_out(by)
    values = _checked(given, private) | {"created_by_id": by.user_id}
    async with one_transaction():
        await get_connection("default").execute_query(_LOCK)
        if await WebhookEndpoint.all().count() >= MOST_ENDPOINTS:
            raise TooManyEndpoints
        starts = (await horizon()).transaction
        endpoint = WebhookEndpoint.born(values | {"starts_transaction": starts}, at)
        await endpoint.save(force_create=True)
        secret = await add_secret(endpoint.id, key=key, at=at)
        await emit(f"{TOPIC}.created", endpoint.id, by=by, at=at, **told(values))
    return MadeEndpoint(endpoint, secret)


async def update_endpoint(
    key: UUID | None,
    given: Mapping[str, Any],
    *,
    private: Networks = (),
    expected_version: int | None = None,
    by: Actor,
    at: datetime,
) -> WebhookEndpoint:
    """This will change an endpoint; made active again, it gets events from now on, and none that it missed.

    Raises Unauthenticated, Forbidden, Invalid, NotFound, Stale.
    """
    _must_lead_out(by)
    values = _checked(given, private)
    async with one_transaction():
        endpoint = await WebhookEndpoint.locked(key, expected_version=expected_version, by=by)
        if values.get("is_active", endpoint.is_active) != endpoint.is_active:
            values |= await _switched(values["is_active"])
        await _store(endpoint, values, f"{TOPIC}.updated", by=by, at=at)
    return endpoint


async def rotate_secret(
    endpoint_key: UUID | None, overlap_hours: int = USUAL_OVERLAP_HOURS, *, key: TokenKey, by: Actor, at: datetime
) -> MadeEndpoint:
    """This will give an endpoint a new secret; the former ones sign too for so many hours, none where that is 0.

    Raises Unauthenticated, Forbidden, Invalid, NotFound, TooManySecrets.
    """
    _must_lead_out(by)
    overlap = check_overlap(overlap_hours, "overlap_hours")
    async with one_transaction():
        endpoint = await WebhookEndpoint.locked(endpoint_key, by=by)
        await retire_secrets(endpoint.id, overlap, at=at)
        secret = await add_secret(endpoint.id, key=key, at=at)
        await emit(f"{TOPIC}.secret_rotated", endpoint.id, by=by, at=at, overlap_hours=overlap_hours)
    return MadeEndpoint(endpoint, secret)


async def try_out(key: UUID | None, *, by: Actor, at: datetime) -> WebhookEndpoint:
    """This will have an event of its own sent to an active endpoint, whatever it is subscribed to.

    Raises Unauthenticated, Forbidden, NotFound, EndpointInactive.
    """
    by.must(Permission.WEBHOOKS_WRITE)
    async with one_transaction():
        endpoint = await WebhookEndpoint.locked(key, by=by)
        if not endpoint.is_active:
            raise EndpointInactive
        await emit(f"{TOPIC}.tested", endpoint.id, by=by, at=at, name=endpoint.name)
    return endpoint


async def delete_endpoint(key: UUID | None, *, by: Actor, at: datetime) -> UUID:
    """This will remove an endpoint with its secrets and the history of its deliveries; what is under way ends.

    Raises Unauthenticated, Forbidden, NotFound, LongHistory.
    """
    by.must(Permission.WEBHOOKS_WRITE)
    async with one_transaction():
        endpoint = await WebhookEndpoint.locked(key, by=by)
        many = await WebhookDelivery.filter(endpoint_id=endpoint.id).offset(MOST_REMOVED).limit(1)
        if many:
            raise LongHistory
        before = told({"name": endpoint.name, "url": endpoint.url, "event_types": endpoint.event_types})
        await emit(f"{TOPIC}.deleted", endpoint.id, by=by, at=at, before=before)
        await endpoint.delete()
    return endpoint.id


async def disable_endpoint(endpoint: WebhookEndpoint, reason: DisabledReason, *, at: datetime) -> None:
    """This will send nothing more to a locked endpoint, for a reason that it has given itself."""
    values = {"is_active": False, "disabled_reason": reason.value}
    await _store(endpoint, values, f"{TOPIC}.disabled", by=SYSTEM, at=at)


def _must_lead_out(by: Actor) -> None:
    by.must(Permission.WEBHOOKS_WRITE)
    by.must(Permission.AUDIT_READ, Reach.ALL)
    by.must_be_in_person()


def _checked(given: Mapping[str, Any], private: Networks) -> dict[str, Any]:
    checks = {**ENDPOINT, "url": lambda url, *field: check_url(url, private, *field)}
    return check_fields(given, checks, required=checks)


async def _switched(active: bool) -> dict[str, Any]:
    """What else changes where an endpoint becomes active or inactive."""
    if not active:
        return {"disabled_reason": DisabledReason.BY_HAND.value}
    starts = (await horizon()).transaction
    return {"disabled_reason": None, "failing_since": None, "starts_transaction": starts}


async def _store(endpoint: WebhookEndpoint, values: Mapping[str, Any], topic: str, *, by: Actor, at: datetime) -> None:
    """Stores what differs of a locked endpoint, and tells of it what is no secret."""
    before = {name: getattr(endpoint, name) for name in values}
    changed = change(endpoint, values, at=at)
    if changed:
        await endpoint.save(update_fields=[*changed, "updated_at", "version"])
        former = told({name: before[name] for name in changed})
        await emit(topic, endpoint.id, by=by, at=at, before=former, **told(changed))
