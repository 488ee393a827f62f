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
from domain.access.tokens import TokenKey
from runtime.desk import Aside, Crowded, Desk
from runtime.settings import Settings
from runtime.throttle import Attempt, Limit, Throttle, TooMany

log = logging.getLogger("salesloop.access")
THREADS = 2
WAITING = 64
FAILURES = (WrongCredentials, SecondFactorNeeded, WrongCode)
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
        account, origin = login_name(email), _network(address)
        pair, of_all = self._key("both", f"{account}\n{origin}"), self._key("email", account)
        limits = (
            Limit(pair, self._settings.login_failures_per_email_and_address),
            Limit(of_all, self._settings.login_failures_per_email),
            Limit(self._key("address", origin), self._settings.login_failures_per_address),
        )
        try:
            async with self._desk.turn() as aside:
                begun = await self._begin(*limits, account=of_all, address=address)
                try:
                    yield aside
                except (*FAILURES, asyncio.CancelledError):
                    raise  # who goes away while the password is tried has tried it
                except BaseException:
                    await self._throttle.forgive(begun)
                    raise
                await self._throttle.forgive(begun, pair, of_all)
        except Crowded:
            log.warning("a login was refused: %d wait already", WAITING)
            raise Problem(
                "Very many are signing in just now; try again in a moment.", "UNAVAILABLE", retryAfter=1
            ) from None

    async def knock(self, what: str, email: str, address: str) -> None:
        """This will count something that strangers may ask for now and then, which can neither fail nor succeed.

        Raises Problem: TOO_MANY_ATTEMPTS.
        """
        account, origin = self._key("email", f"{what} {login_name(email)}"), f"{what} {_network(address)}"
        limits = (
            Limit(account, self._settings.login_failures_per_email_and_address),
            Limit(self._key("address", origin), self._settings.login_failures_per_address),
        )
        await self._begin(*limits, account=account, address=address)

    async def close(self) -> None:
        """This will let go of Redis and of the threads."""
        self._desk.close()
        await self._throttle.close()

    async def _begin(self, *limits: Limit, account: str, address: str) -> Attempt:
        try:
            return await self._throttle.begin(*limits)
        except TooMany as many:
            seconds = many.retry_after_seconds
            told = {"counted_by": many.key.partition(":")[0], "account": account[6:18], "address": address}
            log.warning("a login was refused: too many failed before it", extra={**told, "retry_after": seconds})
            raise Problem(
                f"Too many attempts to sign in failed; try again in {seconds} s.",
                "TOO_MANY_ATTEMPTS",
                retryAfter=seconds,
            ) from None

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
