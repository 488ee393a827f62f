"""Law of access: what a login and a password must look like, and what a token says.

Passwords are hashed with Argon2id by OWASP's parameters (19 MiB, 2 passes, 1 lane). Tokens are JSON Web Tokens
(RFC 7519) signed with Ed25519 (EdDSA, RFC 8037), the algorithm, issuer and audience pinned.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import jwt
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.kernel.refusals import Invalid, Unauthenticated
from domain.kernel.text import clean_text

ISSUER = "salesloop"
AUDIENCE = "salesloop-api"
SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class TokenKey:
    """The Ed25519 key that tokens are signed with, and how long a token lives."""

    private: Ed25519PrivateKey
    lifetime: timedelta


@dataclass(frozen=True, slots=True)
class Token:
    """What a caller sends as `Authorization: Bearer …`, and until when it is good (UTC)."""

    text: str
    expires_at: datetime


def login_name(email: str) -> str:
    """This will give the form of an e-mail address that users are found by."""
    return email.strip().lower()


def check_password(password: str, *field: str) -> str:
    """This will return the password unchanged. Raises Invalid under 12 or over 256 characters."""
    if not SHORTEST_PASSWORD <= len(password) <= LONGEST_PASSWORD:
        raise Invalid(f"password must have {SHORTEST_PASSWORD} to {LONGEST_PASSWORD} characters.", *field)
    return clean_text(password, *field, longest=LONGEST_PASSWORD) and password


def hash_password(password: str) -> str:
    """This will give the Argon2id hash of a password, in the PHC string format; it takes tens of milliseconds."""
    return _hasher.hash(password)


NOBODYS_HASH = _hasher.hash("nobody has this password")
"""What a login with an unknown e-mail address is checked against, so that it takes as long as any other."""


def password_matches(password: str, hashed: str) -> bool:
    """This will tell whether the hash is that of the password; it takes tens of milliseconds."""
    try:
        return _hasher.verify(hashed, password)
    except (VerifyMismatchError, InvalidHashError):
        return False


def sign_token(user_id: UUID, key: TokenKey, *, at: datetime) -> Token:
    """This will make a token that says who its bearer is until it expires."""
    expires_at = (at + key.lifetime).replace(microsecond=0)
    claims = {"sub": user_id.hex, "iss": ISSUER, "aud": AUDIENCE, "iat": at, "exp": expires_at}
    return Token(jwt.encode(claims, key.private, algorithm="EdDSA"), expires_at)


def read_token(text: str, key: TokenKey, *, at: datetime) -> tuple[UUID, datetime]:
    """This will return whose token it is, and when it expires. Raises Unauthenticated, saying why."""
    try:
        claims: dict[str, Any] = jwt.decode(
            text,
            key.private.public_key(),
            algorithms=["EdDSA"],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={"require": ["sub", "exp", "iat"], "verify_exp": False, "verify_iat": False},
        )
        user_id, expires_at = UUID(hex=claims["sub"]), datetime.fromtimestamp(claims["exp"], UTC)
    except (jwt.InvalidTokenError, ValueError, TypeError, OverflowError, OSError):
        raise Unauthenticated("The bearer token is not one of ours; sign in again with `login`.") from None
    if at >= expires_at:
        raise Unauthenticated("The bearer token has expired; sign in again with `login`.")
    return user_id, expires_at
