"""The ways in which the house says no: each with a stable code, the input path it is about, and a sentence.

Subclasses live where they are raised and read as sentences (`EmailTaken`). Anything that is not a Refusal is a bug:
it is masked at the edge and retried in a worker. A refusal ends a job.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import Any


class Code(StrEnum):
    """What kind of refusal it is; clients branch on it."""

    INVALID = "invalid"
    NOT_FOUND = "not_found"
    UNAUTHENTICATED = "unauthenticated"
    FORBIDDEN = "forbidden"
    CONFLICT = "conflict"
    STALE = "stale"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused"
    ALREADY_RUNNING = "already_running"
    EXHAUSTED = "exhausted"
    SECOND_FACTOR_NEEDED = "second_factor_needed"


class Refusal(Exception):
    """Something that was asked for and may not be: `code` for programs, a sentence for people, `field` for forms.

    `{field}` in the sentence stands for the name of the field, which people know by the edge that they came by.
    """

    code = Code.INVALID

    def __init__(self, sentence: str, *field: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field

    def __str__(self) -> str:
        return self.message

    @property
    def each(self) -> Sequence["Refusal"]:
        """The refusals that this one is made of, mostly itself alone."""
        return (self,)

    @property
    def message(self) -> str:
        """The sentence with the domain's own name of the field."""
        return self.worded(self.field[-1] if self.field else "value")

    def worded(self, name: str) -> str:
        """This will give the sentence with another name of the field."""
        return self.sentence.replace("{field}", name)


class Invalid(Refusal):
    """The input breaks a rule that needs no look at the data."""


class NotFound(Refusal):
    """No such record, or none that this actor may see: the two are not told apart."""

    code = Code.NOT_FOUND


class Unauthenticated(Refusal):
    """Nobody is signed in, or the credentials are wrong."""

    code = Code.UNAUTHENTICATED


class Forbidden(Refusal):
    """The actor is known and may not do this."""

    code = Code.FORBIDDEN


class Conflict(Refusal):
    """The request contradicts what is stored, such as a second record with the same external id."""

    code = Code.CONFLICT


class Stale(Refusal):
    """Somebody else changed the record since it was read; `record` is that record, as it stands."""

    code = Code.STALE

    def __init__(self, sentence: str, *field: str, record: Any) -> None:
        super().__init__(sentence, *field)
        self.record = record


class Exhausted(Refusal):
    """A limit is used up; the message says when to come back."""

    code = Code.EXHAUSTED


class Refusals(Refusal):
    """Several refusals at once, each about its own part of the input; its code is that of the first."""

    def __init__(self, each: Sequence[Refusal]) -> None:
        super().__init__(each[0].sentence, *each[0].field)
        self.code = each[0].code
        self._each = tuple(each)

    @property
    def each(self) -> Sequence[Refusal]:
        return self._each
