"""The second factor: codes of an authenticator (TOTP, RFC 6238), and recovery codes for whoever has lost it.

The shared secret is encrypted with a key that is derived from the house's token keys, and is good with former ones too.
A code is good once, in its own half minute and the one before or after it.
"""

import base64
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote
from uuid import UUID

from cryptography.fernet import InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor import InvalidToken as NoMatch
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from tortoise.transactions import in_transaction

from domain.access.boxes import box
from domain.access.models import SecondFactor, User
from domain.access.tokens import TokenKey, digest_of
from domain.kernel.actor import Actor
from domain.kernel.events import emit
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.transactions import one_transaction

TOPIC = "access.second_factor"
SECRET_BYTES = 20
DIGITS, STEP_SECONDS, DRIFT_STEPS = 6, 30, 1
RECOVERY_CODES = 10
ISSUER = "Salesloop"


class Enrolment(NamedTuple):
    """What an authenticator is set up with, shown once: the secret in base 32, and the same as a link."""

    secret: str
    uri: str


class FactorStands(Conflict):
    """There is a second factor already."""

    def __init__(self) -> None:
        super().__init__("You have a second factor already; remove it first.")


class NoFactor(Conflict):
    """There is no second factor to confirm or to remove."""

    def __init__(self) -> None:
        super().__init__("There is no second factor to do this with; begin with `secondFactorEnroll`.")


class WrongCode(Invalid):
    """The code is not the one that the authenticator shows."""

    def __init__(self) -> None:
        super().__init__("{field} is not what the authenticator shows now; mind that its clock is right.", "code")


async def enroll(*, key: TokenKey, by: Actor, at: datetime) -> Enrolment:
    """This will make the secret of a second factor, in use once a first code has proved it.

    Raises Unauthenticated, Forbidden, FactorStands.
    """
    user_id = _own(by)
    secret = secrets.token_bytes(SECRET_BYTES)
    async with one_transaction():
        user = await User.filter(id=user_id).select_for_update().get()  # one at a time
        factor = await SecondFactor.get_or_none(user_id=user_id)
        if factor is not None and factor.confirmed_at is not None:
            raise FactorStands
        await SecondFactor.filter(user_id=user_id).delete()
        values = {"user_id": user_id, "secret": _box(key).encrypt(secret).decode(), "recovery_digests": []}
        await SecondFactor.born(values, at).save(force_create=True)
        await emit(f"{TOPIC}.enrolled", user_id, by=by, at=at)
    text = base64.b32encode(secret).decode()
    uri = f"otpauth://totp/{ISSUER}:{quote(user.email)}?secret={text}&issuer={ISSUER}"
    return Enrolment(text, uri)


async def confirm(code: str, *, key: TokenKey, by: Actor, at: datetime) -> list[str]:
    """This will put a second factor to use, proved by a code; returns recovery codes, shown once, each good once.

    Raises Unauthenticated, Forbidden, NoFactor, FactorStands, WrongCode.
    """
    user_id = _own(by)
    async with one_transaction():
        factor = await _locked(user_id)
        if factor is None:
            raise NoFactor
        if factor.confirmed_at is not None:
            raise FactorStands
        step = _matching(factor, code, key, at)
        if step is None:
            raise WrongCode
        codes = [secrets.token_hex(5) for _ in range(RECOVERY_CODES)]
        await SecondFactor.filter(id=factor.id).update(
            confirmed_at=at, last_step=step, recovery_digests=_digests(codes), updated_at=at
        )
        await emit(f"{TOPIC}.confirmed", user_id, by=by, at=at)
    return codes


async def remove(code: str, *, key: TokenKey, by: Actor, at: datetime) -> None:
    """This will do without the second factor again, proved by a code, or a recovery code.

    Raises Unauthenticated, Forbidden, NoFactor, WrongCode.
    """
    user_id = _own(by)
    async with one_transaction():
        factor = await _locked(user_id)
        if factor is None or factor.confirmed_at is None:
            raise NoFactor
        if not await _spent(factor, code, key, by, at):
            raise WrongCode
        await SecondFactor.filter(id=factor.id).delete()
        await emit(f"{TOPIC}.removed", user_id, by=by, at=at)


async def has_second_factor(user_id: UUID) -> bool:
    """This will say whether a user signs in with a code, too."""
    return await SecondFactor.exists(user_id=user_id, confirmed_at__isnull=False)


async def check_code(user_id: UUID, code: str | None, *, key: TokenKey, by: Actor, at: datetime) -> bool:
    """This will say whether a code is good for a user who signs in, and use it up; the log tells of a recovery code."""
    if code is None:
        return False
    async with in_transaction():
        factor = await _locked(user_id)
        return factor is not None and await _spent(factor, code, key, by, at)


async def _locked(user_id: UUID) -> SecondFactor | None:
    return await SecondFactor.filter(user_id=user_id).select_for_update().first()


async def _spent(factor: SecondFactor, code: str, key: TokenKey, by: Actor, at: datetime) -> bool:
    """Uses up a code of a locked factor, or a recovery code; whether it was good."""
    step = _matching(factor, code, key, at)
    if step is not None:
        await SecondFactor.filter(id=factor.id).update(last_step=step, updated_at=at)
        return True
    digest = digest_of(code.strip().lower())
    if digest not in factor.recovery_digests:
        return False
    left = [each for each in factor.recovery_digests if each != digest]
    await SecondFactor.filter(id=factor.id).update(recovery_digests=left, updated_at=at)
    await emit(f"{TOPIC}.recovered", factor.user_id, by=by, at=at, left=len(left))
    return True


def _matching(factor: SecondFactor, code: str, key: TokenKey, at: datetime) -> int | None:
    """The time step that a code is of, None where it is of none that is still good."""
    try:
        secret = _box(key).decrypt(factor.secret)
    except InvalidToken:
        return None
    totp, given = TOTP(secret, DIGITS, SHA1(), STEP_SECONDS), code.strip().replace(" ", "")
    if not (len(given) == DIGITS and given.isascii() and given.isdigit()):
        return None
    now = int(at.timestamp()) // STEP_SECONDS
    for step in range(now - DRIFT_STEPS, now + DRIFT_STEPS + 1):
        if step > factor.last_step and _is_of(totp, given, step):
            return step
    return None


def _is_of(totp: TOTP, code: str, step: int) -> bool:
    try:
        totp.verify(code.encode(), step * STEP_SECONDS)
    except NoMatch:
        return False
    return True


def _digests(codes: Sequence[str]) -> list[str]:
    return [digest_of(code) for code in codes]


def _own(by: Actor) -> UUID:
    by.must_be_in_person()
    if by.user_id is None:
        raise Invalid("Only a user has a second factor.")
    return by.user_id


def _box(key: TokenKey) -> MultiFernet:
    return box(key, b"salesloop second factor")
