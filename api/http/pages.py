"""The front page and the page to choose a password on: our own files, nothing from elsewhere, under a strict policy."""

from pathlib import Path
from string import Template

from starlette.requests import Request
from starlette.responses import HTMLResponse
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
VARY = (b"vary", b"Accept-Encoding")
"""Goes beside what an answer says itself, as any may be compressed."""
ALL = (*HEADERS.items(), VARY)
IDE = ' All of it, with more examples and suggestions, is at <a href="/graphiql">GraphiQL</a>.'


def pages(*, with_ide: bool) -> list[BaseRoute]:
    """This will give the routes of the front page, which names GraphiQL where there is one."""
    page = Template((SITE / "index.html").read_text()).substitute(ide=IDE if with_ide else "")

    async def front(_: Request) -> HTMLResponse:
        """This will give the front page: sign in, try a query, read the answer."""
        return HTMLResponse(page)

    choosing = (SITE / "password.html").read_text()

    async def password(_: Request) -> HTMLResponse:
        """This will give the page on which a password is chosen, by a link that was mailed."""
        return HTMLResponse(choosing, headers={"Cache-Control": "no-store"})

    return [Route("/", front), Route("/password", password), Mount("/site", StaticFiles(directory=SITE))]


class SecureHeaders:
    """Adds the headers that keep a browser from doing with our answers what it should not; an answer's own go first."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secured(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                added = ALL if own.isdisjoint(HEADERS) else [each for each in ALL if each[0] not in own or each is VARY]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        await self._app(scope, receive, send_secured if scope["type"] == "http" else send)
