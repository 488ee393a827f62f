"""Bulk forms: many rows in one mutation, with a result for each of them."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from graphql import FieldNode, GraphQLObjectType, GraphQLResolveInfo, ListValueNode, VariableNode, get_named_type
from strawberry.types import Info

from api.graph.entity import ENTITIES, Entity, named_type
from api.graph.enums import word_enum
from api.graph.kept import Kept, rows_of
from api.graph.records import payload_place, record_texts, records_plan
from api.graph.request import Request
from domain.kernel.refusals import Refusal
from domain.kernel.upserts import ARGUMENT, BulkMode, Fate

word_enum(
    BulkMode,
    "BulkMode",
    "What to do with many rows of which some are refused.",
    REJECT_ALL="Nothing is done unless every row is good; `userErrors` names the rows at fault.",
    SKIP_FAILED="Good rows are taken; the others are left out, and say why in their results.",
)
word_enum(
    Fate,
    "RowOutcome",
    "What became of one row among many.",
    CREATED="There was no record with its key, and now there is.",
    CHANGED="The record with its key was changed.",
    UNCHANGED="The record with its key says the same already.",
    REFUSED="It breaks a rule, and was left out; its `userErrors` say why.",
)

RESULTS = "results"
OnError = Annotated[
    BulkMode, strawberry.argument(description="What to do where some rows are refused; by default, nothing at all.")
]


@strawberry.type(description="How many rows came to what.")
class UpsertCounts:
    created: int = strawberry.field(description="Rows that made a new record.")
    changed: int = strawberry.field(description="Rows that changed a record.")
    unchanged: int = strawberry.field(description="Rows whose record said the same already.")
    refused: int = strawberry.field(description="Rows that were left out.")


@dataclass(frozen=True, slots=True)
class Row:
    """A row as the executor reads it; `texts` holds its record for every place that asks for it."""

    index: int
    outcome: Fate
    user_errors: Sequence[Any]
    texts: Mapping[tuple[Any, Any], Any]


def row_index() -> Any:
    """This will make the field that says which row of the input a result is about."""
    return strawberry.field(description="The place of the row in `inputs`, from 0.")


def row_outcome() -> Any:
    """This will make the field that says what became of a row."""
    return strawberry.field(description="What became of the row.")


def row_errors() -> Any:
    """This will make the field that says why a row was refused."""
    return strawberry.field(description="Why the row was refused; empty where it was taken.")


def row_record(description: str) -> Any:
    """This will make the field for the record of a row, selected together with those of all other rows."""
    return strawberry.field(resolver=_resolve_record, description=description)


def _resolve_record(root: Any, info: Info[Any, Any]) -> Any:
    path = info._raw_info.path
    within = path.prev and path.prev.prev
    return root.texts.get((within and within.key, path.key))


async def selected_rows(
    info: GraphQLResolveInfo[Any], request: Request, value: Kept, worded: Callable[[Refusal], Any]
) -> dict[str, Any]:
    """This will select the records of all rows, one statement for each place that asks for them, and count fates."""
    rows = rows_of(value)
    payload = cast(GraphQLObjectType, get_named_type(info.return_type))
    keys = list(dict.fromkeys(key for key, _, _ in rows if key))
    texts: dict[tuple[Any, Any], Mapping[UUID, Any]] = {}
    for key, nodes in request.scope.fields(payload, info.field_nodes).items():
        if nodes[0].name.value == RESULTS and keys:
            for place, found in (await _records(info, request, key, nodes, keys)).items():
                texts[key, place] = found
    counts = Counter(fate for _, fate, _ in rows)
    return {
        RESULTS: [
            Row(
                index,
                fate,
                [worded(refusal)] if refusal else [],
                {place: found[key] for place, found in texts.items() if key is not None and key in found},
            )
            for index, (key, fate, refusal) in enumerate(rows)
        ],
        "counts": UpsertCounts(**{fate.value: counts[fate] for fate in Fate}),
    }


async def _records(
    info: GraphQLResolveInfo[Any], request: Request, key: str, nodes: Sequence[FieldNode], keys: Sequence[UUID]
) -> dict[str, Mapping[UUID, Any]]:
    payload = cast(GraphQLObjectType, get_named_type(info.return_type))
    path = [*info.path.as_list(), key]
    return {
        name: await record_texts(request, payload_place(path, name), entity, same, keys)
        for name, entity, same in _asked(request, payload, nodes)
    }


def charge_rows(
    request: Request, payload: GraphQLObjectType, root: str, node: FieldNode, key: str, nodes: Sequence[FieldNode]
) -> None:
    """This will charge for the records of all rows of a bulk form, before anything is done. Raises TooLarge.

    `node` is the mutation that stands at `root` in the answer, `nodes` what it selects of its results as `key`.
    """
    rows = _rows_given(request, node)
    for name, entity, same in _asked(request, payload, nodes):
        records_plan(request, payload_place([root, key], name), entity, same, rows)


def _asked(
    request: Request, payload: GraphQLObjectType, nodes: Sequence[FieldNode]
) -> Iterator[tuple[str, Entity, list[FieldNode]]]:
    """The records that are asked for of each row: response key, entity, and what is selected."""
    row = cast(GraphQLObjectType, get_named_type(payload.fields[RESULTS].type))
    for name, same in request.scope.fields(row, nodes).items():
        definition = row.fields.get(same[0].name.value)
        if definition and named_type(definition.type) in ENTITIES:
            yield name, ENTITIES[named_type(definition.type)], same


def _rows_given(request: Request, node: FieldNode) -> int:
    """How many rows stand in the argument, without reading them."""
    (given,) = (argument.value for argument in node.arguments or () if argument.name.value == ARGUMENT)
    if isinstance(given, VariableNode):
        rows = request.variables.coerced.get(given.name.value)
        return len(rows) if isinstance(rows, list) else 1
    return len(given.values) if isinstance(given, ListValueNode) else 1
