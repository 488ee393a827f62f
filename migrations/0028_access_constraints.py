from migrations import Step
from tortoise.migrations import operations as ops
from tortoise import fields
from tortoise.indexes import Index
from tortoise.migrations.constraints import CheckConstraint, UniqueConstraint


class Migration(Step):
    dependencies = [("salesloop", "0027_access")]

    initial = False

    operations = [
        ops.AddConstraint(
            model_name="RoleAssignment",
            constraint=UniqueConstraint(fields=("user_id", "role_id"), name="access_role_assignment_once"),
        ),
        ops.AddConstraint(
            model_name="RoleGrant",
            constraint=UniqueConstraint(fields=("role_id", "permission"), name="access_role_grant_once"),
        ),
        ops.AddConstraint(
            model_name="RoleGrant",
            constraint=CheckConstraint(check="reach IN ('own', 'team', 'all')", name="access_role_grant_reach"),
        ),
        ops.AddConstraint(
            model_name="Session",
            constraint=CheckConstraint(
                check="(ended_at IS NULL) = (end_reason IS NULL)", name="access_session_ends_for_a_reason"
            ),
        ),
        ops.AddConstraint(
            model_name="Share",
            constraint=UniqueConstraint(fields=("user_id", "record_id"), name="access_share_once_a_user"),
        ),
        ops.AddConstraint(
            model_name="Share",
            constraint=UniqueConstraint(fields=("team_id", "record_id"), name="access_share_once_a_team"),
        ),
        ops.AddConstraint(
            model_name="Share",
            constraint=CheckConstraint(
                check="num_nonnulls(user_id, team_id) = 1", name="access_share_is_with_somebody"
            ),
        ),
        ops.AddConstraint(
            model_name="TeamMembership",
            constraint=CheckConstraint(check="ends_at > starts_at", name="access_team_membership_runs_forward"),
        ),
    ]
