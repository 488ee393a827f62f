"""Tables of feedback: what customers say, how it was read, and the themes it adds up to."""

from typing import Any
from uuid import UUID

from tortoise import Model, fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

from domain.catalog.models import Product
from domain.customers.models import Customer
from domain.kernel.guard import Guard
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.orders.models import Order


class FeedbackItem(Record):
    """One thing that one customer said at one time, in their own words, and how it was read."""

    prefix = "fbk"
    guard = Guard(read=Permission.FEEDBACK_READ, write=Permission.FEEDBACK_WRITE, whole=("customer_id", Customer))

    external_id = fields.CharField(
        max_length=120, null=True, unique=True, description="What another system calls this item; unique."
    )
    source = fields.CharField(max_length=20, description="The way by which it reached us.")
    text = fields.TextField(description="The customer's own words.")
    rating = fields.SmallIntField(null=True, description="1 (worst) to 5 (best), where one was given.")
    customer: fields.ForeignKeyNullableRelation[Customer] = fields.ForeignKeyField(
        Customer, related_name="feedback", null=True, on_delete=fields.RESTRICT, description="Who said it, if known."
    )
    product: fields.ForeignKeyNullableRelation[Product] = fields.ForeignKeyField(
        Product,
        related_name="feedback",
        null=True,
        on_delete=fields.RESTRICT,
        description="What it is about, if known.",
    )
    order: fields.ForeignKeyNullableRelation[Order] = fields.ForeignKeyField(
        Order, related_name="feedback", null=True, on_delete=fields.SET_NULL, description="The order it is about."
    )
    received_at = fields.DatetimeField(description="When the customer said it (UTC).")
    language = fields.CharField(
        max_length=3, null=True, description="ISO 639 code: given with the item or found by reading; und if unclear."
    )
    language_given = fields.BooleanField(default=False, description="Whether the language came with the item.")
    sentiment = fields.SmallIntField(null=True, description="-1000 (bitter) to 1000 (delighted), once read.")
    sentiment_label = fields.CharField(
        max_length=10, null=True, description="Positive, neutral or negative, once read."
    )
    read_digest = fields.BinaryField(
        null=True, description="SHA-256 of the version of the reader that read it; empty: to be read."
    )

    class Meta:
        table = "feedback_item"
        indexes = (
            Index(fields=("received_at", "id")),
            Index(fields=("created_at", "id")),
            Index(fields=("rating", "id")),
            Index(fields=("customer_id", "received_at", "id")),
            Index(fields=("product_id", "received_at", "id")),
            Index(fields=("order_id", "received_at", "id")),
        )
        constraints = (
            CheckConstraint(check="rating BETWEEN 1 AND 5", name="feedback_item_rating_in_range"),
            CheckConstraint(check="sentiment BETWEEN -1000 AND 1000", name="feedback_item_sentiment_in_range"),
        )


class FeedbackPhrase(Model):
    """A keyphrase that an item was found to hold."""

    id = fields.BigIntField(primary_key=True, generated=True)
    item: fields.ForeignKeyRelation[FeedbackItem] = fields.ForeignKeyField(
        FeedbackItem, related_name="phrases", on_delete=fields.CASCADE
    )
    language = fields.CharField(max_length=3, description="The language it is a phrase of.")
    phrase = fields.CharField(max_length=100, description="The phrase in its normal form.")

    class Meta:
        table = "feedback_phrase"
        unique_together = (("item_id", "phrase"),)
        indexes = (Index(fields=("language", "phrase")),)


class FeedbackTheme(Record):
    """What many customers keep talking about: a cluster of keyphrases that occur together, under one label."""

    prefix = "thm"
    guard = Guard(read=Permission.FEEDBACK_READ, write=Permission.FEEDBACK_WRITE)

    language = fields.CharField(max_length=3, description="ISO 639 code of its phrases.")
    label = fields.CharField(max_length=200, description="Its leading phrases, for people.")
    phrases: Any = fields.JSONField(description="Its keyphrases, the weightiest first.")
    item_count = fields.IntField(default=0, description="How many items speak of it.")
    scored_count = fields.IntField(default=0, description="How many of these have a sentiment.")
    sentiment_sum = fields.BigIntField(default=0, description="The sum of their sentiments, in thousandths.")
    retired_at = fields.DatetimeField(null=True, description="When it was last found to have dissolved (UTC).")

    class Meta:
        table = "feedback_theme"
        indexes = (Index(fields=("item_count", "id")), Index(fields=("label", "id")))


class FeedbackThemeStake(Record):
    """The revenue at stake in a theme, in one currency: what those who complain of it buy, and might still buy."""

    prefix = "fst"
    guard = Guard(read=Permission.FEEDBACK_READ, write=Permission.FEEDBACK_WRITE)

    theme: fields.ForeignKeyRelation[FeedbackTheme] = fields.ForeignKeyField(
        FeedbackTheme, related_name="stakes", on_delete=fields.CASCADE, description="The theme."
    )
    theme_id: UUID
    currency = fields.CharField(max_length=3, description="ISO 4217 code of the amounts.")
    customer_count = fields.IntField(description="How many customers spoke of it in displeasure in the last 90 days.")
    ordered = fields.DecimalField(
        max_digits=18, decimal_places=3, description="What these ordered in the last 365 days."
    )
    pipeline = fields.DecimalField(
        max_digits=18, decimal_places=3, description="Their open deals, each times its probability."
    )

    class Meta:
        table = "feedback_theme_stake"
        constraints = (UniqueConstraint(fields=("theme_id", "currency"), name="feedback_theme_stake_once"),)


class FeedbackThemeItem(Model):
    """That an item speaks of a theme."""

    id = fields.BigIntField(primary_key=True, generated=True)
    theme: fields.ForeignKeyRelation[FeedbackTheme] = fields.ForeignKeyField(
        FeedbackTheme, related_name="mentions", on_delete=fields.CASCADE
    )
    item: fields.ForeignKeyRelation[FeedbackItem] = fields.ForeignKeyField(
        FeedbackItem, related_name="mentions", on_delete=fields.CASCADE
    )
    phrase_count = fields.SmallIntField(description="How many of the theme's phrases the item holds.")
    quote_rank = fields.SmallIntField(null=True, description="1 for the item that speaks for the theme best, 2, 3, …")

    class Meta:
        table = "feedback_theme_item"
        unique_together = (("theme_id", "item_id"),)
        indexes = (Index(fields=("item_id",)),)


class FeedbackDay(Model):
    """What was said on one day about one product and theme by one source: how much, and in what mood.

    The rows without a theme count every item once; an item with several themes is in several of the others.
    """

    id = fields.BigIntField(primary_key=True, generated=True)
    day = fields.DateField(description="The day it was received (UTC).")
    source = fields.CharField(max_length=20)
    product: fields.ForeignKeyNullableRelation[Product] = fields.ForeignKeyField(
        Product, related_name="feedback_days", null=True, on_delete=fields.CASCADE
    )
    theme: fields.ForeignKeyNullableRelation[FeedbackTheme] = fields.ForeignKeyField(
        FeedbackTheme, related_name="days", null=True, on_delete=fields.CASCADE
    )
    item_count = fields.IntField(description="How many items.")
    scored_count = fields.IntField(description="How many of these have a sentiment.")
    sentiment_sum = fields.BigIntField(description="The sum of their sentiments, in thousandths.")

    class Meta:
        table = "feedback_day"
        indexes = (Index(fields=("day",)), Index(fields=("theme_id", "day")), Index(fields=("product_id", "day")))
