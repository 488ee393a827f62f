"""The pages of docs/screens: their queries, the ids that these ask for, and the answers that they print."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[2] / "docs" / "screens"
NAMES = sorted(path.stem for path in FOLDER.glob("*.md") if path.stem != "README")
_QUERY = re.compile(r"```graphql\n(.+?)\n```", re.DOTALL)
_ANSWER = re.compile(r"(?<=```json\n).+?(?=\n```)", re.DOTALL)
_WANTED = re.compile(r"`\$(\w+)` is the id in\s+`(.+?)`[.,]")


@dataclass(frozen=True, slots=True)
class Page:
    """One page: its text, its query, and where each variable's id is found."""

    path: Path
    text: str

    @property
    def query(self) -> str:
        (query,) = _QUERY.findall(self.text)
        return str(query)

    @property
    def wanted(self) -> dict[str, str]:
        """The field of the root that gives the id of each variable."""
        return dict(_WANTED.findall(self.text))

    @property
    def answer(self) -> Any:
        (answer,) = _ANSWER.findall(self.text)
        return json.loads(answer)

    def write(self, answer: Any) -> None:
        """This will print another answer on the page."""
        printed = json.dumps(answer, indent=2, ensure_ascii=False)
        self.path.write_text(_ANSWER.sub(lambda _: printed, self.text), "utf-8")


def examples(text: str) -> list[tuple[str, Any]]:
    """This will find the queries that a text prints with their answers right behind."""
    pairs = re.findall(r"```graphql\n(.+?)\n```\n+```json\n(.+?)\n```", text, re.DOTALL)
    return [(query, json.loads(answer)) for query, answer in pairs]


def page(name: str) -> Page:
    """This will read a page."""
    path = FOLDER / f"{name}.md"
    return Page(path, path.read_text("utf-8"))
