"""Reads of files, narrowed to the actor: what one handed in, and what one's jobs gave back."""

from collections.abc import AsyncIterator
from uuid import UUID

from tortoise.expressions import Q

from domain.files.models import File, FileChunk
from domain.kernel.actor import Actor
from domain.kernel.refusals import NotFound


def visible(actor: Actor) -> Q:
    """This will narrow files to those the actor may see: an administrator all, others their own."""
    if actor.administrator:
        return Q()
    return Q(owner_id=actor.user_id) if actor.authenticated else Q(pk__isnull=True)


async def find_file(key: UUID | None, *field: str, by: Actor) -> File:
    """This will give a whole file that the actor may see. Raises NotFound."""
    file = await File.filter(visible(by), id=key, is_complete=True).first() if key else None
    if file is None:
        raise NotFound("There is no file with this id; upload it first.", *(field or ("file_id",)))
    return file


async def read_chunks(file_id: UUID) -> AsyncIterator[bytes]:
    """This will give what a file holds piece by piece, one piece in memory at a time."""
    position = 0
    while chunk := await FileChunk.get_or_none(file_id=file_id, position=position):
        yield chunk.content
        position += 1
