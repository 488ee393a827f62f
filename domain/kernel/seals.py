"""Seals on the event log: a chain over all events, by which an edited, removed or inserted one is found and located.

A worker seals what stands before the safe horizon, in the order in which readers see it. A seal holds a digest of its
event and one of the chain up to here, both keyed with a secret that the database does not have: who can write to every
table still cannot forge them. What is newer than the last seal is not protected yet; that is a second or two.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from tortoise import fields
from tortoise.connection import get_connection
from tortoise.models import Model
from tortoise.transactions import in_transaction

from domain.kernel.events import HORIZON

AT_ONCE = 1_000
GENESIS = "0" * 64
TURN = "hashtext('salesloop seals')"
"""The lock of those who seal, and of those who change what may be sealed just now."""
CONTENT = """e.transaction::text AS transaction, e.id, e.topic, e.subject_id::text AS subject_id,
    e.actor_id::text AS actor_id, e.actor_name, extract(epoch FROM e.occurred_at)::text AS occurred_at,
    e.data::text AS data, e.before::text AS before, e.origin::text AS origin"""
_PARTS = (
    "transaction",
    "id",
    "topic",
    "subject_id",
    "actor_id",
    "actor_name",
    "occurred_at",
    "data",
    "before",
    "origin",
)


class EventSeal(Model):
    """The seal of one event: its place in the chain, and two digests. Never updated, never deleted."""

    id = fields.BigIntField(
        primary_key=True, generated=True, description="Its place in the chain: 1, 2, … without a gap."
    )
    transaction_id = fields.BigIntField(description="The transaction that wrote the event: by both, readers go.")
    event_id = fields.BigIntField(unique=True, description="The event that it seals.")
    key_name = fields.CharField(max_length=16, description="The key that both digests are made with, by name.")
    digest = fields.CharField(max_length=64, description="HMAC-SHA-256 of all that the event says, as hex.")
    chain = fields.CharField(max_length=64, description="HMAC-SHA-256 of the seal before and this one's digest.")

    class Meta:
        table = "event_seal"


@dataclass(frozen=True, slots=True)
class SealKeys:
    """The secrets that seals are made with, by name: the present one, and all that are good to verify older ones."""

    present: str
    known: Mapping[str, bytes]


class Fault(NamedTuple):
    """Something about the log that is not as it was sealed: what, and at which event or seal."""

    what: str
    event_id: int | None
    seal_id: int | None


class Head(NamedTuple):
    """The end of the chain: kept elsewhere, it shows whether the newest events were cut off."""

    seal_id: int = 0
    chain: str = GENESIS
    transaction_id: int = 0
    event_id: int = 0


BEGINNING = Head()


class Checked(NamedTuple):
    """What a check of some seals has found: faults, of how many events values were erased, and how far it is."""

    faults: Sequence[Fault]
    redacted: int
    reached: Head


async def seal(keys: SealKeys, *, at_most: int = AT_ONCE) -> int:
    """This will seal the next events before the safe horizon, in a transaction of its own; returns how many.

    Of many who do so at once one does, the others return 0.
    """
    async with in_transaction():
        (turn,) = await _rows(f"SELECT pg_try_advisory_xact_lock({TURN}) AS mine")
        if not turn["mine"]:
            return 0
        last = await head()
        events = await _rows(
            f"""SELECT {CONTENT} FROM event e WHERE (e.transaction, e.id) > ($1::text::xid8, $2)
            AND e.transaction < {HORIZON} ORDER BY e.transaction, e.id LIMIT $3""",
            str(last.transaction_id), last.event_id, at_most,
        )  # fmt: skip
        secret, rows = keys.known[keys.present], list[tuple[Any, ...]]()
        chain = last.chain
        for place, event in enumerate(events, start=last.seal_id + 1):
            digest = digest_of(event, secret)
            where = (place, int(event["transaction"]), event["id"])
            chain = chained(chain, where, digest, secret)
            rows.append((*where, keys.present, digest, chain))
        if rows:
            await _rows(
                "INSERT INTO event_seal (id, transaction_id, event_id, key_name, digest, chain) SELECT * FROM "
                "unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[]) RETURNING id",
                *map(list, zip(*rows, strict=True)),
            )
    return len(rows)


async def seal_all(keys: SealKeys) -> float:
    """This will seal all that stands before the safe horizon, or leave that to whoever is at it; then rest a second."""
    while await seal(keys) == AT_ONCE:
        pass
    return 1.0


async def head() -> Head:
    """This will give the end of the chain; place 0 where nothing is sealed yet."""
    rows = await _rows("SELECT id, chain, transaction_id, event_id FROM event_seal ORDER BY id DESC LIMIT 1")
    return Head(*rows[0].values()) if rows else BEGINNING


async def seal_at(place: int) -> str | None:
    """This will give the value of the chain at a place, 0 for its beginning; None where there is no such seal."""
    if place == BEGINNING.seal_id:
        return BEGINNING.chain
    rows = await _rows("SELECT chain FROM event_seal WHERE id = $1", place)
    return rows[0]["chain"] if rows else None


async def unsealed() -> int:
    """This will count the events that no seal is on yet, up to 100,000."""
    (row,) = await _rows(
        "SELECT count(*) AS count FROM (SELECT FROM event e WHERE NOT EXISTS "
        "(SELECT FROM event_seal s WHERE s.event_id = e.id) LIMIT 100000) open"
    )
    return int(row["count"])


def digest_of(event: Mapping[str, Any], secret: bytes) -> str:
    """This will give the keyed digest of all that an event says; each part with its length, so that none runs over."""
    parts = [None if event[name] is None else str(event[name]).encode() for name in _PARTS]
    text = b"".join(b"-" if part is None else b"%d:%s" % (len(part), part) for part in parts)
    return hmac.new(secret, text, hashlib.sha256).hexdigest()


def chained(before: str, place: Sequence[int], digest: str, secret: bytes) -> str:
    """This will give the next value of the chain; `place` is the seal's number, the event's transaction and its id."""
    return hmac.new(secret, f"{before}|{'|'.join(map(str, place))}|{digest}".encode(), hashlib.sha256).hexdigest()


def proof_of(event_id: int, sealed: str, digest: str, secret: bytes) -> str:
    """This will give the proof that an event of one digest, which its seal has, may have another by now."""
    return hmac.new(secret, f"erased|{event_id}|{sealed}|{digest}".encode(), hashlib.sha256).hexdigest()


async def verify(keys: SealKeys, *, after: Head = BEGINNING, at_most: int = AT_ONCE) -> Checked:
    """This will check the next seals behind one, and their events.

    Where it has come no further than `after`, the end is reached.
    """
    rows = await _rows(
        f"""SELECT s.id AS seal_id, s.transaction_id, s.event_id AS sealed_id, s.key_name, s.digest, s.chain,
            ARRAY(SELECT ARRAY[r.key_name, r.digest, r.proof] FROM event_redaction r WHERE r.event_id = s.event_id)
                AS redactions, {CONTENT}
        FROM event_seal s LEFT JOIN event e ON e.id = s.event_id WHERE s.id > $1 ORDER BY s.id LIMIT $2""",
        after.seal_id, at_most,
    )  # fmt: skip
    faults, redacted, place = list[Fault](), 0, after
    for row in rows:
        is_redacted = _is_redacted(row, keys)
        faults += _faults(row, place, keys, is_redacted=is_redacted)
        redacted += is_redacted
        place = Head(row["seal_id"], row["chain"], row["transaction_id"], row["sealed_id"])
    return Checked(faults, redacted, place)


def _faults(row: Mapping[str, Any], before: Head, keys: SealKeys, *, is_redacted: bool) -> Sequence[Fault]:
    seal_id, event_id, secret = row["seal_id"], row["sealed_id"], keys.known.get(row["key_name"])
    found = []
    if seal_id != before.seal_id + 1:
        found.append(Fault(f"seals {before.seal_id + 1} to {seal_id - 1} are missing", None, before.seal_id + 1))
    if secret is None:
        return [
            *found,
            Fault(f"the key {row['key_name']} is not known here; give it as a former key", event_id, seal_id),
        ]
    if (
        row["chain"] != chained(before.chain, (seal_id, row["transaction_id"], event_id), row["digest"], secret)
        and not found
    ):
        found.append(Fault("the seal was edited, or one before it", event_id, seal_id))
    if row["id"] is None:
        found.append(Fault("the event was removed", event_id, seal_id))
    elif row["digest"] != digest_of(row, secret) and not is_redacted:
        found.append(Fault("the event was edited", event_id, seal_id))
    return found


def _is_redacted(row: Mapping[str, Any], keys: SealKeys) -> bool:
    """Whether the house itself made the event what it is by now; what others wrote beside proves nothing."""
    for name, digest, proof in row["redactions"]:
        secret = keys.known.get(name)
        if secret is not None and digest == digest_of(row, secret):
            proven = proof_of(row["sealed_id"], row["digest"], digest, secret)
            if hmac.compare_digest(proof.encode(), proven.encode()):
                return True
    return False


async def inserted_behind() -> list[Fault]:
    """This will find events that stand before the end of the chain and have no seal: put in later."""
    last = await head()
    rows = await _rows(
        """SELECT e.id FROM event e WHERE (e.transaction, e.id) <= ($1::text::xid8, $2) AND NOT EXISTS (
            SELECT FROM event_seal s WHERE s.event_id = e.id) ORDER BY e.id LIMIT 100""",
        str(last.transaction_id), last.event_id,
    )  # fmt: skip
    return [Fault("the event was put in behind the seals", row["id"], None) for row in rows]


async def _rows(sql: str, *values: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql, list(values))
    return rows
