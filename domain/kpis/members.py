"""What people call the members that KPIs are cut by: the records behind public ids; words stand for themselves."""

from collections.abc import Collection

from tortoise.connection import get_connection

from domain.kernel.ids import read_id

NAMED = {
    "cam": ("campaign", "name"),
    "loc": ("stock_location", "code"),
    "pip": ("pipeline", "name"),
    "prd": ("product", "name"),
    "srv": ("survey", "name"),
    "sup": ("supplier", "name"),
    "usr": ("access_user", "name"),
}
"""Where the name of a record stands, by the prefix of its public id."""


async def names_of(members: Collection[str]) -> dict[str, str]:
    """This will give the name of each member in one statement; its own words where it is, or leads to, no record."""
    keys = {prefix: [key for each in members if (key := read_id(prefix, each))] for prefix in NAMED}
    asked = [prefix for prefix, found in keys.items() if found]
    known: dict[str, str] = {}
    if asked:
        parts = [
            f"SELECT '{prefix}_' || encode(uuid_send(id), 'hex') AS member, {NAMED[prefix][1]} AS name "
            f"FROM {NAMED[prefix][0]} WHERE id = ANY(${place}::uuid[])"
            for place, prefix in enumerate(asked, 1)
        ]
        rows = await get_connection("default").execute_query_dict(
            " UNION ALL ".join(parts), [keys[prefix] for prefix in asked]
        )
        known = {row["member"]: row["name"] for row in rows}
    return {member: known.get(member, member) for member in members}
