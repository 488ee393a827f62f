"""Who sends a request: the bearer token or API key read, its user looked up, and both remembered for a moment.

What somebody may no longer do, they can do nowhere after REMEMBERED seconds: a session that was ended, a key that was
revoked, a role that was taken away, a user who was deactivated. Sockets and streams ask again as often (`watch.py`).
"""

import re
from collections import OrderedDict
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import uuid4

from starlette.requests import HTTPConnection

from api.context import Surroundings
from domain.access.keys import note_use
from domain.access.queries import actor_by_key, actor_in
from domain.access.tokens import KEY_PREFIX, read_key, read_token
from domain.kernel.actor import HERE, NOBODY, Actor, Origin
from domain.kernel.refusals import Unauthenticated
from runtime.telemetry import request_id

REMEMBERED = timedelta(seconds=2)
MOST_REMEMBERED = 10_000
REQUEST_ID = "x-request-id"
_SOUND = re.compile(r"[A-Za-z0-9._-]{8,64}")


class Doorkeeper:
    """Tells who is at the door by their token or key; keeps the last answers for a moment."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._known: OrderedDict[str, tuple[Actor, datetime]] = OrderedDict()

    async def actor(self, connection: HTTPConnection) -> Actor:
        """This will give who sends the request, and by what way; NOBODY without a token. Raises Unauthenticated."""
        return await self.bearer(connection.headers.get("authorization"), origin_of(connection))

    async def bearer(self, header: str | None, origin: Origin = HERE) -> Actor:
        """This will give whom the words `Bearer …` speak for; NOBODY without any. Raises Unauthenticated."""
        request_id.set(origin.request_id)
        if header is None:
            return replace(NOBODY, origin=origin)
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise Unauthenticated("Send the token as `Authorization: Bearer …`.")
        at = self._surroundings.clock()
        known = self._known.get(token)
        actor = known[0] if known is not None and at < known[1] else await self._ask(token, at)
        way = replace(origin, session_id=actor.origin.session_id, key_id=actor.origin.key_id)
        return replace(actor, origin=way)

    async def _ask(self, token: str, at: datetime) -> Actor:
        self._known.pop(token, None)
        actor, until = await (self._by_key if token.startswith(f"{KEY_PREFIX}_") else self._by_session)(token, at)
        self._known[token] = (actor, min(at + REMEMBERED, until))
        if len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return actor

    async def _by_session(self, token: str, at: datetime) -> tuple[Actor, datetime]:
        bearer = read_token(token, self._surroundings.token_key, at=at)
        actor = await actor_in(bearer.session_id, bearer.user_id, at=at)
        if actor is None:
            raise Unauthenticated("The session of this token is over; sign in again with `login`.")
        return actor, bearer.expires_at

    async def _by_key(self, token: str, at: datetime) -> tuple[Actor, datetime]:
        parts = read_key(token)
        holder = parts and await actor_by_key(*parts, at=at)
        if parts is None or not holder:
            raise Unauthenticated("This API key is none of ours, has expired or was revoked; make another.")
        await note_use(parts[0], at=at)
        return holder.actor, holder.expires_at


def origin_of(connection: HTTPConnection) -> Origin:
    """This will tell by what way a request comes: its client's address, and its `X-Request-Id`, or one of our own."""
    given = connection.headers.get(REQUEST_ID, "")
    identity = given if _SOUND.fullmatch(given) else uuid4().hex
    return Origin(address=connection.client.host if connection.client else None, request_id=identity)
