"""Identity: UUIDv7 keys made in Python, and their public form, a short type prefix and 32 hex digits."""

import re
from uuid import UUID

from uuid_utils.compat import uuid7

_PUBLIC = re.compile(r"([a-z]{3})_([0-9a-f]{32})")


def new_id() -> UUID:
    """This will make a UUIDv7 (RFC 9562): unique, and ordered by the time of its making within this process."""
    return uuid7()


def public_id(prefix: str, key: UUID) -> str:
    """This will write a key as the outside world sees it, e.g. `cus_0192…`."""
    return f"{prefix}_{key.hex}"


def split_id(text: str) -> tuple[str, UUID] | None:
    """This will read a public id into its prefix and key, or give None where the text is not one."""
    match = _PUBLIC.fullmatch(text)
    return (match[1], UUID(hex=match[2])) if match else None


def read_id(prefix: str, text: str) -> UUID | None:
    """This will read a public id of one type, or give None where it is malformed or of another type."""
    parts = split_id(text)
    return parts[1] if parts and parts[0] == prefix else None
