"""Whose a record may become: somebody who works here, and whom the actor may make an owner."""

from uuid import UUID

from tortoise.connection import get_connection

from domain.access.models import User
from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission, Reach
from domain.kernel.refusals import Conflict, Forbidden


class OwnerHasLeft(Conflict):
    """The user is no longer active, and owns nothing new."""

    def __init__(self, field: str) -> None:
        super().__init__("{field} is somebody who is no longer active; choose another.", field)


async def hold_owner(owner: UUID | None, permission: Permission, *field: str, by: Actor) -> None:
    """This will keep a user whom a record is given to, as far as the actor's permission over such records goes.

    With reach OWN that is the actor, with TEAM one of their teams or below, with ALL anybody, or nobody (None). Raises
    NotFound, Forbidden, OwnerHasLeft.
    """
    field = field or ("owner_id",)
    reach = by.reach(permission)
    if owner is None:
        if reach < Reach.ALL:
            raise Forbidden(f"{{field}} cannot be nobody unless you have {permission.name} over all records.", *field)
        return
    rows = await get_connection("default").execute_query_dict(
        "SELECT is_active FROM access_user WHERE id = $1::uuid FOR KEY SHARE", [owner]
    )
    if not rows:
        raise User._missing(*field)
    if reach < Reach.ALL and owner != by.user_id and not (reach is Reach.TEAM and owner in by.sight.colleagues):
        whom = "yourself" if reach < Reach.TEAM else "somebody of your teams"
        raise Forbidden(f"{{field}} must be {whom}: that is as far as your {permission.name} goes.", *field)
    if not rows[0]["is_active"]:
        raise OwnerHasLeft(field[-1])
