"""The gate: few may try to sign in at once, and who fails too often must wait.

Failures are counted for each e-mail address, known or not, for each client address (an IPv6 client by its /64), and for
the two together: who guesses from one place is stopped long before the owner is, who comes from another. Redis sees
none of them in plain. An attempt counts from its beginning; one that succeeds is taken back, and clears its e-mail
address. What fails for reasons of ours does not count.
"""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from ipaddress import IPv6Address, ip_address, ip_network

from api.graph.problems import Problem
from domain.access.rules import login_name
from domain.access.second_factor import WrongCode
from domain.access.sessions import SecondFactorNeeded, WrongCredentials
from domain.access.single_sign_on import SsoRefused
from domain.access.tokens import TokenKey
from runtime.desk import Aside, Crowded, Desk
from runtime.settings import Settings
from runtime.throttle import Attempt, Limit, Throttle, TooMany

log = logging.getLogger("salesloop.access")
THREADS = 2
WAITING = 64
FAILURES = (WrongCredentials, SecondFactorNeeded, WrongCode, SsoRefused)
"""What counts as a failure of whoever tries."""


class Gate:
    """Where all attempts to sign in pass."""

    def __init__(self, settings: Settings, key: TokenKey) -> None:
        self._settings = settings
        self._pepper = key.private.private_bytes_raw()
        self._throttle = Throttle("login", settings.redis_url, settings.login_window_seconds)
        self._desk = Desk("login", threads=THREADS, waiting=WAITING)

    @asynccontextmanager
    async def attempt(self, email: str, address: str) -> AsyncIterator[Aside]:
        """This will let the block try the password, in the threads that it is given.

        Raises Problem: TOO_MANY_ATTEMPTS, or UNAVAILABLE where too many wait; both say when to return.
        """
        name, origin = login_name(email), _network(address)
        account, both = self._key("email", name), self._key("both", f"{name}\n{origin}")
        limits = (
            Limit(account, self._settings.login_failures_per_email),
            Limit(both, self._settings.login_failures_per_email_and_address),
            self._of_origin(self._key("address", origin)),
        )
        try:
            async with self._desk.turn() as aside:
                begun = await self._begin(address, *limits)
                async with self._counted(begun, account, both):
                    yield aside
        except Crowded:
            log.warning("a login was refused: %d wait already", WAITING)
            raise Problem(
                "Very many are signing in just now; try again in a moment.", "UNAVAILABLE", retryAfter=1
            ) from None

    async def leave(self, address: str) -> None:
        """This will count somebody who goes to sign in at a provider, by their address. Raises Problem:
        TOO_MANY_ATTEMPTS."""
        await self._begin(address, self._of_origin(self._sso_key(address)))

    @asynccontextmanager
    async def returning(self, address: str) -> AsyncIterator[None]:
        """This will let the block take in somebody who comes back from a provider, which is waited for in no line.

        Whoever succeeds clears their address. Raises Problem: TOO_MANY_ATTEMPTS.
        """
        origin = self._sso_key(address)
        begun = await self._begin(address, self._of_origin(origin))
        async with self._counted(begun, origin):
            yield

    async def knock(self, what: str, email: str, address: str) -> None:
        """This will count something that strangers may ask for now and then, which can neither fail nor succeed.

        Raises Problem: TOO_MANY_ATTEMPTS.
        """
        account = self._key("email", f"{what} {login_name(email)}")
        origin = self._key("address", f"{what} {_network(address)}")
        few = Limit(account, self._settings.login_failures_per_email_and_address)
        await self._begin(address, few, self._of_origin(origin))

    async def close(self) -> None:
        """This will let go of Redis and of the threads."""
        self._desk.close()
        await self._throttle.close()

    @asynccontextmanager
    async def _counted(self, begun: Attempt, *cleared: str) -> AsyncIterator[None]:
        try:
            yield
        except (*FAILURES, asyncio.CancelledError):
            raise  # who goes away while the password is tried has tried it
        except BaseException:
            await self._throttle.forgive(begun)
            raise
        await self._throttle.forgive(begun, *cleared)

    def _of_origin(self, key: str) -> Limit:
        return Limit(key, self._settings.login_failures_per_address)

    async def _begin(self, address: str, *limits: Limit) -> Attempt:
        try:
            return await self._throttle.begin(*limits)
        except TooMany as many:
            seconds = many.retry_after_seconds
            account = limits[0].key.partition(":")[2]
            told = {"counted_by": many.key.partition(":")[0], "account": account[:12], "address": address}
            log.warning("a login was refused: too many failed before it", extra={**told, "retry_after": seconds})
            raise Problem(
                f"Too many attempts to sign in failed; try again in {seconds} s.",
                "TOO_MANY_ATTEMPTS",
                retryAfter=seconds,
            ) from None

    def _sso_key(self, address: str) -> str:
        return self._key("address", f"sso {_network(address)}")

    def _key(self, kind: str, value: str) -> str:
        """What a name is counted under: without the house's token key nobody tells whose it is."""
        text = value.encode(errors="surrogatepass")
        found = hashlib.blake2b(text, key=self._pepper, person=b"salesloop-login", digest_size=16)
        return f"{kind}:{found.hexdigest()}"


def _network(address: str) -> str:
    """Whoever has one IPv6 address has the 2^64 beside it, so that these count as one."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return str(found)
    return str(found.ipv4_mapped or ip_network((found, 64), strict=False))
