"""Periods as the schema shows them: how long they are, and where one begins and ends."""

from datetime import date

import strawberry

from api.graph.enums import word_enum
from domain.kernel.period import Grain

word_enum(
    Grain,
    "Grain",
    "How long a period is: one step of a series, one group of an aggregate.",
    DAY="A calendar day.",
    WEEK="A week from Monday to Sunday (ISO 8601).",
    MONTH="A calendar month.",
    QUARTER="Three calendar months from January, April, July or October.",
    YEAR="A calendar year.",
)


@strawberry.type(description="The days from a start up to, and without, an end.")
class Period:
    start: date = strawberry.field(description="The first day.")
    end: date = strawberry.field(description="The day after the last: where the next period starts.")
