from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index


class Migration(Step):
    dependencies = [("salesloop", "0032_by_owner")]

    initial = False

    operations = [
        ops.CreateModel(
            name="EventRedaction",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("event_id", fields.BigIntField(description="The event, which may have several.")),
                (
                    "key_name",
                    fields.CharField(
                        description="The key that digest and proof are made with, by name.", max_length=16
                    ),
                ),
                (
                    "digest",
                    fields.CharField(
                        description="HMAC-SHA-256 of all that the event says since, as hex.", max_length=64
                    ),
                ),
                (
                    "proof",
                    fields.CharField(description="HMAC-SHA-256 of event, seal and this digest, as hex.", max_length=64),
                ),
            ],
            options={
                "table": "event_redaction",
                "app": "salesloop",
                "indexes": [Index(fields=["event_id", "id"])],
                "pk_attr": "id",
                "table_description": "That values of a sealed event were erased: what it says since, and the proof. Never updated, never deleted.",
            },
            bases=["Model"],
        ),
        ops.AddField(
            model_name="Contact",
            name="erased_at",
            field=fields.DatetimeField(
                null=True, description="When what was personal was erased (UTC).", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Customer",
            name="erased_at",
            field=fields.DatetimeField(
                null=True, description="When what was personal was erased (UTC).", auto_now=False, auto_now_add=False
            ),
        ),
        ops.AddField(
            model_name="Lead",
            name="erased_at",
            field=fields.DatetimeField(
                null=True, description="When what was personal was erased (UTC).", auto_now=False, auto_now_add=False
            ),
        ),
    ]
