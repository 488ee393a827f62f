"""The tables of docs/permissions.md, read as they are written, and what they say should happen."""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/permissions.md"
RELATIONS = ("own", "team", "other", "nobody")
_REACH = {"own": 1, "team": 2, "all": 3, "": 0}
_NEEDED = {"own": 1, "team": 2, "other": 3, "nobody": 3}
ALLOWED, NOT_FOUND, FORBIDDEN = "allowed", "NOT_FOUND", "FORBIDDEN"


@cache
def tables() -> dict[str, list[list[str]]]:
    """The rows of each table by the heading that it stands under, its head first."""
    found: dict[str, list[list[str]]] = {}
    for part in re.split(r"^## ", PAGE.read_text(), flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
        found[title.strip()] = [[cell.strip() for cell in row] for row in rows if not set("".join(row)) <= set("- ")]
    return found


@cache
def roles() -> list[str]:
    return tables()["Built-in roles"][0][1:]


@cache
def granted() -> dict[tuple[str, str], str]:
    """The reach of each permission of each role, by both names."""
    head, *rows = tables()["Built-in roles"]
    return {(role, row[0]): reach for row in rows for role, reach in zip(head[1:], row[1:], strict=True) if reach}


@dataclass(frozen=True)
class Rule:
    """What a table says of a field: its permission, whose record counts, and what else is needed."""

    permission: str
    over: str = ""
    also: str = ""

    @property
    def is_for_everybody(self) -> bool:
        return self.permission in ("signed in", "open")

    def reach(self, role: str, permission: str) -> int:
        return _REACH[granted().get((role, permission), "")]

    def of_query(self, role: str, relation: str) -> str:
        """What a field that reads comes to."""
        permission, _, everyone = self.permission.partition(" or ")
        if self.is_for_everybody:
            return ALLOWED
        reach = max(self.reach(role, permission), 1 if everyone else 0)
        if not reach:
            return FORBIDDEN
        return ALLOWED if not self.over or reach >= _NEEDED[relation] else NOT_FOUND

    def of_mutation(self, role: str, relation: str) -> str:
        """What a verb comes to."""
        if self.permission == "signed in" and self.over:  # one's own by nature, of others by a permission
            return self._over(
                relation, max(1, self.reach(role, "ACCESS_READ")), max(1, self.reach(role, "ACCESS_WRITE"))
            )
        if self.is_for_everybody:
            return ALLOWED
        reach = self.reach(role, self.permission)
        if not reach or (self.over == "all" and reach < 3):
            return FORBIDDEN
        if self.permission == "ACCESS_SHARE" and self.also:
            return self._over(relation, self.reach(role, reading(self.also)), self.reach(role, self.also))
        wanted = 3 if self.permission == "IMPORTS_WRITE" else 1
        if self.also and self.reach(role, self.also) < wanted:
            return FORBIDDEN
        if self.over in ("", "all"):
            return ALLOWED
        return self._over(relation, self.reach(role, reading(self.permission)), reach)

    def _over(self, relation: str, seeing: int, changing: int) -> str:
        if seeing < _NEEDED[relation]:
            return NOT_FOUND
        return ALLOWED if changing >= _NEEDED[relation] else FORBIDDEN


def reading(permission: str) -> str:
    """The permission to see what another is about."""
    if permission in ("IMPORTS_WRITE", "ACCESS_SHARE"):
        return permission
    return f"{permission.partition('_')[0]}_READ"


@cache
def rules(kind: str) -> dict[str, Rule]:
    """The rules of Queries, Mutations or Subscriptions, by the name of the field."""
    return {name: Rule(*cells) for name, *cells in tables()[kind][1:]}
