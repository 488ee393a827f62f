"""Keys that point to what is deleted have an index that the deletion uses, lest it reads a whole table for each row."""

import pytest

from domain.jobs.statements import rows_of

pytestmark = pytest.mark.anyio
DELETED = ["file", "job", "schedule", "webhook_delivery", "webhook_endpoint"]
"""The tables of which the program deletes rows that others point to. Whoever deletes from another says it here."""
WITHOUT = """
SELECT c.conrelid::regclass::text AS "table", a.attname AS "column" FROM pg_constraint c
JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = c.conkey[1]
WHERE c.contype = 'f' AND c.confrelid::regclass::text = ANY($1) AND NOT EXISTS (
    SELECT FROM pg_index i WHERE i.indrelid = c.conrelid AND i.indkey[0] = c.conkey[1] AND i.indisvalid
    AND (i.indpred IS NULL OR pg_get_expr(i.indpred, i.indrelid) = format('(%s IS NOT NULL)', a.attname)))
ORDER BY 1, 2"""


async def test_what_is_deleted_is_pointed_to_by_keys_with_an_index(database: str) -> None:
    found = [f"{row[0]}.{row[1]}" for row in await rows_of(WITHOUT, DELETED)]
    assert not found, ", ".join(found)
