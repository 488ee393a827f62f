"""Feedback aggregation: reads what is new, finds the themes of all, and counts by day, product, theme and source.

Two steps. Reading goes by items: one whose reading is void (new, changed, or read by another version of the reader)
is read, and its keyphrases are stored, chunk by chunk, each chunk in a transaction, so that a lost worker loses one
chunk. Gathering goes by counts over all stored phrases and readings, in one transaction: it is a function of what is
stored, so the result of many small aggregations equals that of one over everything. Only workers import this file.
"""

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from domain.feedback.stakes import weigh_stakes
from domain.feedback.text.reading import Reader, Reading
from domain.feedback.text.themes import PhraseCounts, Theme, discover, enough, keep_identities
from domain.kernel.actor import Actor
from domain.kernel.events import emit
from domain.kernel.redaction import ERASED

CHUNK = 500
QUOTES = 5
Progress = Callable[[int, int], None]


HAS_WORDS = f"text <> '{ERASED}'"
"""What was erased is not read again: how it was read stays."""


async def void_old_readings(reader: Reader) -> None:
    """This will void the readings of any other version of the reader."""
    await _execute(
        f"UPDATE feedback_item SET read_digest = NULL WHERE read_digest <> $1 AND {HAS_WORDS}",
        _digest(reader),
    )


async def read_new(reader: Reader, progress: Progress) -> int:
    """This will read every item whose reading is void, telling how many of how many; and return how many it read."""
    (row,) = await _fetch(f"SELECT count(*) AS unread FROM feedback_item WHERE read_digest IS NULL AND {HAS_WORDS}")
    done, total, last = 0, row["unread"], UUID(int=0)
    progress(0, total)
    while items := await _unread(last):
        readings = await asyncio.to_thread(reader.read, [item["text"] for item in items])
        async with in_transaction():
            await _store(items, readings, _digest(reader))
        done, last = done + len(items), items[-1]["id"]
        progress(done, max(total, done))
    return done


async def gather(*, by: Actor, at: datetime) -> dict[str, int]:
    """This will find the themes, count what was said, and weigh the stakes, from all that is stored; call it in a
    transaction.

    Returns how many items have been read, how many themes there are, how many of these are new or dissolved, and how
    many stakes there are.
    """
    await _execute("LOCK TABLE feedback_theme IN SHARE ROW EXCLUSIVE MODE")
    counted = [await _counts(language) for language in ("zh", "en")]
    found = [theme for counts in counted for theme in discover(counts)]
    weights = {phrase: n for counts in counted for phrase, n in counts.phrases.items()}
    known = await _known_themes()
    keys = keep_identities(known, found, weights)
    await _write_themes(dict(zip(keys, found, strict=True)), at)
    born, gone = set(keys) - set(known), set(known) - set(keys)
    for key in sorted(born):
        await emit("feedback.theme.found", key, by=by, at=at, label=found[keys.index(key)].label)
    for key in sorted(gone):
        await emit("feedback.theme.dissolved", key, by=by, at=at, label=known[key].label)
    await _assign_items()
    await _count_days()
    stakes = await weigh_stakes(at)
    (row,) = await _fetch("SELECT count(*) AS items FROM feedback_item WHERE read_digest IS NOT NULL")
    themes = {"themes": len(found), "themes_found": len(born), "themes_dissolved": len(gone)}
    return {"items": row["items"], **themes, "stakes": stakes}


async def _unread(last: UUID) -> list[Any]:
    return await _fetch(
        f"""SELECT id, text, version FROM feedback_item WHERE read_digest IS NULL AND {HAS_WORDS} AND id > $1
        ORDER BY id LIMIT $2""",
        last, CHUNK,
    )  # fmt: skip


async def _store(items: Sequence[Any], readings: Sequence[Reading], digest: bytes) -> None:
    """Stores readings, except of items that have changed since they were fetched."""
    stored = await _fetch(
        """UPDATE feedback_item i SET sentiment = r.sentiment, sentiment_label = r.label, read_digest = $6,
            language = CASE WHEN i.language_given THEN i.language ELSE r.language END
        FROM unnest($1::uuid[], $2::int[], $3::text[], $4::int2[], $5::text[])
            AS r(id, version, language, sentiment, label)
        WHERE i.id = r.id AND i.version = r.version RETURNING i.id""",
        [item["id"] for item in items],
        [item["version"] for item in items],
        [reading.language for reading in readings],
        [reading.sentiment for reading in readings],
        [reading.label for reading in readings],
        digest,
    )
    kept = {row["id"] for row in stored}
    phrases = [
        (item["id"], reading.language, phrase)
        for item, reading in zip(items, readings, strict=True)
        if item["id"] in kept
        for phrase in reading.phrases
    ]
    await _execute("DELETE FROM feedback_phrase WHERE item_id = ANY($1::uuid[])", list(kept))
    await _execute(
        "INSERT INTO feedback_phrase (item_id, language, phrase) "
        "SELECT * FROM unnest($1::uuid[], $2::text[], $3::text[])",
        *([list(column) for column in zip(*phrases, strict=True)] or [[], [], []]),
    )


async def _counts(language: str) -> PhraseCounts:
    (row,) = await _fetch("SELECT count(DISTINCT item_id) AS items FROM feedback_phrase WHERE language = $1", language)
    phrases = await _fetch(
        "SELECT phrase, count(*)::int AS n FROM feedback_phrase WHERE language = $1 GROUP BY 1 HAVING count(*) >= $2",
        language, enough(row["items"]),
    )  # fmt: skip
    frequent = [found["phrase"] for found in phrases]
    together = await _fetch(
        """WITH said AS MATERIALIZED (  -- no join, which goes wrong where nothing has counted the rows yet
            SELECT array_agg(phrase) AS phrases FROM feedback_phrase WHERE language = $1 AND phrase = ANY($2)
            GROUP BY item_id
        )
        SELECT a.phrase AS one, b.phrase AS other, count(*)::int AS n
        FROM said, unnest(phrases) AS a(phrase), unnest(phrases) AS b(phrase)
        WHERE b.phrase COLLATE "C" > a.phrase COLLATE "C" GROUP BY 1, 2""",
        language, frequent,
    )  # fmt: skip
    return PhraseCounts(
        language,
        row["items"],
        {found["phrase"]: found["n"] for found in phrases},
        {(pair["one"], pair["other"]): pair["n"] for pair in together},
    )


async def _known_themes() -> dict[UUID, Theme]:
    rows = await _fetch(
        "SELECT id, language, label, phrases::text AS phrases FROM feedback_theme WHERE retired_at IS NULL"
    )
    return {row["id"]: Theme(row["language"], row["label"], tuple(orjson.loads(row["phrases"]))) for row in rows}


async def _write_themes(themes: dict[UUID, Theme], at: datetime) -> None:
    for key, theme in themes.items():
        await _execute(
            """INSERT INTO feedback_theme AS t (id, created_at, updated_at, version, language, label, phrases,
                item_count, scored_count, sentiment_sum) VALUES ($1, $2, $2, 1, $3, $4, $5::jsonb, 0, 0, 0)
            ON CONFLICT (id) DO UPDATE SET label = excluded.label, phrases = excluded.phrases, retired_at = NULL,
                updated_at = excluded.updated_at, version = t.version + 1
            WHERE (t.label, t.phrases, t.retired_at) IS DISTINCT FROM (excluded.label, excluded.phrases, NULL)""",
            key, at, theme.language, theme.label, orjson.dumps(theme.phrases).decode(),
        )  # fmt: skip
    await _execute(
        """UPDATE feedback_theme SET retired_at = $2, updated_at = $2, version = version + 1
        WHERE retired_at IS NULL AND NOT id = ANY($1::uuid[])""",
        list(themes), at,
    )  # fmt: skip


async def _assign_items() -> None:
    """Ties items to themes by the phrases they share, ranks the quotes, and sums up each theme; writes differences."""
    await _execute(
        """WITH told AS (
            SELECT t.id AS theme_id, p.item_id, count(*)::int2 AS phrase_count FROM feedback_theme t
            CROSS JOIN LATERAL jsonb_array_elements_text(t.phrases) AS f(phrase)
            JOIN feedback_phrase p ON p.language = t.language AND p.phrase = f.phrase
            WHERE t.retired_at IS NULL GROUP BY 1, 2
        ), ranked AS (
            SELECT told.*, row_number() OVER (PARTITION BY theme_id
                ORDER BY phrase_count DESC, abs(length(i.text) - 60), item_id) AS place
            FROM told JOIN feedback_item i ON i.id = item_id
        ), gone AS (
            DELETE FROM feedback_theme_item m
            WHERE NOT EXISTS (SELECT 1 FROM told WHERE told.theme_id = m.theme_id AND told.item_id = m.item_id)
        )
        INSERT INTO feedback_theme_item AS m (theme_id, item_id, phrase_count, quote_rank)
        SELECT theme_id, item_id, phrase_count, CASE WHEN place <= $1 THEN place::int2 END FROM ranked
        ON CONFLICT (theme_id, item_id) DO UPDATE
            SET phrase_count = excluded.phrase_count, quote_rank = excluded.quote_rank
            WHERE (m.phrase_count, m.quote_rank) IS DISTINCT FROM (excluded.phrase_count, excluded.quote_rank)""",
        QUOTES,
    )
    await _execute(
        """UPDATE feedback_theme t SET item_count = s.items, scored_count = s.scored, sentiment_sum = s.total
        FROM (SELECT t.id, count(i.id)::int AS items, count(i.sentiment)::int AS scored,
                coalesce(sum(i.sentiment), 0) AS total
            FROM feedback_theme t LEFT JOIN feedback_theme_item m ON m.theme_id = t.id
            LEFT JOIN feedback_item i ON i.id = m.item_id GROUP BY 1) s
        WHERE s.id = t.id AND (t.item_count, t.scored_count, t.sentiment_sum) <> (s.items, s.scored, s.total)"""
    )


async def _count_days() -> None:
    """Counts items by day, source, product and theme, and once without theme; writes differences."""
    await _execute(
        """WITH told AS (
            SELECT i.id, i.received_at, i.source, i.product_id, i.sentiment, m.theme_id
            FROM feedback_item i JOIN feedback_theme_item m ON m.item_id = i.id WHERE i.read_digest IS NOT NULL
            UNION ALL
            SELECT id, received_at, source, product_id, sentiment, NULL FROM feedback_item WHERE read_digest IS NOT NULL
        ), cells AS (
            SELECT (received_at AT TIME ZONE 'UTC')::date AS day, source, product_id, theme_id, count(*)::int AS items,
                count(sentiment)::int AS scored, coalesce(sum(sentiment), 0) AS total
            FROM told GROUP BY 1, 2, 3, 4
        ), gone AS (
            DELETE FROM feedback_day d WHERE NOT EXISTS (
                SELECT 1 FROM cells c WHERE c.day = d.day AND c.source = d.source
                AND c.product_id IS NOT DISTINCT FROM d.product_id AND c.theme_id IS NOT DISTINCT FROM d.theme_id)
        )
        INSERT INTO feedback_day AS d (day, source, product_id, theme_id, item_count, scored_count, sentiment_sum)
        SELECT * FROM cells
        ON CONFLICT (day, source, product_id, theme_id) DO UPDATE SET item_count = excluded.item_count,
            scored_count = excluded.scored_count, sentiment_sum = excluded.sentiment_sum
            WHERE (d.item_count, d.scored_count, d.sentiment_sum)
                <> (excluded.item_count, excluded.scored_count, excluded.sentiment_sum)"""
    )


def _digest(reader: Reader) -> bytes:
    return hashlib.sha256(reader.version.encode()).digest()


async def _fetch(sql: str, *values: Any) -> list[Any]:
    async with get_connection("default").acquire_connection() as connection:
        rows: list[Any] = await connection.fetch(sql, *values)
        return rows


async def _execute(sql: str, *values: Any) -> None:
    async with get_connection("default").acquire_connection() as connection:
        await connection.execute(sql, *values)
