"""Law of access: what users, roles, teams and passwords must look like, and when memberships overlap.

Passwords are hashed with Argon2id by OWASP's parameters (19 MiB, 2 passes, 1 lane).
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from domain.kernel.permissions import Grants
from domain.kernel.refusals import Invalid
from domain.kernel.text import check_email, clean_text

Check = Callable[..., Any]

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


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


def check_address(email: str, *field: str) -> str:
    """This will return an e-mail address in lower case. Raises Invalid where it is none."""
    address = check_email(email, *field)
    if address is None:
        raise Invalid("{field} is missing; it is what the user signs in with.", *field)
    return address


def check_ends(starts_at: datetime, ends_at: datetime | None, *field: str) -> datetime | None:
    """This will return when something ends that has begun. Raises Invalid where that is not after its beginning."""
    if ends_at is not None and ends_at <= starts_at:
        raise Invalid("{field} must lie after the beginning.", *field)
    return ends_at


def overlap(one: tuple[datetime, datetime | None], other: tuple[datetime, datetime | None]) -> bool:
    """This will say whether two half-open spans of time [from, to) have a moment in common; None is for ever."""
    return (other[1] is None or one[0] < other[1]) and (one[1] is None or other[0] < one[1])


def told_grants(grants: Grants) -> dict[str, str]:
    """This will give grants as events tell them: the reach, by the name of the permission."""
    return {permission.value: reach.name.lower() for permission, reach in grants.given().items()}


class GrantReach(StrEnum):
    """How far a permission of a role goes."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


USER: Mapping[str, Check] = {
    "email": check_address,
    "name": lambda name, *field: clean_text(name, *field, longest=200),
}
ROLE: Mapping[str, Check] = {
    "name": lambda name, *field: clean_text(name, *field, longest=100),
    "description": lambda text, *field: clean_text(text, *field, longest=300),
}
TEAM: Mapping[str, Check] = {"name": lambda name, *field: clean_text(name, *field, longest=100)}
