"""Verbs of files: keep what somebody hands in or a job hands back, and remove it.

A file is seen once all of it has arrived, and may go after some days: whoever hands one in makes room of the old ones.
"""

from collections.abc import AsyncIterable, AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from uuid import UUID

from tortoise.transactions import in_transaction

from domain.files.models import File, FileChunk
from domain.files.queries import find_file, stored_bytes
from domain.files.rules import CHUNK_BYTES, FileTooLarge, QuotaUsedUp, Space, check_media_type, check_name
from domain.kernel.actor import Actor
from domain.kernel.events import emit
from domain.kernel.permissions import Permission

ABANDONED_AFTER = timedelta(days=1)
MOST_REMOVED = 20
"""Old files that one upload makes room of, so that it need not wait for many."""


async def receive(
    name: str, media_type: str, chunks: AsyncIterable[bytes], *, by: Actor, at: datetime, space: Space
) -> File:
    """This will keep a file as its chunks of any size arrive, in constant memory, where the space allows it.

    Nothing stays of a file that does not arrive whole. The owner's files that are older than the days that they are
    kept go first. Raises Unauthenticated, Invalid, FileTooLarge, QuotaUsedUp.
    """
    by.must(Permission.IMPORTS_WRITE)
    await _remove_old(by, at, at - timedelta(days=space.kept_days))
    async with writing(name, media_type, by=by, at=at, largest=space.largest, quota=space.quota) as draft:
        await draft.check_quota()
        async for chunk in chunks:
            await draft.write(chunk)
    return draft.file


async def remove(key: UUID | None, *, by: Actor, at: datetime) -> None:
    """This will remove a file that the actor may see. Raises Unauthenticated, NotFound."""
    by.must(Permission.IMPORTS_WRITE)
    await _remove(await find_file(key, by), by, at)


async def _remove_old(by: Actor, at: datetime, before: datetime) -> None:
    old = File.filter(owner_id=by.user_id, is_complete=True, created_at__lt=before)
    for file in await old.order_by("created_at").limit(MOST_REMOVED):
        await _remove(file, by, at)


async def _remove(file: File, by: Actor, at: datetime) -> None:
    async with in_transaction():
        if await File.filter(id=file.id).delete():
            await emit("files.file.removed", file.id, by=by, at=at, name=file.name, size=file.size)


@asynccontextmanager
async def writing(
    name: str, media_type: str, *, by: Actor, at: datetime, largest: int, quota: int | None = None
) -> AsyncIterator["Draft"]:
    """This will keep what the block writes as a file, or nothing of it where the block fails. Not in a transaction.

    Each chunk is committed for itself, for a slow upload must not hold back the readers of the event log; what a
    killed process left behind is removed a day later. Raises Unauthenticated, Invalid, FileTooLarge, QuotaUsedUp.
    """
    by.must(Permission.IMPORTS_WRITE)
    file = File(
        owner_id=by.user_id,
        name=check_name(name, "name"),
        media_type=check_media_type(media_type, "media_type"),
        created_at=at,
        updated_at=at,
    )
    await File.filter(is_complete=False, created_at__lt=at - ABANDONED_AFTER).delete()
    await file.save(force_create=True)
    draft = Draft(file, by.user_id, largest, quota)
    try:
        yield draft
        await draft.finish(by=by, at=at)
    except BaseException:
        await File.filter(id=file.id).delete()
        raise


class Draft:
    """A file that is being written."""

    def __init__(self, file: File, owner_id: UUID | None, largest: int, quota: int | None) -> None:
        self.file = file
        self._owner_id = owner_id
        self._largest = largest
        self._quota = quota
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

    async def check_quota(self) -> None:
        """This will look at all that the owner has, with what is under way elsewhere. Raises QuotaUsedUp."""
        if self._quota is not None and await stored_bytes(self._owner_id) > self._quota:
            raise QuotaUsedUp(self._quota)

    async def _store(self, content: bytes) -> None:
        """The size is told with each chunk, before the quota is looked at: two who write at once see one another."""
        async with in_transaction():
            await FileChunk.create(file=self.file, position=self._position, content=content)
            await File.filter(id=self.file.id).update(size=self._position * CHUNK_BYTES + len(content))
        self._position += 1
        await self.check_quota()
