"""GraphiQL at `/graphiql`, of our own files: the page, its assets, its examples, and who is signed in unasked.

The page asks for nothing of the schema before somebody is signed in, and the examples, which tell of it too, want a
token like everything else. In development the page signs in the demo user, but only for a browser on this very
machine: the client's address and the `Host` that it asked for must be loopback ones (a name that was rebound to
127.0.0.1 is not), nothing may have been forwarded, and the `Origin` must be this page's own.

The policy lets GraphiQL do what it needs and nothing else: scripts and requests of this origin, styles of this origin
and those that bear the page's nonce (dialogs lock the scrolling with one), images of this origin and inline ones
(the marks beside a faulty line).
"""

import gzip
import re
import secrets
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from ipaddress import IPv6Address, ip_address
from pathlib import Path
from string import Template

import orjson
from anyio import to_thread
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.routing import BaseRoute, Route

from api.context import Surroundings
from api.http.auth import Doorkeeper, origin_of
from api.http.bodies import BadRequest
from api.http.compression import asks_for_gzip
from api.http.examples import Examples
from api.http.refusals import refused
from domain.access.queries import user_named
from domain.access.sessions import Way, sign_in
from domain.kernel.refusals import Forbidden

HOUSE = Path(__file__).parent / "ide"
BUILT = HOUSE / "built"
MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".txt": "text/plain"}
UNASKED = timedelta(minutes=10)
POLICY = Template(
    "default-src 'none'; script-src 'self'; style-src 'self' 'nonce-$nonce'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HOST = re.compile(r"(?P<name>\[[0-9a-f:]+\]|[0-9a-z.-]+)(:[0-9]+)?")
FORWARDED = ("forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip")
NOT_KEPT = {"Cache-Control": "no-store"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A built file as it is sent, plain and packed; its name changes with its content."""

    plain: bytes
    packed: bytes
    media_type: str

    def answer(self, request: Request, name: str) -> Response:
        """This will send it, or say that the browser has it already."""
        packs = asks_for_gzip(request.scope["headers"])
        tag = f'"{name}{"-gzip" if packs else ""}"'
        headers = {"Cache-Control": "public, max-age=31536000, immutable", "ETag": tag}
        if tag in (known.strip() for known in request.headers.get("if-none-match", "").split(",")):
            return Response(status_code=304, headers=headers)
        if packs:
            headers["Content-Encoding"] = "gzip"
        return Response(self.packed if packs else self.plain, 200, headers, self.media_type)


class Ide:
    """The routes of GraphiQL."""

    def __init__(self, surroundings: Surroundings, doorkeeper: Doorkeeper) -> None:
        self._surroundings = surroundings
        self._doorkeeper = doorkeeper
        self._examples = Examples(HOUSE, surroundings)
        self._names = frozenset(path.name for path in BUILT.iterdir() if path.suffix in MEDIA_TYPES)
        self._page = Template((HOUSE / "index.html").read_text()).safe_substitute(
            script=self._named("main", ".js"), style=self._named("main", ".css")
        )

    def routes(self) -> list[BaseRoute]:
        """This will give the routes of the page and of all that belongs to it."""
        return [
            Route("/graphiql", self.page),
            Route("/graphiql/session", self.session, methods=["POST"]),
            Route("/graphiql/examples", self.examples),
            Route("/graphiql/{name:path}", self.asset),
        ]

    async def page(self, request: Request) -> Response:
        """This will give the page, with a nonce that is used once."""
        nonce = secrets.token_urlsafe(16)
        signs_in = "true" if self._is_here(request) else "false"
        headers = {"Content-Security-Policy": POLICY.substitute(nonce=nonce), **NOT_KEPT}
        return HTMLResponse(Template(self._page).substitute(nonce=nonce, signs_in=signs_in), headers=headers)

    async def session(self, request: Request) -> Response:
        """This will sign in the demo user in development, for the page on this machine; 204 where there is none."""
        if not (self._is_here(request) and _is_asked_by_the_page(request)):
            return refused(Forbidden("Nobody is signed in unasked but by this page, in development, on this machine."))
        user = await user_named(self._surroundings.settings.graphiql_email)
        if user is None:
            return Response(status_code=204, headers=NOT_KEPT)
        key = self._surroundings.token_key
        short = replace(key, lifetime=min(key.lifetime, UNASKED))
        at = self._surroundings.clock()
        signed = await sign_in(user, "GraphiQL", origin_of(request), way=Way.UNASKED, key=short, at=at)
        return JSONResponse({"email": user.email, "token": signed.access.text}, headers=NOT_KEPT)

    async def examples(self, request: Request) -> Response:
        """This will give the examples, with variables that fit what is in the database."""
        try:
            actor = await self._doorkeeper.actor(request)
            actor.must_be_known()
            found = await self._examples.filled(actor)
        except Exception as error:
            return refused(error)
        return Response(orjson.dumps({"examples": found}), 200, NOT_KEPT, "application/json")

    async def asset(self, request: Request) -> Response:
        """This will give a built file."""
        name = request.path_params["name"]
        if name not in self._names:
            return refused(BadRequest(404, "NOT_FOUND", "There is no such file."))
        return (await to_thread.run_sync(_asset, name)).answer(request, name)

    def _named(self, stem: str, suffix: str) -> str:
        (name,) = (name for name in self._names if name.startswith(f"{stem}-") and name.endswith(suffix))
        return name

    def _is_here(self, request: Request) -> bool:
        """Whether the demo user may be signed in for this client: in development, and both ends on this machine."""
        settings = self._surroundings.settings
        host = HOST.fullmatch(request.headers.get("host", ""))
        return (
            settings.environment == "development"
            and request.client is not None
            and _is_loopback(request.client.host)
            and host is not None
            and (host["name"] == "localhost" or _is_loopback(host["name"].strip("[]")))
            and not any(name in request.headers for name in FORWARDED)
        )


@cache
def _asset(name: str) -> Asset:
    plain = (BUILT / name).read_bytes()
    return Asset(plain, gzip.compress(plain, mtime=0), MEDIA_TYPES[Path(name).suffix])


def _is_loopback(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback


def _is_asked_by_the_page(request: Request) -> bool:
    """A browser names the origin with every POST, and a page cannot forge it; the newer ones say what it is to us."""
    own = f"{request.url.scheme}://{request.headers['host']}"
    return (
        request.headers.get("origin") == own and request.headers.get("sec-fetch-site", "same-origin") == "same-origin"
    )
