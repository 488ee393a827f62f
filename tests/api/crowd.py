"""Rows of everything that can be listed, made by a seed, with many ties and many gaps; and their lists, sorted here.

Nothing is said of single entities: what there is to make and to sort by is found in their declarations, so that a new
entity is held to the laws of pages without a word here.
"""

import asyncio
import random
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from graphql import GraphQLObjectType, get_named_type
from tortoise import Model, fields
from tortoise.connection import get_connection

from api.graph.entity import ENTITIES, ToMany
from api.graph.inputs import ORDER
from api.schema import build_schema, core_schema
from domain.access.models import RoleAssignment, Team, User
from domain.feedback.models import FeedbackThemeItem
from domain.improvement.models import CycleGuardrail
from domain.jobs.models import Job
from domain.kernel.ids import new_id, public_id
from runtime.database import connected
from tests.conftest import Databases
from tests.graph import NOW
from tests.people import an_administrator

SCHEMA = core_schema(build_schema())
ROWS = 26
WORDS = ("a", "B", "名", "é", "zz", "Z")
LAWLESS = """DO $$ DECLARE each record; BEGIN
  FOR each IN SELECT conrelid::regclass AS of, conname FROM pg_constraint
    WHERE contype IN ('c', 'u') AND connamespace = 'public'::regnamespace
  LOOP EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I', each.of, each.conname); END LOOP;
  FOR each IN SELECT indexrelid::regclass AS name FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
    WHERE indisunique AND NOT indisprimary AND relnamespace = 'public'::regnamespace
  LOOP EXECUTE format('DROP INDEX %s', each.name); END LOOP;
  FOR each IN SELECT DISTINCT tgrelid::regclass AS of FROM pg_trigger WHERE NOT tgisinternal
  LOOP EXECUTE format('ALTER TABLE %s DISABLE TRIGGER USER', each.of); END LOOP;
END $$"""
"""Without the rules of the business: pages and figures are right for whatever rows there are."""

SortKey = tuple[str, bool, bool]
"""A field to sort by, whether downwards, whether NULLs stand first."""


@dataclass(frozen=True)
class Place:
    """Where a list is found: at a root field, or within each record of an entity that has one."""

    entity: str
    root: str
    field: str = ""
    owner: str = ""


def listed_at(owner: GraphQLObjectType) -> Iterator[tuple[str, str]]:
    """The fields that give pages of an entity, with its name."""
    for name, field in owner.fields.items():
        kind = get_named_type(field.type)
        if kind.name.endswith("Connection") and isinstance(kind, GraphQLObjectType):
            entity = get_named_type(kind.fields["nodes"].type).name
            if entity in ENTITIES:
                yield name, entity


ROOTS = {entity: Place(entity, name) for name, entity in listed_at(SCHEMA.query_type)}  # type: ignore[arg-type]
NESTED = [
    Place(entity, ROOTS[owner].root, name, owner)
    for owner in ROOTS
    for name, entity in listed_at(SCHEMA.type_map[owner])  # type: ignore[arg-type]
]
PLACES = ROOTS | {place.entity: place for place in reversed(NESTED) if place.entity not in ROOTS}
"""For each entity a place where it is listed, at the root if there is one."""

SORTS = {
    name: sorted(field for field, made in ENTITIES[name].declared.items() if made.sortable) for name in sorted(ORDER)
}
"""What each entity can be sorted by."""


def word(name: str) -> str:
    """The enum value of a field."""
    return "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper()


async def make_crowd(chance: random.Random) -> dict[str, list[UUID]]:
    """Rows of every entity: the keys by its name. What can be NULL mostly is, and the rest is mostly equal."""
    await get_connection("default").execute_script(LAWLESS)
    made: dict[type[Model], list[UUID]] = {}
    waiting = [ENTITIES[name] for name in SORTS]
    while waiting:
        unmade = {each.model for each in waiting}
        entity = next(each for each in waiting if not _needed(each.model) & unmade - {each.model})
        waiting.remove(entity)
        rows = [row_of(entity.model, number, chance, made) for number in range(ROWS)]
        await entity.model.bulk_create(rows)
        made[entity.model] = [row.pk for row in rows]
    await _mention(made, chance)
    await _put_behind(made[Job], made[Team], chance)
    return {name: made[ENTITIES[name].model] for name in SORTS}


@dataclass(frozen=True)
class Crowd:
    """A database with a crowd and an administrator, for tests that only read."""

    url: str
    administrator: User
    keys: dict[str, list[UUID]]


@contextmanager
def one_crowd(databases: Databases, seed: int) -> Iterator[Crowd]:
    """This will make a crowd for many tests."""

    async def made(url: str) -> Crowd:
        async with connected(url):
            return Crowd(url, await an_administrator(), await make_crowd(random.Random(seed)))

    with databases.lent() as url:
        yield asyncio.run(made(url))


def row_of(model: type[Model], number: int, chance: random.Random, made: dict[type[Model], list[UUID]]) -> Model:
    """A row that may stand beside all others; it belongs to one of a few."""
    values: dict[str, Any] = {"id": new_id()}
    for name, field in model._meta.fields_map.items():
        if name in model._meta.fk_fields:
            parents = made.get(field.related_model, [])[:3]  # type: ignore[attr-defined]
            gap = field.null and (not parents or chance.random() < 0.3)
            values[f"{name}_id"] = None if gap else chance.choice(parents)
        elif name in model._meta.o2o_fields:
            values[f"{name}_id"] = None if field.null else made[field.related_model][number % ROWS]  # type: ignore[attr-defined]
        elif name in model._meta.fields_db_projection and name not in ("id", "version") and not field.reference:
            values[name] = _value(name, field, number, chance)
    return model(**values)


def _needed(model: type[Model]) -> set[type[Model]]:
    ones = {name for name in model._meta.o2o_fields if not model._meta.fields_map[name].null}
    return {model._meta.fields_map[name].related_model for name in model._meta.fk_fields | ones}  # type: ignore[attr-defined]


def _value(name: str, field: Any, number: int, chance: random.Random) -> Any:
    if field.null and chance.random() < 0.45:
        return None
    if field.unique:
        return f"{chance.choice(WORDS)}{number}"
    few: Any = chance.choice((1, 2, 3))
    match field:
        case fields.CharField() | fields.TextField():
            return chance.choice(WORDS)[: getattr(field, "max_length", 9)]
        case fields.DatetimeField():
            return NOW + timedelta(microseconds=few)
        case fields.DateField():
            return NOW.date() + timedelta(days=few)
        case fields.DecimalField():
            return Decimal(few) / 2
        case fields.BooleanField():
            return few == 1
        case fields.JSONField():
            return []
        case fields.UUIDField():
            return new_id()
        case fields.BinaryField():
            return b""
    return few


async def _mention(made: dict[type[Model], list[UUID]], chance: random.Random) -> None:
    """The rows of the tables between two entities."""
    themes, items = made[ENTITIES["FeedbackTheme"].model], made[ENTITIES["FeedbackItem"].model]
    await FeedbackThemeItem.bulk_create(
        FeedbackThemeItem(theme_id=theme, item_id=item, phrase_count=1, quote_rank=chance.choice((None, 1, 2)))
        for theme in themes[:12]
        for item in chance.sample(items, 15)
    )
    users, roles = made[ENTITIES["User"].model], made[ENTITIES["Role"].model]
    await RoleAssignment.bulk_create(
        RoleAssignment(user_id=user, role_id=role, created_at=NOW, updated_at=NOW)
        for user in users[:12]
        for role in chance.sample(roles, 15)
    )
    cycles, kpis = made[ENTITIES["ImprovementCycle"].model], made[ENTITIES["Kpi"].model]
    await CycleGuardrail.bulk_create(
        CycleGuardrail(cycle_id=cycle, kpi_id=kpi, created_at=NOW, updated_at=NOW)
        for cycle in cycles[:12]
        for kpi in chance.sample(kpis, 15)
    )


async def _put_behind(jobs: list[UUID], teams: list[UUID], chance: random.Random) -> None:
    """Jobs that wait for one another, teams within teams: a record that refers to its own kind can only do so once both are there."""
    for job in chance.sample(jobs, 2 * len(jobs) // 3):
        await Job.filter(id=job).update(then_id=chance.choice(jobs[:3]))
    for team in teams[3:]:
        await Team.filter(id=team).update(parent_id=chance.choice(teams[:3]))


async def listed(name: str, keys: Sequence[SortKey], among: set[UUID] | None = None) -> list[str]:
    """The public ids of an entity's rows, sorted by Python: what all pages one after the other must be."""
    entity = ENTITIES[name]
    columns = ", ".join(f"{entity.leaf(field).sql} AS k{place}" for place, (field, _, _) in enumerate(keys))
    sql = f"SELECT t.id, {columns} FROM {entity.table} t".replace("{t}", "t")
    rows = await get_connection("default").execute_query_dict(sql)
    rows = sorted((row for row in rows if among is None or row["id"] in among), key=lambda row: row["id"])
    if keys[-1][1]:
        rows.reverse()
    for place, (_, descending, nulls_first) in reversed(list(enumerate(keys))):
        column = f"k{place}"
        gaps = [row for row in rows if row[column] is None]
        present = [row for row in rows if row[column] is not None]
        present.sort(key=lambda row: row[column], reverse=descending)  # equal ones keep their sequence
        rows = [*gaps, *present] if nulls_first else [*present, *gaps]
    return [public_id(entity.prefix, row["id"]) for row in rows]


async def children(place: Place, parent: UUID) -> set[UUID]:
    """The keys of the rows that hang on a parent."""
    entity, relation = ENTITIES[place.entity], ENTITIES[place.owner].sources[place.field]
    assert isinstance(relation, ToMany)
    if relation.through:
        table, here, there, *narrowed = relation.through
        where = " AND ".join([f"{here} = $1", *narrowed])
        sql = f"SELECT {there} AS id FROM {table} WHERE {where}"
    else:
        sql = f"SELECT id FROM {entity.table} WHERE {relation.key} = $1"
    return {row["id"] for row in await get_connection("default").execute_query_dict(sql, [parent])}
