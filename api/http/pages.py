"""The front page: our own files and nothing from elsewhere, under a strict content security policy."""

from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SITE = Path(__file__).parent / "site"
HEADERS = {
    b"content-security-policy": b"default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    b"x-content-type-options": b"nosniff",
    b"referrer-policy": b"no-referrer",
    b"cross-origin-opener-policy": b"same-origin",
}


async def front(_: Request) -> FileResponse:
    """This will give the front page: sign in, try a query, read the answer."""
    return FileResponse(SITE / "index.html")


PAGES: list[BaseRoute] = [Route("/", front), Mount("/site", StaticFiles(directory=SITE))]


class SecureHeaders:
    """Adds the headers that keep a browser from doing with our answers what it should not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS.items()]
            await send(message)

        await self._app(scope, receive, send_secured if scope["type"] == "http" else send)
