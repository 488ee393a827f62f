"""What purchase orders are called on paper: PO-000001, PO-000002, …"""

from migrations import Step
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0013_inventory_stock")]

    initial = False

    operations = [
        ops.RunSQL("CREATE SEQUENCE purchase_order_number", reverse_sql="DROP SEQUENCE purchase_order_number"),
    ]
