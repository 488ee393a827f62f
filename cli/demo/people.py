"""The people of the demo company: sellers in two teams, each with a manager, and somebody for every other role."""

import secrets
from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from cli.demo import ADMIN_PASSWORD
from cli.demo.words import FIRST_NAMES, SURNAMES
from domain.access.models import Team
from domain.access.queries import roles_named, user_named
from domain.access.teams import add_member, create_team
from domain.access.users import create_user
from domain.kernel.actor import Actor

FEWEST_SELLERS, MOST_SELLERS, DEALS_A_SELLER = 8, 60, 2_500
SALES = "Sales (demo)"
TEAMS = ("North (demo)", "South (demo)")
ONE_OF_EACH = ("marketing", "service", "supply", "analyst", "auditor")


async def hire_sellers(deals: int, *, by: Actor, at: datetime) -> list[UUID]:
    """This will take in as many sellers as so many deals keep busy; only the first one's password is known."""
    count = min(MOST_SELLERS, max(FEWEST_SELLERS, deals // DEALS_A_SELLER))
    found = []
    for place in range(count):
        name = f"{FIRST_NAMES[place * 7 % len(FIRST_NAMES)]} {SURNAMES[place * 11 % len(SURNAMES)]} (demo)"
        password = secrets.token_urlsafe(32) if place else ADMIN_PASSWORD
        found.append(await _hired(f"seller.{place + 1:02}", name, "sales representative", password, by=by, at=at))
    return found


async def organise(sellers: Sequence[UUID], *, by: Actor, at: datetime) -> None:
    """This will set up the teams, and take in their managers and the other colleagues, unless that is done."""
    if await Team.exists(name=SALES):
        return
    head = await _hired("head.of.sales", "Head of Sales (demo)", "sales manager", ADMIN_PASSWORD, by=by, at=at)
    above = await create_team({"name": SALES, "manager_id": head}, by=by, at=at)
    for place, name in enumerate(TEAMS):
        direction = name.partition(" ")[0]
        email = f"manager.{direction.lower()}"
        manager = await _hired(email, f"Manager {direction} (demo)", "sales manager", ADMIN_PASSWORD, by=by, at=at)
        team = await create_team({"name": name, "parent_id": above.id, "manager_id": manager}, by=by, at=at)
        for seller in sellers[place::2]:
            await add_member(team.id, seller, by=by, at=at)
    for role in ONE_OF_EACH:
        await _hired(role, f"{role.capitalize()} (demo)", role, ADMIN_PASSWORD, by=by, at=at)


async def _hired(name: str, called: str, role: str, password: str, *, by: Actor, at: datetime) -> UUID:
    email = f"{name}@salesloop.example"
    user = await user_named(email)
    if user is None:
        user = await create_user(email, called, password, roles=await roles_named(role), by=by, at=at)
    return user.id
