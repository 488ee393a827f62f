"""Signing in and out: by password, by renewing a device's tokens, and ending sessions from afar."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.access.devices import Session
from api.context import Surroundings
from api.graph.course import ONCE
from api.graph.payloads import UserError, settle, user_errors
from api.graph.strangers import OPEN
from domain.access import models, sessions
from domain.kernel.actor import Actor
from domain.kernel.ids import read_id

SessionID = Annotated[strawberry.ID, strawberry.argument(description="Which session.")]
TOKEN = "Send it as `Authorization: Bearer …`; null where refused."
REFRESH = "Renews both tokens by `sessionRenew`, once: keep it where only the device can read it; null where refused."


@strawberry.input(description="Who wants to come in.")
class LoginInput:
    email: str = strawberry.field(description="The e-mail address, in capitals or not.")
    password: str = strawberry.field(description="The password.")
    code: str | None = strawberry.field(
        default=None, description="What the authenticator shows, or a recovery code, where there is a second factor."
    )
    device: str | None = strawberry.field(
        default=None, description="What to call the device in the list of sessions, up to 200 characters."
    )


@strawberry.type(description="What a device is signed in with.")
class Tokens:
    token: str | None = strawberry.field(description=TOKEN)
    expires_at: datetime | None = strawberry.field(description="Until when the token is good.")
    refresh_token: str | None = strawberry.field(description=REFRESH)
    refresh_expires_at: datetime | None = strawberry.field(description="Until when it must be renewed at the latest.")


@strawberry.type(description="Tokens to send with every request and to renew them with, or why there are none.")
class LoginPayload(Tokens):
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="What a device renews its tokens with.")
class SessionRenewInput:
    refresh_token: str = strawberry.field(description="The refresh token that came last; it is good once.")


@strawberry.type(description="New tokens, or why there are none.")
class SessionRenewPayload(Tokens):
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The session that has ended, or why it has not.")
class LogoutPayload:
    session: Session | None = strawberry.field(description="The session as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The session that has ended, or why it has not.")
class SessionRevokePayload:
    session: Session | None = strawberry.field(description="The session as it now stands; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="How many sessions have ended, or why none has.")
class SessionsRevokePayload:
    revoked_count: int | None = strawberry.field(description="How many were ended; null where refused.")
    user_errors: list[UserError] = user_errors()


def told_tokens(signed: sessions.SignedIn) -> dict[str, Any]:
    return {
        "token": signed.access.text,
        "expires_at": signed.access.expires_at,
        "refresh_token": signed.refresh.text,
        "refresh_expires_at": signed.refresh.expires_at,
    }


async def _revoke_others(by: Actor, at: datetime) -> dict[str, int]:
    return {"revoked_count": await sessions.revoke_other_sessions(by=by, at=at)}


@strawberry.type
class AccessMutations:
    @strawberry.mutation(
        description="Signs in with e-mail address and password, and a code where there is a second factor; open to "
        "strangers. It may stand once in an operation. Who fails too often gets TOO_MANY_ATTEMPTS, with the seconds to "
        "wait in `retryAfter`.",
        metadata={**ONCE, **OPEN},
    )
    async def login(
        self, info: Info, input: Annotated[LoginInput, strawberry.argument(description="Address and password.")]
    ) -> LoginPayload:
        async def log_in(by: Actor, at: datetime) -> dict[str, Any]:
            around: Surroundings = info.context.surroundings
            attempt = sessions.Attempt(input.email, input.password, input.code, input.device, by.origin)
            async with around.gate.attempt(input.email, info.context.address) as aside:
                return told_tokens(await sessions.log_in(attempt, key=around.token_key, at=at, aside=aside))

        return await settle(info, log_in, public=True)

    @strawberry.mutation(
        description="Gives a device new tokens for its refresh token; open to strangers. A refresh token that comes a "
        "second time was copied, and ends the session; only for a minute, and while the tokens given for it are "
        "unused, it is taken for a request whose answer was lost.",
        metadata={**ONCE, **OPEN},
    )
    async def session_renew(
        self, info: Info, input: Annotated[SessionRenewInput, strawberry.argument(description="The refresh token.")]
    ) -> SessionRenewPayload:
        async def renew(by: Actor, at: datetime) -> dict[str, Any]:
            key = info.context.surroundings.token_key
            return told_tokens(await sessions.renew(input.refresh_token, origin=by.origin, key=key, at=at))

        return await settle(info, renew, public=True)

    @strawberry.mutation(description="Signs out: ends the session that this request is sent in.")
    async def logout(self, info: Info) -> LogoutPayload:
        return await settle(info, lambda by, at: sessions.sign_out(by=by, at=at))

    @strawberry.mutation(
        description="Ends a session of yours, or of somebody over whom you have ACCESS_WRITE, such as that of a lost "
        "telephone: within 5 seconds nothing can be done with it, on open connections neither."
    )
    async def session_revoke(self, info: Info, id: SessionID) -> SessionRevokePayload:
        key = read_id(models.Session.prefix, id)
        return await settle(info, lambda by, at: sessions.revoke_session(key, by=by, at=at))

    @strawberry.mutation(description="Ends all sessions of yours but the one that this request is sent in.")
    async def sessions_revoke(self, info: Info) -> SessionsRevokePayload:
        return await settle(info, _revoke_others)
