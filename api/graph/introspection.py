"""How much of the schema a document asks for: at most twice what the standard query of every tool does.

Introspection is resolved field by field in this process, and its lists multiply with each alias.
"""

from collections.abc import Mapping
from functools import cache

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    get_introspection_query,
    parse,
)

from api.graph.limits import TooLarge

ROOTS = ("__schema", "__type")
LISTS = {"types": 200, "fields": 10, "inputFields": 10, "enumValues": 10, "args": 5, "directives": 5}
"""About how many things a list of the schema holds; all others hold next to none."""

Fragments = Mapping[str, FragmentDefinitionNode]


def introspection_weight(operation: OperationDefinitionNode, fragments: Fragments) -> int:
    """This will weigh what an operation asks of the schema, in time linear to the document. Raises TooLarge."""
    asked = _weight(operation.selection_set, fragments, {}, inside=False)
    if asked > _allowed():
        raise TooLarge("introspection", asked, _allowed())
    return asked


@cache
def _allowed() -> int:
    document = parse(get_introspection_query(input_value_deprecation=True, specified_by_url=True))
    fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
    (operation,) = (node for node in document.definitions if isinstance(node, OperationDefinitionNode))
    return 2 * _weight(operation.selection_set, fragments, {}, inside=False)


def _weight(
    selections: SelectionSetNode, fragments: Fragments, known: dict[tuple[str, bool], int], *, inside: bool
) -> int:
    """The values that a selection may give, on the schema (`inside`) or around it; the document has no circles."""
    total = 0
    for node in selections.selections:
        if isinstance(node, FragmentSpreadNode):
            key = (node.name.value, inside)
            if key not in known:
                known[key] = _weight(fragments[node.name.value].selection_set, fragments, known, inside=inside)
            total += known[key]
        elif isinstance(node, InlineFragmentNode):
            total += _weight(node.selection_set, fragments, known, inside=inside)
        elif isinstance(node, FieldNode) and (inside or node.name.value in ROOTS):
            below = _weight(node.selection_set, fragments, known, inside=True) if node.selection_set else 0
            total += 1 + LISTS.get(node.name.value, 1) * below
    return total
