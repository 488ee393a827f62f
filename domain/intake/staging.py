"""The temporary tables of an import: two that each batch fills and its commit empties, one that remembers every key.

They live in one session, whose connection goes back to its pool without them. Imports into the same table take turns,
batch by batch: what one of them compares nobody else merges meanwhile, and so the same file twice at the same time
still changes everything once.
"""

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any

from tortoise.connection import get_connection

from domain.intake.kind import Kind, Reference
from domain.intake.rows import Reject, rejected
from domain.intake.units import Refused, Unit
from domain.kernel.actor import Actor
from domain.kernel.ids import new_id
from domain.kernel.storing import origin_of

LONGEST_KEY = 250
_TABLES = "staged, staged_part, seen_key"
_REMEMBER = """
    INSERT INTO seen_key SELECT key, min(line) FROM (
        SELECT {key} AS key, line FROM staged UNION ALL SELECT * FROM unnest($1::text[], $2::bigint[])
    ) given GROUP BY key ON CONFLICT DO NOTHING
"""
_COME_AGAIN = """
    SELECT unit_no, line, '' AS place, '{key}' AS field, {key} AS value, first_line
    FROM (SELECT s.*, (SELECT k.line FROM seen_key k WHERE k.key = s.{key}) AS first_line FROM staged s) asked
    WHERE first_line <> line
"""


@asynccontextmanager
async def staging(kind: Kind, *, at: datetime) -> AsyncIterator["Staging"]:
    """This will keep a connection with the temporary tables of a kind while the block runs. Not in a transaction."""
    async with get_connection("default").acquire_connection() as connection:
        await connection.execute(f"DROP TABLE IF EXISTS {_TABLES}; {_definitions(kind, at)}")
        try:
            yield Staging(connection, kind)
        finally:
            await connection.execute(f"DROP TABLE IF EXISTS {_TABLES}")


class Staging:
    """Batches of units in temporary tables, and what of them the database has to refuse."""

    def __init__(self, connection: Any, kind: Kind) -> None:
        self.connection = connection
        self._kind = kind
        self._remember = _REMEMBER.format(key=kind.key)
        self._doubts = " UNION ALL ".join([_COME_AGAIN.format(key=kind.key), *map(_missing, kind.references)])
        self._merge = kind.merge.statement()

    @asynccontextmanager
    async def turn(self) -> AsyncIterator[None]:
        """This will run the block as a transaction during which no other import merges into the same table."""
        async with self.connection.transaction():
            # A plan kept from the first batches would suit tables that were small; forcing custom plans would do that
            # to every check of a foreign key too.
            await self.connection.execute(f"DISCARD PLANS; {_turns(self._kind.merge.table)}")
            yield

    async def fill(self, units: Sequence[Unit]) -> None:
        """This will put the units there, each under its place in the batch, and find what they refer to."""
        kind = self._kind
        names = [column.name for column in kind.columns] + [name for name, _ in kind.computed]
        rows = [(place, unit.lines[0], new_id(), unit.lacks, *unit.values) for place, unit in enumerate(units)]
        await self._copy("staged", ["unit_no", "line", "id", "lacks", *names], rows)
        if kind.part_columns:
            names = [column.name for column in kind.part_columns]
            parts = [(place, new_id(), *part) for place, unit in enumerate(units) for part in unit.parts]
            await self._copy("staged_part", ["unit_no", "id", "line", "place", *names], parts)
        await self.connection.execute("; ".join(_finders(kind)))

    async def refusals(self, refused: Sequence[Refused]) -> dict[int, Reject]:
        """This will say, by their places in the batch, which units may not be merged, and take them out."""
        keys = {each.key: each.rejects[0].line for each in reversed(refused) if each.key and _could_be_stored(each.key)}
        await self.connection.execute(self._remember, [*keys], [*keys.values()])
        culprits: dict[int, Reject] = {}
        for row in await self.connection.fetch(self._doubts):
            culprits.setdefault(
                row["unit_no"], rejected(row["line"], row["place"] + row["field"], self._reason(row), row["value"])
            )
        if culprits:
            await self.connection.execute("DELETE FROM staged WHERE unit_no = ANY($1::int[])", [*culprits])
        return culprits

    async def merge(self, by: Actor) -> tuple[int, int]:
        """This will store and tell what differs; returns how many records were created, and how many changed."""
        if self._kind.prepare:
            await self.connection.execute("; ".join(self._kind.prepare))
        counts = await self.connection.fetchrow(self._merge, self._kind.merge.topic, by.user_id, by.name, origin_of(by))
        if self._kind.finish:
            await self.connection.execute("; ".join(self._kind.finish))
        return counts["created"], counts["changed"]

    def _reason(self, row: Mapping[str, Any]) -> str:
        if row["first_line"]:
            return self._kind.once.format(line=row["first_line"])
        (reference,) = (each for each in self._kind.references if each.column == row["field"])
        return f"There is no {reference.noun} with this {reference.key}."

    async def _copy(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        await self.connection.copy_records_to_table(table, columns=columns, records=rows)


async def keep_imports_out(kinds: Sequence[Kind]) -> None:
    """This will wait for the batches of imports of these kinds, and let none begin until the running transaction ends.

    Before any row is locked, for imports lock rows of theirs behind this.
    """
    await get_connection("default").execute_query(_turns(*sorted(kind.merge.table for kind in kinds)))


def _turns(*tables: str) -> str:
    locks = [f"pg_advisory_xact_lock(hashtext('salesloop import'), hashtext('{table}'))" for table in tables]
    return f"SELECT {', '.join(locks)}"


def _definitions(kind: Kind, at: datetime) -> str:
    columns = [(each.name, each.type) for each in kind.columns]
    part_columns = [(each.name, each.type) for each in kind.part_columns]
    targets = [(each.target, "uuid") for each in kind.references if not each.of_part]
    part_targets = [(each.target, "uuid") for each in kind.references if each.of_part]
    return f"""
        CREATE TEMPORARY TABLE seen_key (key text PRIMARY KEY, line bigint);
        CREATE TEMPORARY TABLE staged (unit_no int, line bigint, place text NOT NULL DEFAULT '', id uuid,
            stored_id uuid, at timestamptz NOT NULL DEFAULT '{at.isoformat()}', lacks text[]
            {_listed([*columns, *kind.computed, *targets, *kind.scratch])}) ON COMMIT DELETE ROWS;
        CREATE TEMPORARY TABLE staged_part (unit_no int, line bigint, place text, id uuid
            {_listed([*part_columns, *part_targets])}) ON COMMIT DELETE ROWS
    """


def _listed(columns: Sequence[tuple[str, str]]) -> str:
    return "".join(f", {name} {type}" for name, type in columns)


def _staged(reference: Reference) -> str:
    return "staged_part" if reference.of_part else "staged"


def _finders(kind: Kind) -> Iterator[str]:
    """By scalar subqueries, which are looked up one by one by index however large the tables have grown."""
    stored = f"stored_id = (SELECT o.id FROM {kind.merge.table} o WHERE o.{kind.key} = s.{kind.key})"
    for staged, found in (("staged", [stored]), ("staged_part", [])):
        found += [
            f"{each.target} = (SELECT r.id FROM {each.table} r WHERE r.{each.key} = s.{each.column})"
            for each in kind.references
            if _staged(each) == staged
        ]
        if found:
            yield f"UPDATE {staged} s SET {', '.join(found)}"


def _missing(reference: Reference) -> str:
    return f"""
        SELECT unit_no, line, place, '{reference.column}', {reference.column}, NULL FROM {_staged(reference)}
        WHERE {reference.column} IS NOT NULL AND {reference.target} IS NULL
    """


def _could_be_stored(key: str) -> bool:
    return len(key) <= LONGEST_KEY and "\x00" not in key and key == key.encode(errors="ignore").decode()
