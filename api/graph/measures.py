"""How far a document sprawls, measured in time linear to its length: tokens, depth, aliases and directives."""

import re
from collections.abc import Iterator, Mapping, Sequence

from graphql import (
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
)

from api.graph.limits import Limits, TooLarge

_TOKEN = re.compile(
    r'#[^\n\r]*|("""(?:[^"\\]|\\"""|\\|"(?!""))*"""|"(?:[^"\\\n\r]|\\.)*"|[_A-Za-z][_0-9A-Za-z]*'
    r"|-?[0-9][0-9A-Za-z.+-]*|\.{3}|[!$&()\[\]{}:=@|])"
)

Fragments = Mapping[str, FragmentDefinitionNode]


def tokens_of(text: str) -> int:
    """This will count the tokens of a document, about as the lexer does, and much faster; escapes in strings, too.

    An escape takes the lexer as long as a token does.
    """
    found = _TOKEN.findall(text)
    return len(found) - found.count("") + text.count("\\")


def refuse_sprawl(operations: Sequence[OperationDefinitionNode], fragments: Fragments, limits: Limits) -> None:
    """This will measure a document that need not be valid. Raises TooLarge."""
    aliases, directives = 0, 0
    for definition in (*operations, *fragments.values()):
        directives += len(definition.directives or ())
        for node in _nodes(definition.selection_set):
            directives += len(node.directives or ())
            aliases += isinstance(node, FieldNode) and node.alias is not None
    found = {"aliases": aliases, "directives": directives, **_depth(operations, fragments, limits.nesting)}
    for limit, amount in found.items():
        if amount > getattr(limits, limit):
            raise TooLarge(limit, amount, getattr(limits, limit))


def _nodes(selections: SelectionSetNode) -> Iterator[SelectionNode]:
    """Everything selected, at every depth, in no order; spreads are not followed."""
    waiting = [selections]
    while waiting:
        for node in waiting.pop().selections:
            yield node
            if isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                waiting.append(node.selection_set)


def _depth(operations: Sequence[OperationDefinitionNode], fragments: Fragments, most_nested: int) -> dict[str, int]:
    """The levels of the deepest operation, fragments included, and how far fragments nest; each is measured once."""
    known: dict[str, tuple[int, int]] = {}

    def measure(selections: SelectionSetNode, inside: tuple[str, ...]) -> tuple[int, int]:
        depth, nesting = 0, 0
        for node in selections.selections:
            found = (0, 0)
            if isinstance(node, FragmentSpreadNode):
                found = of_fragment(node.name.value, inside)
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                below, further = measure(node.selection_set, inside)
                found = below + isinstance(node, FieldNode), further
            depth, nesting = max(depth, found[0]), max(nesting, found[1])
        return depth, nesting

    def of_fragment(name: str, inside: tuple[str, ...]) -> tuple[int, int]:
        if name in inside or name not in fragments:
            return 0, 0  # validation says what is wrong with it
        if len(inside) > most_nested:
            raise TooLarge("nesting", len(inside), most_nested)
        if name not in known:
            depth, nesting = measure(fragments[name].selection_set, (*inside, name))
            known[name] = depth, nesting + 1
        return known[name]

    measured = [measure(operation.selection_set, ()) for operation in operations] or [(0, 0)]
    return {"depth": max(depth for depth, _ in measured) + 1, "nesting": max(nesting for _, nesting in measured)}


def fields_below(nodes: Sequence[FieldNode], fragments: Fragments) -> int:
    """This will count the fields that a valid document selects within some, those of fragments at every spread."""
    known: dict[str, int] = {}

    def count(selections: SelectionSetNode | None) -> int:
        return sum(map(of, selections.selections)) if selections else 0

    def of(node: SelectionNode) -> int:
        if isinstance(node, FragmentSpreadNode):
            name = node.name.value
            if name not in known:
                known[name] = count(fragments[name].selection_set)
            return known[name]
        assert isinstance(node, FieldNode | InlineFragmentNode)
        return isinstance(node, FieldNode) + count(node.selection_set)

    return sum(map(of, nodes))
