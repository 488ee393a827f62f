"""Tokens: what a caller shows to be let in, how they are made and read.

Access tokens are JSON Web Tokens (RFC 7519) signed with Ed25519 (EdDSA, RFC 8037), the algorithm, issuer and audience
pinned; they name the user and the session. Links and states of single sign-on are tokens of other audiences. Refresh
tokens and API keys are 256 random bits, of which the database keeps a digest.
"""

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from domain.kernel.refusals import Unauthenticated
from domain.kernel.seals import SealKeys

ISSUER = "salesloop"
API, LINK, STATE = "salesloop-api", "salesloop-link", "salesloop-state"
"""The audiences: whom a token is for. One that is for the other is no good."""
KEY_PREFIX = "slk"
SECRET_BYTES = 32
NOT_OURS = "The bearer token is not one of ours; sign in again with `login`."
EXPIRED = "The bearer token has expired; renew it with `sessionRenew`, or sign in again with `login`."


@dataclass(frozen=True)
class TokenKey:
    """The Ed25519 key that tokens are signed with, how long an access token lives, and the keys that were used before.

    Tokens that were signed with a former key are good until they expire: so keys can be changed without a gap.
    """

    private: Ed25519PrivateKey
    lifetime: timedelta
    former: Sequence[Ed25519PrivateKey] = ()

    @cached_property
    def public(self) -> Mapping[str, Ed25519PublicKey]:
        """The keys that are good to check a signature, by name."""
        return {name_of(key): key for key in (each.public_key() for each in (self.private, *self.former))}

    @cached_property
    def seeds(self) -> list[bytes]:
        """What other keys of the house are derived from, that of today first."""
        return [each.private_bytes_raw() for each in (self.private, *self.former)]

    @cached_property
    def seal_keys(self) -> SealKeys:
        """The secrets that the event log is sealed with, by the names of the keys that they are derived from."""
        named = zip(self.public, self.seeds, strict=True)
        return SealKeys(self.name, {name: derived(seed, b"salesloop seals") for name, seed in named})

    @cached_property
    def name(self) -> str:
        """What tokens call the key that they are signed with."""
        return name_of(self.private.public_key())


@dataclass(frozen=True, slots=True)
class Token:
    """What a caller sends as `Authorization: Bearer …`, and until when it is good (UTC)."""

    text: str
    expires_at: datetime


class State(NamedTuple):
    """What goes with somebody through the provider that they sign in by, and comes back: which way it was begun, where
    it leads back to, and a digest of what only the client that began it has. Until when it is good, too."""

    id: UUID
    redirect_uri: str
    verifier_digest: str
    expires_at: datetime


class Bearer(NamedTuple):
    """Whom an access token speaks for, by which session, and until when."""

    user_id: UUID
    session_id: UUID
    expires_at: datetime


def derived(seed: bytes, purpose: bytes) -> bytes:
    """This will derive a secret of 256 bits for a purpose from a key of the house (HKDF, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=purpose).derive(seed)


def name_of(key: Ed25519PublicKey) -> str:
    """This will name a key by a digest of it."""
    return hashlib.sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()[:16]


def sign_token(user_id: UUID, session_id: UUID, key: TokenKey, *, at: datetime) -> Token:
    """This will make a token that says who its bearer is, and by which session, until it expires."""
    return _signed({"sub": user_id.hex, "sid": session_id.hex}, API, key, at=at, until=at + key.lifetime)


def read_token(text: str, key: TokenKey, *, at: datetime) -> Bearer:
    """This will say whose token it is. Raises Unauthenticated, saying why."""
    claims, expires_at = _read(text, API, key, "sid")
    if at >= expires_at:
        raise Unauthenticated(EXPIRED)
    return Bearer(UUID(hex=claims["sub"]), UUID(hex=claims["sid"]), expires_at)


def sign_link(link_id: UUID, key: TokenKey, *, at: datetime, until: datetime) -> Token:
    """This will make the token of a link that is mailed to somebody."""
    return _signed({"sub": link_id.hex}, LINK, key, at=at, until=until)


def read_link(text: str, key: TokenKey, *, at: datetime) -> UUID | None:
    """This will say which link a token is of; None where it is none, or has expired."""
    try:
        claims, expires_at = _read(text, LINK, key)
    except Unauthenticated:
        return None
    return UUID(hex=claims["sub"]) if at < expires_at else None


def sign_state(state: State, key: TokenKey, *, at: datetime) -> str:
    """This will write a state of single sign-on so that nobody can change it on its way."""
    said = {"sub": state.id.hex, "uri": state.redirect_uri, "dig": state.verifier_digest}
    return _signed(said, STATE, key, at=at, until=state.expires_at).text


def read_state(text: str, key: TokenKey, *, at: datetime) -> State | None:
    """This will read a state of single sign-on; None where it is none of ours, or has expired."""
    try:
        claims, expires_at = _read(text, STATE, key)
    except Unauthenticated:
        return None
    state = State(UUID(hex=claims["sub"]), claims["uri"], claims["dig"], expires_at)
    return state if at < expires_at else None


def new_secret() -> str:
    """This will make 256 random bits as text that URLs can carry."""
    return secrets.token_urlsafe(SECRET_BYTES)


def digest_of(secret: str) -> str:
    """This will give what is kept of a random secret: as it cannot be guessed, one round of SHA-256 is enough."""
    return hashlib.sha256(secret.encode(errors="surrogatepass")).hexdigest()


def write_key(key_id: UUID, secret: str) -> str:
    """This will write an API key as its owner keeps it."""
    return f"{KEY_PREFIX}_{key_id.hex}_{secret}"


def read_key(text: str) -> tuple[UUID, str] | None:
    """This will read which API key it is, and its secret; None where the text is none."""
    prefix, _, rest = text.partition("_")
    name, _, secret = rest.partition("_")
    try:
        return (UUID(hex=name), secret) if prefix == KEY_PREFIX and len(name) == 32 and secret else None
    except ValueError:
        return None


def _signed(claims: Mapping[str, str], audience: str, key: TokenKey, *, at: datetime, until: datetime) -> Token:
    expires_at = until.replace(microsecond=0)
    said = {**claims, "iss": ISSUER, "aud": audience, "iat": at, "exp": expires_at}
    return Token(jwt.encode(said, key.private, algorithm="EdDSA", headers={"kid": key.name}), expires_at)


def _read(text: str, audience: str, key: TokenKey, *more: str) -> tuple[dict[str, Any], datetime]:
    """What a token says, and until when it is good. Raises Unauthenticated where it is not one of ours."""
    try:
        named = key.public.get(jwt.get_unverified_header(text).get("kid", ""))
        if named is None:
            raise Unauthenticated(NOT_OURS)
        claims: dict[str, Any] = jwt.decode(
            text,
            named,
            algorithms=["EdDSA"],
            audience=audience,
            issuer=ISSUER,
            options={"require": ["sub", "exp", "iat", *more], "verify_exp": False, "verify_iat": False},
        )
        for name in ("sub", *more):
            UUID(hex=claims[name])
        expires_at = datetime.fromtimestamp(claims["exp"], UTC)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError, AttributeError):
        raise Unauthenticated(NOT_OURS) from None
    return claims, expires_at
