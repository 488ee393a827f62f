"""What a row's search vector is, said by one function of each table in PL/pgSQL, which is planned once for a session.

As a plain expression over functions in SQL, PostgreSQL read all of their bodies and put them together anew for every
statement: half of what it did to store a customer. This writes all rows of the tables anew.

PL/pgSQL looks names up when it runs, and whoever restores a dump does that with an empty search path: so the functions
bring their own.

And the list of entries that wait for a place in a search index is kept short: whoever writes the one too many tidies up
while the others wait, with the default of 4 MB for some 200 ms, and every search reads all of the list.
"""

from collections.abc import Sequence
from importlib import import_module

from migrations import Step
from tortoise.migrations import operations as ops

SEARCH = import_module("migrations.0007_search")


def _by_function(table: str) -> Sequence[ops.RunSQL]:
    columns = [column for named in SEARCH.COLUMNS[table].values() for column in named]
    words = " || ".join(SEARCH.vector(weight, named) for weight, named in SEARCH.COLUMNS[table].items())
    declared = ", ".join(f"{column} text" for column in columns)
    given = ", ".join(f"{column}::text" for column in columns)
    function = index = f"{table}_search"
    return (
        ops.RunSQL(
            f"CREATE FUNCTION {function}({declared}) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE "
            f"SET search_path FROM CURRENT AS $$ BEGIN RETURN {words}; END $$",
            reverse_sql=f"DROP FUNCTION {function}",
        ),
        ops.RunSQL(
            f"ALTER TABLE {table} ALTER COLUMN search SET EXPRESSION AS ({function}({given}))",
            reverse_sql=f"ALTER TABLE {table} ALTER COLUMN search SET EXPRESSION AS ({words})",
        ),
        ops.RunSQL(
            f"ALTER INDEX {index} SET (gin_pending_list_limit = 256)",  # kB
            reverse_sql=f"ALTER INDEX {index} RESET (gin_pending_list_limit)",
        ),
    )


class Migration(Step):
    dependencies = [("salesloop", "0007_search")]

    initial = False

    operations = [operation for table in SEARCH.COLUMNS for operation in _by_function(table)]
