"""Limits of HTTP which uvicorn lacks: it keeps a connection that never finishes its headers or body for ever.

Who is too slow, or sends too many headers, is told so where HTTP still permits it: where a request has begun, and no
answer to it has. And a word in time: when the server stops, it waits for answers that never end, and the application
is not told.
"""

import asyncio
import json
from asyncio import TimerHandle
from http import HTTPStatus
from typing import Any, NamedTuple

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LEAVE = "leave"
"""The key, in the state of the application's lifespan, of what to call when the server begins to stop."""
PATIENCE = "patience"
"""The key of the limits of a connection there."""


class Patience(NamedTuple):
    """When the headers must be whole, how long a body may pause, both in seconds, and how long headers may be."""

    header_seconds: float = 10
    body_seconds: float = 30
    header_bytes: int = 65_536


class TimedHttp(HttpToolsProtocol):
    """HTTP/1.1 where headers must be whole in time, and a body may not pause for long."""

    _patience = Patience()
    _until: float | None = None
    """When what is expected must have come, by the loop's clock; None while nothing is."""
    _timer: TimerHandle | None = None
    """Looks whether it has: one for many requests, as a timer for each step of each takes as long as the parser."""
    _looks_at = 0.0
    _heading: int | None = None
    """How many bytes of headers have come, while they do."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._patience = self.app_state.get(PATIENCE, self._patience)
        self._expect(self._patience.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        if self._timer is not None:
            self._timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_between_requests() and self._until is None:
            self._expect(self._patience.header_seconds)
        super().data_received(data)
        if self._heading is not None and not self.transport.is_closing():
            self._heading += len(data)
            if self._heading > (allowed := self._patience.header_bytes):
                message = f"The headers are over {allowed} bytes, the most that is taken."
                self._refuse(431, message, code="HEADERS_TOO_LARGE", requested=self._heading, allowed=allowed)

    def send_400_response(self, msg: str) -> None:
        self._refuse(400, msg, code="BAD_REQUEST")

    def shutdown(self) -> None:
        if leave := self.app_state.get(LEAVE):
            leave()
        super().shutdown()

    def handle_websocket_upgrade(self) -> None:
        self._rest()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._heading = 0
        self._expect(self._patience.header_seconds)

    def on_headers_complete(self) -> None:
        self._heading = None
        super().on_headers_complete()
        self._expect(self._patience.body_seconds)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        if not self._is_between_requests():  # who has been answered already is not heard out
            self._expect(self._patience.body_seconds)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._rest()

    def _is_between_requests(self) -> bool:
        return self.cycle is None or self.cycle.response_complete

    def _expect(self, seconds: float) -> None:
        self._until = self.loop.time() + seconds
        if self._timer is None or self._until < self._looks_at:
            self._look_at(self._until)

    def _rest(self) -> None:
        self._until = None

    def _look_at(self, moment: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer, self._looks_at = self.loop.call_at(moment, self._look), moment

    def _look(self) -> None:
        self._timer = None
        if self._until is None:
            return
        if self.loop.time() < self._until:
            self._look_at(self._until)
        else:
            self._too_late()

    def _too_late(self) -> None:
        """Where the application is what is slow (reading is paused for it), the client is given more time."""
        if self.flow.read_paused:
            self._expect(self._patience.body_seconds)
            return
        self._rest()
        if self._heading is not None:
            allowed = self._patience.header_seconds
            message = f"The headers were not whole after {allowed:g} s."
            self._refuse(408, message, code="TIMEOUT", limit="header_seconds", allowed=allowed)
        elif not self._is_between_requests():
            allowed = self._patience.body_seconds
            message = f"The body paused for more than {allowed:g} s."
            self._refuse(408, message, code="TIMEOUT", limit="body_seconds", allowed=allowed)
        else:
            self.transport.close()

    def _refuse(self, status: int, message: str, **extensions: Any) -> None:
        """Tells what is wrong, unless an answer is on its way already, and hangs up."""
        cycle = self.cycle
        waits = cycle is not None and cycle.more_body and not cycle.response_started and not self.pipeline
        if waits or self._is_between_requests():
            body = json.dumps({"errors": [{"message": message, "extensions": extensions}]}).encode()
            self.transport.write(
                b"HTTP/1.1 %d %b\r\ncontent-type: application/json\r\ncontent-length: %d\r\nconnection: close\r\n\r\n%b"
                % (status, HTTPStatus(status).phrase.encode(), len(body), body)
            )
        if cycle is not None and not cycle.response_complete:
            cycle.disconnected = True
            cycle.message_event.set()
        self.transport.close()
