"""Time limits for HTTP which uvicorn lacks: it keeps a connection that never finishes its headers or body for ever.

And a word in time: when the server stops, it waits for answers that never end, and the application is not told.
"""

import asyncio
from asyncio import TimerHandle

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

LEAVE = "leave"
"""The key, in the state of the application's lifespan, of what to call when the server begins to stop."""


class TimedHttp(HttpToolsProtocol):
    """HTTP/1.1 where headers must be whole within 10 s, and a body may not pause for more than 30 s."""

    header_seconds: float = 10
    body_seconds: float = 30
    _deadline: TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect(self.header_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        self._rest()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        between_requests = self.cycle is None or self.cycle.response_complete
        if between_requests and self._deadline is None:
            self._expect(self.header_seconds)
        super().data_received(data)

    def shutdown(self) -> None:
        if leave := self.app_state.get(LEAVE):
            leave()
        super().shutdown()

    def handle_websocket_upgrade(self) -> None:
        self._rest()
        super().handle_websocket_upgrade()

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._expect(self.header_seconds)

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._expect(self.body_seconds)

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._expect(self.body_seconds)

    def on_message_complete(self) -> None:
        super().on_message_complete()
        self._rest()

    def _expect(self, seconds: float) -> None:
        self._rest()
        self._deadline = self.loop.call_later(seconds, self._too_late)

    def _rest(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _too_late(self) -> None:
        """Where the application is what is slow (reading is paused for it), the client is given more time."""
        if self.flow.read_paused:
            self._expect(self.body_seconds)
        else:
            self._deadline = None
            self.transport.close()
