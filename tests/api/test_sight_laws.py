"""The law of sight: whatever teams, owners and shares there are, everybody reads through the API the very set that a
slow and obviously correct function finds: in lists and counts, nested, by relations, groups, figures, search and ids.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection

from domain.access.models import Role, RoleAssignment, RoleGrant, Session, Share, Team, TeamMembership, User
from domain.access.tokens import TokenKey, sign_token
from domain.customers.models import Contact, Customer
from domain.kernel.clock import system_clock
from domain.kernel.ids import new_id, public_id
from domain.pipeline.models import Opportunity, Pipeline, Stage
from tests.graph import KEY, NOW, Graph, session_of

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
USERS, TEAMS, RECORDS = 5, 5, 6
HOUR = timedelta(hours=1)
SPANS = {"past": (-2 * HOUR, -HOUR), "now": (-HOUR, HOUR), "for good": (-HOUR, None), "to come": (HOUR, None)}
GRANTED = ("customers_read", "pipeline_read", "customers_personal")
PLACE = st.integers(0, USERS - 1)


@dataclass(frozen=True)
class World:
    """Who belongs where, what is whose, and what was shared with whom; all by number."""

    parents: list[int | None]
    managers: list[int | None]
    memberships: list[tuple[int, int, str]]
    owners: list[int | None]
    deals: list[tuple[int, int | None]]
    shares: list[tuple[str, int, str, int, bool]]
    reaches: list[tuple[str, str]]

    def teams_of(self, viewer: int) -> set[int]:
        """Those they belong to now, or lead."""
        belongs = {team for user, team, when in self.memberships if user == viewer and when in ("now", "for good")}
        return belongs | {team for team, manager in enumerate(self.managers) if manager == viewer}

    def colleagues(self, viewer: int) -> set[int]:
        """They themselves, and all who belong now to their teams or to those below, or lead them."""
        reached = self.teams_of(viewer)
        while more := {team for team, parent in enumerate(self.parents) if parent in reached} - reached:
            reached |= more
        found = {user for user, team, when in self.memberships if team in reached and when in ("now", "for good")}
        found |= {manager for team, manager in enumerate(self.managers) if team in reached and manager is not None}
        return found | {viewer}

    def sees(self, viewer: int, kind: str, number: int) -> bool:
        """Whether a viewer may see a customer or a deal."""
        reach = self.reaches[viewer][0 if kind == "customer" else 1]
        owner = self.owners[number] if kind == "customer" else self.deals[number][1]
        if reach == "all" or owner == viewer or (reach == "team" and owner in self.colleagues(viewer)):
            return True
        return any(
            (what, which) == (kind, number)
            and not is_over
            and (whom == viewer if to == "user" else whom in self.teams_of(viewer))
            for what, which, to, whom, is_over in self.shares
        )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    parents = [draw(st.one_of(st.none(), st.integers(0, team - 1))) if team else None for team in range(TEAMS)]
    customers = draw(st.integers(1, RECORDS))
    deals = draw(
        st.lists(st.tuples(st.integers(0, customers - 1), st.one_of(st.none(), PLACE)), min_size=1, max_size=RECORDS)
    )
    record = st.one_of(
        st.tuples(st.just("customer"), st.integers(0, customers - 1)),
        st.tuples(st.just("deal"), st.integers(0, len(deals) - 1)),
    )
    share = st.tuples(record, st.sampled_from(["user", "team"]), PLACE, st.booleans()).map(lambda s: (*s[0], *s[1:]))
    membership = st.tuples(PLACE, st.integers(0, TEAMS - 1), st.sampled_from(list(SPANS)))
    reach = st.sampled_from(["own", "team", "all"])
    return World(
        parents=parents,
        managers=draw(st.lists(st.one_of(st.none(), PLACE), min_size=TEAMS, max_size=TEAMS)),
        memberships=draw(st.lists(membership, max_size=8)),
        owners=draw(st.lists(st.one_of(st.none(), PLACE), min_size=customers, max_size=customers)),
        deals=deals,
        shares=draw(st.lists(share, max_size=5, unique_by=lambda each: each[:4])),
        reaches=draw(st.lists(st.tuples(reach, reach), min_size=USERS, max_size=USERS)),
    )


@dataclass
class Ground:
    """What all worlds are built on: the users with their sessions and roles, and a stage for deals."""

    users: list[User]
    sessions: list[Session]
    roles: list[Role]
    stage: Stage
    built: int = 0

    async def build(self, world: World) -> tuple[list[UUID], list[UUID]]:
        """Puts a world in place of the one before; gives the keys of its customers and deals."""
        for table in ("access_share", "access_team_membership", "access_team", "contact", "opportunity", "customer"):
            await get_connection("default").execute_script(f"DELETE FROM {table}")
        await RoleGrant.filter(role_id__in=[role.id for role in self.roles]).delete()
        now, teams = system_clock(), [new_id() for _ in world.parents]
        for number, (key, parent, manager) in enumerate(zip(teams, world.parents, world.managers, strict=True)):
            above = None if parent is None else teams[parent]
            await Team.create(id=key, name=f"T{number}", parent_id=above, manager_id=self.who(manager), **STAMPS)
        await TeamMembership.bulk_create(
            TeamMembership(
                user_id=self.who(user), team_id=teams[team], starts_at=now + SPANS[when][0],
                ends_at=None if SPANS[when][1] is None else now + SPANS[when][1], **STAMPS,
            )
            for user, team, when in world.memberships
        )  # fmt: skip
        customers = [new_id() for _ in world.owners]
        await Customer.bulk_create(
            Customer(id=key, kind="company", name=f"Acme {number}", owner_id=self.who(owner), **STAMPS)
            for number, (key, owner) in enumerate(zip(customers, world.owners, strict=True))
        )
        await Contact.bulk_create(Contact(customer_id=key, name="Kim", **STAMPS) for key in customers)
        deals = [new_id() for _ in world.deals]
        await Opportunity.bulk_create(
            Opportunity(
                id=key, name="Acme deal", customer_id=customers[customer], owner_id=self.who(owner), currency="EUR",
                pipeline_id=self.stage.pipeline_id, stage_id=self.stage.id, status="open", amount=1, probability=0.5,
                forecast_category="pipeline", close_date=NOW.date(), opened_at=NOW, stage_entered_at=NOW, **STAMPS,
            )
            for key, (customer, owner) in zip(deals, world.deals, strict=True)
        )  # fmt: skip
        await Share.bulk_create(
            Share(
                record_prefix="cus" if what == "customer" else "opp",
                record_id=(customers if what == "customer" else deals)[which],
                user_id=self.who(whom) if to == "user" else None, team_id=teams[whom] if to == "team" else None,
                expires_at=now - HOUR if is_over else None, **STAMPS,
            )
            for what, which, to, whom, is_over in world.shares
        )  # fmt: skip
        await RoleGrant.bulk_create(
            RoleGrant(role_id=role.id, permission=permission, reach=reach, **STAMPS)
            for role, reaches in zip(self.roles, world.reaches, strict=True)
            for permission, reach in zip(GRANTED, (*reaches, "all"), strict=True)
        )
        return customers, deals

    def who(self, place: int | None) -> UUID | None:
        return None if place is None else self.users[place].id

    def token(self, viewer: int) -> str:
        """A token that the API has not seen, so that it asks anew what its bearer may do."""
        self.built += 1
        key = TokenKey(KEY, timedelta(days=3000, seconds=self.built))
        return sign_token(self.users[viewer].id, self.sessions[viewer].id, key, at=NOW).text


@pytest.fixture
async def stage(graph: Graph) -> Ground:
    users, roles = [], []
    for number in range(USERS):
        user = await User.create(email=f"u{number}@x.example", name=f"U{number}", **STAMPS)
        role = await Role.create(name=f"R{number}", description="A viewer's.", **STAMPS)
        await RoleAssignment.create(user=user, role=role, **STAMPS)
        users.append(user)
        roles.append(role)
    pipeline = await Pipeline.create(name="P", is_default=True, **STAMPS)
    first = await Stage.create(
        pipeline=pipeline,
        name="S",
        position=1,
        kind="open",
        default_probability=0.5,
        forecast_category="pipeline",
        **STAMPS,
    )
    return Ground(users, [await session_of(user) for user in users], roles, first)


READ = """query ($ids: [ID!]!) {
  customers(first: 100) { totalCount { value } nodes { id contacts { nodes { id } totalCount { value } }
    opportunities { nodes { id } totalCount { value } } opportunitiesAggregate { count } } }
  customersAggregate { count }
  found: customers(search: "acme", first: 100) { nodes { id } totalCount { value } }
  withDeals: customers(first: 100, where: {opportunities: {some: {}}}) { nodes { id } }
  opportunities(first: 100) { totalCount { value } nodes { id customer { id } } }
  ofCustomers: opportunities(first: 100, where: {customer: {name: {startsWith: "Acme"}}}) { nodes { id } }
  opportunitiesAggregate { count groups(by: {field: CUSTOMER}) { key { customer { id } } count } }
  salesPerformance(start: "2020-01-01", end: "2030-01-01") { openCount }
  nodes(ids: $ids) { id }
}"""


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(world=worlds())
async def test_everybody_reads_what_is_theirs_to_read_and_nothing_else(
    graph: Graph, stage: Ground, world: World
) -> None:
    customers, deals = await stage.build(world)
    ids = [*(public_id("cus", key) for key in customers), *(public_id("opp", key) for key in deals)]
    for viewer in range(USERS):
        client = Graph(graph.http, stage.token(viewer))
        data = await client.ask(READ, ids=ids)
        clients = {ids[n] for n in range(len(customers)) if world.sees(viewer, "customer", n)}
        theirs = {
            ids[len(customers) + n]: ids[world.deals[n][0]] for n in range(len(deals)) if world.sees(viewer, "deal", n)
        }
        assert {node["id"] for node in data["customers"]["nodes"]} == clients
        assert data["customers"]["totalCount"]["value"] == data["customersAggregate"]["count"] == len(clients)
        assert {node["id"] for node in data["found"]["nodes"]} == clients
        assert data["found"]["totalCount"]["value"] == len(clients)
        assert {node["id"] for node in data["withDeals"]["nodes"]} == clients & set(theirs.values())
        for node in data["customers"]["nodes"]:
            nested = {deal for deal, customer in theirs.items() if customer == node["id"]}
            assert {deal["id"] for deal in node["opportunities"]["nodes"]} == nested
            assert (
                node["opportunities"]["totalCount"]["value"] == node["opportunitiesAggregate"]["count"] == len(nested)
            )
            assert (len(node["contacts"]["nodes"]), node["contacts"]["totalCount"]["value"]) == (1, 1)
        shown = {node["id"]: node["customer"] and node["customer"]["id"] for node in data["opportunities"]["nodes"]}
        assert shown == {deal: customer if customer in clients else None for deal, customer in theirs.items()}
        assert data["opportunities"]["totalCount"]["value"] == data["opportunitiesAggregate"]["count"] == len(theirs)
        assert {node["id"] for node in data["ofCustomers"]["nodes"]} == {d for d, c in theirs.items() if c in clients}
        groups = {
            group["key"]["customer"] and group["key"]["customer"]["id"]: group["count"]
            for group in data["opportunitiesAggregate"]["groups"]
        }
        told = [customer if customer in clients else None for customer in theirs.values()]
        assert groups == {customer: told.count(customer) for customer in set(told)}
        assert sum(each["openCount"] for each in data["salesPerformance"]) == len(theirs)
        assert [node and node["id"] for node in data["nodes"]] == [
            i if i in clients or i in theirs else None for i in ids
        ]


PAGES = {
    "first": """query ($size: Int!, $after: String, $but: [String!]!) {
        customers(first: $size, after: $after, orderBy: [{field: NAME}], where: {name: {notIn: $but}}) {
            nodes { name } pageInfo { more: hasNextPage cursor: endCursor } } }""",
    "last": """query ($size: Int!, $after: String, $but: [String!]!) {
        customers(last: $size, before: $after, orderBy: [{field: NAME}], where: {name: {notIn: $but}}) {
            nodes { name } pageInfo { more: hasPreviousPage cursor: startCursor } } }""",
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    owners=st.lists(st.integers(0, USERS), min_size=1, max_size=24),
    team=st.sets(st.integers(1, USERS - 1)),
    shared=st.sets(st.integers(0, 23), max_size=2),
    size=st.integers(1, 12),
    but=st.sets(st.integers(0, 23), max_size=5),
)
async def test_pages_of_a_team_are_the_whole_of_it_in_order_whoever_owns_how_much(
    graph: Graph, stage: Ground, owners: list[int], team: set[int], shared: set[int], size: int, but: set[int]
) -> None:
    """Rows of few owners are merged from a share of each, which is mostly, and not always, enough."""
    world = World(
        parents=[None],
        managers=[0],
        memberships=[(user, 0, "for good") for user in team],
        owners=[None if owner == USERS else owner for owner in owners],
        deals=[],
        shares=[("customer", each, "user", 0, False) for each in shared if each < len(owners)],
        reaches=[("team", "own")] * USERS,
    )
    customers, _ = await stage.build(world)
    for number, key in enumerate(customers):
        await Customer.filter(id=key).update(name=f"Acme {number:02}")
    client, left_out = Graph(graph.http, stage.token(0)), [f"Acme {number:02}" for number in but]
    expected = [f"Acme {n:02}" for n in range(len(owners)) if n not in but and world.sees(0, "customer", n)]
    for end, document in PAGES.items():
        met: list[str] = []
        after, more = None, True
        while more:
            page = (await client.ask(document, size=size, after=after, but=left_out))["customers"]
            names = [node["name"] for node in page["nodes"]]
            met = met + names if end == "first" else names + met
            after, more = page["pageInfo"]["cursor"], page["pageInfo"]["more"]
        assert met == expected
