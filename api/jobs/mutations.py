"""Mutations of schedules."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.payloads import ExpectedVersion, UserError, given, optional, settle, user_errors
from api.jobs.types import Schedule
from domain.jobs import schedules
from domain.jobs.models import Schedule as ScheduleRow
from domain.kernel.ids import read_id


@strawberry.input(description="What to change of a schedule: what is left out stays as it is.")
class ScheduleUpdateInput:
    cron: str | None = optional("Minute, hour, day of month, month, day of week, such as 30 6 * * 1-5; not null.")
    time_zone: str | None = optional("The IANA zone that the line is read in, such as Europe/Berlin; not null.")
    is_paused: bool | None = optional("Whether it rests; what it sleeps through is not made up for; not null.")


@strawberry.type(description="The changed schedule, or why it was not changed.")
class ScheduleUpdatePayload:
    schedule: Schedule | None = strawberry.field(
        description="The schedule as it now stands, beside STALE too; null where otherwise refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class JobMutations:
    @strawberry.mutation(description="Changes when a schedule is due, or lets it rest; for administrators.")
    async def schedule_update(
        self,
        info: Info,
        id: Annotated[strawberry.ID, strawberry.argument(description="Which schedule.")],
        input: Annotated[ScheduleUpdateInput, strawberry.argument(description="What to change.")],
        expected_version: ExpectedVersion = None,
    ) -> ScheduleUpdatePayload:
        key = read_id(ScheduleRow.prefix, id)
        return await settle(
            info,
            lambda by, at: schedules.update_schedule(
                key, given(input), expected_version=expected_version, by=by, at=at
            ),
        )
