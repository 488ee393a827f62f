"""Secrets that messages are signed with: shown once, kept encrypted, and rotated without a gap."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from cryptography.fernet import InvalidToken
from tortoise.expressions import Q

from domain.access.boxes import box
from domain.access.tokens import TokenKey
from domain.kernel.refusals import Conflict
from domain.webhooks.messages import SECRET_BYTES, write_secret
from domain.webhooks.models import WebhookSecret
from domain.webhooks.rules import MOST_SECRETS

PURPOSE = b"salesloop webhook secret"


class TooManySecrets(Conflict):
    """So many secrets sign already that no other is added."""

    def __init__(self) -> None:
        super().__init__(
            f"{MOST_SECRETS} secrets sign already; wait until a former one has expired, or give 0 hours of overlap, "
            "which ends all former ones at once.",
            "overlap_hours",
        )


async def add_secret(endpoint_id: UUID, *, key: TokenKey, at: datetime) -> str:
    """This will give an endpoint a new secret, and return it as text: nobody can read it again."""
    secret = secrets.token_bytes(SECRET_BYTES)
    boxed = box(key, PURPOSE).encrypt(secret).decode()
    await WebhookSecret.born({"endpoint_id": endpoint_id, "secret": boxed}, at).save(force_create=True)
    return write_secret(secret)


async def retire_secrets(endpoint_id: UUID, overlap: timedelta, *, at: datetime) -> None:
    """This will let an endpoint's secrets sign for as long as the overlap, but no longer than they would have.

    Raises TooManySecrets where they, and one more, would be too many. The endpoint is locked by the caller.
    """
    ended = Q(expires_at__lte=at) if overlap else Q()
    await WebhookSecret.filter(ended, endpoint_id=endpoint_id).delete()
    if await WebhookSecret.filter(endpoint_id=endpoint_id).count() >= MOST_SECRETS:
        raise TooManySecrets
    until = at + overlap
    lasting = Q(expires_at__isnull=True) | Q(expires_at__gt=until)
    await WebhookSecret.filter(lasting, endpoint_id=endpoint_id).update(expires_at=until, updated_at=at)


def readable(boxed: Iterable[str], key: TokenKey) -> list[bytes]:
    """This will decrypt those secrets that the house's keys can read."""
    opened, found = box(key, PURPOSE), list[bytes]()
    for each in boxed:
        try:
            found.append(opened.decrypt(each))
        except InvalidToken:
            continue
    return found
