"""Whether the promises were kept, by what the ledger, the effects, the trace outside and the jobs say together."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from domain.jobs.statements import rows_of

MOST_REPEATED = 0.01


@dataclass(frozen=True)
class Promise:
    """A promise, and what was found against it: nothing, where it was kept."""

    words: str
    broken: Sequence[object] = ()


IN_THE_DATABASE = {
    "every committed job has reached a final state": """
        SELECT l.job_id, j.kind, j.state FROM chaos_ledger l LEFT JOIN job j ON j.id = l.job_id
        WHERE j.state IS NULL OR j.state NOT IN ('succeeded', 'dead', 'cancelled')""",
    "a job that succeeded has had its effect": """
        SELECT j.id, j.kind FROM job j WHERE j.state = 'succeeded' AND j.kind <> 'chaos.external'
        AND NOT EXISTS (SELECT FROM chaos_effect e WHERE e.job_id = j.id)""",
    "no job has had its effect more than once": """
        SELECT job_id, count(*) FROM chaos_effect GROUP BY job_id HAVING count(*) > 1""",
    "only the attempt that succeeded has left an effect: a stale claim wrote nothing": """
        SELECT e.job_id, e.attempt, j.attempt, j.state FROM chaos_effect e JOIN job j ON j.id = e.job_id
        WHERE j.state <> 'succeeded' OR j.attempt <> e.attempt""",
    "no job was attempted more often than it may be": """
        SELECT id, kind, attempt, max_attempts FROM job WHERE attempt > max_attempts""",
    "attempts are those that ended otherwise than by being given back: a deploy consumed none": """
        SELECT j.id, j.kind, j.attempt, count(a.id) FROM job j
        LEFT JOIN job_attempt a ON a.job_id = j.id AND a.outcome <> 'released'
        WHERE j.state IN ('succeeded', 'dead') AND j.replays = 0 GROUP BY j.id HAVING count(a.id) <> j.attempt""",
    "only what was meant to fail is dead": """
        SELECT id, kind, attempt, error FROM job WHERE state = 'dead' AND kind <> 'chaos.flaky'""",
    "a due time has one outcome, and one job at most": """
        SELECT schedule_id, due_at FROM schedule_run GROUP BY 1, 2 HAVING count(*) > 1
        UNION ALL SELECT schedule_id, due_at FROM job WHERE due_at IS NOT NULL GROUP BY 1, 2 HAVING count(*) > 1""",
    "no due time is missing": """
        SELECT s.name, r.due_at, r.next FROM (
            SELECT schedule_id, due_at, lead(due_at) OVER (PARTITION BY schedule_id ORDER BY due_at) AS next
            FROM schedule_run) r JOIN schedule s ON s.id = r.schedule_id
        WHERE s.catch_up = 'all' AND r.next - r.due_at <> make_interval(secs => s.every_seconds)""",
    "what waits for others began after them": """
        SELECT j.id, b.id FROM job j JOIN job b ON b.then_id = j.id
        WHERE j.started_at < b.finished_at AND j.state = 'succeeded'""",
}


async def promises(rolled_back: Sequence[UUID], trace: str, too_many: Sequence[str]) -> list[Promise]:
    """This will look into everything."""
    found = [Promise(words, [tuple(row) for row in await rows_of(sql)]) for words, sql in IN_THE_DATABASE.items()]
    ran = await rows_of(
        "SELECT id FROM job WHERE id = ANY($1) UNION ALL SELECT job_id FROM chaos_effect WHERE job_id = ANY($1)",
        list(rolled_back),
    )
    lines = Counter(trace.splitlines())
    jobs = Counter(line.split()[0] for line in lines)
    outside = {str(key) for key in rolled_back} & jobs.keys()
    repeated = sum(lines.values()) - len(jobs)
    done = await rows_of("SELECT id FROM job WHERE state = 'succeeded' AND kind = 'chaos.external'")
    return [
        *found,
        Promise("no job that was rolled back has run", [*ran, *outside]),
        Promise("its effect outside, too", [row["id"] for row in done if str(row["id"]) not in jobs]),
        Promise("an effect outside is repeated under the same key", [job for job, keys in jobs.items() if keys > 1]),
        Promise(
            f"effects outside are repeated in at most {MOST_REPEATED:.0%} ({repeated} of {len(jobs)})",
            [repeated] if repeated > MOST_REPEATED * max(len(jobs), 100) else [],
        ),
        Promise("never more under way than keys and limits allow", too_many),
    ]
