"""The provider that vouches for people by OpenID Connect: where it is found, its keys, and codes turned into who it is.

The authorization code flow with PKCE (RFC 7636, S256) and a nonce, by OpenID Connect Core 1.0 and Discovery 1.0; the
`iss` of the answer by RFC 9207. Only signatures with asymmetric keys are taken, never `none` nor a shared secret. What
the provider says of itself and its keys are kept for an hour; a key that is not known is looked for at once, though not
more often than every half minute. Whoever waits for a provider that has just failed is told so without asking again.
"""

import asyncio
import logging
import warnings
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar
from urllib.parse import quote_plus, urlsplit

import httpx2
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from authlib.oidc.core import CodeIDToken
from joserfc import jws, jwt
from joserfc.errors import JoseError, SecurityWarning
from joserfc.jwk import Key, import_key

from runtime.addresses import is_secure, listed
from runtime.bounded_http import HEADERS, TIMEOUTS, BoundedTransport
from runtime.settings import Settings
from runtime.vouching import Errand, NotVouched, ProviderAway, Vouched

log = logging.getLogger("salesloop.openid")
SCOPE = "openid email profile"
DISCOVERY = "/.well-known/openid-configuration"
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
ALGORITHMS = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384", "ES512"), "EC"),
    "Ed25519": "OKP",
}
"""The algorithms that a signature may have, and the type of key that each goes with."""
CLOCK_DRIFT_SECONDS = 60
KEPT = timedelta(hours=1)
PAUSE_AFTER_FAILURE = timedelta(seconds=5)
PAUSE_OF_NEW_KEYS = timedelta(seconds=30)
PATIENCE_SECONDS = 10
LONGEST_CLAIM = 255
LONGEST_CODE = 4096
Value = TypeVar("Value")
Claims = Mapping[str, Any]


class OpenidProvider:
    """The provider of the settings, as long as the process lives."""

    def __init__(self, settings: Settings) -> None:
        self.issuer, self.name = settings.oidc_issuer, settings.oidc_name
        self.redirect_uris: Collection[str] = frozenset(listed(settings.oidc_redirect_uris))
        self._client_id = settings.oidc_client_id
        self._secret = settings.oidc_client_secret and settings.oidc_client_secret.get_secret_value()
        self._transport = BoundedTransport()
        self._http = httpx2.AsyncClient(transport=self._transport, timeout=TIMEOUTS, headers=HEADERS)
        self._metadata = _Kept(self._discovered)
        self._keys = _Kept(self._read_keys)

    async def authorization_url(self, errand: Errand, state: str, *, at: datetime) -> str:
        """This will give the address at the provider where somebody signs in. Raises ProviderAway."""
        metadata = await _patiently(self._metadata.get(at))
        url, _ = self._client(metadata, errand).create_authorization_url(
            metadata["authorization_endpoint"], state=state, nonce=errand.nonce, code_verifier=errand.code_verifier
        )
        return str(url)

    async def vouched(self, code: str, errand: Errand, issuer: str | None, *, at: datetime) -> Vouched:
        """This will turn a code into whom the provider vouches for; `issuer` is the answer's `iss`, where it had one.

        Raises ProviderAway, NotVouched.
        """
        return await _patiently(self._vouched(code, errand, issuer, at))

    async def close(self) -> None:
        """This will let go of all connections."""
        await self._http.aclose()

    async def _vouched(self, code: str, errand: Errand, issuer: str | None, at: datetime) -> Vouched:
        if not (code.isascii() and code.isprintable() and 0 < len(code) <= LONGEST_CODE):
            raise NotVouched("the code is none")
        metadata = await self._metadata.get(at)
        wanted = metadata.get("authorization_response_iss_parameter_supported") is True
        if issuer != self.issuer and (wanted or issuer is not None):
            raise NotVouched("the answer is of another issuer")
        token = await self._token(metadata, code, errand)
        claims = await self._claims(token, errand.nonce, at)
        if "email" not in claims and "userinfo_endpoint" in metadata:
            claims = {**claims, **await self._said_beside(metadata, token, claims["sub"])}
        email = claims.get("email") if claims.get("email_verified") is True else None
        return Vouched(self.issuer, claims["sub"], _text(email), _text(claims.get("name")))

    async def _token(self, metadata: Claims, code: str, errand: Errand) -> Claims:
        """What the provider gives for a code."""
        client = self._client(metadata, errand)
        try:
            token: Claims = await client.fetch_token(
                metadata["token_endpoint"],
                grant_type="authorization_code",
                code=code,
                code_verifier=errand.code_verifier,
                redirect_uri=errand.redirect_uri,
                auth=self._basic(client.token_endpoint_auth_method),
            )
        except OAuthError as error:
            if error.error == "invalid_grant":
                raise NotVouched("the code is no good") from None
            log.error("the provider refuses us: %.40s; mind OIDC_CLIENT_ID and OIDC_CLIENT_SECRET", error.error)
            raise ProviderAway from None
        if not isinstance(token.get("id_token"), str):
            raise NotVouched("there is no ID token")
        return token

    async def _claims(self, token: Claims, nonce: str, at: datetime) -> Claims:
        """What the ID token says, once its signature and all its claims have been checked."""
        text = token["id_token"]
        header = _header(text)
        key = await self._key(header, at)
        wanted = {
            "iss": {"essential": True, "value": self.issuer},
            "aud": {"essential": True, "value": self._client_id},
            "sub": {"essential": True},
        }
        known: dict[str, Any] = {"nonce": nonce, "client_id": self._client_id}
        if key.key_type != "OKP":  # for which Authlib has no hash of the access token
            known["access_token"] = token.get("access_token")
        try:
            read = jwt.decode(text, key, algorithms=list(ALGORITHMS))
            CodeIDToken(read.claims, read.header, wanted, known).validate(int(at.timestamp()), CLOCK_DRIFT_SECONDS)
        except (JoseError, ValueError, TypeError, AttributeError, RecursionError, OverflowError) as error:
            raise NotVouched(f"the ID token does not hold: {type(error).__name__}") from None
        if _text(read.claims["sub"]) is None:
            raise NotVouched("the subject is no name")
        return read.claims

    async def _key(self, header: Claims, at: datetime) -> Key:
        """The one key that a signature may be by. Raises NotVouched."""
        kind = ALGORITHMS.get(str(header.get("alg")))
        if kind is None:
            raise NotVouched("the signature is of a kind that is not taken")
        fitting = _fitting(await self._keys.get(at), kind, header)
        if not fitting:
            fitting = _fitting(await self._keys.renewed(at), kind, header)
        if len(fitting) != 1:
            raise NotVouched("the signature is by no key of the provider, or does not say by which")
        return fitting[0]

    async def _said_beside(self, metadata: Claims, token: Claims, subject: str) -> Claims:
        """What the provider says of somebody of whom the ID token says little. Raises NotVouched."""
        headers = {"authorization": f"Bearer {token.get('access_token')}"}
        said = await self._json(metadata["userinfo_endpoint"], headers)
        if said.get("sub") != subject:
            raise NotVouched("what is said is of somebody else")
        return {name: said[name] for name in ("email", "email_verified", "name") if name in said}

    async def _discovered(self, _: datetime) -> Claims:
        metadata = await self._json(self.issuer.rstrip("/") + DISCOVERY)
        if metadata.get("issuer") != self.issuer:
            raise ValueError("it calls itself otherwise than OIDC_ISSUER")
        named = [*ENDPOINTS, *(["userinfo_endpoint"] if "userinfo_endpoint" in metadata else [])]
        for name in named:
            if not isinstance(metadata.get(name), str) or not self._may_be_asked(metadata[name]):
                raise ValueError(f"{name} is missing, or no https:// address")
        return metadata

    def _may_be_asked(self, url: str) -> bool:
        return is_secure(url) and (url.startswith("https:") or not self.issuer.startswith("https:"))

    async def _read_keys(self, at: datetime) -> Sequence[Key]:
        said = (await self._json((await self._metadata.get(at))["jwks_uri"])).get("keys")
        if not isinstance(said, list):
            raise ValueError("it gives no keys")
        return [key for key in map(_key_of, said) if key is not None]

    async def _json(self, url: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        response = await self._http.get(url, headers=headers)
        if response.status_code != 200:
            raise ValueError(f"it answers {response.status_code} at {urlsplit(url).path}")
        said = response.json()
        if not isinstance(said, dict):
            raise ValueError("it answers no object")
        return said

    def _basic(self, method: str) -> httpx2.BasicAuth | None:
        """Our name and secret for a header, encoded as RFC 6749 has it in 2.3.1, which Authlib leaves out."""
        if method != "client_secret_basic" or not self._secret:
            return None
        return httpx2.BasicAuth(quote_plus(self._client_id), quote_plus(self._secret))

    def _client(self, metadata: Claims, errand: Errand) -> Any:
        """The client of one errand; all of them share the connections."""
        offered = metadata.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        by_secret = "client_secret_basic" if "client_secret_basic" in offered else "client_secret_post"
        return AsyncOAuth2Client(
            self._client_id,
            self._secret,
            token_endpoint_auth_method=by_secret if self._secret else "none",
            scope=SCOPE,
            redirect_uri=errand.redirect_uri,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=TIMEOUTS,
            headers=HEADERS,
        )


class _Kept(Generic[Value]):
    """What was read of the provider, for as long as it is fresh; one reads, and the others wait for it."""

    def __init__(self, read: Callable[[datetime], Awaitable[Value]]) -> None:
        self._read = read
        self._lock = asyncio.Lock()
        self._value: Value | None = None
        self._stale_at = self._pause_until = self._renewable_at = _LONG_AGO

    async def get(self, at: datetime) -> Value:
        """This will give what was read, or read it. Raises ProviderAway for a while after that has failed."""
        async with self._lock:
            if self._value is not None and at.timestamp() < self._stale_at:
                return self._value
            return await self._anew(at)

    async def renewed(self, at: datetime) -> Value:
        """This will read it again, unless that was done a moment ago."""
        async with self._lock:
            if self._value is not None and at.timestamp() < self._renewable_at:
                return self._value
            self._renewable_at = (at + PAUSE_OF_NEW_KEYS).timestamp()
            return await self._anew(at)

    async def _anew(self, at: datetime) -> Value:
        if at.timestamp() < self._pause_until:
            raise ProviderAway
        try:
            async with asyncio.timeout(PATIENCE_SECONDS / 2):
                value = await self._read(at)
        except Exception:  # who goes away meanwhile is no failure of the provider's
            self._pause_until = (at + PAUSE_AFTER_FAILURE).timestamp()
            raise
        self._value, self._stale_at = value, (at + KEPT).timestamp()
        return value


_LONG_AGO = float("-inf")


async def _patiently(work: Awaitable[Value]) -> Value:
    """Waits for the provider so long; whatever it does wrong means that it is away. Raises ProviderAway, NotVouched."""
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await work
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError, RecursionError) as error:
        log.warning("the OpenID provider fails: %s: %.200s", type(error).__name__, error)
        raise ProviderAway from None


def _header(text: str) -> Claims:
    try:
        return jws.extract_compact(text.encode()).protected
    except (JoseError, ValueError, TypeError, RecursionError):
        raise NotVouched("the ID token is none") from None


def _fitting(keys: Sequence[Key], kind: str, header: Claims) -> list[Key]:
    named = header.get("kid")
    return [key for key in keys if key.key_type == kind and (named is None or key.kid == named)]


def _key_of(said: Any) -> Key | None:
    """A key to check signatures with; None for another, and for one that is too weak."""
    if not isinstance(said, dict):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", SecurityWarning)
            key = import_key(said)
        return key if said.get("use", "sig") == "sig" and key.key_type in ALGORITHMS.values() else None
    except (JoseError, SecurityWarning, ValueError, TypeError, AttributeError):
        return None


def _text(value: Any) -> str | None:
    """The value, if it is text that can be kept."""
    return value if isinstance(value, str) and value.isprintable() and 0 < len(value) <= LONGEST_CLAIM else None
