"""Root fields over jobs and schedules."""

import strawberry

from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one
from api.jobs.types import Job, JobAggregate, JobKind, JobQueue, Schedule


@strawberry.type
class JobQueries:
    jobs: Connection[Job] = many(
        description="The jobs you may see, the newest first: your own, or all as administrator."
    )
    job: Job | None = one(description="One job by id, with its progress.")
    schedules: Connection[Schedule] = many(description="What is run by itself again and again, and when next.")
    schedule: Schedule | None = one(description="One schedule by id.")
    job_kinds: Connection[JobKind] = many(description="The kinds of jobs that workers know, and what each is given.")
    queues: Connection[JobQueue] = many(
        description="The queues of jobs: how much stands in each, for how long, how it moves; for administrators."
    )
    queue: JobQueue | None = one(description="One queue by id; for administrators.")
    jobs_aggregate: JobAggregate = aggregate(description="What the jobs you may see come to, the whole or by groups.")
