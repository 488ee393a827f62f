"""What is asked of a provider that vouches for people; whoever asks needs nothing of how it is done."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


class ProviderAway(Exception):
    """The provider does not answer, or makes no sense: nobody can sign in by it just now."""


class NotVouched(Exception):
    """The provider does not vouch for anybody: the code is no good, or what it signed is not for us, here and now."""


@dataclass(frozen=True, slots=True)
class Errand:
    """What a way through the provider begins with, and is checked by at its end."""

    redirect_uri: str
    nonce: str
    code_verifier: str


@dataclass(frozen=True, slots=True)
class Vouched:
    """Whom the provider vouches for: by its name for them, which never changes, and an address if it was verified."""

    issuer: str
    subject: str
    email: str | None
    name: str | None


class Provider(Protocol):
    """A provider that people sign in with: what they call it, and where it may send them back to."""

    name: str
    redirect_uris: Collection[str]

    async def authorization_url(self, errand: Errand, state: str, *, at: datetime) -> str:
        """This will give the address at the provider where somebody signs in. Raises ProviderAway."""

    async def vouched(self, code: str, errand: Errand, issuer: str | None, *, at: datetime) -> Vouched:
        """This will turn a code into whom the provider vouches for; `issuer` is the answer's `iss`, where it had one.

        Raises ProviderAway, NotVouched.
        """

    async def close(self) -> None:
        """This will let go of all connections."""
