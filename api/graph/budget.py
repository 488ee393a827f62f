"""What one operation may ask for in all, counted while it is compiled: mostly before anything is read or done.

Compiled plans are kept together with their cost, so that an operation is refused in the same way whether its plans
were made just now or before. Each limit answers with what was asked and what is allowed. What `node` and `nodes` select
is known only when their ids are, so it is counted when their turn comes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from api.graph.problems import Problem

LIMITS = {
    "rows": (1_000_000, "rows on all pages, each page within every row around it", "Ask for smaller pages."),
    "relations": (200, "related records and lists", "Split the query."),
    "cells": (
        2_000_000,
        "values, each selected field in every row around it",
        "Ask for fewer fields or smaller pages.",
    ),
    "columns": (2_000, "selected fields", "Split the query."),
    "operators": (500, "conditions in filters", "Narrow with `in`, or split the query."),
    "counts": (20, "`totalCount`s", "Count fewer lists at once."),
    "roots": (50, "fields at the top level", "Split the operation."),
}
ROWS_OF_A_COUNT = 1_000
"""What a `totalCount` is charged for each row around it: it may read up to 10,000 rows, mostly far fewer."""
MOST_VALUES = 20_000
"""In the variables of one request."""


class TooLarge(Problem):
    """More was asked for than an operation may; the text says of what, the extensions how much of it."""

    def __init__(self, limit: str, requested: int, allowed: int, what: str, remedy: str) -> None:
        message = f"The operation asks for {requested:,} {what} or more; at most {allowed:,} are allowed. {remedy}"
        super().__init__(message, "QUERY_TOO_LARGE", limit=limit, requested=requested, allowed=allowed)


@dataclass(slots=True)
class Cost:
    """What was asked for so far, by the names of LIMITS."""

    rows: int = 0
    relations: int = 0
    cells: int = 0
    columns: int = 0
    operators: int = 0
    counts: int = 0
    roots: int = 0


@dataclass(slots=True)
class Budget:
    """What an operation has asked for so far; asking for more than is allowed raises TooLarge."""

    spent: Cost = field(default_factory=Cost)

    def charge(self, name: str, amount: int = 1) -> None:
        """This will add to one of the costs. Raises TooLarge."""
        asked = getattr(self.spent, name) + amount
        setattr(self.spent, name, asked)
        allowed, what, remedy = LIMITS[name]
        if asked > allowed:
            raise TooLarge(name, asked, allowed, what, remedy)

    def charge_all(self, cost: Cost) -> None:
        """This will add what a plan that is at hand asks for. Raises TooLarge."""
        for name in LIMITS:
            self.charge(name, getattr(cost, name))

    def since(self, before: Cost) -> Cost:
        """This will give what was asked for since a copy was taken."""
        return Cost(**{name: getattr(self.spent, name) - getattr(before, name) for name in LIMITS})

    def copy(self) -> Cost:
        """This will give what was asked for so far, to compare with later."""
        return replace(self.spent)


def refuse_many_values(variables: Mapping[str, Any]) -> None:
    """This will count the values in a request's variables, at every depth. Raises TooLarge."""
    found, waiting = 0, list(variables.values())
    while waiting:
        value = waiting.pop()
        found += 1
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        if found + len(waiting) > MOST_VALUES:
            what = "values in its variables"
            raise TooLarge("values", found + len(waiting), MOST_VALUES, what, "Send them in several requests.")
