"""Documents: parsed, validated and measured once, and kept; bounded in number and length, but for those of a manifest.

Hostile documents are refused before the work that they are after: characters and tokens are counted before parsing,
depth (through fragments, memoised), aliases and directives before validation.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import count

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    parse,
    validate,
)
from graphql.validation.rules import overlapping_fields_can_be_merged

from api.graph.introspection import introspection_weight
from api.graph.limits import Limits, Refused, TooLarge
from api.graph.measures import refuse_sprawl, tokens_of
from api.graph.plans import Decisive, Plans, decisive_variables
from api.graph.problems import Problem

overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET = 10_000  # some 10 ms; 1/50 of graphql-core's own
MOST_DOCUMENTS = 500
MOST_CHARACTERS = 150_000
"""Of the documents kept together; a parsed document takes up to 190 bytes for each of its characters."""
LONGEST_KEPT = MOST_CHARACTERS // 4


@dataclass(slots=True)
class Prepared:
    """A document that may be executed; its number is its alone as long as the process lives."""

    number: int
    document: DocumentNode
    operations: dict[str, OperationDefinitionNode]
    fragments: dict[str, FragmentDefinitionNode]
    decisive: Decisive
    introspection: dict[str, int]
    """How much of the schema each operation asks for, by its name; 0 for none of it."""
    plans: Plans = field(default_factory=Plans)
    """Where its plans are kept: among those of all documents, as long as it is one that is kept, else by itself."""

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
    """The document cannot be executed; the errors say why, and `reveals` whether that tells of the schema."""

    def __init__(self, errors: list[GraphQLError], code: str, *, reveals: bool = False) -> None:
        super().__init__(code)
        self.errors, self.code, self.reveals = errors, code, reveals
        for error in errors:
            error.extensions = {"code": code, **(error.extensions or {})}


class Documents:
    """The documents seen last, prepared; an LRU of bounded number and length.

    A plan holds parts of its document, so it goes with it.
    """

    def __init__(self, schema: GraphQLSchema, limits: Limits) -> None:
        self._schema = schema
        self._limits = limits
        self._kept: OrderedDict[str, Prepared] = OrderedDict()
        self._lasting: dict[str, Prepared] = {}
        self._plans = Plans()
        self._numbers = count(1)
        self._characters = 0

    def prepared(self, text: str, *, keep: bool = True) -> Prepared:
        """This will give the document ready to run; one that is not to be kept costs no memory. Raises Rejected."""
        known = self._kept.get(text)
        if known is not None:
            self._kept.move_to_end(text)
            return known
        known = self._lasting.get(text)
        if known is not None:
            return known
        made = self._prepare(text)
        if keep and len(text) <= LONGEST_KEPT:
            made.plans = self._plans
            self._kept[text] = made
            self._characters += len(text)
        while len(self._kept) > MOST_DOCUMENTS or self._characters > MOST_CHARACTERS:
            oldest, gone = self._kept.popitem(last=False)
            self._characters -= len(oldest)
            self._plans.forget(gone.number)
            gone.plans = Plans()
        return made

    def prepare_for_good(self, text: str) -> None:
        """This will prepare a document that is never to make room for others. Raises Rejected."""
        made = self._lasting[text] = self._prepare(text)
        made.plans = self._plans

    def _prepare(self, text: str) -> Prepared:
        document = self._parsed(text)
        fragments = {node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)}
        operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
        try:
            refuse_sprawl(operations, fragments, self._limits)
        except Refused as refused:
            raise Rejected([refused], refused.code) from None
        if errors := validate(self._schema, document, max_errors=20):
            raise Rejected([_reworded(error) for error in errors], "GRAPHQL_VALIDATION_FAILED", reveals=True)
        named = {node.name.value if node.name else "": node for node in operations}
        try:
            weights = {name: introspection_weight(node, fragments) for name, node in named.items()}
        except Refused as refused:
            raise Rejected([refused], refused.code, reveals=True) from None
        return Prepared(next(self._numbers), document, named, fragments, decisive_variables(document), weights)

    def _parsed(self, text: str) -> DocumentNode:
        try:
            if len(text) > self._limits.characters:
                raise TooLarge("characters", len(text), self._limits.characters)
            if (found := tokens_of(text)) > self._limits.tokens:
                raise TooLarge("tokens", found, self._limits.tokens)
            return parse(text, max_tokens=self._limits.tokens)
        except Refused as refused:
            raise Rejected([refused], refused.code) from None
        except GraphQLError as error:
            raise Rejected([error], "GRAPHQL_PARSE_FAILED") from None
        except RecursionError:
            raise Rejected([GraphQLError("The document is nested too deep.")], "GRAPHQL_PARSE_FAILED") from None


def _reworded(error: GraphQLError) -> GraphQLError:
    """graphql-core gives up where fields and fragments would have to be compared too often, and does not say so."""
    if error.message != "Validation aborted.":
        return error
    message = "The document repeats fields and fragments too often to be validated; ask for each field once."
    return Problem(message, "QUERY_TOO_LARGE")
