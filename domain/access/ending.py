"""How sessions end: by their user, by an administrator, or because something is wrong."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from domain.access.models import ApiKey, Session


class EndReason(StrEnum):
    """Why a session was ended."""

    SIGNED_OUT = "signed_out"
    REVOKED = "revoked"
    REUSED = "reused"
    PASSWORD = "password"
    DEACTIVATED = "deactivated"


async def end_all(user_id: UUID, reason: EndReason, *, at: datetime, but: UUID | None = None) -> None:
    """This will end all sessions of a user, but perhaps one, in the running transaction; API keys go with a user who
    leaves."""
    live = Session.filter(user_id=user_id, ended_at=None)
    if but is not None:
        live = live.exclude(id=but)
    await live.update(ended_at=at, end_reason=reason.value, updated_at=at)
    if reason is EndReason.DEACTIVATED:
        await ApiKey.filter(user_id=user_id, revoked_at=None).update(revoked_at=at, updated_at=at)
