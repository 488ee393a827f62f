"""The statement that turns staged rows into rows of a table: what is new is created, what differs is changed and told.

It compares before it writes, so that a row which says nothing new is neither locked nor written. Names of tables and
columns come from declarations in the source, never from a file.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field


def given(column: str, stored: str = "") -> str:
    """This will write the expression of a column that rows may lack: what is stored then stays."""
    stored = stored or column
    return f"CASE WHEN '{column}' = ANY(s.lacks) THEN o.{stored} ELSE s.{stored} END"


@dataclass(frozen=True)
class Merge:
    """Where staged rows go. Expressions see the staged row as `s` and the stored one, null where it is new, as `o`."""

    table: str
    key: str
    topic: str
    stored: Mapping[str, str]
    """Each column and its expression: compared, stored and told."""

    silent: Mapping[str, str] = field(default_factory=dict)
    """Columns that are stored along with a change, but neither compared nor told."""

    beside: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    """What is compared and told but stored elsewhere: a name, the new expression and the old one."""

    exact: Collection[str] = ()
    """Columns of decimals, which an event carries as text."""

    def statement(self) -> str:
        """This will write the SQL: $1 topic, $2 actor's id, $3 name, $4 origin; gives `created` and `changed`."""
        return f"""
            WITH wanted AS ({self._wanted()}),
            merged AS ({self._merged()}),
            told AS ({self._told()})
            SELECT count(*) FILTER (WHERE is_new) AS created, count(*) FILTER (WHERE NOT is_new) AS changed FROM wanted
        """

    def _wanted(self) -> str:
        compared = {name: (new, f"o.{name}") for name, new in self.stored.items()} | dict(self.beside)
        values = [f"{new} AS {name}" for name, (new, _) in compared.items()]
        values += [f"{new} AS {name}" for name, new in self.silent.items()]
        differs = [f"({new}) IS DISTINCT FROM ({old})" for new, old in compared.values()]
        before = ", ".join(
            f"'{name}', {old}{'::text' if name in self.exact else ''}" for name, (_, old) in compared.items()
        )
        same = [f"CASE WHEN NOT {each} THEN '{name}' END" for name, each in zip(compared, differs, strict=True)]
        return f"""
            SELECT s.id, s.at, s.{self.key}, o.id IS NULL AS is_new, {", ".join(values)},
                ARRAY[{", ".join(same)}, CASE WHEN o.id IS NOT NULL THEN '{self.key}' END] AS same,
                CASE WHEN o.id IS NOT NULL THEN jsonb_build_object({before}) END AS before
            FROM staged s LEFT JOIN LATERAL (SELECT * FROM {self.table} WHERE id = s.stored_id OFFSET 0) o ON true
            WHERE o.id IS NULL OR {" OR ".join(differs)}
        """

    def _merged(self) -> str:
        columns = [*self.stored, *self.silent]
        updates = ", ".join(f"{name} = excluded.{name}" for name in columns)
        return f"""
            INSERT INTO {self.table} (id, created_at, updated_at, version, {self.key}, {", ".join(columns)})
            SELECT id, at, at, 1, {self.key}, {", ".join(columns)} FROM wanted
            ON CONFLICT ({self.key}) DO UPDATE
            SET {updates}, updated_at = excluded.updated_at, version = {self.table}.version + 1
            RETURNING id, {self.key}
        """

    def _told(self) -> str:
        told = [self.key, *self.stored, *self.beside]
        pairs = ", ".join(f"'{name}', w.{name}{'::text' if name in self.exact else ''}" for name in told)
        return f"""
            INSERT INTO event (topic, subject_id, actor_id, actor_name, occurred_at, data, before, origin)
            SELECT $1::text, m.id, $2::uuid, $3::text, w.at, jsonb_build_object({pairs}) - w.same,
                w.before - w.same, $4::jsonb
            FROM merged m JOIN wanted w USING ({self.key})
        """
