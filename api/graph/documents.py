"""Documents: parsed, validated and measured once, and kept; bounded in number and length.

Hostile documents are refused before the work that they are after: tokens are counted while parsing, depth (through
fragments, memoised) before validation.
"""

import re
from collections import OrderedDict
from dataclasses import dataclass
from itertools import count

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLSchema,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from api.graph.budget import TooLarge
from api.graph.introspection import refuse_wide_introspection
from api.graph.once import repetition
from api.graph.plans import exact_variables
from api.graph.problems import Problem

overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 50_000  # some 0.1 s, a tenth of graphql-core's own
MOST_TOKENS = 4000
DEEPEST = 20
MOST_DOCUMENTS = 500
MOST_CHARACTERS = 150_000
"""Of the documents kept together; a parsed document takes up to 190 bytes for each of its characters."""


@dataclass(slots=True)
class Prepared:
    """A document that may be executed; its number is its alone as long as the process lives."""

    number: int
    document: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    fragments: dict[str, FragmentDefinitionNode]
    exact: frozenset[str]
    introspects: bool

    def operation(self, name: str | None) -> OperationDefinitionNode:
        """This will choose the operation to run. Raises Problem where the name is missing or wrong."""
        if name is None and len(self.operations) == 1:
            return next(iter(self.operations.values()))
        if name is None or name not in self.operations:
            raise Problem(self._choice(), "BAD_USER_INPUT")
        return self.operations[name]

    def _choice(self) -> str:
        if "" in self.operations:
            return "The only operation has no name; leave `operationName` out."
        known = ", ".join(f"`{name}`" for name in sorted(self.operations))
        return f"Name the operation to run with `operationName`, one of: {known}."


class Rejected(Exception):
    """The document cannot be executed; the errors say why."""

    def __init__(self, errors: list[GraphQLError], code: str) -> None:
        super().__init__(code)
        self.errors, self.code = errors, code
        for error in errors:
            error.extensions = {"code": code, **(error.extensions or {})}


class Documents:
    """The documents seen last, prepared; an LRU of bounded number and length."""

    def __init__(self, schema: GraphQLSchema, *, hide_suggestions: bool = False) -> None:
        self._schema = schema
        self._hide_suggestions = hide_suggestions
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._numbers = count(1)
        self._characters = 0

    def prepared(self, text: str, *, keep: bool = True) -> Prepared:
        """This will give the document ready to run; one that is not to be kept costs no memory. Raises Rejected."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            return known
        made = self._prepare(text)
        if keep:
            self._kept[text] = made
            self._characters += len(text)
        while len(self._kept) > MOST_DOCUMENTS or self._characters > MOST_CHARACTERS:
            oldest, _ = self._kept.popitem(last=False)
            self._characters -= len(oldest)
        return made

    def _prepare(self, text: str) -> Prepared:
        try:
            document = parse(text, max_tokens=MOST_TOKENS)
        except GraphQLError as error:
            raise Rejected([error], "GRAPHQL_PARSE_FAILED") from None
        except RecursionError:
            raise Rejected([GraphQLError("The document is nested too deep.")], "GRAPHQL_PARSE_FAILED") from None
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        _refuse_depth(operations, fragments)
        if errors := validate(self._schema, document, max_errors=20, hide_suggestions=self._hide_suggestions):
            raise Rejected([_reworded(error) for error in errors], "GRAPHQL_VALIDATION_FAILED")
        _refuse_introspection(operations, fragments)
        if repeated := repetition(self._schema, operations, fragments):
            raise Rejected([repeated], repeated.code)
        named = {node.name.value if node.name else "": node for node in operations}
        introspects = bool(re.search(r"__schema\b|__type\b", text))
        return Prepared(next(self._numbers), document, named, fragments, exact_variables(document), introspects)


def _reworded(error: GraphQLError) -> GraphQLError:
    """graphql-core gives up where fields and fragments would have to be compared too often, and does not say so."""
    if error.message != "Validation aborted.":
        return error
    message = "The document repeats fields and fragments too often to be validated; ask for each field once."
    return Problem(message, "QUERY_TOO_LARGE")


def _refuse_introspection(
    operations: list[OperationDefinitionNode], fragments: dict[str, FragmentDefinitionNode]
) -> None:
    for operation in operations:
        try:
            refuse_wide_introspection(operation, fragments)
        except TooLarge as problem:
            raise Rejected([problem], problem.code) from None


def _refuse_depth(operations: list[OperationDefinitionNode], fragments: dict[str, FragmentDefinitionNode]) -> None:
    known: dict[str, int] = {}

    def depth(selections: SelectionSetNode, inside: frozenset[str]) -> int:
        deepest = 0
        for node in selections.selections:
            if isinstance(node, FragmentSpreadNode):
                deepest = max(deepest, of_fragment(node.name.value, inside))
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                deepest = max(deepest, depth(node.selection_set, inside) + isinstance(node, FieldNode))
        return deepest

    def of_fragment(name: str, inside: frozenset[str]) -> int:
        if name in inside or name not in fragments:
            return 0  # validation says what is wrong with it
        if name not in known:
            known[name] = depth(fragments[name].selection_set, inside | {name})
        return known[name]

    for operation in operations:
        found = depth(operation.selection_set, frozenset()) + 1
        if found > DEEPEST:
            message = f"The query is {found} levels deep; at most {DEEPEST} are allowed. Ask for the rest by id."
            raise Rejected([Problem(message, "QUERY_TOO_DEEP", requested=found, allowed=DEEPEST)], "QUERY_TOO_DEEP")
