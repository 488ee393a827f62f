"""What strangers learn in production: that they should sign in, and nothing of the schema.

A document that fits the schema and one that does not get the very same answer, as otherwise names could be guessed one
by one. Told are only faults that show in the document alone: that it cannot be parsed, that it is too large.
"""

from collections.abc import Mapping, Sequence

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
)

from api.graph.problems import Problem
from api.graph.reading import DEFINITION

OPEN = {"open": True}
"""The metadata of a root field that strangers may ask for."""


def is_open(
    schema: GraphQLSchema,
    operations: Sequence[OperationDefinitionNode],
    fragments: Mapping[str, FragmentDefinitionNode],
) -> bool:
    """This will say whether strangers may ask for every root field of all these operations, which are valid."""
    return all(
        _may_ask(schema.get_root_type(operation.operation), name)
        for operation in operations
        for name in _root_names(operation.selection_set, fragments)
    )


def to_sign_in() -> Problem:
    """This will be the answer to strangers, whatever they asked."""
    return Problem("Sign in first: strangers may ask for `login` only, and are told no more.", "UNAUTHENTICATED")


def _may_ask(owner: GraphQLObjectType | None, name: str) -> bool:
    definition = owner.fields.get(name) if owner else None
    if definition is None:
        return name == "__typename"
    return "open" in definition.extensions[DEFINITION].metadata


def _root_names(selections: SelectionSetNode, fragments: Mapping[str, FragmentDefinitionNode]) -> set[str]:
    names, seen, left = set[str](), set[str](), [selections]
    while left:
        for node in left.pop().selections:
            if isinstance(node, FieldNode):
                names.add(node.name.value)
            elif isinstance(node, InlineFragmentNode):
                left.append(node.selection_set)
            elif isinstance(node, FragmentSpreadNode) and node.name.value not in seen:
                seen.add(node.name.value)
                left.append(fragments[node.name.value].selection_set)
    return names
