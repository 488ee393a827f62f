"""Mutations that may stand only once in an operation: whoever wants more sends more requests, which can be counted.

A field says so by its metadata: `strawberry.mutation(metadata=ONCE)`.
"""

from collections.abc import Iterator

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
)

from api.graph.problems import Problem

ONCE = {"once": True}


def repetition(
    schema: GraphQLSchema, operations: list[OperationDefinitionNode], fragments: dict[str, FragmentDefinitionNode]
) -> Problem | None:
    """This will find what stands more often than once in an operation that is valid otherwise."""
    for operation in operations:
        if operation.operation is not OperationType.MUTATION or schema.mutation_type is None:
            continue
        asked: dict[str, set[str]] = {}
        for node in _roots(operation.selection_set, fragments, set()):
            asked.setdefault(node.name.value, set()).add((node.alias or node.name).value)
        for name, keys in asked.items():
            definition = schema.mutation_type.fields.get(name)
            declared = definition and definition.extensions.get("strawberry-definition")
            if declared and "once" in declared.metadata and len(keys) > 1:
                message = (
                    f"`{name}` stands {len(keys)} times in one operation, and may stand once; send a request each."
                )
                return Problem(message, "ONLY_ONCE", requested=len(keys), allowed=1)
    return None


def _roots(
    selections: SelectionSetNode, fragments: dict[str, FragmentDefinitionNode], seen: set[str]
) -> Iterator[FieldNode]:
    """The fields that an operation begins with, those in fragments among them; each fragment is looked into once."""
    for node in selections.selections:
        if isinstance(node, FieldNode):
            yield node
        elif isinstance(node, InlineFragmentNode):
            yield from _roots(node.selection_set, fragments, seen)
        elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
            seen.add(node.name.value)
            yield from _roots(fragments[node.name.value].selection_set, fragments, seen)
