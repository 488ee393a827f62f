"""Reads of surveys: what the answers of a period come to."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.period import Period
from domain.kernel.permissions import Permission
from domain.kernel.sight import SEEN, rows_seen
from domain.surveys.models import SurveyResponse
from domain.surveys.rules import Figure, SurveyKind, score


@dataclass(frozen=True, slots=True)
class Answers:
    """What a survey came to in a period: how often each score was given, lowest first, and the figure they make."""

    kind: SurveyKind
    counts: Mapping[int, int]
    figure: Figure


async def answers(key: UUID, period: Period, *, by: Actor) -> Answers | None:
    """This will sum up the answers to a survey given on the days of a period (UTC); None where there is no such survey.

    Raises Unauthenticated.
    """
    by.must(Permission.SURVEYS_READ)
    rows = await rows_seen(
        f"""SELECT s.kind, r.score, count(r.id)::int AS often FROM survey s
        LEFT JOIN survey_response r ON r.survey_id = s.id
            AND r.responded_at >= $2::date::timestamp AT TIME ZONE 'UTC'
            AND r.responded_at < $3::date::timestamp AT TIME ZONE 'UTC' {SEEN}
        WHERE s.id = $1 GROUP BY s.kind, r.score ORDER BY r.score""",
        SurveyResponse, "r", key, period.start, period.end, by=by,
    )  # fmt: skip
    if not rows:
        return None
    kind, counts = SurveyKind(rows[0]["kind"]), {row["score"]: row["often"] for row in rows if row["often"]}
    return Answers(kind, counts, score(kind, counts))
