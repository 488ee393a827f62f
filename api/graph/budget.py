"""What one operation asks for in all, counted while it is compiled: mostly before anything is read or done.

The cost of an operation is its cells: the values that it may give, each selected field once for every row that it may
stand in, pages taken as full. A `totalCount` counts as 1,000 cells, a search likewise, a field of a mutation as 100.
An aggregate counts as 1,000 cells where it is over what belongs to one record, as 10,000 where it is over a whole list,
and once more for each `groups`, besides the values that it gives: as many groups as are asked for, a list of money as
one. Plans are kept together with what they ask for, so that an operation is judged in the same way whether it was
compiled just now or before.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any

from api.graph.limits import Limits, TooLarge

CELLS_OF_A_COUNT = 1_000
"""A `totalCount` or a search may read up to 10,000 rows, mostly far fewer."""
CELLS_OF_AN_AGGREGATE = 1_000
"""It reads all that belongs to one record."""
CELLS_OF_A_WHOLE_AGGREGATE = 10_000
"""It reads all rows of a table; that it takes long, the time that a statement may take bounds."""
CELLS_OF_A_MUTATION = 100


@dataclass(slots=True)
class Cost:
    """What was asked for so far, by the names of the limits."""

    roots: int = 0
    relations: int = 0
    columns: int = 0
    operators: int = 0
    counts: int = 0
    rows: int = 0
    cells: int = 0


NAMES = tuple(each.name for each in fields(Cost))


@dataclass(slots=True)
class Budget:
    """What an operation may ask for, and what it has asked for so far; asking for more raises TooLarge."""

    limits: Limits
    spent: Cost = field(default_factory=Cost)

    def charge(self, name: str, amount: int = 1) -> None:
        """This will add to one of the costs. Raises TooLarge."""
        asked = getattr(self.spent, name) + amount
        setattr(self.spent, name, asked)
        allowed = getattr(self.limits, name)
        if asked > allowed:
            raise TooLarge(name, asked, allowed)

    def charge_all(self, cost: Cost) -> None:
        """This will add what a plan that is at hand asks for. Raises TooLarge."""
        for name in NAMES:
            self.charge(name, getattr(cost, name))

    def since(self, before: Cost) -> Cost:
        """This will give what was asked for since a copy was taken."""
        return Cost(**{name: getattr(self.spent, name) - getattr(before, name) for name in NAMES})

    def copy(self) -> Cost:
        """This will give what was asked for so far, to compare with later."""
        return replace(self.spent)


def refuse_many_values(variables: Mapping[str, Any], allowed: int) -> None:
    """This will count the values in a request's variables, at every depth. Raises TooLarge."""
    found, waiting = 0, list(variables.values())
    while waiting:
        value = waiting.pop()
        found += 1
        if isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list):
            waiting.extend(value)
        if found + len(waiting) > allowed:
            raise TooLarge("values", found + len(waiting), allowed)
