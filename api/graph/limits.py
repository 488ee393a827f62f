"""What one operation may ask for, each limit a setting; what is over it is refused with what was asked and allowed."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Self

from api.graph.problems import Problem


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of an operation by name: of its document, of its variables, and of what it reads."""

    characters: int = 50_000
    tokens: int = 2_000
    depth: int = 20
    nesting: int = 50
    aliases: int = 250
    directives: int = 100
    values: int = 20_000
    roots: int = 50
    relations: int = 200
    columns: int = 2_000
    operators: int = 500
    counts: int = 20
    rows: int = 1_000_000
    cells: int = 2_000_000

    @classmethod
    def of(cls, setting: Callable[[str], int]) -> Self:
        """This will make the limits out of a function that knows each by its name."""
        return cls(**{field.name: setting(field.name) for field in fields(cls)})


WORDS = {
    "characters": ("characters in its document", "Move long values into variables, or split it."),
    "tokens": ("tokens in its document", "Split the operation."),
    "depth": ("levels of selections", "Ask for the rest by id."),
    "nesting": ("fragments within fragments", "Spread them at fewer levels."),
    "aliases": ("aliases in its document", "Split the operation."),
    "directives": ("directives in its document", "Split the operation."),
    "values": ("values in its variables", "Send them in several requests."),
    "roots": ("fields at the top level", "Split the operation."),
    "relations": ("related records and lists", "Split the query."),
    "columns": ("selected fields", "Split the query."),
    "operators": ("conditions in filters", "Narrow with `in`, or split the query."),
    "counts": ("`totalCount`s, aggregates and `groups`", "Count fewer lists at once."),
    "rows": ("rows on all pages, each page within every row around it", "Ask for smaller pages."),
    "cells": ("values, each selected field in every row around it", "Ask for fewer fields or smaller pages."),
    "introspection": ("values of the schema", "Ask for each list of it once."),
}
"""What each limit counts, and what to do about it."""


class Refused(Problem):
    """The operation is refused as a whole, before anything of it is read or done."""


class TooLarge(Refused):
    """More was asked for than an operation may; the text says of what, the extensions how much of it."""

    def __init__(self, limit: str, requested: int, allowed: int) -> None:
        what, remedy = WORDS[limit]
        message = f"The operation asks for {requested:,} {what} or more; at most {allowed:,} are allowed. {remedy}"
        super().__init__(message, "QUERY_TOO_LARGE", limit=limit, requested=requested, allowed=allowed)
