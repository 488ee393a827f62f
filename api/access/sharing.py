"""Mutations of shares and API keys: one record for somebody else, and what a program signs in with."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.access.devices import ApiKey, Share
from api.graph.payloads import IdempotencyKey, UserError, given, key_of, keyed, optional, settle, user_errors
from domain.access import keys, models, sharing
from domain.kernel.actor import Actor
from domain.kernel.ids import public_id, read_id, split_id
from domain.kernel.permissions import Permission


@strawberry.input(description="A record, and whom it is opened to: a user, or a team.")
class ShareCreateInput:
    record_id: strawberry.ID = strawberry.field(
        description="Any record with an owner that you may change, such as a customer or an opportunity; its parts go "
        "with it."
    )
    user_id: strawberry.ID | None = strawberry.field(default=None, description="The user; or name a team.")
    team_id: strawberry.ID | None = strawberry.field(
        default=None, description="The team: whoever belongs to it at the time, and its manager; or name a user."
    )
    may_change: bool = strawberry.field(default=False, description="Whether they may change it, too.")
    expires_at: datetime | None = strawberry.field(
        default=None, description="Until when it holds; left out: until it is deleted."
    )


@strawberry.type(description="The new share, or why there is none.")
class ShareCreatePayload:
    share: Share | None = strawberry.field(description="The share as it was stored; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The share that is gone, or why it still holds.")
class ShareDeletePayload:
    deleted_share_id: strawberry.ID | None = strawberry.field(description="Its id; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="A new API key.")
class ApiKeyCreateInput:
    name: str = strawberry.field(description="What it is for, 1 to 100 characters.")
    permissions: list[Permission] = strawberry.field(
        description="What it may be used for, as far as its user's roles let them."
    )
    expires_at: datetime = strawberry.field(description="Until when it is good, within 366 days.")
    user_id: strawberry.ID | None = optional("In whose name it acts; yours where left out. For others: ACCESS_WRITE.")


@strawberry.type(description="The new API key, or why there is none.")
class ApiKeyCreatePayload:
    api_key: ApiKey | None = strawberry.field(description="What is kept of the key; null where refused.")
    key: str | None = strawberry.field(
        description="The key itself, shown this once: send it as `Authorization: Bearer …`; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The key that is good no more, or why it still is.")
class ApiKeyRevokePayload:
    api_key: ApiKey | None = strawberry.field(description="The key as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


async def _revoke_share(id: strawberry.ID, by: Actor, at: datetime) -> dict[str, str]:
    key = await sharing.revoke_share(read_id(models.Share.prefix, id), by=by, at=at)
    return {"deleted_share_id": public_id(models.Share.prefix, key)}


@strawberry.type
class SharingMutations:
    @strawberry.mutation(description="Opens one record to a user or a team whom their roles do not let see it.")
    async def share_create(
        self,
        info: Info,
        input: Annotated[ShareCreateInput, strawberry.argument(description="What, and for whom.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ShareCreatePayload:
        parts = split_id(input.record_id)
        record = (parts[0], parts[1]) if parts else None
        user, team = key_of(models.User, input.user_id), key_of(models.Team, input.team_id)
        return await settle(
            info,
            lambda by, at: sharing.share(
                record, user=user, team=team, may_change=input.may_change, expires_at=input.expires_at, by=by, at=at
            ),
            idempotency_key=idempotency_key,
        )

    @strawberry.mutation(description="Closes a record again to whom it was shared with.")
    async def share_delete(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Which share.")]
    ) -> ShareDeletePayload:
        return await settle(info, lambda by, at: _revoke_share(id, by, at))

    @strawberry.mutation(
        description="Makes an API key, by which a program does some of what its user may do. The key is shown once, so "
        "that this takes no idempotency key: revoke the one that you lost."
    )
    async def api_key_create(
        self,
        info: Info,
        input: Annotated[ApiKeyCreateInput, strawberry.argument(description="What it is for.")],
    ) -> ApiKeyCreatePayload:
        values = keyed(given(input), {"user_id": models.User})

        async def create(by: Actor, at: datetime) -> dict[str, Any]:
            made = await keys.create_key(values, input.permissions, by=by, at=at)
            return {"api_key": made.record, "key": made.text}

        return await settle(info, create)

    @strawberry.mutation(description="Revokes an API key; within 5 seconds it is good for nothing.")
    async def api_key_revoke(
        self, info: Info, id: Annotated[strawberry.ID, strawberry.argument(description="Which key.")]
    ) -> ApiKeyRevokePayload:
        key = read_id(models.ApiKey.prefix, id)
        return await settle(info, lambda by, at: keys.revoke_key(key, by=by, at=at))
