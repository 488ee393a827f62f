"""The audit trail as auditors read it: every event with its actor, way, and what was before."""

from datetime import datetime
from typing import Annotated, Any, cast
from uuid import UUID

import strawberry
from strawberry.types import Info

from api.graph.connections import PageInfo
from api.graph.course import ROWS
from api.graph.problems import Problem, bad_input
from api.graph.request import Request
from api.graph.scalars import JSON
from domain.access import audit
from domain.access.models import ApiKey, Session, User
from domain.kernel.events import position_id, read_position
from domain.kernel.ids import public_id, read_id, split_id
from domain.kernel.record import Record

MOST, USUAL = 100, 50


@strawberry.type(description="A fact in the past tense, as the log holds it: it never changes.")
class AuditEvent:
    id: strawberry.ID = strawberry.field(description="Its place in the log.")
    topic: str = strawberry.field(description="What happened, such as `pipeline.opportunity.moved`.")
    subject_key: str = strawberry.field(
        description="The key of the record it happened to: the hexadecimal digits of its public id."
    )
    actor_id: strawberry.ID | None = strawberry.field(description="The user who did it; null for the system.")
    actor_name: str = strawberry.field(description="Who did it, as they were called at the time.")
    occurred_at: datetime = strawberry.field(description="When it happened (UTC).")
    data: JSON = strawberry.field(description="The values that changed, as they were afterwards.")
    before: JSON | None = strawberry.field(description="The same values as they were before; null for a birth.")
    session_id: strawberry.ID | None = strawberry.field(description="The session that it was done in; null without.")
    api_key_id: strawberry.ID | None = strawberry.field(description="The API key that it was done with; null without.")
    address: str | None = strawberry.field(description="The client's network address; null for what workers did.")
    request_id: str | None = strawberry.field(
        description="The request: as its `X-Request-Id` said, and as the server's log has it."
    )
    seal: int | None = strawberry.field(
        description="Its place in the chain of seals, by which `salesloop audit verify` finds what was tampered with; "
        "null for a moment."
    )


@strawberry.type(description="An audit event, and its place in the list.")
class AuditEventEdge:
    node: AuditEvent = strawberry.field(description="The event.")
    cursor: str = strawberry.field(description="Give it as `after` to go on behind this event.")


@strawberry.type(description="A page of the audit trail, the newest first.")
class AuditEventConnection:
    edges: list[AuditEventEdge] = strawberry.field(description="The events with their cursors.")
    nodes: list[AuditEvent] = strawberry.field(description="The events by themselves.")
    page_info: PageInfo = strawberry.field(description="Whether there are more, and where to go on.")


@strawberry.input(description="Which events: all that is given must be so.")
class AuditEventWhere:
    topic: str | None = strawberry.field(default=None, description="Exactly this topic.")
    subject_id: strawberry.ID | None = strawberry.field(default=None, description="What happened to this record.")
    actor_id: strawberry.ID | None = strawberry.field(default=None, description="What this user did.")
    since: datetime | None = strawberry.field(default=None, description="What happened at this moment or later.")
    until: datetime | None = strawberry.field(default=None, description="What happened before this moment.")


@strawberry.type
class AuditQueries:
    @strawberry.field(
        description="The audit trail, the newest first: who did what to which record, by what way, what it was before, "
        "which logins failed, and which writes were refused. Needs AUDIT_READ.",
        metadata={ROWS: MOST},
    )
    async def audit_events(
        self,
        info: Info,
        where: Annotated[AuditEventWhere | None, strawberry.argument(description="Only events that match.")] = None,
        first: Annotated[int, strawberry.argument(description=f"How many, 1 to {MOST}.")] = USUAL,
        after: Annotated[str | None, strawberry.argument(description="The cursor to go on behind.")] = None,
    ) -> AuditEventConnection:
        request: Request = info.context
        if not 1 <= first <= MOST:
            raise bad_input(f"first must be from 1 to {MOST}.")
        position = None if after is None else read_position(after)
        if after is not None and position is None:
            raise Problem("`after` is not a cursor of this list.", "BAD_CURSOR")
        asked = _asked(where) if where else audit.Asked()
        found = await audit.trail(asked, after=position, at_most=first + 1, by=request.actor)
        nodes = [_shown(entry) for entry in found[:first]]
        page = PageInfo(
            has_next_page=len(found) > first,
            has_previous_page=after is not None,
            start_cursor=nodes[0].id if nodes else None,
            end_cursor=nodes[-1].id if nodes else None,
        )
        return AuditEventConnection(
            edges=[AuditEventEdge(node=node, cursor=str(node.id)) for node in nodes], nodes=nodes, page_info=page
        )


def _asked(where: AuditEventWhere) -> audit.Asked:
    """Raises Problem where an id is none, which would match nothing."""
    subject = split_id(where.subject_id) if where.subject_id is not None else None
    if where.subject_id is not None and subject is None:
        raise bad_input("where.subjectId is no id.")
    actor = read_id(User.prefix, where.actor_id) if where.actor_id is not None else None
    if where.actor_id is not None and actor is None:
        raise bad_input("where.actorId is no id of a user.")
    if where.topic is not None and "\0" in where.topic:
        raise bad_input("where.topic holds a NUL character; remove it.")
    return audit.Asked(where.topic, subject and subject[1], actor, where.since, where.until)


def _shown(entry: audit.Entry) -> AuditEvent:
    origin = entry.origin
    return AuditEvent(
        id=strawberry.ID(position_id(entry.position)),
        topic=entry.topic,
        subject_key=entry.subject_id.hex,
        actor_id=strawberry.ID(public_id(User.prefix, entry.actor_id)) if entry.actor_id else None,
        actor_name=entry.actor_name,
        occurred_at=entry.occurred_at,
        data=cast(Any, entry.data),
        before=cast(Any, entry.before),
        session_id=_named(Session, origin.get("session")),
        api_key_id=_named(ApiKey, origin.get("key")),
        address=origin.get("address"),
        request_id=origin.get("request"),
        seal=entry.seal_id,
    )


def _named(model: type[Record], key: str | None) -> strawberry.ID | None:
    return strawberry.ID(public_id(model.prefix, UUID(key))) if key else None
