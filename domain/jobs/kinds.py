"""The kinds of jobs that workers tell of, so that who asks needs no code of theirs; and jobs that no worker knows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import jsonschema_rs
import orjson

from domain.jobs.models import JobKind
from domain.jobs.rules import LONGEST_MESSAGE, MayStart, Policy, legible
from domain.jobs.statements import rows_of
from domain.kernel.ids import new_id
from domain.kernel.permissions import Permission
from domain.kernel.refusals import Invalid

STALE_AFTER = timedelta(minutes=2)
"""A kind of which no worker has told for so long is one that nobody runs."""


@dataclass(frozen=True, slots=True)
class ToldKind:
    """What a worker tells of a kind: how its jobs are run, what they do and are given, and who may start them."""

    policy: Policy
    description: str
    payload_schema: dict[str, Any]
    may_start: MayStart
    permission: Permission | None = None


async def tell_kinds(kinds: Sequence[ToldKind], at: datetime) -> None:
    """This will say that a worker knows these kinds and queues now. Where two differ, the newer payload counts."""
    rows = [_row(kind) for kind in kinds]
    await rows_of(
        """INSERT INTO job_kind (id, created_at, updated_at, version, name, description, queue, payload_version,
            payload_oldest, payload_schema, may_start, permission, max_attempts, timeout_seconds, concurrency,
            concurrency_per_key, rate_count, rate_seconds, seen_at)
        SELECT id, $1, $1, 1, name, description, queue, newest, oldest, payload_schema::jsonb, may_start, permission,
            max_attempts,
            timeout_seconds, concurrency, concurrency_per_key, rate_count, rate_seconds, clock_timestamp()
        FROM unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::int[], $7::int[], $8::text[], $9::text[],
            $10::text[], $11::int[], $12::float8[], $13::int[], $14::int[], $15::int[], $16::float8[])
            AS told(id, name, description, queue, newest, oldest, payload_schema, may_start, permission, max_attempts,
            timeout_seconds, concurrency, concurrency_per_key, rate_count, rate_seconds)
        ORDER BY name
        ON CONFLICT (name) DO UPDATE SET (description, queue, payload_version, payload_oldest, payload_schema,
            may_start, permission, max_attempts, timeout_seconds, concurrency, concurrency_per_key, rate_count,
            rate_seconds, seen_at) = (
            excluded.description, excluded.queue, excluded.payload_version, excluded.payload_oldest,
            excluded.payload_schema, excluded.may_start, excluded.permission, excluded.max_attempts,
            excluded.timeout_seconds, excluded.concurrency, excluded.concurrency_per_key, excluded.rate_count,
            excluded.rate_seconds, excluded.seen_at)
        WHERE excluded.payload_version >= job_kind.payload_version
            OR job_kind.seen_at < clock_timestamp() - $17::interval""",
        at, *(list(column) for column in zip(*rows, strict=True)), STALE_AFTER,
    )  # fmt: skip
    queues = sorted({kind.policy.queue for kind in kinds})
    await rows_of(
        """INSERT INTO job_queue (id, created_at, updated_at, version, name, is_paused)
        SELECT id, $1, $1, 1, name, false FROM unnest($2::uuid[], $3::text[]) AS told(id, name)
        WHERE NOT EXISTS (SELECT FROM job_queue there WHERE there.name = told.name)
        ON CONFLICT (name) DO NOTHING""",
        at, [new_id() for _ in queues], queues,
    )  # fmt: skip


def _row(kind: ToldKind) -> tuple[Any, ...]:
    policy = kind.policy
    oldest, newest = policy.versions
    return (
        new_id(), policy.kind, kind.description, policy.queue, newest, oldest,
        orjson.dumps(kind.payload_schema).decode(), kind.may_start, kind.permission, policy.max_attempts,
        policy.timeout.total_seconds() if policy.timeout else None,
        policy.concurrency, policy.concurrency_per_key, policy.rate.count if policy.rate else None,
        policy.rate.seconds if policy.rate else None,
    )  # fmt: skip


async def known_kind(name: str, *field: str) -> JobKind:
    """This will find a kind that workers have told of. Raises Invalid, about `field`."""
    kind = await JobKind.get_or_none(name=name)
    if kind is None:
        raise Invalid("{field} is no kind of job that a worker has told of; `jobKinds` lists those there are.", *field)
    return kind


def check_payload(kind: JobKind, payload: Any, *field: str) -> dict[str, Any]:
    """This will return a payload that a kind takes, as its newest version is. Raises Invalid, saying what is wrong."""
    validator = jsonschema_rs.validator_for(kind.payload_schema, validate_formats=True)
    error = next(validator.iter_errors(payload), None)
    if error is not None:
        where = f" at {'.'.join(map(str, error.instance_path))}" if error.instance_path else ""
        wrong = legible(error.message, LONGEST_MESSAGE).replace("{", "(").replace("}", ")")
        raise Invalid(f"{{field}} is not what {kind.name} takes{where}: {wrong}; `jobKinds` has its schema.", *field)
    return dict(payload)


async def mark_unknown(after: timedelta) -> int:
    """This will say of queued jobs that wait in vain, as no worker knows their kind or their payload's version.

    Some hundreds at a time, of those that have waited for so long; returns how many.
    """
    rows = await rows_of(
        """WITH RECURSIVE shapes AS (
            (SELECT kind, payload_version FROM job WHERE state = 'queued' ORDER BY kind, payload_version LIMIT 1)
            UNION ALL
            SELECT next.kind, next.payload_version FROM shapes CROSS JOIN LATERAL (
                SELECT kind, payload_version FROM job
                WHERE state = 'queued' AND (kind, payload_version) > (shapes.kind, shapes.payload_version)
                ORDER BY kind, payload_version LIMIT 1
            ) next
        ), unknown AS (
            SELECT job.id FROM (
                SELECT * FROM shapes s WHERE NOT EXISTS (
                    SELECT FROM job_kind k WHERE k.name = s.kind AND k.seen_at > clock_timestamp() - $1::interval
                        AND s.payload_version BETWEEN k.payload_oldest AND k.payload_version) LIMIT 1000
            ) s JOIN job ON job.state = 'queued' AND job.kind = s.kind AND job.payload_version = s.payload_version
            WHERE job.error IS NULL AND job.ready_at < clock_timestamp() - $2::interval
            LIMIT 500 FOR UPDATE OF job SKIP LOCKED
        )
        UPDATE job SET error = format('No worker that runs knows %s with a payload of version %s; it waits for one.',
            kind, payload_version), updated_at = clock_timestamp(), version = version + 1
        FROM unknown WHERE job.id = unknown.id RETURNING job.id""",
        STALE_AFTER, after,
    )  # fmt: skip
    return len(rows)
