"""Which customers something was written about that attribution depends on, noted so that only they are credited anew."""

from migrations import Step
from tortoise.migrations import operations as ops

_WON = "SELECT customer_id FROM changed WHERE status = 'won'"
_OF_LINES = "SELECT o.customer_id FROM changed c JOIN opportunity o ON o.id = c.opportunity_id AND o.status = 'won'"
BEFORE_AND_AFTER = "(TABLE earlier UNION ALL TABLE later)"
NOTED = {
    ("touchpoint", "INSERT"): "SELECT coalesce(c.customer_id, l.customer_id) AS customer_id FROM changed c "
    "LEFT JOIN lead l ON l.id = c.lead_id",
    ("opportunity", "INSERT"): _WON,
    ("opportunity", "UPDATE"): _WON,
    ("opportunity", "DELETE"): _WON,
    ("opportunity_line", "INSERT"): _OF_LINES,
    ("opportunity_line", "UPDATE"): _OF_LINES,
    ("opportunity_line", "DELETE"): _OF_LINES,
    ("lead", "UPDATE"): "SELECT customer_id FROM changed WHERE converted_at IS NOT NULL",
    ("product", "UPDATE"): "SELECT o.customer_id FROM earlier e JOIN later c ON c.id = e.id "
    "AND (c.unit_cost, c.currency) IS DISTINCT FROM (e.unit_cost, e.currency) "
    "JOIN opportunity_line l ON l.product_id = c.id JOIN opportunity o ON o.id = l.opportunity_id AND o.status = 'won'",
}
"""The customers to note, by table and event; `changed` are the rows before and after."""

_TABLES = {
    "INSERT": "NEW TABLE AS changed",
    "UPDATE": "OLD TABLE AS earlier NEW TABLE AS later",
    "DELETE": "OLD TABLE AS changed",
}


def _noted(table: str, event: str) -> list[ops.RunSQL]:
    name = f"attribution_due_by_{event.lower()}_of_{table}"
    changed = f"WITH changed AS {BEFORE_AND_AFTER} " if event == "UPDATE" else ""
    return [
        ops.RunSQL(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO attribution_due (customer_id) SELECT DISTINCT d.customer_id FROM "
            f"({changed}{NOTED[table, event]}) d WHERE d.customer_id IS NOT NULL; RETURN NULL; END $$",
            reverse_sql=f"DROP FUNCTION {name}()",
        ),
        ops.RunSQL(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {_TABLES[event]} FOR EACH STATEMENT "
            f"EXECUTE FUNCTION {name}()",
            reverse_sql=f"DROP TRIGGER {name} ON {table}",
        ),
    ]


class Migration(Step):
    dependencies = [("salesloop", "0019_quotes")]

    initial = False

    operations = [
        ops.RunSQL(
            "CREATE TABLE attribution_due (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, customer_id uuid NOT NULL)",
            reverse_sql="DROP TABLE attribution_due",
        ),
        *(step for table, event in NOTED for step in _noted(table, event)),
    ]
