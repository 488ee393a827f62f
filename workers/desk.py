"""Where a worker can be asked how it is: /health, /ready and /metrics, over HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager

import uvicorn
from prometheus_client import CONTENT_TYPE_LATEST
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from runtime.outages import OUTAGES
from workers.measures import exposition
from workers.parts import Part

STOP_SECONDS = 2


class Server(uvicorn.Server):
    """Leaves the signals to the worker."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """This will capture none."""
        yield


def desk(parts: Sequence[Part]) -> Starlette:
    """This will make the application. A worker is ready where none of its parts is cut off or fails."""

    async def health(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def ready(_: Request) -> Response:
        troubled = {part.name: part.trouble for part in parts if part.trouble}
        if troubled:
            return JSONResponse({"status": "unavailable", "troubled": troubled}, 503)
        return JSONResponse({"status": "ok"})

    async def metrics(_: Request) -> Response:
        try:
            return Response(await exposition(), media_type=CONTENT_TYPE_LATEST)
        except OUTAGES:
            return JSONResponse({"status": "unavailable", "waiting_for": "database"}, 503)

    return Starlette(routes=[Route("/health", health), Route("/ready", ready), Route("/metrics", metrics)])


@asynccontextmanager
async def open_desk(place: socket.socket | None, parts: Sequence[Part]) -> AsyncIterator[None]:
    """This will answer there for the length of the block; nowhere where there is no place."""
    if place is None:
        yield
        return
    config = uvicorn.Config(
        desk(parts), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=STOP_SECONDS,
        server_header=False, ws="none",
    )  # fmt: skip
    server = Server(config)
    serving = asyncio.create_task(server.serve([place]))
    try:
        yield
    finally:
        server.should_exit = True
        await asyncio.gather(serving, return_exceptions=True)
