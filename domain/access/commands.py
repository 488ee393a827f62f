"""Verbs of access: take a user in, let a user sign in."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError
from tortoise.transactions import in_transaction

from domain.access import queries, rules
from domain.access.models import User
from domain.kernel.actor import Actor
from domain.kernel.events import emit
from domain.kernel.refusals import Conflict, Invalid, Unauthenticated
from domain.kernel.text import check_email, clean_text


class EmailTaken(Conflict):
    """Another user signs in with this address."""


class WrongCredentials(Unauthenticated):
    """The address is unknown or the password is not its own; which of the two is not told."""


async def create_user(
    email: str, name: str, password: str, *, is_administrator: bool = False, by: Actor, at: datetime
) -> User:
    """This will take in a user who can sign in. Only for administrators. Raises Invalid, Forbidden, EmailTaken."""
    by.must_administer("take in users")
    address = check_email(email, "email")
    if address is None:
        raise Invalid("email is missing; it is what the user signs in with.", "email")
    name = clean_text(name, "name", longest=200)
    hashed = await asyncio.to_thread(rules.hash_password, rules.check_password(password, "password"))
    try:
        async with in_transaction():
            user = await User.create(
                email=address,
                name=name,
                password_hash=hashed,
                is_administrator=is_administrator,
                created_at=at,
                updated_at=at,
            )
            await emit(
                "access.user.created", user.id, by=by, at=at, email=address, name=name, administrator=is_administrator
            )
    except IntegrityError:
        raise EmailTaken(f"A user with the address {address} exists already.", "email") from None
    return user


async def log_in(
    email: str, password: str, *, key: rules.TokenKey, at: datetime, aside: Callable[..., Awaitable[Any]]
) -> rules.Token:
    """This will let a user in with the right password, which `aside` compares off the event loop.

    Not in a transaction: no connection is held meanwhile. Raises WrongCredentials, after the same time in every case.
    """
    storable = "\x00" not in email and email.isprintable() and len(email) <= 254
    user = await queries.user_named(email) if storable else None
    hashed = user.password_hash if user else rules.NOBODYS_HASH
    matches = await aside(rules.password_matches, password[: rules.LONGEST_PASSWORD + 1], hashed)
    if user is None or not matches:
        raise WrongCredentials("The e-mail address or the password is wrong.")
    return rules.sign_token(user.id, key, at=at)
