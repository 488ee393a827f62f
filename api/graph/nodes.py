"""Records of any type by their public ids: each id is sought in the table that its prefix names."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from graphql import FieldNode

from api.graph.arguments import Given
from api.graph.compiler import Compiler
from api.graph.entity import ENTITIES, Entity
from api.graph.problems import bad_input
from api.graph.sight import is_closed
from api.graph.statement import literal
from domain.kernel.ids import split_id

MOST_NODES = 100
NOTHING = "SELECT NULL::text AS v, 0 AS w WHERE FALSE"


def node_select(compiler: Compiler, given: Given, nodes: Sequence[FieldNode]) -> str:
    """This will give the select of one record by its id: a row, or no row."""
    parts = split_id(given.value)
    entity = _entities().get(parts[0]) if parts else None
    if entity is None or is_closed(entity, compiler.actor):
        return NOTHING
    return compiler.record(entity, nodes, given.bind(_part(1)))


def nodes_select(compiler: Compiler, given: Given, nodes: Sequence[FieldNode]) -> str:
    """This will give the select of many records by their ids: one row, a list in the order of the ids.

    Raises Problem where there are more than 100.
    """
    if len(given.value) > MOST_NODES:
        raise bad_input(f"ids lists {len(given.value)} ids; at most {MOST_NODES} are read at once.")
    asked = Counter(parts[0] for parts in map(split_id, given.value) if parts)
    prefixes = compiler.statement.parameter(given.bind(_each(_part(0))), "text[]")
    keys = compiler.statement.parameter(given.bind(_each(_part(1))), "uuid[]")
    known = {prefix: entity for prefix, entity in _entities().items() if not is_closed(entity, compiler.actor)}
    found = [
        f"SELECT {literal(prefix)} AS prefix, f.* FROM ({compiler.records(known[prefix], nodes, keys, most=count)}) f"
        for prefix, count in sorted(asked.items())
        if prefix in known
    ]
    records = " UNION ALL ".join(found) or f"SELECT NULL AS prefix, NULL::uuid AS id, n.* FROM ({NOTHING}) n"
    return (
        "SELECT concat('[', string_agg(coalesce(f.v, 'null'), ',' ORDER BY k.place), ']') AS v, "
        f"coalesce(sum(f.w), 0)::int8 AS w FROM unnest({prefixes}, {keys}) WITH ORDINALITY k(prefix, id, place) "
        f"LEFT JOIN ({records}) f ON f.prefix = k.prefix AND f.id = k.id"
    )


def _entities() -> dict[str, Entity]:
    return {entity.prefix: entity for entity in ENTITIES.values()}


def _part(place: int) -> Callable[[Any], Any]:
    def part(text: Any) -> Any:
        parts = split_id(text)
        return parts[place] if parts else None

    return part


def _each(convert: Callable[[Any], Any]) -> Callable[[Any], list[Any]]:
    return lambda texts: [convert(text) for text in texts]
