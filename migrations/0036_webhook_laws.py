"""What holds of webhooks, and who may set them up: administrators, as they may do everything."""

from migrations import Step
from tortoise.migrations import operations as ops
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint

GRANTED = """INSERT INTO access_role_grant (id, created_at, updated_at, version, role_id, permission, reach)
    SELECT uuidv7(), now(), now(), 1, r.id, g.permission, 'all'
    FROM access_role r, (VALUES ('webhooks_read'), ('webhooks_write')) AS g(permission)
    WHERE r.is_built_in AND r.name = 'administrator'"""
REVOKED = "DELETE FROM access_role_grant WHERE permission IN ('webhooks_read', 'webhooks_write')"


class Migration(Step):
    dependencies = [("salesloop", "0035_webhooks")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="WebhookAttempt",
            constraint=UniqueConstraint(fields=("delivery_id", "number"), name="webhook_attempt_once"),
        ),
        ops.AddConstraint(
            model_name="WebhookDelivery",
            constraint=UniqueConstraint(fields=("endpoint_id", "event_id"), name="webhook_delivery_once"),
        ),
        ops.AddConstraint(
            model_name="WebhookDelivery",
            constraint=CheckConstraint(
                check="state IN ('pending', 'delivered', 'failed', 'cancelled')", name="webhook_delivery_state"
            ),
        ),
        ops.AddConstraint(
            model_name="WebhookEndpoint",
            constraint=CheckConstraint(
                check="is_active = (disabled_reason IS NULL)", name="webhook_endpoint_is_disabled_for_a_reason"
            ),
        ),
        ops.RunSQL(GRANTED, reverse_sql=REVOKED),
    ]
