"""Idempotency keys: who sends the same command again under the same key has it done once, and gets the same answer.

A key is claimed by a row that is inserted in the transaction of the effects and carries the answer when it commits.
So both are there or neither; a second sender waits for the first at the unique key, and then finds the answer, or the
claim free again where the first was refused. Keys are remembered until they are pruned.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import orjson
from tortoise import fields
from tortoise.connection import get_connection
from tortoise.indexes import Index
from tortoise.migrations.constraints import UniqueConstraint
from tortoise.models import Model

from domain.kernel.actor import Actor
from domain.kernel.refusals import Code, Conflict, Invalid

LONGEST_KEY = 255
PRUNED_AT_ONCE = 5_000
_VISIBLE = re.compile(r"[\x21-\x7e]{1,255}", re.ASCII)
Answer = Mapping[str, Any]


class IdempotencyKey(Model):
    """A command that was done under a key of its sender: whose, which, with what input, and what was answered."""

    id = fields.BigIntField(primary_key=True, generated=True)
    actor_id = fields.UUIDField(description="Whose key it is.")
    command = fields.CharField(max_length=80, description="What was done under it.")
    key = fields.CharField(max_length=LONGEST_KEY, description="As its sender chose it.")
    input_digest = fields.BinaryField(description="BLAKE2b of the input, 16 bytes.")
    answer: Any = fields.JSONField(null=True, description="What was answered; empty only before it is committed.")
    created_at = fields.DatetimeField(description="When it was done (UTC).")

    class Meta:
        table = "idempotency_key"
        indexes = (Index(fields=("created_at",)),)
        constraints = (UniqueConstraint(fields=("actor_id", "command", "key"), name="idempotency_key_once"),)


class KeyReused(Conflict):
    """The key stands for the same command with another input."""

    code = Code.IDEMPOTENCY_KEY_REUSED

    def __init__(self) -> None:
        super().__init__(
            "{field} was used before with other input; send that input again, or choose a new key.", "idempotency_key"
        )


@dataclass(frozen=True, slots=True)
class Claim:
    """The right to do a command under a key, or the answer of when it was done."""

    id: int
    answer: Answer | None

    async def keep(self, answer: Answer) -> None:
        """This will keep the answer, of values that JSON has a form for, together with the effects."""
        kept = orjson.dumps(answer, option=orjson.OPT_PASSTHROUGH_DATETIME).decode()
        await _rows("UPDATE idempotency_key SET answer = $2::jsonb WHERE id = $1 RETURNING id", self.id, kept)


async def claim(key: str, *, command: str, input_digest: bytes, by: Actor, at: datetime) -> Claim:
    """This will claim a key in the running transaction, after whoever holds it just now. Keys are a user's own.

    Raises Invalid, KeyReused.
    """
    if not _VISIBLE.fullmatch(key):
        raise Invalid(
            f"{{field}} must be 1 to {LONGEST_KEY} visible ASCII characters, such as a UUID.", "idempotency_key"
        )
    (row,) = await _rows(
        """INSERT INTO idempotency_key AS k (actor_id, command, key, input_digest, created_at)
        VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT (actor_id, command, key) DO UPDATE SET answer = k.answer
        RETURNING id, input_digest, answer::text AS answer""",
        by.user_id, command, key, input_digest, at,
    )  # fmt: skip
    if row["input_digest"] != input_digest:
        raise KeyReused
    return Claim(row["id"], row["answer"] and orjson.loads(row["answer"]))


async def forget_keys(before: datetime) -> int:
    """This will remove the keys that were used before a moment, some thousands at a time; returns how many."""
    forgotten = 0
    while True:
        gone = await _rows(
            """DELETE FROM idempotency_key WHERE id IN (
                SELECT id FROM idempotency_key WHERE created_at < $1 LIMIT $2 FOR UPDATE SKIP LOCKED
            ) RETURNING id""",
            before, PRUNED_AT_ONCE,
        )  # fmt: skip
        forgotten += len(gone)
        if len(gone) < PRUNED_AT_ONCE:
            return forgotten


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    return await get_connection("default").execute_query_dict(sql, list(values))
