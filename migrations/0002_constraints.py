from migrations import Step
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0001_initial")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="FeedbackItem",
            constraint=CheckConstraint(check="rating BETWEEN 1 AND 5", name="feedback_item_rating_in_range"),
        ),
        ops.AddConstraint(
            model_name="FeedbackItem",
            constraint=CheckConstraint(
                check="sentiment BETWEEN -1000 AND 1000", name="feedback_item_sentiment_in_range"
            ),
        ),
        ops.AddConstraint(
            model_name="FileChunk",
            constraint=UniqueConstraint(fields=("file_id", "position"), name="file_chunk_position_once"),
        ),
        ops.AddConstraint(
            model_name="Job",
            constraint=UniqueConstraint(fields=("schedule_id", "due_at"), name="job_once_per_due_time"),
        ),
        ops.AddConstraint(
            model_name="Order",
            constraint=CheckConstraint(check="total >= 0", name="sales_order_total_not_negative"),
        ),
        ops.AddConstraint(
            model_name="OrderLine",
            constraint=UniqueConstraint(fields=("order_id", "position"), name="sales_order_line_position_once"),
        ),
        ops.AddConstraint(
            model_name="OrderLine",
            constraint=CheckConstraint(check="quantity > 0 AND amount >= 0", name="sales_order_line_not_negative"),
        ),
    ]
