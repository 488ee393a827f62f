"""Reads of files, narrowed to the actor, and their content chunk by chunk."""

from collections.abc import AsyncIterator
from uuid import UUID

from tortoise.functions import Sum

from domain.files.models import File, FileChunk
from domain.kernel.actor import Actor
from domain.kernel.refusals import NotFound


async def find_file(key: UUID | None, by: Actor) -> File:
    """This will find a file that the actor may see, once all of it has arrived. Raises NotFound."""
    seen = await File.seen([key], by=by) if key else None
    file = await File.get_or_none(id=key, is_complete=True) if seen else None
    if file is None:
        raise NotFound("There is no file with this id.", "file_id")
    return file


async def stored_bytes(owner_id: UUID | None) -> int:
    """This will sum up the sizes of somebody's files, those under way among them."""
    (found,) = await File.filter(owner_id=owner_id).annotate(total=Sum("size")).values("total")
    return int(found["total"] or 0)


async def read_chunks(file_id: UUID) -> AsyncIterator[bytes]:
    """This will read a file from its beginning, at most 1 MiB at a time, and hold nothing open in between.

    Raises NotFound where it is removed meanwhile, so that nobody takes a part of it for the whole.
    """
    position = 0
    while (chunk := await FileChunk.get_or_none(file_id=file_id, position=position)) is not None:
        yield chunk.content
        position += 1
    if not await File.exists(id=file_id):
        raise NotFound("The file was removed while it was read.", "file_id")
