"""Full text search, in plain PostgreSQL: functions that turn texts into vectors and words into queries, and columns.

A column is generated and stored: PostgreSQL keeps it, whoever writes the row. The functions stand in what is stored, so
whoever changes one must have the columns written anew. Names in their bodies are bound when they are made.
"""

from collections.abc import Sequence

from migrations import Step
from tortoise.migrations import operations as ops

# Scripts without blanks between words: Chinese, Japanese, Korean.
_JOINED = (
    r"\u3005-\u3007\u3041-\u3096\u30a1-\u30fa\u30fc\u3105-\u312f\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff"
    r"\U00020000-\U0003ffff"
)
_MARKS = (
    r"\u0001-\u001f\u0021-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f"
    r"\u3000-\u3004\u3008-\u3020\u3030-\u303f\u30fb"
)
_FUNCTION = "LANGUAGE sql IMMUTABLE PARALLEL SAFE"  # most are not STRICT, lest PostgreSQL calls what it can inline

LETTERS = f"""
    CREATE FUNCTION search_letters(given text) RETURNS text {_FUNCTION} RETURN
    regexp_replace(
        regexp_replace(
            lower(CASE WHEN octet_length(given) = length(given) THEN given ELSE normalize(left(given, 30000), NFKC) END),
            '[{_MARKS}]+', ' ', 'g'
        ),
        '([{_JOINED}]+)', ' \\1 ', 'g'
    )
"""
"""In lower case, full width made half, blanks for marks and around runs of characters."""

PAIRS = f"""
    CREATE FUNCTION search_pairs(letters text) RETURNS text {_FUNCTION} RETURN
    regexp_replace(letters, '([{_JOINED}])', '\\1 \\1', 'g')
"""
"""Runs cut into pairs that overlap, between their first and their last character: 客户投诉 gives 客 客户 户投 投诉 诉."""

WORDS = f"""
    CREATE FUNCTION search_words(given text) RETURNS text {_FUNCTION} RETURN
    search_pairs(left(search_letters(given), 30000))
"""

NAME = f"""
    CREATE FUNCTION search_name(words text) RETURNS tsvector STRICT {_FUNCTION} RETURN
    CASE WHEN words ~ '[a-z]'
        THEN to_tsvector('simple', words) || to_tsvector('english', regexp_replace(words, '[^ ]*[^ a-z][^ ]*', '', 'g'))
        ELSE to_tsvector('simple', words)
    END
"""
"""Words as they stand, and the stems of English ones behind them."""

QUERY = f"""
    CREATE FUNCTION search_query(given text) RETURNS tsquery STRICT {_FUNCTION} RETURN (
        WITH word AS (
            SELECT word, place, word ~ '[{_JOINED}]' AS joined,
                CASE WHEN word !~ '[{_JOINED}]' THEN ts_lexize('english_stem', word) END AS stem
            FROM string_to_table(left(search_letters(left(given, 200)), 400), ' ') WITH ORDINALITY part (word, place)
            WHERE word <> ''
        ), sought AS (
            SELECT stem = '{{}}' AS stops, CASE
                WHEN joined AND length(word) = 1 THEN to_tsquery('simple', '''' || word || ''':*')::text
                WHEN joined THEN phraseto_tsquery('simple', substr(search_pairs(word), 3, 3 * length(word) - 4))::text
                WHEN place = (SELECT max(place) FROM word WHERE NOT joined)
                    THEN to_tsquery('simple', '''' || word || ''':*')::text
                ELSE phraseto_tsquery('simple', word)::text
            END || coalesce(' | ''' || stem[1] || '''', '') AS query
            FROM word
        )
        SELECT coalesce(
            string_agg('(' || query || ')', ' & ') FILTER (WHERE stops IS NOT TRUE), string_agg(query, ' & '), ''
        )::tsquery
        FROM sought WHERE query <> ''
    )
"""
"""All words must be there, the last Latin one at least in its beginning, characters in their order.

English words count by their stem too; stop words count only where there is nothing else. Any text gives a query.
"""

NAMES, NUMBERS, GROUPS, TEXTS = "A", "B", "C", "D"
"""The weights, and what has each. Of groups and texts only stems are kept, of numbers only what stands there."""
VECTORS = {
    NAMES: "search_name(search_words({}))",
    NUMBERS: "to_tsvector('simple', search_words({}))",
    GROUPS: "to_tsvector('english', search_words({}))",
    TEXTS: "to_tsvector('english', search_words({}))",
}
COLUMNS = {
    "customer": {NAMES: ("name",), NUMBERS: ("external_id", "email"), GROUPS: ("industry", "city"), TEXTS: ("note",)},
    "contact": {NAMES: ("name",), NUMBERS: ("email",), GROUPS: ("title",)},
    "product": {NAMES: ("name",), NUMBERS: ("sku",), GROUPS: ("category",), TEXTS: ("description",)},
    "sales_order": {NUMBERS: ("external_id",)},
    "feedback_item": {NUMBERS: ("external_id",), TEXTS: ("text",)},
    "feedback_theme": {NAMES: ("label",), TEXTS: ("phrases",)},
}


def vector(weight: str, columns: Sequence[str]) -> str:
    """This will write the SQL of the words of some columns, with their weight."""
    joined = " || ' ' || ".join(f"coalesce({column}::text, '')" for column in columns)
    return f"setweight({VECTORS[weight].format(joined)}, '{weight}')"


def _add(table: str) -> list[ops.RunSQL]:
    vectors = " || ".join(vector(weight, columns) for weight, columns in COLUMNS[table].items())
    return [
        ops.RunSQL(
            f"ALTER TABLE {table} ADD COLUMN search tsvector GENERATED ALWAYS AS ({vectors}) STORED",
            reverse_sql=f"ALTER TABLE {table} DROP COLUMN search",
        ),
        ops.RunSQL(
            f"CREATE INDEX {table}_search ON {table} USING gin (search)", reverse_sql=f"DROP INDEX {table}_search"
        ),
    ]


class Migration(Step):
    dependencies = [("salesloop", "0006_idempotency_keys")]

    initial = False

    operations = [
        ops.RunSQL(LETTERS, reverse_sql="DROP FUNCTION search_letters(text)"),
        ops.RunSQL(PAIRS, reverse_sql="DROP FUNCTION search_pairs(text)"),
        ops.RunSQL(WORDS, reverse_sql="DROP FUNCTION search_words(text)"),
        ops.RunSQL(NAME, reverse_sql="DROP FUNCTION search_name(text)"),
        ops.RunSQL(QUERY, reverse_sql="DROP FUNCTION search_query(text)"),
        *(operation for table in COLUMNS for operation in _add(table)),
    ]
