"""What PostgreSQL can do for the loop and the models cannot say: what there is once, what is never changed, search."""

from importlib import import_module

from migrations import Step
from tortoise.migrations import operations as ops

SEARCH = import_module("migrations.0007_search")

ONCE = {
    "pipeline_one_default": "pipeline (is_default) WHERE is_default",
    "opportunity_stage_history_one_open": "opportunity_stage_history (opportunity_id) WHERE left_at IS NULL",
    "supplier_item_one_preferred": "supplier_item (product_id) WHERE is_preferred",
    "replenishment_one_proposed": "replenishment_proposal (policy_id) WHERE state = 'proposed'",
    "segment_member_one_open": "segment_member (segment_id, customer_id) WHERE left_at IS NULL",
    "campaign_member_customer_once": "campaign_member (campaign_id, customer_id)",
    "campaign_member_lead_once": "campaign_member (campaign_id, lead_id)",
    "attribution_credit_once": "attribution_credit (opportunity_id, model, campaign_id) NULLS NOT DISTINCT",
    "campaign_result_once": "campaign_result (campaign_id, model)",
    "holdout_effect_once": "holdout_effect (campaign_id)",
    "kpi_value_one_current": "kpi_value (kpi_id, dimension, member, currency, period_start) "
    "WHERE superseded_at IS NULL",
    "kpi_target_once": "kpi_target (kpi_id, dimension, member, currency, period_start, period_end)",
    "kpi_signal_once": "kpi_signal (kpi_id, dimension, member, currency, period_start, rule)",
}
"""Unique indexes, by name."""

DEFAULTS = {
    "product": {"unit": "'piece'"},
    "sales_order": {"status": "'closed'"},
    "sales_order_line": {"shipped": "0", "delivered": "0", "returned": "0"},
}
"""What rows get that are written by those who do not know these columns: imports of history."""

APPEND_ONLY = ("stock_move", "touchpoint")

WORDS = {
    "lead": {
        SEARCH.NAMES: ("name", "company"),
        SEARCH.NUMBERS: ("external_id", "email"),
        SEARCH.GROUPS: ("title", "industry", "city"),
        SEARCH.TEXTS: ("note",),
    },
    "opportunity": {SEARCH.NAMES: ("name",), SEARCH.NUMBERS: ("external_id",), SEARCH.TEXTS: ("next_step",)},
    "activity": {SEARCH.NAMES: ("subject",), SEARCH.TEXTS: ("note", "outcome")},
    "supplier": {SEARCH.NAMES: ("name",), SEARCH.NUMBERS: ("external_id", "email"), SEARCH.TEXTS: ("note",)},
    "campaign": {SEARCH.NAMES: ("name",), SEARCH.TEXTS: ("note",)},
    "improvement_cycle": {SEARCH.NAMES: ("title",), SEARCH.TEXTS: ("problem", "hypothesis", "countermeasure")},
    "practice": {SEARCH.NAMES: ("title",), SEARCH.TEXTS: ("description",)},
}
"""What is searched of each table, by weight."""


def _once(name: str) -> ops.RunSQL:
    return ops.RunSQL(f"CREATE UNIQUE INDEX {name} ON {ONCE[name]}", reverse_sql=f"DROP INDEX {name}")


def _default(table: str) -> ops.RunSQL:
    columns = DEFAULTS[table].items()
    kept = ", ".join(f"ALTER COLUMN {column} SET DEFAULT {value}" for column, value in columns)
    dropped = ", ".join(f"ALTER COLUMN {column} DROP DEFAULT" for column, _ in columns)
    return ops.RunSQL(f"ALTER TABLE {table} {kept}", reverse_sql=f"ALTER TABLE {table} {dropped}")


def _append_only(table: str) -> list[ops.RunSQL]:
    return [
        ops.RunSQL(
            f"CREATE FUNCTION {table}_is_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{table} is append-only'; END $$",
            reverse_sql=f"DROP FUNCTION {table}_is_append_only()",
        ),
        ops.RunSQL(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_is_append_only()",
            reverse_sql=f"DROP TRIGGER {table}_append_only ON {table}",
        ),
    ]


def _searched(table: str) -> list[ops.RunSQL]:
    columns = [column for named in WORDS[table].values() for column in named]
    words = " || ".join(SEARCH.vector(weight, named) for weight, named in WORDS[table].items())
    declared = ", ".join(f"{column} text" for column in columns)
    given = ", ".join(f"{column}::text" for column in columns)
    function = index = f"{table}_search"
    return [
        ops.RunSQL(
            f"CREATE FUNCTION {function}({declared}) RETURNS tsvector LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE "
            f"SET search_path FROM CURRENT AS $$ BEGIN RETURN {words}; END $$",
            reverse_sql=f"DROP FUNCTION {function}",
        ),
        ops.RunSQL(
            f"ALTER TABLE {table} ADD COLUMN search tsvector GENERATED ALWAYS AS ({function}({given})) STORED",
            reverse_sql=f"ALTER TABLE {table} DROP COLUMN search",
        ),
        ops.RunSQL(
            f"CREATE INDEX {index} ON {table} USING gin (search) WITH (gin_pending_list_limit = 256)",
            reverse_sql=f"DROP INDEX {index}",
        ),
    ]


class Migration(Step):
    dependencies = [("salesloop", "0010_loop_constraints")]

    initial = False

    operations = [
        *(_once(name) for name in ONCE),
        *(_default(table) for table in DEFAULTS),
        *(operation for table in APPEND_ONLY for operation in _append_only(table)),
        *(operation for table in WORDS for operation in _searched(table)),
    ]
