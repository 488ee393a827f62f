"""GraphQL over server-sent events, "distinct connections mode": an operation a request, an answer an event.

The id of each event is that of the log, so a browser's EventSource resumes by itself, with `Last-Event-ID`. What is
wrong with an operation is told in the stream, as the protocol asks; what is wrong with the request, by its status.
"""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import ExitStack, aclosing, suppress
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send

from api.context import Surroundings
from api.graph.subscriptions import Asked, Message, Subscriptions, answer_of
from api.http.accept import EVENT_STREAM
from api.http.auth import Doorkeeper
from api.http.bodies import BadRequest
from api.http.caching import NOT_KEPT
from api.http.deadline import Deadline, Deadlines
from api.http.lines import Lines, TooManyLines
from api.http.refusals import refused
from api.http.watch import OVER, Watch
from domain.kernel.actor import Actor
from domain.kernel.refusals import Unauthenticated
from runtime.outages import OUTAGES

HEADERS = {**NOT_KEPT, "X-Accel-Buffering": "no"}
STILL_HERE = b":\n\n"
COMPLETE = b"event: complete\ndata:\n\n"


class EventStreams:
    """Answers operations by streams of events, each counted as a line of its user."""

    def __init__(
        self,
        surroundings: Surroundings,
        doorkeeper: Doorkeeper,
        subscriptions: Subscriptions,
        lines: Lines,
        watch: Watch,
    ) -> None:
        self._surroundings = surroundings
        self._doorkeeper = doorkeeper
        self._subscriptions = subscriptions
        self._lines = lines
        self._watch = watch
        self._deadlines = Deadlines(surroundings.settings.request_timeout_seconds)

    async def answer(self, request: Request, actor: Actor, parameters: dict[str, Any]) -> Response:
        """This will begin a stream; a request that is one too many gets 503 for the process, 429 for the user."""
        address = request.client.host if request.client else ""
        held = ExitStack()
        try:
            held.enter_context(self._lines.line())
        except TooManyLines as error:
            return refused(BadRequest(503, "TOO_MANY_CONNECTIONS", str(error)))
        try:
            held.enter_context(self._lines.of(actor, address))
        except TooManyLines as error:
            held.close()
            return refused(BadRequest(429, "TOO_MANY_CONNECTIONS", str(error)))
        events = self._events(request, actor, parameters, address)
        return EventStream(events, held, self._surroundings.settings.live_send_seconds)

    async def _events(
        self, request: Request, actor: Actor, parameters: dict[str, Any], address: str
    ) -> AsyncGenerator[bytes, None]:
        yield STILL_HERE
        try:
            text = await self._surroundings.stored.text(parameters, actor)
            asked = Asked(text, parameters.get("operationName") or None, parameters.get("variables") or {}, address)
            if not self._subscriptions.subscribes(asked, actor):
                yield _event(await self._single(request, actor, asked))
            else:
                async for event in self._followed(request, actor, asked):
                    yield event
                if self._lines.leaving.is_set():
                    return  # without an end, so that the client resumes
        except Exception as error:
            yield _event(Message(None, answer_of(error).body))
        yield COMPLETE

    async def _followed(self, request: Request, actor: Actor, asked: Asked) -> AsyncGenerator[bytes, None]:
        """The events of a subscription; where there are none for a while, a comment, and a look at who is there."""

        async def authorise() -> Actor:
            return await self._doorkeeper.actor(request)

        source = self._subscriptions.follow(asked, authorise, request.headers.get("last-event-id"))
        seconds = self._surroundings.settings.live_keepalive_seconds
        with self._watch.over(actor) as over:
            async with aclosing(source), aclosing(_paced(source, seconds, self._lines.leaving, over)) as paced:
                async for message in paced:
                    if message is None:
                        with suppress(*OUTAGES):
                            await authorise()
                    yield _event(message) if message else STILL_HERE

    async def _single(self, request: Request, actor: Actor, asked: Asked) -> Message:
        with Deadline(self._deadlines):
            answer = await self._surroundings.engine.run(
                asked.text,
                operation_name=asked.operation_name,
                variables=asked.variables or {},
                actor=actor,
                at=self._surroundings.clock(),
                address=asked.address,
                surroundings=self._surroundings,
                read_only=request.method != "POST",
            )
        return Message(None, answer.body)


class EventStream(Response):
    """A response that gives up a client who takes nothing for some seconds, and lets go of its line at the end.

    Starlette's own would cut the work short at every await of its clearing up.
    """

    def __init__(self, events: AsyncGenerator[bytes, None], held: ExitStack, send_seconds: float) -> None:
        super().__init__(None, headers=HEADERS, media_type=EVENT_STREAM)
        del self.headers["content-length"]
        self._events, self._held, self._send_seconds = events, held, send_seconds

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """This will send the events as they come, until there are no more or the client goes away."""
        sending = asyncio.ensure_future(self._send_all(send))
        leaving = asyncio.ensure_future(_gone(receive))
        try:
            await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sending.cancel()
            leaving.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
            await self._events.aclose()
            self._held.close()

    async def _send_all(self, send: Send) -> None:
        async def soon(message: dict[str, Any]) -> None:
            async with asyncio.timeout(self._send_seconds):
                await send(message)

        await soon({"type": "http.response.start", "status": 200, "headers": self.raw_headers})
        async for event in self._events:
            await soon({"type": "http.response.body", "body": event, "more_body": True})
        await soon({"type": "http.response.body", "body": b"", "more_body": False})


async def _gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


async def _paced(
    source: AsyncGenerator[Message, None], seconds: float, leaving: asyncio.Event, over: asyncio.Event
) -> AsyncGenerator[Message | None, None]:
    """What a source gives, and None where it gives nothing for so long; it ends when the process leaves.

    Raises Unauthenticated once whoever listens is signed in no more.
    """
    left: asyncio.Future[Any] = asyncio.ensure_future(leaving.wait())
    ended: asyncio.Future[Any] = asyncio.ensure_future(over.wait())
    coming: asyncio.Future[Any] = asyncio.ensure_future(anext(source, None))
    try:
        while not left.done():
            await asyncio.wait({coming, left, ended}, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
            if ended.done():
                raise Unauthenticated(OVER)
            if not coming.done():
                yield None
            elif (message := coming.result()) is None:
                return
            else:
                yield message
                coming = asyncio.ensure_future(anext(source, None))
    finally:
        coming.cancel()
        left.cancel()
        ended.cancel()
        await asyncio.gather(coming, left, ended, return_exceptions=True)


def _event(message: Message) -> bytes:
    """An event as it is sent; JSON as we write it holds no line break."""
    place = f"id: {message.id}\n".encode() if message.id else b""
    return b"%bevent: next\ndata: %b\n\n" % (place, message.body)
