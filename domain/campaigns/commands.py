"""Verbs of campaigns: planned, run, paid for, and joined by members, some of whom are held out to compare with."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.connection import get_connection

from domain.access.models import User
from domain.access.ownership import hold_owner
from domain.campaigns import rules
from domain.campaigns.models import Campaign, CampaignCost, CampaignMember
from domain.campaigns.rules import CampaignState
from domain.customers.models import Customer
from domain.kernel.actor import Actor
from domain.kernel.changes import apply_changes, check_fields, store_new
from domain.kernel.events import emit
from domain.kernel.money import LARGEST
from domain.kernel.permissions import Permission
from domain.kernel.record import Record
from domain.kernel.refusals import Invalid
from domain.kernel.storing import insert_parts
from domain.kernel.transactions import one_transaction
from domain.leads.models import Lead
from domain.segments.models import Segment

TOPIC = "campaigns.campaign"
ABOUT: Mapping[str, type[Record]] = {"segment_id": Segment, "owner_id": User}
"""What a campaign points to, by field."""
REQUIRED = ("name", "kind", "starts_on", "ends_on", "currency", "budget", "holdout_share")
_DRAWN = "('x' || left(md5({campaign} || {who}), 8))::bit(32)::bigint / 4294967296.0"
_ENROLL = f"""
    WITH campaign AS (SELECT id, holdout_share FROM campaign WHERE id = $1), joined AS (
        INSERT INTO campaign_member (id, created_at, updated_at, version, campaign_id, customer_id, lead_id, arm)
        SELECT uuidv7(), $2::timestamptz, $2, 1, c.id, given.customer_id, given.lead_id,
            CASE WHEN {_DRAWN.format(campaign="c.id::text", who="coalesce(given.customer_id, given.lead_id)::text")}
                < c.holdout_share THEN 'holdout' ELSE 'targeted' END
        FROM campaign c, ({{given}}) given
        ON CONFLICT DO NOTHING RETURNING arm
    )
    SELECT count(*)::int AS joined, count(*) FILTER (WHERE arm = 'holdout')::int AS held_out FROM joined"""
_NAMED = """SELECT unnest($3::uuid[]) AS customer_id, NULL::uuid AS lead_id
    UNION ALL SELECT NULL, unnest($4::uuid[])"""
_OF_SEGMENT = """SELECT m.customer_id, NULL::uuid AS lead_id FROM segment_member m
    WHERE m.segment_id = $3 AND m.left_at IS NULL"""


async def create_campaign(given: Mapping[str, Any], *, by: Actor, at: datetime) -> Campaign:
    """This will plan a campaign. Needs `name`, `kind`, `starts_on`, `ends_on` and `currency`; it belongs to whoever
    plans it unless `owner_id` says otherwise.

    Raises Unauthenticated, Invalid, NotFound, NameTaken.
    """
    by.must(Permission.CAMPAIGNS_WRITE)
    about = {"owner_id": by.user_id} | {name: given[name] for name in ABOUT if name in given}
    written = {name: value for name, value in given.items() if name not in ABOUT}
    values = check_fields(written, rules.CAMPAIGN, required=REQUIRED)
    values["budget"] = rules.check_budget(values.get("budget", Decimal(0)), values["currency"], "budget")
    rules.check_period(values["starts_on"], values["ends_on"])
    async with one_transaction():
        await _hold(about, by=by)
        return await store_new(Campaign, values | about, f"{TOPIC}.created", by=by, at=at, taken=rules.NameTaken())


async def update_campaign(
    key: UUID | None, given: Mapping[str, Any], *, expected_version: int | None = None, by: Actor, at: datetime
) -> Campaign:
    """This will change what is planned; the share held out stays once members were drawn, the currency once there are
    costs.

    Raises Unauthenticated, Invalid, NotFound, Stale, NameTaken, ArmsAreDrawn, AmountsStand.
    """
    by.must(Permission.CAMPAIGNS_WRITE)
    about = {name: given[name] for name in ABOUT if name in given}
    written = {name: value for name, value in given.items() if name not in ABOUT}
    values = check_fields(written, rules.CAMPAIGN, required=REQUIRED)
    async with one_transaction():
        campaign = await Campaign.locked(key, expected_version=expected_version, by=by)
        await _hold(about, by=by)
        currency = values.get("currency", campaign.currency)
        if "budget" in values or "currency" in values:
            values["budget"] = rules.check_budget(values.get("budget", campaign.budget), currency, "budget")
        if currency != campaign.currency and campaign.cost:
            raise rules.AmountsStand
        rules.check_period(values.get("starts_on", campaign.starts_on), values.get("ends_on", campaign.ends_on))
        share = values.get("holdout_share", campaign.holdout_share)
        if share != campaign.holdout_share and await CampaignMember.exists(campaign_id=campaign.id):
            raise rules.ArmsAreDrawn
        await apply_changes(campaign, values | about, f"{TOPIC}.updated", by=by, at=at, taken=rules.NameTaken())
    return campaign


async def set_campaign_state(
    key: UUID | None, wanted: CampaignState, *, expected_version: int | None = None, by: Actor, at: datetime
) -> Campaign:
    """This will start, pause, end or call off a campaign.

    Raises Unauthenticated, NotFound, Stale, StateNotReachable.
    """
    by.must(Permission.CAMPAIGNS_WRITE)
    async with one_transaction():
        campaign = await Campaign.locked(key, expected_version=expected_version, by=by)
        state = rules.check_next(campaign.state, wanted)
        await apply_changes(campaign, {"state": state.value}, f"{TOPIC}.{state.value}", by=by, at=at)
    return campaign


async def record_cost(
    key: UUID | None, incurred_on: date, amount: Decimal, description: str, *, by: Actor, at: datetime
) -> Campaign:
    """This will write down money that a campaign cost; what it costs in all is kept with it.

    Raises Unauthenticated, Invalid, NotFound.
    """
    by.must(Permission.CAMPAIGNS_WRITE)
    day, purpose = rules.check_day(incurred_on, "incurred_on"), rules.check_purpose(description, "description")
    async with one_transaction():
        campaign = await Campaign.locked(key, by=by)
        spent = rules.check_cost(amount, campaign.currency, "amount")
        if campaign.cost + spent >= LARGEST:
            raise Invalid("{field} makes the campaign cost more than can be written down.", "amount")
        values = {"campaign_id": campaign.id, "incurred_on": day, "amount": spent, "description": purpose}
        await insert_parts([CampaignCost.born(values, at)])
        await apply_changes(campaign, {"cost": campaign.cost + spent}, f"{TOPIC}.cost_recorded", by=by, at=at)
    return campaign


async def enroll_members(
    key: UUID | None,
    customers: Sequence[UUID] | None = None,
    leads: Sequence[UUID] | None = None,
    *,
    by: Actor,
    at: datetime,
) -> Campaign:
    """This will have customers and leads join a campaign: those named, or those who belong to its segment now.

    Who has joined stays in the arm that a digest of campaign and member drew, whenever and however often they join.
    Raises Unauthenticated, Invalid, NotFound, CampaignIsOver.
    """
    by.must(Permission.CAMPAIGNS_WRITE)
    named = customers is not None or leads is not None
    chosen, others = list(customers or ()), list(leads or ())
    if named and not 1 <= len(chosen) + len(others) <= rules.MOST_MEMBERS:
        raise Invalid(
            f"{{field}} must be 1 to {rules.MOST_MEMBERS:,}, leads included; more join by a segment.", "customer_ids"
        )
    async with one_transaction():
        campaign = await Campaign.locked(key, by=by)
        if campaign.state in rules.OVER:
            raise rules.CampaignIsOver(campaign.state)
        if named:
            await Customer.held(chosen, "customer_ids", by=by)
            await Lead.held(others, "lead_ids", by=by)
            values: list[Any] = [campaign.id, at, chosen, others]
        elif campaign.segment_id is None:
            raise Invalid("{field} are missing, and the campaign has no segment to take them from.", "customer_ids")
        else:
            values = [campaign.id, at, campaign.segment_id]
        sql = _ENROLL.replace("{given}", _NAMED if named else _OF_SEGMENT)
        (row,) = await get_connection("default").execute_query_dict(sql, values)
        if row["joined"]:
            await emit(f"{TOPIC}.enrolled", campaign.id, by=by, at=at, **row)
    return campaign


async def _hold(about: Mapping[str, UUID | None], *, by: Actor) -> None:
    """Holds what the campaign points to. Raises NotFound, Forbidden."""
    for name, key in about.items():
        if name == "owner_id":
            await hold_owner(key, Permission.CAMPAIGNS_WRITE, by=by)
        elif key is not None:
            await ABOUT[name].held([key], name, by=by)
