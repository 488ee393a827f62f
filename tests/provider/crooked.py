"""A provider on this machine that does whatever a test wants it to, in the loop of the test."""

import asyncio
import base64
import hmac
import json
import time
import warnings
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import uvicorn
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc import jwt
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.waiting import eventually

CLIENT, SECRET = "salesloop", "a secret that is long enough to sign with"
Answer = Callable[[Request], Awaitable[Response]]


KEY, OTHER = (RSAKey.generate_key(2048, {"kid": kid, "use": "sig"}) for kid in ("one", "two"))


def weak_key(kid: str) -> RSAKey:
    """A key of 1024 bits, such as nobody should use any more."""
    made = rsa.generate_private_key(65537, 1024)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)
        return RSAKey.import_key(made, {"kid": kid, "use": "sig"})


@dataclass
class Crooked:
    """What it says of itself, the keys that it shows, its ID token, and answers of its own by path."""

    issuer: str
    metadata: dict[str, Any] = field(default_factory=dict)
    keys: list[dict[str, Any]] = field(default_factory=lambda: [KEY.as_dict(private=False)])
    token: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: Counter[str] = field(default_factory=Counter)
    sent: list[dict[str, Any]] = field(default_factory=list)

    def become_honest(self) -> None:
        """Forgets what a test wanted of it, and what it was asked."""
        vars(self).update(vars(Crooked(self.issuer)))

    def claims(self, authorization_url: str, **more: Any) -> dict[str, Any]:
        """What an honest ID token says for a way that was begun; what is None is left out."""
        nonce = parse_qs(urlsplit(authorization_url).query)["nonce"][0]
        now = int(time.time())
        said = {
            "iss": self.issuer, "aud": CLIENT, "sub": "r-17", "exp": now + 300, "iat": now, "nonce": nonce,
            "email": "rob@example.org", "email_verified": True,
        }  # fmt: skip
        return {name: value for name, value in (said | more).items() if value is not None}

    async def answer(self, request: Request) -> Response:
        path = request.url.path
        self.asked[path] += 1
        if path in self.answers:
            return await self.answers[path](request)
        if path == "/token":
            self.sent.append({**dict(request.headers), **dict(parse_qsl((await request.body()).decode()))})
            return JSONResponse({"access_token": "a", "token_type": "Bearer", **self.token})
        if path == "/jwks":
            return JSONResponse({"keys": self.keys})
        ends = {"authorization_endpoint": "/authorize", "token_endpoint": "/token", "jwks_uri": "/jwks"}
        said = {"issuer": self.issuer, **{name: self.issuer + end for name, end in ends.items()}, **self.metadata}
        return JSONResponse({name: value for name, value in said.items() if value is not None})


def signed(claims: dict[str, Any], key: RSAKey | ECKey | OctKey | OKPKey = KEY, alg: str = "RS256", **head: Any) -> str:
    """An ID token."""
    said = {"alg": alg, "kid": "one", **head}
    return jwt.encode({name: value for name, value in said.items() if value is not None}, claims, key, algorithms=[alg])


def encoded(value: Any) -> str:
    """A part of a token: JSON unless it is bytes already."""
    text = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(text).rstrip(b"=").decode()


def by_hand(head: Any, claims: Any, sign: Callable[[bytes], bytes] = lambda _: b"") -> str:
    """A token that no library would make."""
    text = f"{encoded(head)}.{encoded(claims)}"
    return f"{text}.{encoded(sign(text.encode()))}"


def by_key(text: bytes) -> bytes:
    """The signature of KEY, by RS256."""
    return KEY.private_key.sign(text, PKCS1v15(), SHA256())


def by_secret(secret: bytes) -> Callable[[bytes], bytes]:
    """The signature with a shared secret, by HS256."""
    return lambda text: hmac.digest(secret, text, "sha256")


@asynccontextmanager
async def crooked_provider() -> AsyncIterator[Crooked]:
    """One that runs for the length of the block."""
    crooked = Crooked("")
    routes = [Route("/{path:path}", crooked.answer, methods=["GET", "POST"])]
    config = uvicorn.Config(Starlette(routes=routes), port=0, log_level="critical", timeout_graceful_shutdown=0)
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())

    async def started() -> bool:
        return server.started

    await eventually(started)
    crooked.issuer = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    yield crooked
    server.should_exit = True
    await serving
