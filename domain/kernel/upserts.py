"""Many records at once, each created or changed as its key is new or known, in a number of statements that is fixed."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Generic, TypeVar

from domain.kernel.actor import Actor
from domain.kernel.changes import Check, change, check_fields
from domain.kernel.record import Record
from domain.kernel.refusals import Conflict, Invalid, Refusal, Refusals
from domain.kernel.storing import Fact, insert_told, update_told
from domain.kernel.transactions import one_transaction

MOST_ROWS = 1_000
ARGUMENT = "inputs"
"""What every bulk form calls its rows."""

R = TypeVar("R", bound=Record)


class BulkMode(StrEnum):
    """What to do with many rows of which some are refused."""

    REJECT_ALL = "reject_all"
    SKIP_FAILED = "skip_failed"


class Fate(StrEnum):
    """What became of one row among many."""

    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


class Hidden(Conflict):
    """A record that the actor may not see has this key."""

    def __init__(self, noun: str, key: str) -> None:
        super().__init__(f"Another {noun}, which you may not see, has this {{field}}; choose another.", key)


@dataclass(frozen=True, slots=True)
class Upsert(Generic[R]):
    """What a context says of a record that many rows may create or change.

    `key` is the unique column that tells records apart, `needed` what a new record must be given, `filled` what may
    not be emptied; `check_whole` sees all the values that a record would have. Topics are `topic.created` and
    `topic.updated`.
    """

    model: type[R]
    noun: str
    key: str
    checks: Mapping[str, Check]
    needed: Sequence[str]
    filled: Sequence[str]
    topic: str
    check_whole: Callable[[Mapping[str, Any]], None] = lambda _: None


@dataclass(slots=True)
class Outcome(Generic[R]):
    """What became of the row at a place of the input: its record, or why it was refused."""

    index: int
    values: dict[str, Any] = field(default_factory=dict)
    record: R | None = None
    fate: Fate = Fate.REFUSED
    refusal: Refusal | None = None

    def refuse(self, refusal: Refusal) -> None:
        """This will say why the row is refused, by its place in the input."""
        refusal.field = (ARGUMENT, str(self.index), *refusal.field)
        self.record, self.fate, self.refusal = None, Fate.REFUSED, refusal


async def upsert(
    kind: Upsert[R], given: Sequence[Mapping[str, Any]], *, on_error: BulkMode, by: Actor, at: datetime
) -> list[Outcome[R]]:
    """This will create or change a record for each row of the input, and say what became of each, in their order.

    Rows are known by their key, which each must have. Raises Unauthenticated; Forbidden; Invalid where there are more
    than 1,000; and Refusals, of each row at fault, unless those are to be skipped.
    """
    if kind.model.guard.write is not None:
        by.must(kind.model.guard.write)
    if len(given) > MOST_ROWS:
        raise Invalid(f"{{field}} has {len(given):,} rows; at most {MOST_ROWS:,} are taken at once.", ARGUMENT)
    rows = _checked(kind, given)
    async with one_transaction():
        waiting = await _merged(kind, rows, rows, on_error=on_error, by=by, at=at)
        if waiting:  # again for those whose key somebody else took meanwhile: they are known by now, or hidden
            await _merged(kind, rows, waiting, on_error=on_error, by=by, at=at, again=True)
    return rows


async def _merged(
    kind: Upsert[R],
    rows: Sequence[Outcome[R]],
    waiting: Sequence[Outcome[R]],
    *,
    on_error: BulkMode,
    by: Actor,
    at: datetime,
    again: bool = False,
) -> list[Outcome[R]]:
    """Stores what rows wait for; returns those whose record turned out to be there just as it was to be created."""
    good = [row for row in waiting if not row.refusal]
    known = await kind.model.locked_by(kind.key, [row.values[kind.key] for row in good], by=by)
    by_key = {getattr(record, kind.key): record for record in known}
    changes: list[Fact] = []
    for row in good:
        try:
            record = by_key.get(row.values[kind.key])
            if again and record is None:
                raise Hidden(kind.noun, kind.key)
            told = _prepared(kind, row, record, by, at)
            if row.fate is Fate.CHANGED and row.record:
                changes.append((row.record, told))
        except Refusal as refusal:
            row.refuse(refusal)
    refused = [row.refusal for row in rows if row.refusal]
    if refused and on_error is BulkMode.REJECT_ALL:
        raise Refusals(refused)
    new = [row for row in good if row.fate is Fate.CREATED and not row.refusal]
    if changes:
        await update_told(changes, f"{kind.topic}.updated", by=by, at=at)
    if not new:
        return []
    facts = [(row.record, row.values) for row in new if row.record]
    stored = await insert_told(facts, f"{kind.topic}.created", by=by, at=at, key=kind.key)
    return [row for row in new if row.record and row.record.id not in stored]


def _checked(kind: Upsert[R], given: Sequence[Mapping[str, Any]]) -> list[Outcome[R]]:
    rows: list[Outcome[R]] = []
    first: dict[Any, int] = {}
    for index, values in enumerate(given):
        row: Outcome[R] = Outcome(index)
        rows.append(row)
        try:
            row.values = check_fields(values, kind.checks, required=[kind.key, *kind.filled])
            before = first.setdefault(row.values[kind.key], index)
            if before != index:
                raise Invalid(f"{{field}} stands in row {before} already; give each {kind.noun} once.", kind.key)
        except Invalid as refusal:
            row.refuse(refusal)
    return rows


def _prepared(kind: Upsert[R], row: Outcome[R], known: R | None, by: Actor, at: datetime) -> Mapping[str, Any]:
    """Gives the row its record as it is to stand, and returns what is to be told of it. Raises Invalid, Forbidden."""
    if known is not None:
        if not known.is_permitted:
            raise kind.model._not_yours(kind.key)
        kind.check_whole({name: getattr(known, name) for name in kind.checks} | row.values)
        told = change(known, row.values, at=at)
        row.record, row.fate = known, Fate.CHANGED if told else Fate.UNCHANGED
        return told
    for name in kind.needed:
        if name not in row.values:
            raise Invalid(f"{{field}} is missing, and there is no {kind.noun} yet to take it from.", name)
    kind.check_whole(row.values)
    if (owner := kind.model.guard.owner) and by.user_id:
        row.values.setdefault(owner, by.user_id)
    row.record, row.fate = kind.model.born(row.values, at), Fate.CREATED
    return row.values
