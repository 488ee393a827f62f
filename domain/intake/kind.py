"""What a context declares about its files: columns and their rules, references, and where the rows go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from domain.intake.columns import Column
from domain.intake.merge import Merge
from domain.intake.units import Assembler


@dataclass(frozen=True)
class Reference:
    """A column that names a record of another table by its key; the id of that record is staged as `target`."""

    noun: str
    column: str
    table: str
    key: str
    target: str
    of_part: bool = False


@dataclass(frozen=True)
class Kind:
    """A kind of file that can be imported.

    Rows are staged in the temporary table `staged`: unit_no, line, a new id, the stored_id of the record with the same
    key, the time at, lacks, the columns and the `computed` ones, an id for each reference, and the `scratch` columns
    for `prepare` to fill. Where a record is spread over several rows, `staged` holds the record, and `staged_part` its
    rows: unit_no, line, place, id, their columns and references.
    """

    name: str
    noun: str
    columns: Sequence[Column]
    """The columns of a record, its key first."""

    assembler: Callable[[datetime, bool], Assembler]
    """Makes units of rows, given the time of the import and whether a record is spread over several lines."""

    merge: Merge
    part_columns: Sequence[Column] = ()
    """The columns that each row of a record has for itself."""

    parts: str = ""
    """Under what name the rows of a record stand in JSON Lines."""

    references: Sequence[Reference] = ()
    computed: Sequence[tuple[str, str]] = ()
    """Names and types of values that a unit has behind those of its columns."""

    scratch: Sequence[tuple[str, str]] = ()
    prepare: Sequence[str] = ()
    """Statements between the checks and the merge."""

    finish: Sequence[str] = ()
    """Statements behind the merge, in the same transaction."""

    once: str = "It stands on line {line} of this file already; a file has it once."
    """Why a second record with the same key is refused."""

    starts: str | None = None
    """The kind of job to start where anything was created or changed."""

    @property
    def key(self) -> str:
        """The column that tells records apart."""
        return self.columns[0].name
