"""Verbs of files: keep what somebody hands in or a job hands back. A file is seen once all of it has arrived."""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from tortoise.transactions import in_transaction

from domain.files.models import File, FileChunk
from domain.files.rules import CHUNK_BYTES, FileTooLarge, check_media_type, check_name
from domain.kernel.actor import Actor
from domain.kernel.events import emit

ABANDONED_AFTER = timedelta(days=1)


async def receive(
    name: str, media_type: str, chunks: AsyncIterable[bytes], *, by: Actor, at: datetime, largest: int
) -> File:
    """This will keep a file of at most `largest` bytes as its chunks of any size arrive, in constant memory.

    Nothing stays of a file that does not arrive whole. Raises Unauthenticated, Invalid, FileTooLarge.
    """
    async with writing(name, media_type, by=by, at=at, largest=largest) as draft:
        async for chunk in chunks:
            await draft.write(chunk)
    return draft.file


@asynccontextmanager
async def writing(name: str, media_type: str, *, by: Actor, at: datetime, largest: int) -> AsyncIterator["Draft"]:
    """This will keep what the block writes as a file, or nothing of it where the block fails. Not in a transaction.

    Each chunk is committed for itself, for a slow upload must not hold back the readers of the event log; what a
    killed process left behind is removed a day later. Raises Unauthenticated, Invalid, FileTooLarge.
    """
    by.must_be_known()
    file = File(
        owner_id=by.user_id,
        name=check_name(name, "name"),
        media_type=check_media_type(media_type, "media_type"),
        created_at=at,
        updated_at=at,
    )
    await File.filter(is_complete=False, created_at__lt=at - ABANDONED_AFTER).delete()
    await file.save(force_create=True)
    draft = Draft(file, largest)
    try:
        yield draft
        await draft.finish(by=by, at=at)
    except BaseException:
        await File.filter(id=file.id).delete()
        raise


class Draft:
    """A file that is being written."""

    def __init__(self, file: File, largest: int) -> None:
        self.file = file
        self._largest = largest
        self._kept = bytearray()
        self._position = 0

    async def write(self, content: bytes) -> None:
        """This will append to the file. Raises FileTooLarge."""
        self.file.size += len(content)
        if self.file.size > self._largest:
            raise FileTooLarge(self._largest)
        self._kept += content
        while len(self._kept) >= CHUNK_BYTES:
            await self._store(bytes(self._kept[:CHUNK_BYTES]))
            del self._kept[:CHUNK_BYTES]

    async def finish(self, *, by: Actor, at: datetime) -> None:
        """This will make the file complete, for others to see."""
        if self._kept:
            await self._store(bytes(self._kept))
        self.file.is_complete = True
        async with in_transaction():
            await self.file.save(update_fields=["size", "is_complete"])
            await emit(
                "files.file.received",
                self.file.id,
                by=by,
                at=at,
                name=self.file.name,
                media_type=self.file.media_type,
                size=self.file.size,
            )

    async def _store(self, content: bytes) -> None:
        await FileChunk.create(file=self.file, position=self._position, content=content)
        self._position += 1
