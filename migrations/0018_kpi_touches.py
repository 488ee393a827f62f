"""What is written about which day is noted, so that KPIs are computed again for the periods that it reaches, only."""

from migrations import Step
from tortoise.migrations import operations as ops


def _day(moment: str) -> str:
    return f"({moment} AT TIME ZONE 'UTC')::date"


_OF_ORDER = "SELECT {day} AS day FROM changed c JOIN sales_order o ON o.id = c.order_id"
_OF_PURCHASE = "SELECT o.promised_on AS day FROM changed c JOIN purchase_order o ON o.id = c.purchase_order_id"

DAYS = {
    "sales_order": [
        f"SELECT {_day('ordered_at')} AS day FROM changed",
        "SELECT promised_on FROM changed",
    ],
    "sales_order_line": [_OF_ORDER.format(day=_day("o.ordered_at")), _OF_ORDER.format(day="o.promised_on")],
    "shipment": [_OF_ORDER.format(day="o.promised_on")],
    "shipment_line": [
        "SELECT o.promised_on AS day FROM changed c JOIN shipment s ON s.id = c.shipment_id "
        "JOIN sales_order o ON o.id = s.order_id"
    ],
    "opportunity": [
        f"SELECT {_day('opened_at')} AS day FROM changed",
        f"SELECT {_day('closed_at')} FROM changed",
    ],
    "opportunity_stage_history": [
        f"SELECT {_day('entered_at')} AS day FROM changed",
        f"SELECT {_day('left_at')} FROM changed",
    ],
    "lead": [f"SELECT {_day('created_at')} AS day FROM changed"],
    "survey_response": [f"SELECT {_day('responded_at')} AS day FROM changed"],
    "feedback_item": [f"SELECT {_day('received_at')} AS day FROM changed"],
    "stock_move": [f"SELECT {_day('moved_at')} AS day FROM changed"],
    "purchase_order": ["SELECT promised_on AS day FROM changed"],
    "purchase_order_line": [_OF_PURCHASE],
    "purchase_receipt": [
        "SELECT o.promised_on AS day FROM changed c JOIN purchase_order_line l ON l.id = c.line_id "
        "JOIN purchase_order o ON o.id = l.purchase_order_id"
    ],
    "attribution_credit": [f"SELECT {_day('won_at')} AS day FROM changed"],
    "campaign_cost": ["SELECT incurred_on AS day FROM changed"],
    "forecast_line": ["SELECT s.period_start AS day FROM changed c JOIN forecast_snapshot s ON s.id = c.snapshot_id"],
    "kpi_target": ["SELECT period_start AS day FROM changed"],
}
"""The days that a row of each table is about; `changed` are the rows before and after."""

BEFORE_AND_AFTER = {
    "INSERT": ("NEW TABLE AS changed", ""),
    "UPDATE": ("OLD TABLE AS earlier NEW TABLE AS later", "(TABLE earlier UNION ALL TABLE later)"),
    "DELETE": ("OLD TABLE AS changed", ""),
}


def _noted(table: str, event: str) -> list[ops.RunSQL]:
    name = f"kpi_touched_by_{event.lower()}_of_{table}"
    referencing, both = BEFORE_AND_AFTER[event]
    found = " UNION ".join(DAYS[table])
    if both:
        found = f"WITH changed AS {both} {found}"
    return [
        ops.RunSQL(
            f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"INSERT INTO kpi_touch (source, day) SELECT '{table}', day FROM ({found}) d WHERE day IS NOT NULL; "
            "RETURN NULL; END $$",
            reverse_sql=f"DROP FUNCTION {name}()",
        ),
        ops.RunSQL(
            f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {referencing} FOR EACH STATEMENT "
            f"EXECUTE FUNCTION {name}()",
            reverse_sql=f"DROP TRIGGER {name} ON {table}",
        ),
    ]


class Migration(Step):
    dependencies = [("salesloop", "0017_pipeline_orders")]

    initial = False

    operations = [
        ops.RunSQL(
            "CREATE TABLE kpi_touch (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, source text NOT NULL, "
            "day date NOT NULL)",
            reverse_sql="DROP TABLE kpi_touch",
        ),
        ops.RunSQL(
            "CREATE FUNCTION kpi_touched_by_cost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO kpi_touch (source, day) VALUES ('product', '1970-01-01'); RETURN NULL; END $$",
            reverse_sql="DROP FUNCTION kpi_touched_by_cost()",
        ),
        ops.RunSQL(
            "CREATE TRIGGER kpi_touched_by_cost AFTER UPDATE OF unit_cost, currency ON product FOR EACH STATEMENT "
            "EXECUTE FUNCTION kpi_touched_by_cost()",
            reverse_sql="DROP TRIGGER kpi_touched_by_cost ON product",
        ),
        *(step for table in DAYS for event in BEFORE_AND_AFTER for step in _noted(table, event)),
    ]
