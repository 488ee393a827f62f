"""What those need to know of themes who act on them: what they are called, what is at stake, who speaks for them."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from tortoise.connection import get_connection


class Stake(NamedTuple):
    """The revenue at stake in a theme, in one currency."""

    id: UUID
    currency: str
    customer_count: int
    ordered: Decimal
    pipeline: Decimal


class Quote(NamedTuple):
    """An item that speaks for a theme, in its own words."""

    id: UUID
    text: str


@dataclass(frozen=True, slots=True)
class Known:
    """A theme as those see it who act on it."""

    label: str
    stakes: tuple[Stake, ...]
    quotes: tuple[Quote, ...]


async def known_themes(keys: Collection[UUID], *, quotes: int) -> dict[UUID, Known]:
    """This will say what the themes with these keys are, with so many quotes each, the best first."""
    labels = await _rows("SELECT id, label FROM feedback_theme WHERE id = ANY($1::uuid[])", keys)
    stakes = await _rows(
        """SELECT theme_id, id, currency, customer_count, ordered, pipeline FROM feedback_theme_stake
        WHERE theme_id = ANY($1::uuid[]) ORDER BY theme_id, currency""",
        keys,
    )
    said = await _rows(
        """SELECT m.theme_id, i.id, i.text FROM feedback_theme_item m JOIN feedback_item i ON i.id = m.item_id
        WHERE m.theme_id = ANY($1::uuid[]) AND m.quote_rank <= $2 ORDER BY m.theme_id, m.quote_rank""",
        keys, quotes,
    )  # fmt: skip
    return {
        row["id"]: Known(
            row["label"],
            tuple(Stake(*(each[name] for name in Stake._fields)) for each in stakes if each["theme_id"] == row["id"]),
            tuple(Quote(each["id"], each["text"]) for each in said if each["theme_id"] == row["id"]),
        )
        for row in labels
    }


async def _rows(sql: str, keys: Collection[UUID], *more: Any) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql, [list(keys), *more])
