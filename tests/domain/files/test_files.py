"""Files arrive whole or not at all, in chunks, and are seen by their owner."""

import asyncio
import tracemalloc
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from domain.files.commands import receive, remove, writing
from domain.files.models import File, FileChunk
from domain.files.queries import find_file, read_chunks, stored_bytes
from domain.files.rules import CHUNK_BYTES, FileTooLarge, QuotaUsedUp, Space, check_media_type, check_name
from domain.kernel.actor import NOBODY, SYSTEM, Actor
from domain.kernel.events import Event
from domain.kernel.refusals import Invalid, NotFound, Refusal, Unauthenticated
from tests.people import a_colleague, acting

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)
LARGEST = 5 * CHUNK_BYTES
QUOTA = 100 * CHUNK_BYTES


async def pieces(*contents: bytes) -> AsyncIterator[bytes]:
    for content in contents:
        yield content


async def ada() -> Actor:
    return await acting(await a_colleague("ada@x.example", "Ada", None))


async def take(by: Actor, *contents: bytes, largest: int = LARGEST, quota: int = QUOTA, at: datetime = NOW) -> File:
    space = Space(largest, quota, kept_days=30)
    return await receive("a/b/list.csv", "text/csv; charset=utf-8", pieces(*contents), by=by, at=at, space=space)


async def content_of(file: File) -> bytes:
    return b"".join([chunk async for chunk in read_chunks(file.id)])


async def nothing_is_kept() -> bool:
    return not (
        await File.exists() or await FileChunk.exists() or await Event.filter(topic__startswith="files.").exists()
    )


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES + 7])
async def test_what_comes_in_comes_out_in_chunks(database: str, size: int) -> None:
    content = bytes(range(256)) * (size // 256 + 1)
    by = await ada()
    file = await take(by, *(content[:size][start : start + 300_000] for start in range(0, size, 300_000)))
    assert await content_of(file) == content[:size]
    stored = await File.get(id=file.id)
    assert (stored.name, stored.media_type, stored.size, stored.is_complete) == ("list.csv", "text/csv", size, True)
    assert stored.owner_id == by.user_id  # type: ignore[attr-defined]
    assert all(len(chunk.content) <= CHUNK_BYTES for chunk in await FileChunk.all())
    event = await Event.get(subject_id=file.id)
    assert (event.topic, event.data["size"]) == ("files.file.received", size)


async def test_a_chunk_larger_than_ours_is_cut(database: str) -> None:
    file = await take(SYSTEM, b"x" * (3 * CHUNK_BYTES))
    assert await FileChunk.filter(file=file).count() == 3


async def test_a_file_that_is_too_large_leaves_nothing(database: str) -> None:
    with pytest.raises(FileTooLarge, match="larger than 2,097,152 bytes"):
        await take(SYSTEM, *[b"x" * CHUNK_BYTES] * 3, largest=2 * CHUNK_BYTES)
    assert await nothing_is_kept()


async def test_a_file_that_breaks_off_leaves_nothing(database: str) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"x" * (2 * CHUNK_BYTES)
        assert await FileChunk.exists()
        raise ConnectionError

    with pytest.raises(ConnectionError):
        await receive("a", "text/csv", broken(), by=SYSTEM, at=NOW, space=Space(LARGEST, QUOTA, 30))
    assert await nothing_is_kept()


@pytest.mark.parametrize(
    ("name", "media_type", "by", "refusal"),
    [
        ("a", "text/csv", NOBODY, Unauthenticated),
        ("", "text/csv", SYSTEM, Invalid),
        ("folder/", "text/csv", SYSTEM, Invalid),
        ("a\x00", "text/csv", SYSTEM, Invalid),
        ("a" * 201, "text/csv", SYSTEM, Invalid),
        ("a", "csv", SYSTEM, Invalid),
        ("a", "text/" + "x" * 50, SYSTEM, Invalid),
    ],
)
async def test_what_is_refused_leaves_nothing(
    database: str, name: str, media_type: str, by: Actor, refusal: type[Refusal]
) -> None:
    with pytest.raises(refusal):
        await receive(name, media_type, pieces(b"x"), by=by, at=NOW, space=Space(LARGEST, QUOTA, 30))
    assert await nothing_is_kept()


async def test_a_file_is_seen_by_its_owner_and_administrators_once_it_is_complete(database: str) -> None:
    owner, other = await ada(), await ada_s_colleague()
    async with writing("a.csv", "text/csv", by=owner, at=NOW, largest=LARGEST) as draft:
        await draft.write(b"x" * CHUNK_BYTES)
        with pytest.raises(NotFound):
            await find_file(draft.file.id, owner)
    for actor, sees in ((owner, True), (SYSTEM, True), (other, False), (NOBODY, False)):
        assert (await File.seen([draft.file.id], by=actor) == {draft.file.id}) is sees
    assert (await find_file(draft.file.id, owner)).id == draft.file.id
    for key in (draft.file.id, None):
        with pytest.raises(NotFound):
            await find_file(key, other)


async def ada_s_colleague() -> Actor:
    return await acting(await a_colleague("bea@x.example", "Bea", None))


async def test_what_a_killed_process_left_behind_is_removed_a_day_later(database: str) -> None:
    left = await File.create(name="a", media_type="text/csv", created_at=NOW, updated_at=NOW)
    await FileChunk.create(file=left, position=0, content=b"x")
    for hours, kept in ((23, True), (25, False)):
        await receive(
            "b", "text/csv", pieces(b"x"), by=SYSTEM, at=NOW + timedelta(hours=hours), space=Space(LARGEST, QUOTA, 30)
        )
        assert await File.exists(id=left.id) is kept
        assert await FileChunk.exists(file_id=left.id) is kept


async def test_what_one_may_store_is_bounded(database: str) -> None:
    by, other = await ada(), await ada_s_colleague()
    quota = 3 * CHUNK_BYTES
    kept = await take(by, b"x" * (2 * CHUNK_BYTES), quota=quota)
    for size in (CHUNK_BYTES + 1, 2 * CHUNK_BYTES):
        with pytest.raises(QuotaUsedUp, match="Your files may have 3,145,728 bytes together"):
            await take(by, b"x" * size, quota=quota)
        assert [file.id for file in await File.all()] == [kept.id]
    await take(by, b"x" * CHUNK_BYTES, quota=quota)
    assert await stored_bytes(by.user_id) == quota
    await take(other, b"x" * quota, quota=quota)
    await remove(kept.id, by=by, at=NOW)
    await take(by, b"x" * (2 * CHUNK_BYTES), quota=quota)


async def test_two_files_at_once_share_the_quota(database: str) -> None:
    by, quota = await ada(), 3 * CHUNK_BYTES

    async def slow() -> AsyncIterator[bytes]:
        for _ in range(2):
            yield b"x" * CHUNK_BYTES
            await asyncio.sleep(0.01)

    space = Space(LARGEST, quota, kept_days=30)
    found = await asyncio.gather(
        *(receive("a", "text/csv", slow(), by=by, at=NOW, space=space) for _ in range(4)), return_exceptions=True
    )
    assert {type(each) for each in found} <= {File, QuotaUsedUp}
    assert any(isinstance(each, QuotaUsedUp) for each in found)
    assert await stored_bytes(by.user_id) <= quota


async def test_a_removed_file_is_gone_and_told_of(database: str) -> None:
    by = await ada()
    file = await take(by, b"x")
    for actor, refusal in ((await ada_s_colleague(), NotFound), (NOBODY, Unauthenticated)):
        with pytest.raises(refusal):
            await remove(file.id, by=actor, at=NOW)
        assert await content_of(file) == b"x"
    await remove(file.id, by=by, at=NOW)
    assert not await FileChunk.exists()
    assert (await Event.get(topic="files.file.removed", subject_id=file.id)).data == {"name": "list.csv", "size": 1}
    with pytest.raises(NotFound):
        await remove(file.id, by=by, at=NOW)


async def test_a_file_removed_while_it_is_read_does_not_end_early(database: str) -> None:
    by = await ada()
    file = await take(by, b"x" * (2 * CHUNK_BYTES))
    reading = read_chunks(file.id)
    assert len(await anext(reading)) == CHUNK_BYTES
    await remove(file.id, by=by, at=NOW)
    with pytest.raises(NotFound, match="removed while it was read"):
        await anext(reading)


async def test_old_files_make_room(database: str) -> None:
    by, other = await ada(), await ada_s_colleague()
    old, theirs = await take(by, b"x" * 100), await take(other, b"x")
    recent = await take(by, b"y" * 100, at=NOW + timedelta(days=2))
    new = await take(by, b"z" * 100, at=NOW + timedelta(days=31), quota=200)
    assert {file.id for file in await File.all()} == {theirs.id, recent.id, new.id}
    assert await Event.filter(topic="files.file.removed", subject_id=old.id).count() == 1


async def test_memory_does_not_grow_with_the_file(database: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * CHUNK_BYTES

    tracemalloc.start()
    try:
        file = await receive("a", "text/csv", endless(), by=SYSTEM, at=NOW, space=Space(100 * CHUNK_BYTES, QUOTA, 30))
        async for chunk in read_chunks(file.id):
            assert len(chunk) == CHUNK_BYTES
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 12 * CHUNK_BYTES


def test_names_lose_their_folders() -> None:
    assert [check_name(name, "name") for name in ("a.csv", "/etc/a.csv", r"C:\x\a.csv", " 客户.csv ")] == [
        "a.csv",
        "a.csv",
        "a.csv",
        "客户.csv",
    ]


def test_media_types_lose_their_parameters() -> None:
    assert check_media_type("Text/CSV; charset=utf-8", "media_type") == "text/csv"
