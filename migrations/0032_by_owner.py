from migrations import Step
from tortoise.migrations import operations as ops
from tortoise.indexes import Index


class Migration(Step):
    dependencies = [("salesloop", "0031_kind_permission")]

    initial = False

    operations = [
        ops.AddIndex(
            model_name="Activity",
            index=Index(fields=["owner_id", "due_at", "id"]),
        ),
        ops.AddIndex(
            model_name="Customer",
            index=Index(fields=["owner_id", "created_at", "id"]),
        ),
        ops.AddIndex(
            model_name="Opportunity",
            index=Index(fields=["owner_id", "created_at", "id"]),
        ),
    ]
