"""The examples of GraphiQL: the files of `ide/examples`, in the order of their names; to add one is to add a file.

The first line of a file is a comment with its title, and the name of its first operation labels its tab. Variables
that it declares without a default come from the operations in `ide/samples.graphql`: each is named after a variable,
and the first value found in its answer is what that variable holds, so that examples speak of records that exist. What
the person asking may not see stays empty.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import orjson
from graphql import OperationDefinitionNode, parse

from api.context import Surroundings
from domain.kernel.actor import Actor


@dataclass(frozen=True, slots=True)
class Example:
    """Operations to try: its title, its text, and the variables that are to be filled in."""

    title: str
    query: str
    variables: tuple[str, ...]

    def filled(self, samples: dict[str, Any]) -> dict[str, str | None]:
        """This will give it as the page wants it, the variables as the text of a JSON object."""
        values = {name: samples[name] for name in self.variables if name in samples}
        text = orjson.dumps(values, option=orjson.OPT_INDENT_2).decode() if values else None
        return {"title": self.title, "query": self.query, "variables": text}


class Examples:
    """The examples, read once in a process from the folder of the IDE."""

    def __init__(self, house: Path, surroundings: Surroundings) -> None:
        self._surroundings = surroundings
        self._samples, self._sampled, self._examples = _read_all(house)

    async def filled(self, actor: Actor) -> list[dict[str, str | None]]:
        """This will give all of them, with variables of records that the actor may see."""
        samples = {name: await self._sample(name, actor) for name in self._sampled}
        known = {name: value for name, value in samples.items() if value is not None}
        return [example.filled(known) for example in self._examples]

    async def _sample(self, name: str, actor: Actor) -> Any:
        answer = await self._surroundings.engine.run(
            self._samples,
            operation_name=name,
            variables={},
            actor=actor,
            at=self._surroundings.clock(),
            surroundings=self._surroundings,
            read_only=True,
        )
        return _first(orjson.loads(answer.body).get("data"))


@cache
def _read_all(house: Path) -> tuple[str, Sequence[str], Sequence[Example]]:
    """The samples, their names, and the examples."""
    samples = (house / "samples.graphql").read_text()
    names = [operation.name.value for operation in _operations(samples) if operation.name]
    return samples, names, [_read(path.read_text()) for path in sorted((house / "examples").glob("*.graphql"))]


def _operations(text: str) -> list[OperationDefinitionNode]:
    return [node for node in parse(text).definitions if isinstance(node, OperationDefinitionNode)]


def _read(text: str) -> Example:
    wanted = dict.fromkeys(
        declared.variable.name.value
        for operation in _operations(text)
        for declared in operation.variable_definitions or ()
        if declared.default_value is None
    )
    return Example(text.partition("\n")[0].lstrip("# "), text, tuple(wanted))


def _first(value: Any) -> Any:
    """The first value that is neither an object nor a list; None where there is none."""
    while isinstance(value, dict | list):
        value = next(iter(value.values() if isinstance(value, dict) else value), None)
    return value
