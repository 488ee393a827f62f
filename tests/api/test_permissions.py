"""Every role by every field, over one's own records, those of the team, of others and of nobody: as docs/permissions.md
says, through the real API."""

import random
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import httpx
import pytest
from graphql import GraphQLObjectType, get_named_type
from tortoise.connection import get_connection

from api.graph.aggregates import ENTITY_OF
from api.graph.entity import ENTITIES
from api.schema import build_schema, core_schema
from domain.access.models import Role, RoleGrant, Team, TeamMembership, User
from domain.access.queries import roles_named
from domain.access.users import create_user
from domain.kernel.actor import SYSTEM
from domain.kernel.events import emit, newest, position_id
from domain.kernel.ids import public_id
from domain.kernel.permissions import Permission
from domain.kernel.record import Record, records
from tests.api.crowd import make_crowd
from tests.api.permissions import ALLOWED, FORBIDDEN, NOT_FOUND, RELATIONS, granted, roles, rules, tables
from tests.api.test_user_errors import CONTEXTS, OF, named
from tests.graph import NOW, Graph, token_for
from tests.live import Live, Socket

pytestmark = pytest.mark.anyio
SCHEMA = core_schema(build_schema())
QUERIES = SCHEMA.query_type.fields  # type: ignore[union-attr]
MUTATIONS = SCHEMA.mutation_type.fields  # type: ignore[union-attr]
SUBSCRIPTIONS = SCHEMA.subscription_type.fields  # type: ignore[union-attr]
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
ENDS_SESSIONS = {"logout", "sessionsRevoke", "passwordChange"}
WITHOUT_ARGUMENTS = {"logout", "sessionsRevoke", "secondFactorEnroll"}
SECRETS = {
    "secondFactorConfirm": {"input": {"code": "1"}},
    "secondFactorRemove": {"input": {"code": "1"}},
    "login": {"input": {"email": "x@x.example", "password": "x"}},
    "sessionRenew": {"input": {"refreshToken": "x"}},
    "passwordForget": {"input": {"email": "x@x.example"}},
    "ssoBegin": {"input": {"redirectUri": "https://app.example/back"}},
    "ssoComplete": {"input": {"state": "x", "verifier": "x", "code": "x"}},
}
"""What no table of good arguments has."""


@dataclass
class Cast:
    """The viewers, one for each role, all in one team; a mate of theirs, an outsider; and the rows that change hands."""

    graph: Graph
    viewers: dict[str, User] = field(default_factory=dict)
    clients: dict[str, Graph] = field(default_factory=dict)
    mate: User | None = None
    outsider: User | None = None
    rows: dict[str, tuple[str, list[UUID]]] = field(default_factory=dict)

    async def sign_in(self) -> None:
        for role in roles():
            found = await roles_named(role)
            user = await create_user(f"{role.replace(' ', '-')}@x.example", role, roles=found, by=SYSTEM, at=NOW)
            self.viewers[role] = user
        self.mate = await create_user("mate@x.example", "Mate", by=SYSTEM, at=NOW)
        self.outsider = await create_user("outsider@x.example", "Outsider", by=SYSTEM, at=NOW)
        team = await Team.create(name="The viewers and their mate", **STAMPS)
        for user in (*self.viewers.values(), self.mate):
            await TeamMembership.create(team=team, user=user, starts_at=NOW, **STAMPS)
        for role, user in self.viewers.items():
            self.clients[role] = Graph(self.graph.http, await token_for(user))

    async def keep_rows(self) -> None:
        """Remembers which rows change hands; those that are made later, by signing in, do not."""
        for model in owned():
            table, column = model._meta.db_table, model.guard.owner or ""
            keys = [row["id"] for row in await query(f"SELECT id FROM {table}")]
            self.rows[table] = column, keys

    async def give_all(self, relation: str, role: str) -> None:
        """All rows belong to whoever stands so to the viewer of a role."""
        owner = {"own": self.viewers[role], "team": self.mate, "other": self.outsider, "nobody": None}[relation]
        for table, (column, keys) in self.rows.items():
            if owner is not None or column != "user_id":
                await query(
                    f"UPDATE {table} SET {column} = $1 WHERE id = ANY($2) RETURNING id", owner and owner.id, keys
                )


def owned() -> list[type[Record]]:
    return [model for model in records() if model.guard.owner]


async def query(sql: str, *values: Any) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = await get_connection("default").execute_query_dict(sql, list(values))
    return rows


async def outcome(client: Graph, document: str, **variables: Any) -> Any:
    """The data of an answer, or the code of its error."""
    answer = await client.answer(document, **variables)
    return answer["errors"][0]["extensions"]["code"] if answer.get("errors") else answer["data"]


def test_every_field_has_a_row_and_every_row_a_field() -> None:
    assert rules("Queries").keys() == QUERIES.keys()
    assert rules("Mutations").keys() == MUTATIONS.keys()
    assert rules("Subscriptions").keys() == SUBSCRIPTIONS.keys()


def test_every_field_with_a_permission_of_its_own_has_a_row() -> None:
    needed = {
        (f"{name}.{each}", made.needs.name)
        for name, entity in ENTITIES.items()
        for each, made in entity.declared.items()
        if made.needs
    }
    assert {(row[0], row[1]) for row in tables()["Fields that need a permission of their own"][1:]} == needed


async def test_the_built_in_roles_grant_what_the_table_says(database: str) -> None:
    assert {row[0] for row in tables()["Built-in roles"][1:]} == {each.name for each in Permission}
    built_in = {role.id: role.name for role in await Role.filter(is_built_in=True)}
    stored = {
        (built_in[each.role_id], each.permission.upper()): each.reach
        for each in await RoleGrant.filter(role_id__in=list(built_in))
    }
    assert stored == granted()


def cases(kind: str, name: str) -> Iterable[tuple[str, str, str]]:
    """What is expected of a field: role, relation, outcome; what is refused first, as what is done changes things."""
    rule = rules(kind)[name]
    found = [
        (role, relation, rule.of_mutation(role, relation) if kind == "Mutations" else rule.of_query(role, relation))
        for role in roles()
        for relation in (RELATIONS if rule.over not in ("", "all") else RELATIONS[:1])
    ]
    return sorted(found, key=lambda case: case[2] == ALLOWED)


@asynccontextmanager
async def ownership(cast: Cast, relation: str, role: str, last: list[tuple[str, str]]) -> AsyncIterator[None]:
    wanted = (relation, role if relation == "own" else "")
    if last != [wanted]:
        await cast.give_all(relation, role)
        last[:] = [wanted]
    yield


@pytest.mark.parametrize("context", CONTEXTS, ids=lambda context: context.__name__.rpartition(".")[2])
async def test_verbs(ada: Graph, context: Any) -> None:
    """Of each context: who may do what to whose records."""
    cast, last = Cast(ada), list[tuple[str, str]]()
    stored = await context.stored()
    await cast.keep_rows()
    await cast.sign_in()
    wrong = []
    for name in sorted(context.GOOD, key=lambda each: (each in ENDS_SESSIONS, each.endswith("Delete"))):
        given = named(deepcopy(context.GOOD[name]), stored)
        declared = ", ".join(f"${argument}: {MUTATIONS[name].args[argument].type}" for argument in given)
        handed = ", ".join(f"{argument}: ${argument}" for argument in given)
        taken, given_on = (f"({declared})", f"({handed})") if given else ("", "")
        document = f"mutation {taken} {{ {name}{given_on} {{ userErrors {{ field message code }} }} }}"
        was_done = False
        for role, relation, expected in cases("Mutations", name):
            async with ownership(cast, relation, role, last):
                if "ownerId" in given.get("input", {}):
                    given["input"]["ownerId"] = public_id("usr", cast.viewers[role].id)
                found = await outcome(cast.clients[role], document, **given)
            errors = found if isinstance(found, str) else found[name]["userErrors"]
            code = errors if isinstance(errors, str) else errors[0]["code"] if errors else ALLOWED
            if expected == ALLOWED:
                met_before = was_done and (code == NOT_FOUND or name.endswith("Upsert"))
                good = code not in (FORBIDDEN, NOT_FOUND) or met_before
                was_done = was_done or code == ALLOWED
            else:
                good = code == expected
            if not good:
                wrong.append((name, role, relation, expected, errors))
    assert wrong == []


@pytest.mark.parametrize("name", sorted(set(MUTATIONS) - set(OF)))
async def test_verbs_about_oneself(ada: Graph, name: str) -> None:
    """What is open, or is for everybody who is signed in: no role is needed for it, and none keeps from it."""
    assert rules("Mutations")[name].is_for_everybody
    given: dict[str, Any] = SECRETS.get(name, {})
    declared = ", ".join(f"${argument}: {MUTATIONS[name].args[argument].type}" for argument in given)
    handed = ", ".join(f"{argument}: ${argument}" for argument in given)
    document = f"mutation {f'({declared})' if given else ''} {{ {name}{f'({handed})' if given else ''} {{ userErrors {{ code }} }} }}"
    user = await create_user("nobody@x.example", "No roles", by=SYSTEM, at=NOW)
    found = await outcome(Graph(ada.http, await token_for(user)), document, **given)
    code = found if isinstance(found, str) else (found[name]["userErrors"] or [{"code": ALLOWED}])[0]["code"]
    assert code not in (FORBIDDEN, NOT_FOUND)
    if rules("Mutations")[name].permission != "open":
        assert await outcome(Graph(ada.http), document, **given) == "UNAUTHENTICATED"


SPAN = 'start: "2023-01-01", end: "2025-01-01"'
FIGURES: dict[str, str] = {
    "rateLimit": "rateLimit { cost }",
    "lastEventId": "lastEventId",
    "viewerPermissions": "viewerPermissions { permission }",
    "viewer": "viewer { id }",
    "webhookEventTypes": "webhookEventTypes { name }",
    "signInMethods": "signInMethods { password }",
    "auditEvents": "auditEvents(first: 1) { nodes { id } }",
    "deliveryPerformance": f"deliveryPerformance({SPAN}) {{ dueOrderCount }}",
    "feedbackSeries": f"feedbackSeries(grain: MONTH, {SPAN}) {{ itemCount }}",
    "feedbackThemeChart": 'feedbackThemeChart(themeId: "$FeedbackTheme") { weeks { itemCount } }',
    "forecast": f"forecast({SPAN}) {{ currency }}",
    "kpiChart": f'kpiChart(kpiId: "$Kpi", {SPAN}) {{ kpiId }}',
    "kpiMeasures": "kpiMeasures { name }",
    "leadConversion": f"leadConversion({SPAN}) {{ leadCount }}",
    "salesPerformance": f"salesPerformance({SPAN}) {{ currency }}",
    "stageConversion": f'stageConversion(pipelineId: "$Pipeline", {SPAN}) {{ position }}',
    "supplierPerformance": f'supplierPerformance(supplierId: "$Supplier", {SPAN}) {{ dueLineCount }}',
    "surveyScore": f'surveyScore(surveyId: "$Survey", {SPAN}) {{ responseCount }}',
}
"""How fields are asked for that give no entity."""


def entity_of(name: str) -> str | None:
    made = get_named_type(QUERIES[name].type)
    if made.name in ENTITY_OF:
        return ENTITY_OF[made.name]
    if made.name in ENTITIES:
        return made.name
    if isinstance(made, GraphQLObjectType) and "nodes" in made.fields:
        inner = get_named_type(made.fields["nodes"].type).name
        return inner if inner in ENTITIES else None
    return None


async def complete(name: str, keys: Iterable[UUID]) -> UUID:
    """A row that belongs to a whole, which belongs to one, if there are such."""
    model, joins, alias = ENTITIES[name].model, "", "t"
    while model.guard.whole:
        key, whole = model.guard.whole
        joins += f" JOIN {whole._meta.db_table} {alias}w ON {alias}w.id = {alias}.{key}"
        model, alias = whole, f"{alias}w"
    (row, *_) = await query(f"SELECT t.id FROM {ENTITIES[name].table} t{joins} WHERE t.id = ANY($1)", list(keys))
    found: UUID = row["id"]
    return found


async def test_reads(ada: Graph) -> None:
    """Every root field by every role, over rows of everything."""
    crowd = await make_crowd(random.Random(7))
    cast, wrong, last = Cast(ada), [], list[tuple[str, str]]()
    await cast.keep_rows()
    await cast.sign_in()
    one = {name: public_id(ENTITIES[name].prefix, await complete(name, keys)) for name, keys in crowd.items()}
    asked = {name: _document(name, one) for name in QUERIES}
    by_ownership = sorted(
        (relation, role if relation == "own" else "", role, name, expected)
        for name in QUERIES
        if asked[name]
        for role, relation, expected in cases("Queries", name)
    )
    for relation, _, role, name, expected in by_ownership:
        async with ownership(cast, relation, role, last):
            found = await outcome(cast.clients[role], asked[name] or "")
        if name in FIGURES:  # of rows that follow no rules; which they count is tested by the laws of sight
            met = FORBIDDEN if found == FORBIDDEN else expected if expected != FORBIDDEN else str(found)
        else:
            met = found if isinstance(found, str) else NOT_FOUND if _is_empty(found[name]) else ALLOWED
        if met != expected:
            wrong.append((name, role, relation, expected, str(found)[:80]))
    assert wrong == []
    assert {name for name, document in asked.items() if not document} == {"node", "nodes"}, "which are tried below"


def _document(name: str, one: dict[str, str]) -> str | None:
    """A query of a root field; None where it is none of an entity, and not among FIGURES."""
    if name in FIGURES:
        asked = re.sub(r"\$(\w+)", lambda found: one[found[1]], FIGURES[name])
        return f"{{ {asked} }}"
    entity = entity_of(name)
    if entity is None:
        return None
    made = get_named_type(QUERIES[name].type).name
    if made in ENTITY_OF:
        return f"{{ {name} {{ count }} }}"
    if made == entity:
        return f'{{ {name}(id: "{one[entity]}") {{ id }} }}' if entity in one else None
    return f'{{ {name}(where: {{id: {{eq: "{one[entity]}"}}}}) {{ nodes {{ id }} }} }}' if entity in one else None


def _is_empty(found: Any) -> bool:
    if isinstance(found, dict) and "nodes" in found:
        return found["nodes"] == []
    if isinstance(found, dict) and "count" in found:
        return bool(found["count"] == 0)
    return found is None


async def test_ids_of_every_type_lead_to_nothing_that_is_out_of_reach(ada: Graph) -> None:
    """`node` and `nodes`: what may not be seen is answered like what is not there."""
    crowd = await make_crowd(random.Random(7))
    cast, last, wrong = Cast(ada), list[tuple[str, str]](), []
    await cast.keep_rows()
    await cast.sign_in()
    one = {name: public_id(ENTITIES[name].prefix, await complete(name, keys)) for name, keys in crowd.items()}
    lists = {entity_of(name): name for name in QUERIES if not name.endswith("Aggregate") and entity_of(name)}
    for relation in RELATIONS:
        for role in roles():
            async with ownership(cast, relation, role, last):
                data = await cast.clients[role].ask(
                    "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=[*one.values()]
                )
            for (name, key), node in zip(one.items(), data["nodes"], strict=True):
                if name in lists:
                    expected = rules("Queries")[lists[name]].of_query(role, relation) == ALLOWED
                    if (node == {"id": key}) is not expected:
                        wrong.append((name, role, relation, expected))
    assert wrong == []


@pytest.mark.parametrize("chosen", [{"cost_capacity": 10**9}])
async def test_subscriptions(live: Live) -> None:
    """Each by every role: of one record, and the timeline of everything, which ends here with what all may see."""
    crowd = await make_crowd(random.Random(7))
    async with httpx.AsyncClient() as http:
        cast, last, wrong = Cast(Graph(http)), list[tuple[str, str]](), []
        await cast.keep_rows()
        await cast.sign_in()
    one = {name: await complete(name, keys) for name, keys in crowd.items()}
    kinds = sorted(live.sockets.subscriptions._kinds, key=lambda kind: kind.entity.name == "Product")
    changed = {f"{kind.owner.name.removesuffix('Event').lower()}Changed": kind for kind in kinds}
    fields = {name.lower().replace("changed", "Changed"): name for name in SUBSCRIPTIONS if name.endswith("Changed")}
    assert {*fields.values(), "events", "jobProgress"} == SUBSCRIPTIONS.keys()
    for relation in RELATIONS:
        for role in roles():
            async with ownership(cast, relation, role, last):
                here = position_id(await newest())
                for kind in kinds:
                    await emit(min(kind.topics), one[kind.entity.name], by=SYSTEM, at=NOW)
            expected = {name: rule.of_query(role, relation) for name, rule in rules("Subscriptions").items()}
            async with live.as_user(cast.clients[role].token or "").socket() as socket:
                found = {}
                for low, name in fields.items():
                    id = public_id(changed[low].entity.prefix, one[changed[low].entity.name])
                    document = f'subscription {{ {name}(id: "{id}", after: "{here}") {{ topic }} }}'
                    found[name] = await _told(socket, document)
                job = f'subscription {{ jobProgress(id: "{public_id("job", one["Job"])}") {{ state }} }}'
                found["jobProgress"] = await _told(socket, job)
                seen = await _timeline(socket, here)
            theirs = {changed[low].owner.name for low, name in fields.items() if expected[name] == ALLOWED}
            found["events"] = ALLOWED if seen == theirs else f"{sorted(seen ^ theirs)}"
            wrong += [
                (name, role, relation, expected[name], met) for name, met in found.items() if met != expected[name]
            ]
    assert wrong == []


async def _told(socket: Socket, document: str) -> str:
    """What a subscription comes to: ALLOWED where it tells something, else the code of its error."""
    await socket.subscribe(document)
    message = await socket.hear()
    if message["type"] == "error":
        code: str = message["payload"][0]["extensions"]["code"]
        return code
    await socket.send(id="1", type="complete")
    return ALLOWED


async def _timeline(socket: Socket, here: str) -> set[str]:
    """The types of the events that are told of, up to that of a product."""
    await socket.subscribe(f'subscription {{ events(after: "{here}") {{ __typename }} }}', "2")
    seen = set[str]()
    while "ProductEvent" not in seen:
        message = await socket.hear()
        if message["id"] == "2":
            seen.add(message["payload"]["data"]["events"]["__typename"])
    await socket.send(id="2", type="complete")
    return seen
