"""An uploaded file becomes a job, once; its rejects become a file of whoever asked."""

from collections.abc import AsyncIterator

import pytest

from domain.customers.models import Customer
from domain.files.commands import receive
from domain.files.models import File
from domain.files.queries import read_chunks
from domain.files.rules import Space
from domain.imports import rejects as kept
from domain.imports.commands import import_stored_file, start_import
from domain.imports.rules import ImportKind
from domain.intake.loader import BATCH_ROWS, ImportOutcome
from domain.jobs.commands import AlreadyRunning
from domain.jobs.models import Job
from domain.kernel.actor import NOBODY, SYSTEM, Actor
from domain.kernel.ids import public_id
from domain.kernel.refusals import Invalid, NotFound, Unauthenticated
from tests.domain.imports.files import CUSTOMERS, NOW, chunks, picture
from tests.people import a_colleague, acting

pytestmark = pytest.mark.anyio


@pytest.fixture
async def ada(database: str) -> Actor:
    return await acting(await a_colleague("ada@x.example", "Ada", None))


@pytest.fixture
async def bea(database: str) -> Actor:
    return await acting(await a_colleague("bea@x.example", "Bea", None))


async def upload(by: Actor, content: str) -> File:
    return await receive(
        "customers.csv", "text/csv", chunks(content), by=by, at=NOW, space=Space(10_000_000, 10_000_000, 30)
    )


async def ignore(done: int, outcome: ImportOutcome) -> None:
    """Nobody looks on."""


async def text_of(file: File) -> str:
    content: AsyncIterator[bytes] = read_chunks(file.id)
    return b"".join([chunk async for chunk in content]).decode()


async def test_a_file_is_imported_by_one_job_at_a_time(ada: Actor) -> None:
    file = await upload(ada, CUSTOMERS)
    job = await start_import(ImportKind.CUSTOMERS, file.id, by=ada, at=NOW)
    assert (job.kind, job.payload) == ("imports.load", {"kind": "customers", "file": public_id("fil", file.id)})
    assert (await start_import(ImportKind.CUSTOMERS, file.id, by=ada, at=NOW)).id == job.id
    other = await upload(ada, CUSTOMERS)
    assert (await start_import(ImportKind.CUSTOMERS, other.id, by=ada, at=NOW)).id != job.id


async def test_a_file_of_another_kind_is_another_import(ada: Actor) -> None:
    file = await upload(ada, CUSTOMERS)
    jobs = [await start_import(kind, file.id, by=ada, at=NOW) for kind in ImportKind]
    assert [job.payload["kind"] for job in jobs] == [kind.value for kind in ImportKind]
    assert len({job.id for job in jobs}) == len(ImportKind)


async def test_an_import_that_an_administrator_runs_is_said_to_run(ada: Actor) -> None:
    file = await upload(ada, CUSTOMERS)
    job = await start_import(ImportKind.CUSTOMERS, file.id, by=SYSTEM, at=NOW)
    with pytest.raises(AlreadyRunning) as refusal:
        await start_import(ImportKind.CUSTOMERS, file.id, by=ada, at=NOW)
    assert refusal.value.field == ("file_id",)
    assert [found.id for found in await Job.all()] == [job.id]


async def test_nobody_imports_the_file_of_another(ada: Actor, bea: Actor) -> None:
    file = await upload(ada, CUSTOMERS)
    with pytest.raises(NotFound):
        await start_import(ImportKind.CUSTOMERS, file.id, by=bea, at=NOW)
    with pytest.raises(NotFound):
        await start_import(ImportKind.CUSTOMERS, None, by=ada, at=NOW)
    with pytest.raises(Unauthenticated):
        await start_import(ImportKind.CUSTOMERS, file.id, by=NOBODY, at=NOW)
    assert not await Job.exists()


async def test_rejects_become_a_file_of_whoever_asked(ada: Actor, bea: Actor) -> None:
    file = await upload(ada, CUSTOMERS + "a,company,A,,,,,,\nb,cat,B,,,,,,\n")
    outcome, rejects = await import_stored_file(ImportKind.CUSTOMERS, file, by=ada, at=NOW, progress=ignore)
    assert (outcome.created, outcome.rejected) == (1, 1)
    assert rejects is not None
    assert (rejects.name, rejects.media_type) == ("customers.csv.rejects.csv", "text/csv")
    assert await text_of(rejects) == 'line,field,reason,value\r\n3,kind,"kind must be one of company, person.",cat\r\n'
    assert await File.seen([rejects.id], by=ada)
    assert not await File.seen([rejects.id], by=bea)


async def test_without_rejects_there_is_no_file_of_them(ada: Actor) -> None:
    file = await upload(ada, CUSTOMERS + "a,company,A,,,,,,\n")
    assert (await import_stored_file(ImportKind.CUSTOMERS, file, by=ada, at=NOW, progress=ignore))[1] is None
    assert await File.all().count() == 1


async def test_a_file_that_is_refused_as_a_whole_changes_nothing(ada: Actor) -> None:
    file = await upload(ada, "a,b\n1,2\n")
    before = await picture()
    with pytest.raises(Invalid):
        await import_stored_file(ImportKind.CUSTOMERS, file, by=ada, at=NOW, progress=ignore)
    assert await picture() == before
    assert await File.all().count() == 1


async def test_a_flood_of_rejects_is_cut_off_and_says_so(ada: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "LARGEST", 600_000)
    file = await upload(ada, CUSTOMERS + "".join(f"c{n},cat,Name,,,,,,\n" for n in range(12_000)))
    outcome, rejects = await import_stored_file(ImportKind.CUSTOMERS, file, by=ada, at=NOW, progress=ignore)
    assert outcome.rejected == 12_000
    assert rejects is not None
    lines = (await text_of(rejects)).splitlines()
    assert lines[-1] == ",,There are more rejects than are listed; mend these and import the file again.,"
    assert 1_000 < len(lines) < 12_000


async def test_progress_ends_at_the_size_of_the_file(ada: Actor) -> None:
    told: list[tuple[int, ImportOutcome]] = []

    async def progress(done: int, outcome: ImportOutcome) -> None:
        told.append((done, outcome))

    file = await upload(ada, CUSTOMERS + "".join(f"c{n},person,Name,,,,,,\n" for n in range(2 * BATCH_ROWS + 2_000)))
    outcome, _ = await import_stored_file(ImportKind.CUSTOMERS, file, by=ada, at=NOW, progress=progress)
    assert told[-1] == (file.size, outcome)
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert len(told) == 3
    assert outcome.created == await Customer.all().count() >= 2 * BATCH_ROWS
