"""Who belongs to whom, as functions that every statement may ask; the roles that come with the house; the log's seals.

Whoever was an administrator has that role from now on; everybody else is a sales representative, who sees what their
teams work on and changes what is theirs. Orders and quotes belong to the owner of their deal, if there is one.
"""

from migrations import Step
from tortoise.migrations import operations as ops

TEAMS = """CREATE FUNCTION access_teams(viewer uuid) RETURNS SETOF uuid STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT team_id FROM access_team_membership
        WHERE user_id = viewer AND starts_at <= now() AND (ends_at IS NULL OR ends_at > now())
    UNION SELECT id FROM access_team WHERE manager_id = viewer
$$"""
COLLEAGUES = """CREATE FUNCTION access_colleagues(viewer uuid) RETURNS SETOF uuid STABLE PARALLEL SAFE LANGUAGE sql AS $$
    WITH RECURSIVE reached(id) AS (
        SELECT access_teams(viewer)
        UNION SELECT t.id FROM access_team t JOIN reached ON t.parent_id = reached.id
    )
    SELECT viewer
    UNION SELECT m.user_id FROM access_team_membership m JOIN reached ON m.team_id = reached.id
        WHERE m.starts_at <= now() AND (m.ends_at IS NULL OR m.ends_at > now())
    UNION SELECT t.manager_id FROM access_team t JOIN reached ON t.id = reached.id WHERE t.manager_id IS NOT NULL
$$"""
SHARED = """CREATE FUNCTION access_shared(viewer uuid, writing boolean) RETURNS SETOF uuid
    STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT record_id FROM access_share
        WHERE (user_id = viewer OR team_id IN (SELECT access_teams(viewer)))
            AND (expires_at IS NULL OR expires_at > now()) AND (may_change OR NOT writing)
$$"""
ROLES: dict[str, tuple[str, str, str, str]] = {
    "administrator": (
        "Runs the house: may see and do everything, and lets others in.",
        "",
        "",
        "access_read access_share access_write activities_read activities_write attribution_read "
        "attribution_write audit_read campaigns_read campaigns_write catalog_cost catalog_read catalog_write "
        "customers_erase customers_personal customers_read customers_write feedback_read feedback_write "
        "imports_write improvement_read improvement_write inventory_read inventory_write jobs_administer "
        "jobs_read jobs_write kpis_read kpis_write leads_read leads_write orders_fulfil orders_read "
        "orders_write pipeline_administer pipeline_read pipeline_write procurement_read procurement_write "
        "replenishment_read replenishment_write segments_read segments_write surveys_read surveys_write",
    ),
    "sales manager": (
        "Leads sales teams: works on what their teams and those below sell, and steers by targets.",
        "jobs_read jobs_write",
        "access_share activities_read activities_write customers_read customers_write feedback_read "
        "feedback_write leads_read leads_write orders_read orders_write pipeline_read pipeline_write "
        "surveys_read",
        "attribution_read campaigns_read catalog_cost catalog_read customers_personal improvement_read "
        "improvement_write inventory_read kpis_read kpis_write replenishment_read segments_read",
    ),
    "sales representative": (
        "Sells: sees what their teams and those below work on, and changes what is theirs.",
        "access_share activities_write customers_write feedback_write improvement_write jobs_read jobs_write "
        "leads_write orders_write pipeline_write",
        "activities_read customers_read feedback_read leads_read orders_read pipeline_read surveys_read",
        "campaigns_read catalog_read customers_personal improvement_read inventory_read kpis_read segments_read",
    ),
    "marketing": (
        "Reaches the market: campaigns, segments, leads and surveys, and what they bring.",
        "access_share imports_write jobs_read jobs_write",
        "",
        "activities_read attribution_read attribution_write campaigns_read campaigns_write catalog_read "
        "customers_personal customers_read feedback_read improvement_read improvement_write kpis_read "
        "leads_read leads_write orders_read pipeline_read segments_read segments_write surveys_read "
        "surveys_write",
    ),
    "service": (
        "Listens to customers and helps them: feedback, surveys and activities, and improvements that follow.",
        "access_share imports_write jobs_read jobs_write",
        "",
        "activities_read activities_write catalog_read customers_personal customers_read customers_write "
        "feedback_read feedback_write improvement_read improvement_write inventory_read kpis_read orders_read "
        "surveys_read surveys_write",
    ),
    "supply": (
        "Buys, stores and delivers: catalog, stock, suppliers and replenishment, and the shipping of orders.",
        "imports_write jobs_read jobs_write",
        "",
        "catalog_cost catalog_read catalog_write customers_read improvement_read inventory_read "
        "inventory_write kpis_read orders_fulfil orders_read procurement_read procurement_write "
        "replenishment_read replenishment_write",
    ),
    "analyst": (
        "Measures: sees the figures of every context, without personal data, and keeps the KPIs.",
        "jobs_read jobs_write",
        "",
        "activities_read attribution_read attribution_write campaigns_read catalog_cost catalog_read "
        "customers_read feedback_read improvement_read inventory_read kpis_read kpis_write leads_read "
        "orders_read pipeline_read procurement_read replenishment_read segments_read surveys_read",
    ),
    "auditor": (
        "Checks: sees everything that business is about, who may do what, and what was done; changes nothing.",
        "",
        "",
        "access_read activities_read attribution_read audit_read campaigns_read catalog_cost catalog_read "
        "customers_read feedback_read improvement_read inventory_read jobs_read kpis_read leads_read "
        "orders_read pipeline_read procurement_read replenishment_read segments_read surveys_read",
    ),
    "service account": (
        "A program: brings records in and out and runs jobs; its API keys say which of these each is for.",
        "",
        "",
        "catalog_cost catalog_read catalog_write customers_personal customers_read customers_write "
        "feedback_read feedback_write imports_write inventory_read inventory_write jobs_administer jobs_read "
        "jobs_write kpis_read leads_read leads_write orders_read orders_write segments_read surveys_read "
        "surveys_write",
    ),
}
"""What each is for, and its permissions: over one's own records, over those of one's teams as well, over all."""


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _role(name: str, description: str, *granted: str) -> list[ops.RunSQL]:
    grants = [
        f"({_quoted(permission)}, {_quoted(reach)})"
        for reach, permissions in zip(("own", "team", "all"), granted, strict=True)
        for permission in permissions.split()
    ]
    made = (
        "INSERT INTO access_role (id, created_at, updated_at, version, name, description, is_built_in) "
        f"VALUES (uuidv7(), now(), now(), 1, {_quoted(name)}, {_quoted(description)}, true)"
    )
    given = (
        "INSERT INTO access_role_grant (id, created_at, updated_at, version, role_id, permission, reach) "
        f"SELECT uuidv7(), now(), now(), 1, r.id, g.permission, g.reach FROM access_role r, (VALUES {', '.join(grants)}) "
        f"AS g(permission, reach) WHERE r.name = {_quoted(name)}"
    )
    undone = f"DELETE FROM access_role WHERE name = {_quoted(name)}"
    return [ops.RunSQL(made, reverse_sql=undone), ops.RunSQL(given, reverse_sql="SELECT 1")]


ASSIGNED = """INSERT INTO access_role_assignment (id, created_at, updated_at, version, user_id, role_id)
    SELECT uuidv7(), now(), now(), 1, u.id, r.id FROM access_user u JOIN access_role r
        ON r.name = CASE WHEN u.is_administrator THEN 'administrator' ELSE 'sales representative' END"""
OWNED = [
    "UPDATE quote q SET owner_id = o.owner_id FROM opportunity o WHERE o.id = q.opportunity_id",
    "UPDATE sales_order s SET owner_id = o.owner_id FROM opportunity o WHERE o.id = s.opportunity_id",
]
APPEND_ONLY = (
    "CREATE TRIGGER event_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON event_seal "
    "FOR EACH STATEMENT EXECUTE FUNCTION event_is_append_only()"
)


class Migration(Step):
    dependencies = [("salesloop", "0028_access_constraints")]

    initial = False

    operations = [
        ops.RunSQL(TEAMS, reverse_sql="DROP FUNCTION access_teams"),
        ops.RunSQL(COLLEAGUES, reverse_sql="DROP FUNCTION access_colleagues"),
        ops.RunSQL(SHARED, reverse_sql="DROP FUNCTION access_shared"),
        ops.RunSQL(APPEND_ONLY, reverse_sql="DROP TRIGGER event_seal_append_only ON event_seal"),
        *(step for name, (description, *granted) in ROLES.items() for step in _role(name, description, *granted)),
        ops.RunSQL(ASSIGNED, reverse_sql="DELETE FROM access_role_assignment"),
        *(ops.RunSQL(statement, reverse_sql="SELECT 1") for statement in OWNED),
        ops.RemoveField(model_name="User", name="is_administrator"),
    ]
