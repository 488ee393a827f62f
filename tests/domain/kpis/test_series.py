"""Series of KPIs: as they are known, as they were known, and nobody else's."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from domain.access.models import User
from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.events import Event
from domain.kernel.ids import new_id, public_id
from domain.kernel.refusals import Invalid, NotFound, Unauthenticated
from domain.kpis import commands, queries
from domain.kpis.members import names_of
from domain.kpis.models import Kpi, KpiAnnotation, KpiValue
from domain.kpis.queries import Point

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
NOW = datetime(2024, 5, 1, tzinfo=UTC)
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
JANUARY, FEBRUARY, MARCH = date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1)


async def kpi() -> Kpi:
    words: dict[str, Any] = {
        "key": "calls",
        "name": "Calls",
        "description": "How many.",
        "unit": "count",
        "direction": "up",
    }
    return await Kpi.create(**words, grain="month", measure="calls", dimensions=[], **STAMPS)


async def value(of: Kpi, start: date, end: date, figure: float | None, **more: Any) -> None:
    known = {"recorded_at": NOW, "definition_version": 1, **STAMPS, **more}
    await KpiValue.create(kpi=of, period_start=start, period_end=end, value=figure, **known)


async def test_a_series_is_as_it_was_known_at_a_moment() -> None:
    of = await kpi()
    later = NOW + timedelta(hours=1)
    await value(of, FEBRUARY, MARCH, None)
    await value(of, JANUARY, FEBRUARY, 4.0, superseded_at=later)
    await value(of, JANUARY, FEBRUARY, 5.0, recorded_at=later)
    await value(of, JANUARY, FEBRUARY, 1.0, dimension="owner", member="usr_1")
    every: dict[str, Any] = {"start": JANUARY, "end": MARCH}
    assert await queries.series(of.id, **every) == [Point(JANUARY, FEBRUARY, 5.0), Point(FEBRUARY, MARCH, None)]
    assert await queries.series(of.id, **every, as_of=NOW) == [
        Point(JANUARY, FEBRUARY, 4.0),
        Point(FEBRUARY, MARCH, None),
    ]
    assert await queries.series(of.id, **every, as_of=NOW - timedelta(seconds=1)) == []
    assert await queries.series(of.id, start=FEBRUARY, end=MARCH) == [Point(FEBRUARY, MARCH, None)]
    assert await queries.series(of.id, dimension="owner", member="usr_1", **every) == [Point(JANUARY, FEBRUARY, 1.0)]


async def test_a_remark_is_kept_at_its_day() -> None:
    of, subject = await kpi(), new_id()
    made = await commands.annotate(of.id, MARCH, " New price list. ", subject=("cyc", subject), by=SYSTEM, at=NOW)
    assert (made.day, made.text, made.subject_prefix, made.subject_id) == (MARCH, "New price list.", "cyc", subject)
    assert await Event.all().values_list("topic", "subject_id") == [("kpis.annotation.made", made.id)]


async def test_a_remark_that_is_refused_leaves_nothing() -> None:
    of = await kpi()
    for kind, given in (
        (Unauthenticated, (of.id, MARCH, "A.")),
        (Invalid, (of.id, MARCH, " ")),
        (Invalid, (of.id, date(1, 1, 1), "A.")),
        (NotFound, (new_id(), MARCH, "A.")),
    ):
        with pytest.raises(kind):
            await commands.annotate(*given, by=NOBODY if kind is Unauthenticated else SYSTEM, at=NOW)
    assert await KpiAnnotation.all().count() == await Event.all().count() == 0


async def test_members_are_called_by_the_names_of_their_records() -> None:
    user = await User.create(email="a@example.org", name="Ann", password_hash="x", created_at=NOW, updated_at=NOW)
    known, nobody = public_id("usr", user.id), public_id("sup", user.id)
    assert await names_of([known, nobody, "website", ""]) == {
        known: "Ann",
        nobody: nobody,
        "website": "website",
        "": "",
    }
