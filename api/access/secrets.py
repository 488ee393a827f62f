"""Mutations of passwords and second factors: what people prove by that it is they who sign in."""

from datetime import datetime, timedelta
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.access.types import User
from api.access.users import UserID
from api.context import Surroundings
from api.graph.course import ONCE
from api.graph.payloads import UserError, settle, user_errors
from api.graph.strangers import OPEN
from domain.access import links, models, second_factor
from domain.access.rules import login_name
from domain.jobs.commands import start_job
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.ids import read_id
from domain.kernel.permissions import Permission

MAIL_AT_MOST_EVERY = timedelta(minutes=1)


@strawberry.type(description="The user who is written to, or why not.")
class UserInvitePayload:
    user: User | None = strawberry.field(description="Whom the mail goes to; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="Who has forgotten the password.")
class PasswordForgetInput:
    email: str = strawberry.field(description="The e-mail address that they sign in with.")


@strawberry.type(description="That it was taken note of.")
class PasswordForgetPayload:
    accepted: bool | None = strawberry.field(
        description="True in any case: whether there is such a user is not told. Where there is, a mail is on its way."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="A password, chosen by a link that was mailed.")
class PasswordChooseInput:
    token: str = strawberry.field(description="What stands behind `#` in the link; good once.")
    password: str = strawberry.field(description="The new password, 12 to 256 characters.")


@strawberry.type(description="That the password was set, or why not.")
class PasswordChoosePayload:
    email: str | None = strawberry.field(description="What to sign in with, beside the password; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="A password instead of the present one.")
class PasswordChangeInput:
    current_password: str = strawberry.field(description="The present password.")
    password: str = strawberry.field(description="The new password, 12 to 256 characters.")


@strawberry.type(description="Whose password was changed, or why it was not.")
class PasswordChangePayload:
    user: User | None = strawberry.field(description="You; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="What to set up an authenticator with, shown this once.")
class SecondFactorEnrollPayload:
    secret: str | None = strawberry.field(description="The shared secret, in base 32; null where refused.")
    uri: str | None = strawberry.field(
        description="The same as `otpauth://…`, to be shown as a QR code; null likewise."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="A code of an authenticator.")
class SecondFactorInput:
    code: str = strawberry.field(description="The six digits that it shows now.")


@strawberry.type(description="That the second factor is in use, or why it is not.")
class SecondFactorConfirmPayload:
    recovery_codes: list[str] | None = strawberry.field(
        description="Ten codes that stand in for the authenticator, each once; shown this once. Null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="That there is no second factor any more, or why there still is.")
class SecondFactorRemovePayload:
    removed: bool | None = strawberry.field(description="True; null where refused.")
    user_errors: list[UserError] = user_errors()


async def _mail(purpose: links.Purpose, email: str, by: Actor, at: datetime) -> None:
    name = login_name(email)
    await start_job(
        "access.mail",
        {"purpose": purpose.value, "email": name},
        unique_key=f"access.mail:{purpose.value}:{name}"[:200],
        unique_for=MAIL_AT_MOST_EVERY,
        by=by,
        at=at,
    )


@strawberry.type
class SecretMutations:
    @strawberry.mutation(
        description="Mails somebody a link by which they choose a password, good for 7 days. Needs ACCESS_WRITE."
    )
    async def user_invite(self, info: Info, id: UserID) -> UserInvitePayload:
        async def invite(by: Actor, at: datetime) -> models.User:
            by.must(Permission.ACCESS_WRITE)
            user = await models.User.locked(read_id(models.User.prefix, id), by=by)
            await _mail(links.Purpose.INVITATION, user.email, by, at)
            return user

        return await settle(info, invite)

    @strawberry.mutation(
        description="Mails a link by which a forgotten password is replaced, good for an hour; open to strangers. The "
        "answer is the same whether there is such a user or not.",
        metadata={**ONCE, **OPEN},
    )
    async def password_forget(
        self, info: Info, input: Annotated[PasswordForgetInput, strawberry.argument(description="Who it is.")]
    ) -> PasswordForgetPayload:
        async def forget(_: Actor, at: datetime) -> dict[str, bool]:
            around: Surroundings = info.context.surroundings
            await around.gate.knock("forget", input.email, info.context.address)
            await _mail(links.Purpose.RESET, input.email, SYSTEM, at)
            return {"accepted": True}

        return await settle(info, forget, public=True)

    @strawberry.mutation(
        description="Chooses a password by a link that was mailed, and ends all sessions of its user; open to "
        "strangers.",
        metadata={**ONCE, **OPEN},
    )
    async def password_choose(
        self, info: Info, input: Annotated[PasswordChooseInput, strawberry.argument(description="Link and password.")]
    ) -> PasswordChoosePayload:
        async def choose(by: Actor, at: datetime) -> dict[str, str]:
            around: Surroundings = info.context.surroundings
            async with around.gate.attempt(f"link {input.token[-40:]}", info.context.address) as aside:
                user = await links.choose_password(
                    input.token, input.password, origin=by.origin, key=around.token_key, at=at, aside=aside
                )
            return {"email": user.email}

        return await settle(info, choose, public=True)

    @strawberry.mutation(
        description="Gives you another password, and ends all sessions of yours but this one.", metadata=ONCE
    )
    async def password_change(
        self, info: Info, input: Annotated[PasswordChangeInput, strawberry.argument(description="The passwords.")]
    ) -> PasswordChangePayload:
        async def change(by: Actor, at: datetime) -> models.User:
            around: Surroundings = info.context.surroundings
            async with around.gate.attempt(f"user {by.user_id}", info.context.address) as aside:
                return await links.change_password(input.current_password, input.password, by=by, at=at, aside=aside)

        return await settle(info, change)

    @strawberry.mutation(
        description="Makes the secret of a second factor for you (TOTP, RFC 6238); a code puts it to use."
    )
    async def second_factor_enroll(self, info: Info) -> SecondFactorEnrollPayload:
        async def enroll(by: Actor, at: datetime) -> dict[str, str]:
            made = await second_factor.enroll(key=info.context.surroundings.token_key, by=by, at=at)
            return {"secret": made.secret, "uri": made.uri}

        return await settle(info, enroll)

    @strawberry.mutation(
        description="Puts your second factor to use: from now on `login` wants a code, too.", metadata=ONCE
    )
    async def second_factor_confirm(
        self, info: Info, input: Annotated[SecondFactorInput, strawberry.argument(description="A first code.")]
    ) -> SecondFactorConfirmPayload:
        async def confirm(by: Actor, at: datetime) -> dict[str, Any]:
            around: Surroundings = info.context.surroundings
            async with around.gate.attempt(f"user {by.user_id}", info.context.address):
                codes = await second_factor.confirm(input.code, key=around.token_key, by=by, at=at)
            return {"recovery_codes": codes}

        return await settle(info, confirm)

    @strawberry.mutation(description="Does without your second factor again; proved by a code.", metadata=ONCE)
    async def second_factor_remove(
        self,
        info: Info,
        input: Annotated[SecondFactorInput, strawberry.argument(description="A code, or a recovery code.")],
    ) -> SecondFactorRemovePayload:
        async def remove(by: Actor, at: datetime) -> dict[str, bool]:
            around: Surroundings = info.context.surroundings
            async with around.gate.attempt(f"user {by.user_id}", info.context.address):
                await second_factor.remove(input.code, key=around.token_key, by=by, at=at)
            return {"removed": True}

        return await settle(info, remove)
