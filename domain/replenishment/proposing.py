"""Proposing what to buy: looks at the stock of every policy, and proposes where it will not last.

Policies are taken some hundreds at a time, by their ids. Each chunk commits by itself, with the time at which it
looked, so that a run which is begun again goes on where it was lost. A proposal is a function of what is stored:
whoever runs twice gets the same.
"""

from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.kernel.actor import Actor
from domain.kernel.changes import change
from domain.kernel.storing import Fact, insert_told, update_told
from domain.kernel.transactions import one_transaction
from domain.replenishment.looks import Look, look
from domain.replenishment.models import ReplenishmentPolicy, ReplenishmentProposal
from domain.replenishment.rules import ProposalState

CHUNK = 500
Progress = Callable[[int, int], None]
_DUE = """p.is_active AND (p.computed_at IS NULL OR p.computed_at < $1
    AND ($2 OR p.review_days = 0 OR (p.computed_at AT TIME ZONE 'UTC')::date + p.review_days <= $3::date))"""
_IS_HOME = """NOT EXISTS (
    SELECT 1 FROM replenishment_policy o
    WHERE o.product_id = p.product_id AND o.is_active AND (o.created_at, o.id) < (p.created_at, p.id))"""
_RESTS = """EXISTS (
    SELECT 1 FROM replenishment_proposal d WHERE d.policy_id = p.id AND d.state = 'dismissed'
    AND (d.decided_at AT TIME ZONE 'UTC')::date + greatest(p.review_days, 1) > $3::date)"""


@dataclass(frozen=True, slots=True)
class Run:
    """A computation: when it was asked for, whether of those policies too whose next look is not due, and its time.

    Policies that were looked at since it was asked for are done.
    """

    asked_at: datetime
    everything: bool
    at: datetime

    async def rows(self, columns: str, more: str = "", *values: Any) -> list[dict[str, Any]]:
        """This will select from the policies that are due."""
        sql = f"SELECT {columns} FROM replenishment_policy p WHERE {_DUE} {more}"
        today = self.at.astimezone(UTC).date()
        return await _rows(sql, self.asked_at, self.everything, today, *values)


async def propose(run: Run, progress: Progress, *, chunk: int = CHUNK, by: Actor) -> dict[str, int]:
    """This will look at all policies that are due and propose what to buy; returns how many came to what.

    Call it outside a transaction: each chunk has its own. Open proposals whose stock lasts again are superseded.
    """
    (due,) = await run.rows("count(*) AS policies")
    counts = Counter(policies=0, proposed=0, updated=0, superseded=0)
    last: UUID | None = UUID(int=0)
    while last:
        progress(counts["policies"], max(due["policies"], counts["policies"]))
        async with one_transaction():
            last, made = await _propose_next(run, last, chunk, by)
        counts.update(made)
    return dict(counts)


async def _propose_next(run: Run, last: UUID, chunk: int, by: Actor) -> tuple[UUID | None, Mapping[str, int]]:
    """Looks at the policies behind one; returns the last of them, or None where there are none, and what came of it."""
    columns = f"p.id, {_IS_HOME} AS is_home, {_RESTS} AS rests"
    rows = await run.rows(columns, "AND p.id > $4 ORDER BY p.id LIMIT $5", last, chunk)
    if not rows:
        return None, {}
    policies = await ReplenishmentPolicy.locked_by("id", [row["id"] for row in rows], by=by)
    open_ones = await _open_proposals(policies)  # locked before the stock is read, lest one be ordered in between
    looks = await look(policies, {row["id"] for row in rows if row["is_home"]}, at=run.at)
    resting = {row["id"] for row in rows if row["rests"]}
    counts = await _store(looks, open_ones, resting, by=by, at=run.at)
    keys = [policy.id for policy in policies]
    await _rows("UPDATE replenishment_policy SET computed_at = $2 WHERE id = ANY($1::uuid[])", keys, run.at)
    return rows[-1]["id"], counts | {"policies": len(policies)}


async def _store(
    looks: Sequence[Look],
    open_ones: Mapping[UUID, ReplenishmentProposal],
    resting: Collection[UUID],
    *,
    by: Actor,
    at: datetime,
) -> dict[str, int]:
    """Makes new proposals, brings open ones up to date, and ends those whose stock lasts; returns how many of each."""
    new: list[Fact] = []
    updated: list[Fact] = []
    gone: list[Fact] = []
    for each in looks:
        values, known = each.proposal(at), open_ones.get(each.policy.id)
        if known:
            given = values or {"state": ProposalState.SUPERSEDED, "decided_at": at}
            told = change(known, given, at=at)
            (updated if values else gone).extend([(known, told)] if told else [])
        elif values and each.policy.id not in resting:
            values |= {"policy_id": each.policy.id}
            new.append((ReplenishmentProposal.born(values, at), values))
    if new:
        await insert_told(new, "replenishment.proposal.proposed", by=by, at=at)
    if updated:
        await update_told(updated, "replenishment.proposal.updated", by=by, at=at)
    if gone:
        await update_told(gone, "replenishment.proposal.superseded", by=by, at=at)
    return {"proposed": len(new), "updated": len(updated), "superseded": len(gone)}


async def _open_proposals(policies: Sequence[ReplenishmentPolicy]) -> dict[UUID, ReplenishmentProposal]:
    """The open proposals of policies, locked until the transaction ends."""
    keys = [policy.id for policy in policies]
    proposed = ReplenishmentProposal.filter(policy_id__in=keys, state=ProposalState.PROPOSED)
    return {found.policy_id: found for found in await proposed.order_by("id").select_for_update(no_key=True)}


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql, list(values))
