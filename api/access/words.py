"""The words of access: what may be permitted, how far, and why sessions end."""

from api.graph.enums import word_enum
from domain.access.ending import EndReason
from domain.access.rules import GrantReach
from domain.kernel.permissions import Permission

__all__ = ["EndReason", "GrantReach", "Permission"]

word_enum(
    Permission,
    "Permission",
    "One thing that may be allowed: a context of the business, and what may be done there.",
    ACCESS_READ="To see who may do what: roles, assignments, and the sessions and keys of others.",
    ACCESS_SHARE="To open single records, which one may change, to others.",
    ACCESS_WRITE="To take in users, and to say what they may do, as far as one may oneself; teams too.",
    ACTIVITIES_READ="To see activities.",
    ACTIVITIES_WRITE="To plan activities, and to note what came of them.",
    ATTRIBUTION_READ="To see what won revenue is credited to.",
    ATTRIBUTION_WRITE="To have attribution computed.",
    AUDIT_READ="To see the audit trail: who did what to which record, what it was before, and what was refused.",
    CAMPAIGNS_READ="To see campaigns, whom they reach, and what they cost.",
    CAMPAIGNS_WRITE="To plan and run campaigns.",
    CATALOG_COST="To see what products cost us.",
    CATALOG_READ="To see products.",
    CATALOG_WRITE="To take in and change products.",
    CUSTOMERS_ERASE="To export and to erase what is held about a contact.",
    CUSTOMERS_PERSONAL="To see the addresses and telephone numbers of customers, contacts and leads, and to search.",
    CUSTOMERS_READ="To see customers and their contacts.",
    CUSTOMERS_WRITE="To take in and change customers and their contacts.",
    FEEDBACK_READ="To see feedback, and the themes that are found in it.",
    FEEDBACK_WRITE="To write down feedback, and to have it aggregated.",
    IMPORTS_WRITE="To upload files, and to have them taken in as far as one may change all such records.",
    IMPROVEMENT_READ="To see improvement cycles and practices.",
    IMPROVEMENT_WRITE="To propose, plan and judge improvement cycles.",
    INVENTORY_READ="To see stock, moves and reservations.",
    INVENTORY_WRITE="To move, count and reserve stock.",
    JOBS_ADMINISTER="To pause queues, to set up schedules, and to run what only administrators run.",
    JOBS_READ="To see jobs, their kinds and schedules.",
    JOBS_WRITE="To start jobs that people may start, to call jobs off, and to have them run again.",
    KPIS_READ="To see KPIs, their values and signals.",
    KPIS_WRITE="To define KPIs, and to set targets.",
    LEADS_READ="To see leads.",
    LEADS_WRITE="To take in, change and convert leads.",
    ORDERS_FULFIL="To reserve, ship, deliver and take back what was ordered.",
    ORDERS_READ="To see quotes and orders.",
    ORDERS_WRITE="To write quotes and orders, and to take them on their way.",
    PIPELINE_ADMINISTER="To set up pipelines, their stages, and the reasons for closing.",
    PIPELINE_READ="To see opportunities, their history, and forecasts.",
    PIPELINE_WRITE="To begin, change and move opportunities.",
    PROCUREMENT_READ="To see suppliers and purchase orders.",
    PROCUREMENT_WRITE="To take in suppliers, and to buy from them.",
    REPLENISHMENT_READ="To see what is proposed to be bought, and by which policy.",
    REPLENISHMENT_WRITE="To set policies, and to order or dismiss what is proposed.",
    SEGMENTS_READ="To see segments and who belongs to them.",
    SEGMENTS_WRITE="To define segments.",
    SURVEYS_READ="To see surveys and their answers.",
    SURVEYS_WRITE="To write surveys, and to take answers.",
    WEBHOOKS_READ="To see which endpoints events are sent to, and what came of it.",
    WEBHOOKS_WRITE="To set up endpoints that events are sent to, as far as one may see all events, and to send again.",
)
word_enum(
    GrantReach,
    "PermissionReach",
    "How far a permission goes. Records without owners are open whatever the reach.",
    OWN="Over the records that one owns, and those shared with one.",
    TEAM="Over those of everybody in one's teams and the teams below, too.",
    ALL="Over all records.",
)
word_enum(
    EndReason,
    "SessionEndReason",
    "Why a session was ended.",
    SIGNED_OUT="Its user signed out.",
    REVOKED="Its user, or an administrator, ended it from afar.",
    REUSED="Its refresh token came a second time: somebody had copied it.",
    PASSWORD="Its user chose another password.",
    DEACTIVATED="Its user was deactivated.",
)
