"""Idempotency keys, each with what was answered under it."""

from tortoise import fields
from migrations import Step
from tortoise.indexes import Index
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0005_page_orders")]

    initial = False

    operations = [
        ops.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("actor_id", fields.UUIDField(description="Whose key it is.")),
                ("command", fields.CharField(description="What was done under it.", max_length=80)),
                ("key", fields.CharField(description="As its sender chose it.", max_length=255)),
                ("input_digest", fields.BinaryField(description="BLAKE2b of the input, 16 bytes.")),
                (
                    "answer",
                    fields.JSONField(null=True, description="What was answered; empty only before it is committed."),
                ),
                (
                    "created_at",
                    fields.DatetimeField(description="When it was done (UTC).", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "idempotency_key",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at"])],
                "pk_attr": "id",
                "table_description": "A command that was done under a key of its sender: whose, which, with what "
                "input, and what was answered.",
            },
            bases=["Model"],
        ),
        ops.AddConstraint(
            model_name="IdempotencyKey",
            constraint=UniqueConstraint(fields=("actor_id", "command", "key"), name="idempotency_key_once"),
        ),
    ]
