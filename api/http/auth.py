"""Who sends a request: the bearer token read, the user looked up, and both remembered for a few seconds.

A user who is deactivated is therefore locked out within REMEMBERED seconds, everywhere.
"""

from collections import OrderedDict
from datetime import datetime, timedelta

from starlette.requests import HTTPConnection

from api.context import Surroundings
from domain.access.queries import actor_of
from domain.access.rules import read_token
from domain.kernel.actor import NOBODY, Actor
from domain.kernel.refusals import Unauthenticated

REMEMBERED = timedelta(seconds=5)
MOST_REMEMBERED = 10_000


class Doorkeeper:
    """Tells who is at the door by their token; keeps the last answers for a moment."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._known: OrderedDict[str, tuple[Actor, datetime]] = OrderedDict()

    async def actor(self, connection: HTTPConnection) -> Actor:
        """This will give who sends the request; NOBODY without a token. Raises Unauthenticated for a bad one."""
        return await self.bearer(connection.headers.get("authorization"))

    async def bearer(self, header: str | None) -> Actor:
        """This will give whom the words `Bearer …` speak for; NOBODY without any. Raises Unauthenticated."""
        if header is None:
            return NOBODY
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Send the token as `Authorization: Bearer …`.")
        at = self._surroundings.clock()
        known = self._known.get(token)
        if known is not None and at < known[1]:
            return known[0]
        return await self._ask(token, at)

    async def _ask(self, token: str, at: datetime) -> Actor:
        user_id, expires_at = read_token(token, self._surroundings.token_key, at=at)
        actor = await actor_of(user_id)
        if actor is None:
            self._known.pop(token, None)
            raise Unauthenticated("The user of this token may no longer sign in.")
        self._known[token] = (actor, min(at + REMEMBERED, expires_at))
        self._known.move_to_end(token)
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return actor
