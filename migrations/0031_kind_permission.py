from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields


class Migration(Step):
    dependencies = [("salesloop", "0030_audit_reading")]

    initial = False

    operations = [
        ops.AddField(
            model_name="JobKind",
            name="permission",
            field=fields.CharField(
                null=True,
                description="What must be permitted over all records to start it; empty: no more.",
                max_length=60,
            ),
        ),
    ]
