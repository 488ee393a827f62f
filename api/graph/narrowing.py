"""The arguments that narrow a list, and the figures beside it: the same for both."""

from typing import Any

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument

from api.graph.entity import ENTITIES
from api.graph.inputs import WHERE
from api.graph.search import LONGEST_SEARCH

_SEARCH = (
    "Only records that hold all of these words, in: {fields}. English words match by their stem, the last one by its "
    "beginning too; Chinese by characters in a row. {order}Null and blank do not narrow; at most {longest} characters."
)


def argument(name: str, annotation: Any, description: str, default: Any = strawberry.UNSET) -> StrawberryArgument:
    """This will make an argument of a field that derives its arguments."""
    return StrawberryArgument(
        python_name=name,
        graphql_name=None,
        type_annotation=StrawberryAnnotation(annotation),
        description=description,
        default=default,
    )


def narrowing(entity: str, order: str = "") -> list[StrawberryArgument]:
    """This will make `where`, and `search` for an entity that has words; `order` says how matches are ordered."""
    made = [argument("where", WHERE[entity] | None, "Only records that match.")]
    if searched := ENTITIES[entity].search:
        described = _SEARCH.format(fields=", ".join(searched), order=order, longest=LONGEST_SEARCH)
        made.append(argument("search", str | None, described))
    return made
