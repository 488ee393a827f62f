"""GraphQL over WebSocket by the protocol `graphql-transport-ws`, and by no other: any operation, many at a time.

A socket has one actor: the bearer token comes with `connection_init`, or in the header of the handshake. As no browser
sends either by itself, a page from elsewhere has nobody's rights. Who is at the other end is asked again at every
event and every few seconds; a token that no longer holds closes the socket with 4403, and its client may come again
with a fresh one. Nothing is kept for a client that is slow: it takes what comes at its own pace, and who takes nothing
at all for some seconds is let go.
"""

import asyncio
from contextlib import ExitStack, aclosing, suppress
from typing import Any

import orjson
from starlette.websockets import WebSocket, WebSocketDisconnect

from api.context import Surroundings
from api.graph.answers import Answer, refused
from api.graph.problems import Problem, of_exception
from api.graph.subscriptions import Asked, Subscriptions, answer_of
from api.http.auth import Doorkeeper, origin_of
from api.http.bodies import OF_DOCUMENTS, PARAMETERS, BadRequest
from api.http.deadline import Deadline, Deadlines
from api.http.lines import Lines, TooManyLines
from api.http.refusals import refused as denied
from api.http.watch import OVER, Watch
from domain.kernel.actor import NOBODY, Actor
from domain.kernel.refusals import Unauthenticated
from runtime.outages import OUTAGES

PROTOCOL = "graphql-transport-ws"
LONGEST_REASON = 120
TRY_AGAIN_LATER, POLICY, BROKEN = 1013, 1008, 1011


class Closed(Exception):
    """The socket is to be closed, with a code of the protocol and a reason."""

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code, self.reason = code, reason[:LONGEST_REASON]


class Sockets:
    """Takes WebSockets, each counted as a line of its user."""

    def __init__(
        self,
        surroundings: Surroundings,
        doorkeeper: Doorkeeper,
        subscriptions: Subscriptions,
        lines: Lines,
        watch: Watch,
    ) -> None:
        self.surroundings = surroundings
        self.doorkeeper = doorkeeper
        self.subscriptions = subscriptions
        self.lines = lines
        self.watch = watch
        self.deadlines = Deadlines(surroundings.settings.request_timeout_seconds)

    async def answer(self, websocket: WebSocket) -> None:
        """This will serve a socket until it is closed; one that is too many is answered by HTTP 503."""
        with ExitStack() as held:
            try:
                held.enter_context(self.lines.line())
            except TooManyLines as error:
                await websocket.send_denial_response(denied(BadRequest(503, "TOO_MANY_CONNECTIONS", str(error))))
                return
            if not self._may_come_from(websocket.headers.get("origin"), websocket.headers.get("host")):
                forbidden = BadRequest(403, "FORBIDDEN", "Pages of this origin may not connect; see ALLOWED_ORIGINS.")
                await websocket.send_denial_response(denied(forbidden))
                return
            if PROTOCOL not in websocket.scope["subprotocols"]:
                await websocket.accept()
                await websocket.close(4406, "Subprotocol not acceptable")
                return
            await websocket.accept(PROTOCOL)
            await Socket(self, websocket, held).serve()

    def _may_come_from(self, origin: str | None, host: str | None) -> bool:
        """Whether a browser's page may connect: one of our own, or of an origin that the settings name exactly."""
        return origin is None or origin.partition("://")[2] == host or origin in self.surroundings.settings.origins


class Socket:
    """One socket: who is at its other end, and the operations under way, by the ids that the client gave them."""

    def __init__(self, house: Sockets, websocket: WebSocket, held: ExitStack) -> None:
        self._house, self._websocket, self._held = house, websocket, held
        self._settings = house.surroundings.settings
        self._address = websocket.client.host if websocket.client else ""
        self._origin = origin_of(websocket)
        self._credentials: str | None = websocket.headers.get("authorization")
        self._actor = NOBODY
        self._was_begun = False
        self._is_known = asyncio.Event()
        self._over = asyncio.Event()
        self._operations: dict[str, asyncio.Task[None]] = {}
        self._end: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    async def serve(self) -> None:
        """This will read messages and keep watch, until either side closes the socket; then all of it ends."""
        tasks = [asyncio.ensure_future(self._read()), asyncio.ensure_future(self._watch())]
        try:
            await asyncio.wait([*tasks, self._end], return_when=asyncio.FIRST_COMPLETED)
            for done in filter(asyncio.Future.done, [*tasks, self._end]):
                done.result()
        except Closed as closed:
            await self._close(closed)
        except WebSocketDisconnect:
            pass
        except Exception as error:
            await self._close(Closed(BROKEN, of_exception(error).message))
        finally:
            ending = [*tasks, *self._operations.values()]
            self._end.cancel()
            for task in ending:
                task.cancel()
            await asyncio.gather(*ending, return_exceptions=True)

    async def _close(self, closed: Closed) -> None:
        with suppress(OSError, RuntimeError, WebSocketDisconnect):
            async with asyncio.timeout(self._settings.live_send_seconds):
                await self._websocket.close(closed.code, closed.reason)

    async def _read(self) -> None:
        """Raises Closed, and WebSocketDisconnect."""
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                raise WebSocketDisconnect(message.get("code", 1005))
            await self._take(_message(message.get("text")))

    async def _watch(self) -> None:
        """Raises Closed where nobody introduces themselves in time, or may not stay."""
        try:
            async with asyncio.timeout(self._settings.socket_init_seconds):
                await self._is_known.wait()
        except TimeoutError:
            raise Closed(4408, "Connection initialisation timeout") from None
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._settings.live_keepalive_seconds):
                    await self._over.wait()
            if self._over.is_set():
                raise Closed(4403, OVER)
            with suppress(*OUTAGES):
                await self._authorised()
            await self._send(b'{"type":"ping"}')

    async def _take(self, message: dict[str, Any]) -> None:
        match message:
            case {"type": "connection_init"}:
                await self._begin(message.get("payload"))
            case {"type": "ping"}:
                payload = message.get("payload")
                echo = b',"payload":' + orjson.dumps(payload) if payload is not None else b""
                await self._send(b'{"type":"pong"%b}' % echo)
            case {"type": "pong"}:
                pass
            case {"type": "subscribe", "id": str(id), "payload": dict(payload)} if id:
                await self._subscribe(id, payload)
            case {"type": "complete", "id": str(id)}:
                if task := self._operations.pop(id, None):
                    task.cancel()
            case _:
                raise Closed(4400, f"This is no message of {PROTOCOL}")

    async def _begin(self, payload: Any) -> None:
        if self._was_begun:
            raise Closed(4429, "Too many initialisation requests")
        self._was_begun = True
        if payload is not None and not isinstance(payload, dict):
            raise Closed(4400, "The payload of connection_init must be an object")
        given = [value for name, value in (payload or {}).items() if name.lower() == "authorization"]
        if given:
            self._credentials = str(given[0])
        try:
            self._actor = await self._authorised()
            self._held.enter_context(self._house.lines.of(self._actor, self._address))
            self._over = self._held.enter_context(self._house.watch.over(self._actor))
        except OUTAGES:
            raise Closed(TRY_AGAIN_LATER, "A server that this needs cannot be reached just now") from None
        except TooManyLines as error:
            raise Closed(TRY_AGAIN_LATER, str(error)) from None
        self._is_known.set()
        await self._send(b'{"type":"connection_ack"}')

    async def _authorised(self) -> Actor:
        """Who is at the other end, as they are now. Raises Closed, and OUTAGES."""
        try:
            return await self._house.doorkeeper.bearer(self._credentials, self._origin)
        except Unauthenticated as refusal:
            raise Closed(4403, refusal.message) from None

    async def _subscribe(self, id: str, payload: dict[str, Any]) -> None:
        if not self._is_known.is_set():
            raise Closed(4401, "Unauthorized")
        if id in self._operations:
            raise Closed(4409, f"Subscriber for {id} already exists")
        _check(payload)
        if len(self._operations) >= self._settings.operations_per_socket:
            await self._refuse(id)  # and reads nothing meanwhile
            return
        task = self._operations[id] = asyncio.create_task(self._operate(id, payload))
        task.add_done_callback(lambda done: self._done(id, done))

    def _done(self, id: str, task: asyncio.Task[None]) -> None:
        if self._operations.get(id) is task:
            del self._operations[id]
        if not task.cancelled() and (error := task.exception()) and not self._end.done():
            self._end.set_exception(error)

    async def _refuse(self, id: str) -> None:
        allowed = self._settings.operations_per_socket
        message = f"{allowed} operations are under way on this socket, the most that may be; complete one of them."
        problem = Problem(message, "TOO_MANY_OPERATIONS", requested=allowed + 1, allowed=allowed)
        await self._say_error(id, refused([problem], problem.code))

    async def _operate(self, id: str, payload: dict[str, Any]) -> None:
        """Raises Closed, and WebSocketDisconnect."""
        try:
            text = await self._house.surroundings.stored.text(payload, self._actor)
            asked = Asked(text, payload.get("operationName") or None, payload.get("variables") or {}, self._address)
            if self._house.subscriptions.subscribes(asked, self._actor):
                await self._follow(id, asked)
            else:
                answer = await self._single(asked)
                if not answer.executed:
                    await self._say_error(id, answer)
                    return
                await self._say_next(id, answer.body)
        except (Closed, WebSocketDisconnect):
            raise
        except Exception as error:
            await self._say_error(id, answer_of(error))
            return
        self._operations.pop(id, None)
        await self._send(b'{"id":%b,"type":"complete"}' % orjson.dumps(id))

    async def _follow(self, id: str, asked: Asked) -> None:
        async with aclosing(self._house.subscriptions.follow(asked, self._authorised)) as messages:
            async for message in messages:
                await self._say_next(id, message.body)

    async def _single(self, asked: Asked) -> Answer:
        with Deadline(self._house.deadlines):
            return await self._house.surroundings.engine.run(
                asked.text,
                operation_name=asked.operation_name,
                variables=asked.variables or {},
                actor=await self._authorised(),
                at=self._house.surroundings.clock(),
                address=self._address,
                surroundings=self._house.surroundings,
            )

    async def _say_next(self, id: str, body: bytes) -> None:
        await self._send(b'{"id":%b,"type":"next","payload":%b}' % (orjson.dumps(id), body))

    async def _say_error(self, id: str, answer: Answer) -> None:
        self._operations.pop(id, None)
        errors = orjson.dumps(orjson.loads(answer.body)["errors"])
        await self._send(b'{"id":%b,"type":"error","payload":%b}' % (orjson.dumps(id), errors))

    async def _send(self, text: bytes) -> None:
        """Raises Closed where the client takes nothing for too long."""
        try:
            async with asyncio.timeout(self._settings.live_send_seconds):
                await self._websocket.send_text(text.decode())
        except TimeoutError:
            raise Closed(POLICY, "Too slow: connect again, and resume after the last event you have") from None
        except RuntimeError:  # it is closed already
            raise WebSocketDisconnect(1006) from None


def _message(text: str | None) -> dict[str, Any]:
    try:
        message = orjson.loads(text or "")
    except orjson.JSONDecodeError:
        raise Closed(4400, "A message must be JSON text") from None
    if not isinstance(message, dict):
        raise Closed(4400, "A message must be a JSON object")
    return message


def _check(payload: dict[str, Any]) -> None:
    given = {name: payload[name] for name in PARAMETERS if payload.get(name) is not None}
    if not given.keys() & OF_DOCUMENTS or not all(isinstance(each, PARAMETERS[name]) for name, each in given.items()):
        raise Closed(4400, "The payload of subscribe needs a query; operationName and variables if there are any")
