"""What a command made, in the form in which it is kept for a repetition, and selected from, both times alike.

Records are named by their keys and read anew, so that a repetition may select other fields; rows among many say what
became of each; anything else is kept as it is.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from graphql import GraphQLResolveInfo, get_argument_values
from tortoise import Model

from domain.kernel.refusals import Code, Refusal
from domain.kernel.upserts import Fate, Outcome

KEY = "idempotencyKey"
RECORD, ROWS, VALUE = "record", "rows", "value"

Kept = Mapping[str, Any]
"""One value of a payload: the key of a record, the rows of a bulk form, or a plain value."""


def kept(value: Any) -> Kept:
    """This will put a value that a command made into the form to be kept."""
    if isinstance(value, Model):
        return {RECORD: value.pk.hex}
    return {VALUE: value}


def kept_rows(rows: Sequence[Outcome[Any]]) -> Kept:
    """This will put what became of many rows into the form to be kept."""
    return {ROWS: [_row(row) for row in rows]}


def _row(row: Outcome[Any]) -> list[Any]:
    refusal = row.refusal and [row.refusal.code.value, row.refusal.sentence, *row.refusal.field]
    return [row.record and row.record.id.hex, row.fate.value, refusal]


def rows_of(value: Kept) -> list[tuple[UUID | None, Fate, Refusal | None]]:
    """This will read kept rows: the key of each record, what became of it, and why it was refused."""
    return [(key and UUID(hex=key), Fate(fate), refusal and _refusal(refusal)) for key, fate, refusal in value[ROWS]]


def _refusal(words: Sequence[str]) -> Refusal:
    code, sentence, *field = words
    refusal = Refusal(sentence, *field)
    refusal.code = Code(code)
    return refusal


def input_digest(info: GraphQLResolveInfo[Any]) -> bytes:
    """This will digest the values of a mutation's arguments, however they were written, and without their key."""
    definition = info.parent_type.fields[info.field_name]
    values = get_argument_values(definition, info.field_nodes[0], info.variable_values)
    values.pop(KEY, None)
    text = json.dumps(values, sort_keys=True, default=str)  # which half surrogates pass, for the rules to refuse
    return hashlib.blake2b(text.encode(), digest_size=16).digest()
