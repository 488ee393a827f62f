"""Reads of access: whom a token speaks for, and which users an actor may see."""

from uuid import UUID

from tortoise.expressions import Q

from domain.access.models import User
from domain.access.rules import login_name
from domain.kernel.actor import Actor


def visible(actor: Actor) -> Q:
    """This will narrow users to those that the actor may see: colleagues see one another, nobody sees nobody."""
    return Q() if actor.authenticated else Q(pk__isnull=True)


async def actor_of(user_id: UUID) -> Actor | None:
    """This will give the actor that a user is, or None where the user is gone or may no longer sign in."""
    user = await User.get_or_none(id=user_id, is_active=True)
    return as_actor(user) if user else None


def as_actor(user: User) -> Actor:
    """This will give the actor that a user is."""
    return Actor(name=user.name, user_id=user.id, administrator=user.is_administrator)


async def user_named(email: str) -> User | None:
    """This will find an active user by e-mail address."""
    return await User.get_or_none(email=login_name(email), is_active=True)
