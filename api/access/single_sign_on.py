"""Single sign-on by OpenID Connect: to the provider, and back with what it gave; and parting users from it."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.access.mutations import Tokens, told_tokens
from api.access.types import User
from api.access.users import UserID
from api.context import Surroundings
from api.graph.course import ONCE
from api.graph.payloads import UserError, settle, user_errors
from api.graph.problems import Problem
from api.graph.request import Request
from api.graph.strangers import OPEN
from domain.access import models, single_sign_on
from domain.kernel.actor import Actor
from domain.kernel.ids import read_id
from domain.kernel.refusals import Conflict, Invalid
from runtime.addresses import listed
from runtime.settings import Settings
from runtime.vouching import Errand, NotVouched, Provider, ProviderAway, Vouched

LATER_SECONDS = 5


class NoProvider(Conflict):
    """There is no provider to sign in with."""

    def __init__(self) -> None:
        super().__init__("No provider is set up here to sign in with; use `login`, or have OIDC_ISSUER set.")


@strawberry.type(description="A provider that people sign in with instead of a password.")
class SsoProvider:
    name: str = strawberry.field(description="What people call it, such as for a button.")


@strawberry.type(description="By what people can sign in here: for pages to show what fits.")
class SignInMethods:
    password: bool = strawberry.field(description="Whether by e-mail address and password, with `login`; always true.")
    sso: SsoProvider | None = strawberry.field(
        description="The provider that is set up, to be gone to with `ssoBegin`; null where there is none."
    )


@strawberry.input(description="Where the provider is to send somebody back to.")
class SsoBeginInput:
    redirect_uri: str = strawberry.field(
        description="The address of your page or app that takes `code` and `state`; one of those that are set up here."
    )


@strawberry.type(description="How to go to the provider, or why not.")
class SsoBeginPayload:
    authorization_url: str | None = strawberry.field(
        description="The address at the provider to open in a browser; null where refused."
    )
    state: str | None = strawberry.field(
        description="What comes back as `state`: take back no other than this one. Null where refused."
    )
    verifier: str | None = strawberry.field(
        description="A secret for `ssoComplete`: keep it in the client that begins, nowhere else; null where refused."
    )
    expires_at: datetime | None = strawberry.field(
        description="Until when one must have come back; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.input(description="What somebody comes back from the provider with.")
class SsoCompleteInput:
    state: str = strawberry.field(description="The `state` of the address that the provider sent them to.")
    code: str = strawberry.field(description="The `code` of that address; good once.")
    verifier: str = strawberry.field(description="The secret that `ssoBegin` gave beside the state.")
    iss: str | None = strawberry.field(default=None, description="The `iss` of that address, where it has one.")
    device: str | None = strawberry.field(
        default=None, description="What to call the device in the list of sessions, up to 200 characters."
    )


@strawberry.type(description="Tokens to send with every request and to renew them with, or why there are none.")
class SsoCompletePayload(Tokens):
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="The user who was parted from the provider, or why not.")
class UserUnlinkPayload:
    user: User | None = strawberry.field(description="The user as they now stand; null where refused.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class SsoQueries:
    @strawberry.field(description="By what people can sign in here; open to strangers.", metadata=OPEN)
    def sign_in_methods(self, info: Info) -> SignInMethods:
        request: Request = info.context
        provider: Provider | None = request.surroundings.provider
        return SignInMethods(password=True, sso=SsoProvider(name=provider.name) if provider else None)


@strawberry.type
class SsoMutations:
    @strawberry.mutation(
        description="Begins signing in with the provider that is set up (OpenID Connect); open to strangers. Open the "
        "address that it gives in a browser; the provider sends it back to your own with `code` and `state`, which go "
        "into `ssoComplete` within ten minutes.",
        metadata={**ONCE, **OPEN},
    )
    async def sso_begin(
        self, info: Info, input: Annotated[SsoBeginInput, strawberry.argument(description="Where to come back to.")]
    ) -> SsoBeginPayload:
        async def begin(_: Actor, at: datetime) -> dict[str, Any]:
            around: Surroundings = info.context.surroundings
            provider = _provider(around)
            if input.redirect_uri not in provider.redirect_uris:
                raise Invalid("{field} must be one of the addresses that OIDC_REDIRECT_URIS names.", "redirect_uri")
            await around.gate.leave(info.context.address)
            begun = single_sign_on.begin(input.redirect_uri, key=around.token_key, at=at)
            course = single_sign_on.course_of(input.redirect_uri, begun.verifier)
            try:
                url = await provider.authorization_url(Errand(*course), begun.state, at=at)
            except ProviderAway:
                raise _away() from None
            return {"authorization_url": url, **begun._asdict()}

        return await settle(info, begin, public=True)

    @strawberry.mutation(
        description="Signs in with what the provider sent back; open to strangers. Users who were invited come in by "
        "the e-mail address that the provider has verified, and from then on by its own name for them. The provider "
        "sees to second factors; none of ours is asked for. Who fails too often gets TOO_MANY_ATTEMPTS, and while the "
        "provider does not answer everybody UNAVAILABLE, both with the seconds to wait in `retryAfter`; begin again "
        "then.",
        metadata={**ONCE, **OPEN},
    )
    async def sso_complete(
        self, info: Info, input: Annotated[SsoCompleteInput, strawberry.argument(description="What came back.")]
    ) -> SsoCompletePayload:
        async def complete(by: Actor, at: datetime) -> dict[str, Any]:
            around: Surroundings = info.context.surroundings
            provider, key = _provider(around), around.token_key
            async with around.gate.returning(info.context.address):
                course = await single_sign_on.spend(
                    input.state, input.verifier, input.device, origin=by.origin, key=key, at=at
                )
                vouched = await _vouched(provider, input, course, by, at)
                person = single_sign_on.Person(vouched.issuer, vouched.subject, vouched.email, vouched.name)
                new = _newcomers(around.settings)
                signed = await single_sign_on.let_in(
                    person, input.device, newcomers=new, origin=by.origin, key=key, at=at
                )
            return told_tokens(signed)

        return await settle(info, complete, public=True)

    @strawberry.mutation(
        description="Parts a user from their account at the provider, and ends all their sessions: the next account "
        "with their verified address is theirs. Needs ACCESS_WRITE."
    )
    async def user_unlink(self, info: Info, id: UserID) -> UserUnlinkPayload:
        key = read_id(models.User.prefix, id)
        return await settle(info, lambda by, at: single_sign_on.unlink_user(key, by=by, at=at))


async def _vouched(
    provider: Provider, given: SsoCompleteInput, course: single_sign_on.Course, by: Actor, at: datetime
) -> Vouched:
    """Whom the provider vouches for; what it does not vouch for is on record. Raises SsoRefused, Problem."""
    try:
        return await provider.vouched(given.code, Errand(*course), given.iss, at=at)
    except ProviderAway:
        raise _away() from None
    except NotVouched as error:
        reason = f"The provider does not vouch for you: {error}; begin again with `ssoBegin`."
        raise await single_sign_on.refused(reason, origin=by.origin, at=at) from None


def _provider(around: Surroundings) -> Provider:
    if around.provider is None:
        raise NoProvider
    return around.provider


def _newcomers(settings: Settings) -> single_sign_on.Newcomers:
    return single_sign_on.Newcomers(listed(settings.oidc_new_user_domains), settings.oidc_new_user_role)


def _away() -> Problem:
    return Problem(
        "The provider that you sign in with does not answer as it should just now; begin again in a moment.",
        "UNAVAILABLE",
        retryAfter=LATER_SECONDS,
    )
