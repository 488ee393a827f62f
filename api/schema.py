"""The schema: every context's root fields under one Query, one Mutation and one Subscription."""

from dataclasses import replace
from functools import cache
from typing import Any

import strawberry
from graphql import GraphQLSchema, parse, print_ast
from strawberry.schema.config import StrawberryConfig
from strawberry.tools import merge_types

from api.access.devices import ApiKey, DeviceQueries, Session, Share
from api.access.mutations import AccessMutations
from api.access.organisation import OrganisationMutations
from api.access.queries import AccessQueries
from api.access.secrets import SecretMutations
from api.access.sharing import SharingMutations
from api.access.single_sign_on import SsoMutations, SsoQueries
from api.access.types import Role, RoleGrant, Team, TeamMembership, User
from api.access.users import UserMutations
from api.activities.mutations import ActivityMutations
from api.activities.queries import ActivityQueries
from api.activities.types import Activity
from api.campaigns.mutations import CampaignMutations
from api.campaigns.types import (
    AttributionCredit,
    Campaign,
    CampaignCost,
    CampaignMember,
    CampaignQueries,
    CampaignResult,
    HoldoutEffect,
    Touchpoint,
)
from api.catalog.mutations import CatalogMutations
from api.catalog.queries import CatalogQueries
from api.catalog.subscriptions import CatalogSubscriptions
from api.catalog.types import Product
from api.customers.mutations import CustomerMutations
from api.customers.queries import CustomerQueries
from api.customers.subscriptions import CustomerSubscriptions
from api.customers.types import Contact, Customer
from api.events.audit import AuditQueries
from api.events.queries import EventQueries
from api.events.subscriptions import EventSubscriptions
from api.feedback.mutations import FeedbackMutations
from api.feedback.queries import FeedbackQueries
from api.feedback.subscriptions import FeedbackSubscriptions
from api.feedback.types import FeedbackItem, FeedbackTheme, FeedbackThemeStake
from api.graph.scalars import SCALARS
from api.imports.mutations import ImportMutations
from api.improvement.mutations import ImprovementMutations
from api.improvement.queries import ImprovementQueries
from api.improvement.types import CycleEvidence, EffectEstimate, ImprovementCycle, Practice, PracticeAdoption
from api.inventory.mutations import InventoryMutations
from api.inventory.queries import InventoryQueries
from api.inventory.types import InventoryLevel, Location, Reservation, StockMove
from api.jobs.mutations import JobMutations
from api.jobs.queries import JobQueries
from api.jobs.subscriptions import JobSubscriptions
from api.jobs.types import Job, JobAttempt, JobKind, JobQueue, Schedule, ScheduleRun
from api.kpis.mutations import KpiMutations
from api.kpis.queries import KpiQueries
from api.kpis.types import Kpi, KpiAnnotation, KpiSignal, KpiTarget, KpiValue
from api.leads.mutations import LeadMutations
from api.leads.queries import LeadQueries
from api.leads.subscriptions import LeadSubscriptions
from api.leads.types import Lead
from api.nodes.queries import NodeQueries
from api.orders.mutations import OrderMutations
from api.orders.queries import OrderQueries
from api.orders.quotes import Quote, QuoteLine, QuoteQueries
from api.orders.quoting import QuoteMutations
from api.orders.subscriptions import OrderSubscriptions
from api.orders.types import Order, OrderLine, Shipment, ShipmentLine
from api.pipeline.forecasts import ForecastLine, ForecastMutations, ForecastQueries, ForecastSnapshot
from api.pipeline.mutations import PipelineMutations
from api.pipeline.queries import PipelineQueries
from api.pipeline.setup import PipelineSetupMutations
from api.pipeline.subscriptions import PipelineSubscriptions
from api.pipeline.types import (
    CloseReason,
    Competitor,
    Opportunity,
    OpportunityCompetitor,
    OpportunityLine,
    Pipeline,
    Stage,
    StageHistory,
)
from api.privacy.mutations import PrivacyMutations
from api.procurement.mutations import SupplierMutations
from api.procurement.purchasing import PurchaseOrderMutations
from api.procurement.queries import ProcurementQueries
from api.procurement.types import PurchaseOrder, PurchaseOrderLine, Receipt, Supplier, SupplierItem
from api.replenishment.mutations import ReplenishmentMutations
from api.replenishment.queries import ReplenishmentQueries
from api.replenishment.types import ReplenishmentPolicy, ReplenishmentProposal
from api.segments.mutations import SegmentMutations
from api.segments.types import Segment, SegmentMember, SegmentQueries
from api.surveys.mutations import SurveyMutations
from api.surveys.queries import SurveyQueries
from api.surveys.subscriptions import SurveySubscriptions
from api.surveys.types import Survey, SurveyResponse
from api.webhooks.mutations import WebhookMutations
from api.webhooks.queries import WebhookQueries
from api.webhooks.types import WebhookAttempt, WebhookDelivery, WebhookEndpoint

QUERIES = (
    AccessQueries,
    SsoQueries,
    AuditQueries,
    DeviceQueries,
    ActivityQueries,
    CampaignQueries,
    CatalogQueries,
    CustomerQueries,
    EventQueries,
    FeedbackQueries,
    ForecastQueries,
    ImprovementQueries,
    InventoryQueries,
    JobQueries,
    KpiQueries,
    LeadQueries,
    NodeQueries,
    OrderQueries,
    PipelineQueries,
    ProcurementQueries,
    QuoteQueries,
    ReplenishmentQueries,
    SegmentQueries,
    SurveyQueries,
    WebhookQueries,
)
MUTATIONS = (
    AccessMutations,
    OrganisationMutations,
    SecretMutations,
    SsoMutations,
    SharingMutations,
    UserMutations,
    ActivityMutations,
    CampaignMutations,
    CatalogMutations,
    CustomerMutations,
    FeedbackMutations,
    ForecastMutations,
    ImportMutations,
    ImprovementMutations,
    InventoryMutations,
    JobMutations,
    KpiMutations,
    LeadMutations,
    OrderMutations,
    PipelineMutations,
    PipelineSetupMutations,
    PrivacyMutations,
    PurchaseOrderMutations,
    QuoteMutations,
    ReplenishmentMutations,
    SegmentMutations,
    SupplierMutations,
    SurveyMutations,
    WebhookMutations,
)
SUBSCRIPTIONS = (
    CatalogSubscriptions,
    CustomerSubscriptions,
    EventSubscriptions,
    FeedbackSubscriptions,
    JobSubscriptions,
    LeadSubscriptions,
    OrderSubscriptions,
    PipelineSubscriptions,
    SurveySubscriptions,
)
RECORDS = (
    ApiKey,
    Role,
    RoleGrant,
    Session,
    Share,
    Team,
    TeamMembership,
    Activity,
    AttributionCredit,
    Campaign,
    CampaignCost,
    CampaignMember,
    CampaignResult,
    CloseReason,
    Competitor,
    Contact,
    Customer,
    CycleEvidence,
    EffectEstimate,
    FeedbackItem,
    FeedbackTheme,
    FeedbackThemeStake,
    ForecastLine,
    ForecastSnapshot,
    HoldoutEffect,
    ImprovementCycle,
    InventoryLevel,
    Job,
    JobAttempt,
    JobKind,
    JobQueue,
    Kpi,
    KpiAnnotation,
    KpiSignal,
    KpiTarget,
    KpiValue,
    Lead,
    Location,
    Opportunity,
    OpportunityCompetitor,
    OpportunityLine,
    Order,
    OrderLine,
    Pipeline,
    Practice,
    PracticeAdoption,
    Product,
    PurchaseOrder,
    PurchaseOrderLine,
    Quote,
    QuoteLine,
    Receipt,
    ReplenishmentPolicy,
    ReplenishmentProposal,
    Reservation,
    Schedule,
    ScheduleRun,
    Segment,
    SegmentMember,
    Shipment,
    ShipmentLine,
    Stage,
    StageHistory,
    StockMove,
    Supplier,
    SupplierItem,
    Survey,
    SurveyResponse,
    Touchpoint,
    User,
    WebhookAttempt,
    WebhookDelivery,
    WebhookEndpoint,
)


@cache
def build_schema() -> strawberry.Schema:
    """This will build the schema; once in a process, since connection types are made once and it takes its time."""
    query = merge_types("Query", QUERIES)
    query.__strawberry_definition__.description = "What can be read. Nothing is told to strangers; send a bearer token."  # type: ignore[attr-defined]
    mutation = merge_types("Mutation", MUTATIONS)
    mutation.__strawberry_definition__.description = "What can be done, one transaction each."  # type: ignore[attr-defined]
    subscription = merge_types("Subscription", SUBSCRIPTIONS)
    subscription.__strawberry_definition__.description = "What can be heard as it happens, one field a subscription."  # type: ignore[attr-defined]
    return strawberry.Schema(
        query,
        mutation,
        subscription,
        types=RECORDS,
        config=StrawberryConfig(scalar_map=SCALARS),
    )


def print_sorted(schema: strawberry.Schema) -> str:
    """This will print the schema with everything in the order of the alphabet, as `schema.graphql` holds it.

    The text is sorted, not the schema: a sorted schema of graphql-core loses Strawberry's enums.
    """
    document = parse(schema.as_str())
    return "\n\n".join(print_ast(_sorted(node)) for node in sorted(document.definitions, key=_sort_key)) + "\n"


def _sorted(node: Any) -> Any:
    inner = {name: getattr(node, name, None) for name in ("fields", "arguments", "values")}
    return replace(
        node,
        **{
            name: tuple(_sorted(item) for item in sorted(items, key=_sort_key))
            for name, items in inner.items()
            if items
        },
    )


def _sort_key(node: Any) -> tuple[str, str]:
    return ("" if node.kind == "schema_definition" else "~", node.name.value if getattr(node, "name", None) else "")


def core_schema(schema: strawberry.Schema) -> GraphQLSchema:
    """This will give graphql-core's form of the schema, which the engine runs on."""
    return schema._schema
