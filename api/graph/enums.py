"""Enums of the domain as the graph shows them: the domain has the words, the schema what they mean to a stranger."""

from enum import Enum
from typing import Any

import strawberry


def word_enum(of: type[Enum], name: str, description: str, **meanings: str) -> None:
    """This will show an enum of the domain under a name, with the meaning of each of its words.

    The database keeps a word in small letters, the graph shows it in capitals. Raises TypeError where a word has no
    meaning, or is not written so.
    """
    strawberry.enum(of, name=name, description=description)
    definition: Any = of.__strawberry_definition__  # type: ignore[attr-defined]
    for word in definition.values:
        if word.name not in meanings or of[word.name].value != word.name.lower():
            raise TypeError(f"{name}.{word.name} needs a meaning, and its own name in small letters as its value.")
        word.description = meanings[word.name]
