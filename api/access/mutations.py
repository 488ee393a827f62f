"""Signing in."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.context import Surroundings
from api.graph.course import ONCE
from api.graph.payloads import UserError, settle, user_errors
from api.graph.strangers import OPEN
from domain.access import commands


@strawberry.input(description="Who wants to come in.")
class LoginInput:
    email: str = strawberry.field(description="The e-mail address, in capitals or not.")
    password: str = strawberry.field(description="The password.")


@strawberry.type(description="A token to send with every request, or why there is none.")
class LoginPayload:
    token: str | None = strawberry.field(description="Send it as `Authorization: Bearer …`; null where refused.")
    expires_at: datetime | None = strawberry.field(description="Until when the token is good.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class AccessMutations:
    @strawberry.mutation(
        description="Signs in with e-mail address and password; the only mutation open to strangers. It may stand once "
        "in an operation. Who fails too often gets TOO_MANY_ATTEMPTS, with the seconds to wait in `retryAfter`.",
        metadata={**ONCE, **OPEN},
    )
    async def login(
        self, info: Info, input: Annotated[LoginInput, strawberry.argument(description="Address and password.")]
    ) -> LoginPayload:
        async def log_in(_: Any, at: datetime) -> dict[str, Any]:
            around: Surroundings = info.context.surroundings
            async with around.gate.attempt(input.email, info.context.address) as aside:
                token = await commands.log_in(input.email, input.password, key=around.token_key, at=at, aside=aside)
            return {"token": token.text, "expires_at": token.expires_at}

        return await settle(info, log_in, public=True)
