"""Mutations of webhooks: set up endpoints, rotate their secrets, try them out, and send again."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.context import Surroundings
from api.graph.payloads import (
    ExpectedVersion,
    IdempotencyKey,
    UserError,
    given,
    optional,
    settle,
    user_errors,
)
from api.webhooks.types import WebhookDelivery, WebhookEndpoint
from domain.kernel.actor import Actor
from domain.kernel.ids import public_id, read_id
from domain.webhooks import commands, models, replays
from domain.webhooks.addresses import Networks, read_networks
from domain.webhooks.rules import USUAL_OVERLAP_HOURS

EndpointID = Annotated[strawberry.ID, strawberry.argument(description="Which endpoint.")]
DeliveryID = Annotated[strawberry.ID, strawberry.argument(description="Which delivery.")]
_URL = (
    "Where messages are posted to: https, on port 443 or from 1024 on, to a host on the public internet, without user, "
    "password and fragment"
)
_EVENT_TYPES = (
    "What it gets: up to 100 of `webhookEventTypes`, or all of a context (`customers.*`) or of a record "
    "(`customers.contact.*`)"
)
_SECRET = "What signatures are verified with, `whsec_…`: shown this once; null where refused."


@strawberry.input(description="A new endpoint.")
class WebhookEndpointCreateInput:
    name: str = strawberry.field(description="What it is for, 1 to 100 characters.")
    url: str = strawberry.field(description=f"{_URL}.")
    event_types: list[str] = strawberry.field(description=f"{_EVENT_TYPES}.")


@strawberry.input(description="What to change of an endpoint: what is left out stays as it is.")
class WebhookEndpointUpdateInput:
    name: str | None = optional("What it is for; not null.")
    url: str | None = optional(f"{_URL}; not null.")
    event_types: list[str] | None = optional(f"{_EVENT_TYPES}; not null.")
    is_active: bool | None = optional(
        "Whether events are sent to it: made active again, it gets those from now on; not null."
    )


@strawberry.input(description="How a secret is rotated.")
class WebhookSecretRotateInput:
    overlap_hours: int = strawberry.field(
        default=USUAL_OVERLAP_HOURS,
        description="For how many hours the former secrets sign as well, 0 to 168; 0 ends them at once.",
    )


@strawberry.input(description="A stretch of time, [since, until).")
class WebhookEndpointReplayInput:
    since: datetime = strawberry.field(description="Deliveries that began then or later.")
    until: datetime | None = optional("Deliveries that began before; all where left out or null.")


@strawberry.type(description="The new endpoint with its secret, or why there is none.")
class WebhookEndpointCreatePayload:
    webhook_endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint as it was stored; null where refused."
    )
    secret: str | None = strawberry.field(description=_SECRET)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The changed endpoint, or why it was not changed.")
class WebhookEndpointUpdatePayload:
    webhook_endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The endpoint that is gone, or why it is still there.")
class WebhookEndpointDeletePayload:
    deleted_webhook_endpoint_id: strawberry.ID | None = strawberry.field(description="Its id; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The endpoint with its new secret, or why there is none.")
class WebhookSecretRotatePayload:
    webhook_endpoint: WebhookEndpoint | None = strawberry.field(description="The endpoint; null where refused.")
    secret: str | None = strawberry.field(description=_SECRET)
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The endpoint that is tried out, or why it is not.")
class WebhookEndpointTestPayload:
    webhook_endpoint: WebhookEndpoint | None = strawberry.field(
        description="The endpoint; the event stands among its `deliveries` within seconds. Null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="How many deliveries of an endpoint are sent again, or why none is.")
class WebhookEndpointReplayPayload:
    webhook_endpoint: WebhookEndpoint | None = strawberry.field(description="The endpoint; null where refused.")
    replayed_count: int | None = strawberry.field(
        description="How many are sent again, at most 1,000: if so many, ask again. Null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The delivery that is sent again, or why it is not.")
class WebhookDeliveryReplayPayload:
    webhook_delivery: WebhookDelivery | None = strawberry.field(
        description="The delivery as it now stands, with the id that it had; null where refused."
    )
    user_errors: list[UserError] = user_errors()


def _key(id: strawberry.ID) -> Any:
    return read_id(models.WebhookEndpoint.prefix, id)


def _private(info: Info) -> Networks:
    around: Surroundings = info.context.surroundings
    return read_networks(around.settings.webhook_private_networks)


def _shown(made: commands.MadeEndpoint) -> dict[str, Any]:
    return {"webhook_endpoint": made.record, "secret": made.secret}


@strawberry.type
class WebhookMutations:
    @strawberry.mutation(
        description="Sets up an endpoint, which gets the events of its types from now on, signed by the scheme of "
        "Standard Webhooks. Needs WEBHOOKS_WRITE and AUDIT_READ over everything; not for API keys."
    )
    async def webhook_endpoint_create(
        self,
        info: Info,
        input: Annotated[WebhookEndpointCreateInput, strawberry.argument(description="Where, and what.")],
    ) -> WebhookEndpointCreatePayload:
        async def create(by: Actor, at: datetime) -> dict[str, Any]:
            key = info.context.surroundings.token_key
            return _shown(await commands.create_endpoint(given(input), private=_private(info), key=key, by=by, at=at))

        return await settle(info, create)

    @strawberry.mutation(
        description="Changes an endpoint: where it is, what it gets, whether it is active. Needs WEBHOOKS_WRITE and "
        "AUDIT_READ over everything; not for API keys."
    )
    async def webhook_endpoint_update(
        self,
        info: Info,
        id: EndpointID,
        input: Annotated[WebhookEndpointUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> WebhookEndpointUpdatePayload:
        return await settle(
            info,
            lambda by, at: commands.update_endpoint(
                _key(id),
                given(input),
                private=_private(info),
                expected_version=expected_version,
                by=by,
                at=at,
            ),
        )

    @strawberry.mutation(
        description="Removes an endpoint with its secrets and the history of its deliveries; one with more than 10,000 "
        "is deactivated first, until they are forgotten."
    )
    async def webhook_endpoint_delete(self, info: Info, id: EndpointID) -> WebhookEndpointDeletePayload:
        async def delete(by: Actor, at: datetime) -> dict[str, str]:
            key = await commands.delete_endpoint(_key(id), by=by, at=at)
            return {"deleted_webhook_endpoint_id": public_id(models.WebhookEndpoint.prefix, key)}

        return await settle(info, delete)

    @strawberry.mutation(
        description="Gives an endpoint a new secret, and lets the former ones sign beside it for a while, so that its "
        "receiver can change without a gap. Needs WEBHOOKS_WRITE and AUDIT_READ over everything; not for API keys."
    )
    async def webhook_secret_rotate(
        self,
        info: Info,
        id: EndpointID,
        input: Annotated[WebhookSecretRotateInput, strawberry.argument(description="For how long both sign.")],
    ) -> WebhookSecretRotatePayload:
        async def rotate(by: Actor, at: datetime) -> dict[str, Any]:
            key = info.context.surroundings.token_key
            return _shown(await commands.rotate_secret(_key(id), input.overlap_hours, key=key, by=by, at=at))

        return await settle(info, rotate)

    @strawberry.mutation(
        description="Sends an endpoint an event of its own, `webhooks.endpoint.tested`, whatever it is subscribed to."
    )
    async def webhook_endpoint_test(
        self, info: Info, id: EndpointID, idempotency_key: IdempotencyKey = None
    ) -> WebhookEndpointTestPayload:
        return await settle(
            info, lambda by, at: commands.try_out(_key(id), by=by, at=at), idempotency_key=idempotency_key
        )

    @strawberry.mutation(
        description="Sends those deliveries of an endpoint again that began in a stretch of time and failed or were "
        "cancelled, the oldest first."
    )
    async def webhook_endpoint_replay(
        self,
        info: Info,
        id: EndpointID,
        input: Annotated[WebhookEndpointReplayInput, strawberry.argument(description="The stretch of time.")],
        idempotency_key: IdempotencyKey = None,
    ) -> WebhookEndpointReplayPayload:
        async def replay(by: Actor, at: datetime) -> dict[str, Any]:
            until = given(input).get("until")
            done = await replays.replay_endpoint(_key(id), input.since, until, by=by, at=at)
            return {"webhook_endpoint": done.record, "replayed_count": done.replayed}

        return await settle(info, replay, idempotency_key=idempotency_key)

    @strawberry.mutation(
        description="Sends a delivery that has ended again, whatever became of it: under the same `webhook-id`, with "
        "the event as the log has it now."
    )
    async def webhook_delivery_replay(
        self, info: Info, id: DeliveryID, idempotency_key: IdempotencyKey = None
    ) -> WebhookDeliveryReplayPayload:
        key = read_id(models.WebhookDelivery.prefix, id)
        return await settle(
            info, lambda by, at: replays.replay_delivery(key, by=by, at=at), idempotency_key=idempotency_key
        )
