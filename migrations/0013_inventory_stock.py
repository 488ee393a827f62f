"""The locations that every house has from the start, what is least available, and which promises are over next."""

from migrations import Step
from tortoise.migrations import operations as ops

FIXED = (
    ("00000000-0000-7000-8000-000000000001", "SUPPLIERS", "Suppliers", "supplier"),
    ("00000000-0000-7000-8000-000000000002", "CUSTOMERS", "Customers", "customer"),
    ("00000000-0000-7000-8000-000000000003", "LOSS", "Losses and finds", "loss"),
    ("00000000-0000-7000-8000-000000000004", "TRANSIT", "On the way", "transit"),
)
BORN = "'2024-01-01T00:00:00Z'"
ROWS = ", ".join(f"('{id}', {BORN}, {BORN}, 1, '{code}', '{name}', '{kind}', true)" for id, code, name, kind in FIXED)
IDS = ", ".join(f"'{id}'" for id, *_ in FIXED)


class Migration(Step):
    dependencies = [("salesloop", "0012_schedule_history")]

    initial = False

    operations = [
        ops.RunSQL(
            "INSERT INTO stock_location (id, created_at, updated_at, version, code, name, kind, is_active) "
            f"VALUES {ROWS}",
            reverse_sql=f"DELETE FROM stock_location WHERE id IN ({IDS})",
        ),
        ops.RunSQL(
            "CREATE INDEX inventory_level_available ON inventory_level ((on_hand - reserved), id)",
            reverse_sql="DROP INDEX inventory_level_available",
        ),
        ops.RunSQL(
            "CREATE INDEX stock_reservation_due ON stock_reservation (expires_at, id) WHERE state = 'active'",
            reverse_sql="DROP INDEX stock_reservation_due",
        ),
    ]
