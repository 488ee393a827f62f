"""Verbs of files: take one in, piece by piece, or not at all."""

from collections.abc import AsyncIterable, AsyncIterator
from datetime import datetime

from tortoise.transactions import in_transaction

from domain.files import rules
from domain.files.models import File, FileChunk
from domain.kernel.actor import Actor
from domain.kernel.events import emit


async def receive(
    name: str, media_type: str, pieces: AsyncIterable[bytes], *, by: Actor, at: datetime, largest: int
) -> File:
    """This will store a file in chunks of at most 1 MiB, in one transaction: all of it or nothing.

    Raises Unauthenticated, Invalid, FileTooLarge; and whatever reading the pieces raises.
    """
    by.must_be_known()
    name, media_type = rules.check_name(name, "name"), rules.check_media_type(media_type, "contentType")
    async with in_transaction():
        stamps = {"created_at": at, "updated_at": at}
        file = await File.create(owner_id=by.user_id, name=name, media_type=media_type, **stamps)
        position = 0
        async for chunk in _chunked(pieces):
            file.size += len(chunk)
            if file.size > largest:
                raise rules.FileTooLarge(largest)
            await FileChunk.create(file=file, position=position, content=chunk)
            position += 1
        file.is_complete = True
        await file.save(update_fields=["size", "is_complete"])
        await emit("files.file.received", file.id, by=by, at=at, name=name, media_type=media_type, size=file.size)
    return file


async def _chunked(pieces: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    waiting = bytearray()
    async for piece in pieces:
        waiting += piece
        while len(waiting) >= rules.CHUNK_BYTES:
            yield bytes(waiting[: rules.CHUNK_BYTES])
            del waiting[: rules.CHUNK_BYTES]
    if waiting:
        yield bytes(waiting)
