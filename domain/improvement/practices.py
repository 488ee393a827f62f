"""Verbs of practices: teams adopt them, and they are retired when they no longer hold."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from domain.improvement import rules
from domain.improvement.models import Practice, PracticeAdoption
from domain.improvement.rules import PracticeState
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.transactions import one_transaction


class PracticeRetired(Conflict):
    """Nobody takes up a practice that no longer holds."""

    def __init__(self, field: str) -> None:
        super().__init__("The practice is retired; look for the one that took its place.", field)


class AdoptedAlready(Conflict):
    """A team adopts a practice once."""

    def __init__(self) -> None:
        super().__init__("This team has adopted the practice already.", "team")


async def adopt_practice(key: UUID | None, given: Mapping[str, Any], *, by: Actor, at: datetime) -> PracticeAdoption:
    """This will note that a team works by a practice: `team`, `adopted_on` (today where left out), perhaps a `note`.

    Raises Unauthenticated, Invalid, NotFound, PracticeRetired, AdoptedAlready.
    """
    by.must(Permission.IMPROVEMENT_WRITE)
    values = check_fields(given, rules.ADOPTION, required=("team", "adopted_on"))
    values.setdefault("adopted_on", at.date())
    if values["adopted_on"] > at.date():
        raise Invalid("{field} lies in the future; note it when it is so.", "adopted_on")
    async with one_transaction():
        practice = await Practice.locked(key, "practice_id", by=by)
        if practice.state == PracticeState.RETIRED:
            raise PracticeRetired("practice_id")
        values["practice_id"] = practice.id
        adoption = await store_new(
            PracticeAdoption, values, "improvement.adoption.recorded", by=by, at=at, taken=AdoptedAlready()
        )
        count = {"adoption_count": practice.adoption_count + 1}
        await apply_changes(practice, count, "improvement.practice.adopted", by=by, at=at)
    return adoption


async def retire_practice(
    key: UUID | None, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Practice:
    """This will mark a practice as no longer good. Raises Unauthenticated, NotFound, Stale, PracticeRetired."""
    by.must(Permission.IMPROVEMENT_WRITE)
    async with one_transaction():
        practice = await Practice.locked(key, expected_version=expected_version, by=by)
        if practice.state == PracticeState.RETIRED:
            raise PracticeRetired("id")
        await apply_changes(practice, {"state": PracticeState.RETIRED}, "improvement.practice.retired", by=by, at=at)
    return practice
