"""People come and go: what is theirs goes to a successor, somebody can always let others in, and teams stay a tree."""

import asyncio
from typing import Any

import pytest

from domain.access.models import Role, Session, User
from domain.access.queries import has_administrator, roles_named
from domain.access.teams import WithinItself, create_team, delete_team, update_team
from domain.access.users import LastAdministrator, create_user, deactivate_user, set_roles
from domain.customers.commands import create_customer
from domain.customers.models import Customer
from domain.kernel.actor import SYSTEM
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from domain.kernel.refusals import Refusal
from tests.graph import NOW, Graph, token_for
from tests.people import acting, an_administrator

pytestmark = pytest.mark.anyio
LEAVE = """mutation ($id: ID!, $successor: ID) { userDeactivate(id: $id, input: {successorId: $successor}) {
    user { isActive } userErrors { field code message } } }"""
TEAM = """mutation ($name: String!, $parent: ID, $manager: ID) { teamCreate(input: {name: $name, parentId: $parent,
    managerId: $manager}) { team { id } userErrors { field code } } }"""
MOVE = "mutation ($id: ID!, $parent: ID) { teamUpdate(id: $id, input: {parentId: $parent}) { userErrors { field code message } } }"
JOIN = """mutation ($team: ID!, $user: ID!, $from: DateTime, $to: DateTime) { teamMembershipCreate(input: {teamId: $team,
    userId: $user, startsAt: $from, endsAt: $to}) { teamMembership { id } userErrors { field code } } }"""
END = "mutation ($id: ID!, $at: DateTime) { teamMembershipEnd(id: $id, input: {endsAt: $at}) { userErrors { field code } } }"


def usr(user: User) -> str:
    return public_id("usr", user.id)


async def a_seller(name: str) -> User:
    roles = await roles_named("sales representative")
    return await create_user(f"{name}@example.org", name.capitalize(), roles=roles, by=SYSTEM, at=NOW)


async def test_all_that_is_theirs_goes_to_a_successor_at_once_and_on_record(ada: Graph, graph: Graph) -> None:
    sue, tom = await a_seller("sue"), await a_seller("tom")
    acted = await acting(sue)
    customers = [await create_customer({"kind": "person", "name": name}, by=acted, at=NOW) for name in "ABC"]
    signed = Graph(graph.http, await token_for(sue), graph.asked, graph.roads)

    refused = (await ada.ask(LEAVE, id=usr(sue)))["userDeactivate"]
    (error,) = refused["userErrors"]
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "successorId"])
    assert error["message"].startswith("Records are still theirs: 3;")
    assert await Session.filter(user=sue, ended_at=None).exists()

    assert (await ada.ask(LEAVE, id=usr(sue), successor=usr(tom)))["userDeactivate"] == {
        "user": {"isActive": False},
        "userErrors": [],
    }
    assert {each.owner_id for each in await Customer.all()} == {tom.id}
    assert {each.version for each in await Customer.all()} == {2}
    told = await Event.filter(topic="access.record.handed_over")
    assert {each.subject_id for each in told} == {each.id for each in customers}
    assert {(each.before["owner_id"], each.data["owner_id"]) for each in told if each.before} == {
        (str(sue.id), str(tom.id))
    }
    assert not await Session.filter(user=sue, ended_at=None).exists()
    assert await signed.code("{ viewer { id } }") == "UNAUTHENTICATED"


async def test_a_successor_is_another_and_works_here(ada: Graph) -> None:
    sue, tom = await a_seller("sue"), await a_seller("tom")
    await create_customer({"kind": "person", "name": "A"}, by=await acting(sue), at=NOW)
    await deactivate_user(tom.id, by=SYSTEM, at=NOW)
    for successor in (sue, tom):
        (error,) = (await ada.ask(LEAVE, id=usr(sue), successor=usr(successor)))["userDeactivate"]["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID", ["input", "successorId"])
    assert (await User.get(id=sue.id)).is_active


@pytest.mark.parametrize("how", ["leave", "lose the role"])
async def test_two_administrators_do_not_both_go_at_once(database: str, how: str) -> None:
    """Each is there when the other one asks; one of them has to wait, and is then the last."""
    for turn in range(5):
        pair = [await an_administrator(f"{turn}.{n}@example.org") for n in range(2)]
        everybody_else = await User.filter(is_active=True).exclude(id__in=[each.id for each in pair])
        for other in everybody_else:
            await deactivate_user(other.id, by=SYSTEM, at=NOW)

        async def go(user: User) -> Any:
            if how == "leave":
                return await deactivate_user(user.id, by=SYSTEM, at=NOW)
            return await set_roles(user.id, [], by=SYSTEM, at=NOW)

        outcomes = await asyncio.gather(*(go(user) for user in pair), return_exceptions=True)
        assert {type(each) for each in outcomes} == {LastAdministrator, User}
        assert await has_administrator()


async def test_teams_stay_a_tree(ada: Graph) -> None:
    ids: list[str] = []
    for name in ("Top", "Middle", "Bottom"):
        made = (await ada.ask(TEAM, name=name, parent=ids[-1] if ids else None))["teamCreate"]
        ids.append(made["team"]["id"])
    for above in ids:
        (error,) = (await ada.ask(MOVE, id=ids[0], parent=above))["teamUpdate"]["userErrors"]
        assert (error["code"], error["field"]) == ("INVALID", ["input", "parentId"])
    assert (await ada.ask(MOVE, id=ids[2], parent=ids[0]))["teamUpdate"]["userErrors"] == []
    (error,) = (await ada.ask(TEAM, name="Top"))["teamCreate"]["userErrors"]
    assert (error["code"], error["field"]) == ("CONFLICT", ["input", "name"])


async def test_a_tree_of_teams_has_an_end(ada: Graph) -> None:
    above = None
    for level in range(20):
        above = (await create_team({"name": f"Level {level}", "parent_id": above}, by=SYSTEM, at=NOW)).id
    (error,) = (await ada.ask(TEAM, name="Too deep", parent=public_id("tea", above)))["teamCreate"]["userErrors"]
    assert (error["code"], error["field"]) == ("INVALID", ["input", "parentId"])


async def test_two_teams_are_not_put_within_each_other_at_once(database: str) -> None:
    for turn in range(5):
        one, other = [await create_team({"name": f"{turn} {name}"}, by=SYSTEM, at=NOW) for name in ("one", "other")]
        outcomes = await asyncio.gather(
            update_team(one.id, {"parent_id": other.id}, by=SYSTEM, at=NOW),
            update_team(other.id, {"parent_id": one.id}, by=SYSTEM, at=NOW),
            delete_team(other.id, by=SYSTEM, at=NOW),
            return_exceptions=True,
        )
        assert all(not isinstance(each, BaseException) or isinstance(each, Refusal) for each in outcomes), outcomes
        assert any(isinstance(each, WithinItself) for each in outcomes) or isinstance(
            outcomes[2], Refusal | type(one.id)
        )


async def test_memberships_of_one_team_do_not_overlap(ada: Graph, representative: User) -> None:
    team = (await ada.ask(TEAM, name="North"))["teamCreate"]["team"]["id"]
    rob = usr(representative)
    years: list[tuple[str | None, str | None, list[dict[str, Any]]]] = [
        ("2024-01-01T00:00:00Z", "2025-01-01T00:00:00Z", []),
        ("2024-06-01T00:00:00Z", None, [{"field": ["input", "userId"], "code": "CONFLICT"}]),
        ("2023-06-01T00:00:00Z", "2024-01-02T00:00:00Z", [{"field": ["input", "userId"], "code": "CONFLICT"}]),
        ("2025-01-01T00:00:00Z", None, []),
        (None, None, [{"field": ["input", "userId"], "code": "CONFLICT"}]),
    ]
    for begins, ends, errors in years:
        variables = {"team": team, "user": rob, "from": begins, "to": ends}
        assert (await ada.ask(JOIN, **variables))["teamMembershipCreate"]["userErrors"] == errors, begins


async def test_who_joins_a_team_sees_what_is_the_teams_and_who_leaves_it_no_more(ada: Graph) -> None:
    sue, tom = await a_seller("sue"), await a_seller("tom")
    team = (await ada.ask(TEAM, name="North"))["teamCreate"]["team"]["id"]
    await create_customer({"kind": "person", "name": "A"}, by=await acting(sue), at=NOW)
    ends = {}
    for user in (sue, tom):
        joined = await ada.ask(JOIN, team=team, user=usr(user))
        ends[user.id] = joined["teamMembershipCreate"]["teamMembership"]["id"]
    assert sue.id in (await acting(tom)).sight.colleagues
    assert (await ada.ask(END, id=ends[tom.id]))["teamMembershipEnd"]["userErrors"] == []
    assert sue.id not in (await acting(tom)).sight.colleagues


async def test_a_role_that_somebody_has_is_not_removed_nor_one_of_the_house(ada: Graph, representative: User) -> None:
    remove = "mutation ($id: ID!) { roleDelete(id: $id) { userErrors { code message } } }"
    for name, says in (("colleague", "have this role"), ("analyst", "came with")):
        role = await Role.get(name=name)
        (error,) = (await ada.ask(remove, id=public_id("rol", role.id)))["roleDelete"]["userErrors"]
        assert error["code"] == "CONFLICT"
        assert says in error["message"]
        assert await Role.exists(id=role.id)
