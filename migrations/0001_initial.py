from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(Step):
    initial = True

    operations = [
        ops.CreateModel(
            name="Customer",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "external_id",
                    fields.CharField(
                        null=True,
                        unique=True,
                        description="What another system calls this customer; unique.",
                        max_length=120,
                    ),
                ),
                ("kind", fields.CharField(description="Company or person.", max_length=10)),
                ("name", fields.CharField(description="The name the customer goes by.", max_length=300)),
                (
                    "email",
                    fields.CharField(null=True, description="The general e-mail address, lower case.", max_length=254),
                ),
                ("phone", fields.CharField(null=True, description="The general telephone number.", max_length=40)),
                ("industry", fields.CharField(null=True, description="What trade a company is in.", max_length=100)),
                ("city", fields.CharField(null=True, description="The town of the main address.", max_length=100)),
                (
                    "country",
                    fields.CharField(
                        null=True, description="ISO 3166-1 alpha-2 code of the main address.", max_length=2
                    ),
                ),
                ("note", fields.TextField(null=True, description="Whatever colleagues should know.", unique=False)),
            ],
            options={
                "table": "customer",
                "app": "salesloop",
                "indexes": [Index(fields=["name", "id"]), Index(fields=["created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A company or a person who buys, or may one day buy.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Contact",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        description="Whose contact it is.",
                        db_constraint=True,
                        to_field="id",
                        related_name="contacts",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                ("name", fields.CharField(description="The person's name.", max_length=300)),
                (
                    "title",
                    fields.CharField(
                        null=True, description="The person's position, e.g. Head of Purchasing.", max_length=120
                    ),
                ),
                (
                    "email",
                    fields.CharField(null=True, description="The person's e-mail address, lower case.", max_length=254),
                ),
                ("phone", fields.CharField(null=True, description="The person's telephone number.", max_length=40)),
            ],
            options={
                "table": "contact",
                "app": "salesloop",
                "indexes": [Index(fields=["customer_id", "name", "id"]), Index(fields=["name", "id"])],
                "pk_attr": "id",
                "table_description": "A person at a customer whom one can write to, call or visit.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Event",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("topic", fields.CharField(description="Past tense, e.g. customers.customer.created.", max_length=80)),
                ("subject_id", fields.UUIDField(description="The record it happened to.")),
                ("actor_id", fields.UUIDField(null=True, description="The user who did it; empty for the system.")),
                ("actor_name", fields.CharField(description="The actor's name at the time.", max_length=200)),
                (
                    "occurred_at",
                    fields.DatetimeField(description="When it happened (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("data", fields.JSONField(description="The values that changed.")),
            ],
            options={
                "table": "event",
                "app": "salesloop",
                "indexes": [Index(fields=["subject_id", "id"])],
                "pk_attr": "id",
                "table_description": "One fact in the past tense: topic, subject, actor and the changed values. Never updated, never deleted.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FeedbackTheme",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("language", fields.CharField(description="ISO 639 code of its phrases.", max_length=3)),
                ("label", fields.CharField(description="Its leading phrases, for people.", max_length=200)),
                ("phrases", fields.JSONField(description="Its keyphrases, the weightiest first.")),
                ("item_count", fields.IntField(default=0, description="How many items speak of it.")),
                ("scored_count", fields.IntField(default=0, description="How many of these have a sentiment.")),
                (
                    "sentiment_sum",
                    fields.BigIntField(default=0, description="The sum of their sentiments, in thousandths."),
                ),
                (
                    "retired_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it was last found to have dissolved (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
            ],
            options={
                "table": "feedback_theme",
                "app": "salesloop",
                "indexes": [Index(fields=["item_count", "id"]), Index(fields=["label", "id"])],
                "pk_attr": "id",
                "table_description": "What many customers keep talking about: a cluster of keyphrases that occur together, under one label.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Order",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "external_id",
                    fields.CharField(
                        null=True,
                        unique=True,
                        description="What another system calls this order; unique.",
                        max_length=120,
                    ),
                ),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        description="Who bought.",
                        db_constraint=True,
                        to_field="id",
                        related_name="orders",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "ordered_at",
                    fields.DatetimeField(
                        description="When the customer ordered (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                ("currency", fields.CharField(description="ISO 4217 code of every amount on the order.", max_length=3)),
                ("total", fields.DecimalField(description="The sum of its lines.", max_digits=18, decimal_places=3)),
            ],
            options={
                "table": "sales_order",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["customer_id", "ordered_at", "id"]),
                    Index(fields=["ordered_at", "id"]),
                    Index(fields=["total", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "A customer's purchase of one moment, in one currency.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Product",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("sku", fields.CharField(unique=True, description="The stock-keeping unit, unique.", max_length=64)),
                ("name", fields.CharField(description="What customers call it.", max_length=300)),
                ("category", fields.CharField(null=True, description="The group it is sold under.", max_length=100)),
                ("description", fields.TextField(null=True, description="What it is, for people.", unique=False)),
                (
                    "list_price",
                    fields.DecimalField(
                        null=True, description="Price for one unit before discounts.", max_digits=18, decimal_places=3
                    ),
                ),
                ("currency", fields.CharField(null=True, description="ISO 4217 code of the list price.", max_length=3)),
                ("is_active", fields.BooleanField(default=True, description="Whether it may still be sold.")),
            ],
            options={
                "table": "product",
                "app": "salesloop",
                "indexes": [Index(fields=["name", "id"])],
                "pk_attr": "id",
                "table_description": "Something that is sold, counted and delivered under one stock-keeping unit.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="FeedbackDay",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                ("day", fields.DateField(description="The day it was received (UTC).")),
                ("source", fields.CharField(max_length=20)),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="feedback_days",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "theme",
                    fields.ForeignKeyField(
                        "salesloop.FeedbackTheme",
                        source_field="theme_id",
                        null=True,
                        db_constraint=True,
                        to_field="id",
                        related_name="days",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("item_count", fields.IntField(description="How many items.")),
                ("scored_count", fields.IntField(description="How many of these have a sentiment.")),
                ("sentiment_sum", fields.BigIntField(description="The sum of their sentiments, in thousandths.")),
            ],
            options={
                "table": "feedback_day",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["day"]),
                    Index(fields=["theme_id", "day"]),
                    Index(fields=["product_id", "day"]),
                ],
                "pk_attr": "id",
                "table_description": "What was said on one day about one product and theme by one source: how much, and in what mood.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FeedbackItem",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "external_id",
                    fields.CharField(
                        null=True,
                        unique=True,
                        description="What another system calls this item; unique.",
                        max_length=120,
                    ),
                ),
                ("source", fields.CharField(description="The way by which it reached us.", max_length=20)),
                ("text", fields.TextField(description="The customer's own words.", unique=False)),
                ("rating", fields.SmallIntField(null=True, description="1 (worst) to 5 (best), where one was given.")),
                (
                    "customer",
                    fields.ForeignKeyField(
                        "salesloop.Customer",
                        source_field="customer_id",
                        null=True,
                        description="Who said it, if known.",
                        db_constraint=True,
                        to_field="id",
                        related_name="feedback",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        null=True,
                        description="What it is about, if known.",
                        db_constraint=True,
                        to_field="id",
                        related_name="feedback",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "order",
                    fields.ForeignKeyField(
                        "salesloop.Order",
                        source_field="order_id",
                        null=True,
                        description="The order it is about.",
                        db_constraint=True,
                        to_field="id",
                        related_name="feedback",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "received_at",
                    fields.DatetimeField(
                        description="When the customer said it (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "language",
                    fields.CharField(
                        null=True,
                        description="ISO 639 code: given with the item or found by reading; und if unclear.",
                        max_length=3,
                    ),
                ),
                (
                    "language_given",
                    fields.BooleanField(default=False, description="Whether the language came with the item."),
                ),
                (
                    "sentiment",
                    fields.SmallIntField(null=True, description="-1000 (bitter) to 1000 (delighted), once read."),
                ),
                (
                    "sentiment_label",
                    fields.CharField(null=True, description="Positive, neutral or negative, once read.", max_length=10),
                ),
                (
                    "read_digest",
                    fields.BinaryField(
                        null=True,
                        description="SHA-256 of the version of the reader that read it; empty: to be read.",
                    ),
                ),
            ],
            options={
                "table": "feedback_item",
                "app": "salesloop",
                "indexes": [
                    Index(fields=["received_at", "id"]),
                    Index(fields=["customer_id", "received_at", "id"]),
                    Index(fields=["product_id", "received_at", "id"]),
                    Index(fields=["order_id", "received_at", "id"]),
                ],
                "pk_attr": "id",
                "table_description": "One thing that one customer said at one time, in their own words, and how it was read.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="FeedbackPhrase",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "item",
                    fields.ForeignKeyField(
                        "salesloop.FeedbackItem",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="phrases",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("language", fields.CharField(description="The language it is a phrase of.", max_length=3)),
                ("phrase", fields.CharField(description="The phrase in its normal form.", max_length=100)),
            ],
            options={
                "table": "feedback_phrase",
                "app": "salesloop",
                "unique_together": (("item_id", "phrase"),),
                "indexes": [Index(fields=["language", "phrase"])],
                "pk_attr": "id",
                "table_description": "A keyphrase that an item was found to hold.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="FeedbackThemeItem",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "theme",
                    fields.ForeignKeyField(
                        "salesloop.FeedbackTheme",
                        source_field="theme_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="mentions",
                        on_delete=fields.CASCADE,
                    ),
                ),
                (
                    "item",
                    fields.ForeignKeyField(
                        "salesloop.FeedbackItem",
                        source_field="item_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="mentions",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("phrase_count", fields.SmallIntField(description="How many of the theme's phrases the item holds.")),
                (
                    "quote_rank",
                    fields.SmallIntField(
                        null=True, description="1 for the item that speaks for the theme best, 2, 3, …"
                    ),
                ),
            ],
            options={
                "table": "feedback_theme_item",
                "app": "salesloop",
                "unique_together": (("theme_id", "item_id"),),
                "indexes": [Index(fields=["item_id"])],
                "pk_attr": "id",
                "table_description": "That an item speaks of a theme.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="OrderLine",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "order",
                    fields.ForeignKeyField(
                        "salesloop.Order",
                        source_field="order_id",
                        description="The order it stands on.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("position", fields.IntField(description="Its place on the order, from 1.")),
                (
                    "product",
                    fields.ForeignKeyField(
                        "salesloop.Product",
                        source_field="product_id",
                        description="What was bought.",
                        db_constraint=True,
                        to_field="id",
                        related_name="lines",
                        on_delete=fields.RESTRICT,
                    ),
                ),
                (
                    "quantity",
                    fields.DecimalField(description="How many units; above zero.", max_digits=18, decimal_places=3),
                ),
                (
                    "amount",
                    fields.DecimalField(description="What the whole line cost.", max_digits=18, decimal_places=3),
                ),
            ],
            options={
                "table": "sales_order_line",
                "app": "salesloop",
                "indexes": [Index(fields=["product_id", "id"])],
                "pk_attr": "id",
                "table_description": "One product on an order, with quantity and what the whole line cost.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="Schedule",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("name", fields.CharField(unique=True, description="What people call it.", max_length=100)),
                ("kind", fields.CharField(description="The kind of job it starts.", max_length=80)),
                ("payload", fields.JSONField(description="What the job is given.")),
                (
                    "cron",
                    fields.CharField(description="Minute, hour, day of month, month, day of week.", max_length=100),
                ),
                (
                    "time_zone",
                    fields.CharField(default="UTC", description="IANA zone the cron line is read in.", max_length=64),
                ),
                ("is_paused", fields.BooleanField(default=False, description="Whether it rests.")),
                (
                    "next_due_at",
                    fields.DatetimeField(description="When it is next due (UTC).", auto_now=False, auto_now_add=False),
                ),
            ],
            options={
                "table": "schedule",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "When a kind of job is to be run again and again: a cron line, read in a time zone.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="User",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "email",
                    fields.CharField(
                        unique=True, description="Where mail reaches them; lower case; the login.", max_length=254
                    ),
                ),
                ("name", fields.CharField(description="What colleagues call them.", max_length=200)),
                ("password_hash", fields.CharField(description="Argon2id, in the PHC string format.", max_length=200)),
                (
                    "is_administrator",
                    fields.BooleanField(default=False, description="Whether they see and may do everything."),
                ),
                ("is_active", fields.BooleanField(default=True, description="Whether they may sign in.")),
            ],
            options={
                "table": "access_user",
                "app": "salesloop",
                "indexes": [Index(fields=["name", "id"])],
                "pk_attr": "id",
                "table_description": "A person who signs in: colleagues who sell, deliver and listen, and those who run the house.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="File",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                (
                    "owner",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="owner_id",
                        null=True,
                        description="Who may read it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="files",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                ("name", fields.CharField(description="Its name, without folders.", max_length=200)),
                ("media_type", fields.CharField(description="What it holds, e.g. text/csv.", max_length=100)),
                ("size", fields.BigIntField(default=0, description="Its length in bytes.")),
                ("is_complete", fields.BooleanField(default=False, description="Whether all of it has arrived.")),
            ],
            options={
                "table": "file",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "A file that somebody uploaded for a job, or that a job wrote for somebody.",
            },
            bases=["Record"],
        ),
        ops.CreateModel(
            name="FileChunk",
            fields=[
                ("id", fields.BigIntField(generated=True, primary_key=True, unique=True, db_index=True)),
                (
                    "file",
                    fields.ForeignKeyField(
                        "salesloop.File",
                        source_field="file_id",
                        db_constraint=True,
                        to_field="id",
                        related_name="chunks",
                        on_delete=fields.CASCADE,
                    ),
                ),
                ("position", fields.IntField(description="Its place in the file, from 0.")),
                ("content", fields.BinaryField()),
            ],
            options={
                "table": "file_chunk",
                "app": "salesloop",
                "pk_attr": "id",
                "table_description": "A piece of a file, at most 1 MiB, so that no process ever holds a whole one.",
            },
            bases=["Model"],
        ),
        ops.CreateModel(
            name="Job",
            fields=[
                ("id", fields.UUIDField(primary_key=True, unique=True, db_index=True)),
                (
                    "created_at",
                    fields.DatetimeField(
                        description="When it was first stored (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                (
                    "updated_at",
                    fields.DatetimeField(description="When it last changed (UTC).", auto_now=False, auto_now_add=False),
                ),
                ("version", fields.IntField(default=1, description="1 at birth, one more at each change.")),
                ("kind", fields.CharField(description="What it does, e.g. feedback.aggregate.", max_length=80)),
                ("payload", fields.JSONField(description="What it was given.")),
                (
                    "unique_key",
                    fields.CharField(null=True, description="At most one live job has this key.", max_length=200),
                ),
                ("state", fields.CharField(default="queued", description="Where it stands.", max_length=12)),
                ("priority", fields.SmallIntField(default=0, description="The higher, the sooner.")),
                (
                    "run_at",
                    fields.DatetimeField(description="Not before this time (UTC).", auto_now=False, auto_now_add=False),
                ),
                (
                    "requested_by",
                    fields.ForeignKeyField(
                        "salesloop.User",
                        source_field="requested_by_id",
                        null=True,
                        description="Who asked for it; empty: the system.",
                        db_constraint=True,
                        to_field="id",
                        related_name="jobs",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "schedule",
                    fields.ForeignKeyField(
                        "salesloop.Schedule",
                        source_field="schedule_id",
                        null=True,
                        description="The schedule that started it.",
                        db_constraint=True,
                        to_field="id",
                        related_name="jobs",
                        on_delete=fields.SET_NULL,
                    ),
                ),
                (
                    "due_at",
                    fields.DatetimeField(
                        null=True, description="The due time of its schedule (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                ("dispatch", fields.IntField(default=0, description="How often it was handed to the queue.")),
                (
                    "dispatched_at",
                    fields.DatetimeField(
                        null=True, description="When it was last handed over (UTC).", auto_now=False, auto_now_add=False
                    ),
                ),
                ("attempt", fields.IntField(default=0, description="How often a worker has begun it.")),
                ("max_attempts", fields.IntField(default=5, description="After so many failures it is dead.")),
                ("lease_token", fields.UUIDField(null=True, description="Which claim may still write to it.")),
                (
                    "lease_until",
                    fields.DatetimeField(
                        null=True,
                        description="Until when that claim holds, by the database's clock.",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "started_at",
                    fields.DatetimeField(
                        null=True,
                        description="When the present or last attempt began (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                (
                    "finished_at",
                    fields.DatetimeField(
                        null=True,
                        description="When it reached its last state (UTC).",
                        auto_now=False,
                        auto_now_add=False,
                    ),
                ),
                ("progress_done", fields.BigIntField(default=0, description="How much is done.")),
                ("progress_total", fields.BigIntField(null=True, description="Of how much, where that is known.")),
                ("progress_message", fields.CharField(null=True, description="What it is doing now.", max_length=300)),
                ("result", fields.JSONField(null=True, description="What it found or made.")),
                ("error", fields.TextField(null=True, description="Why the last attempt failed.", unique=False)),
            ],
            options={
                "table": "job",
                "app": "salesloop",
                "indexes": [Index(fields=["created_at", "id"]), Index(fields=["kind", "created_at", "id"])],
                "pk_attr": "id",
                "table_description": "A piece of work done in the background: durable, retried, with progress that people can see.",
            },
            bases=["Record"],
        ),
    ]
