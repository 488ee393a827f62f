"""The second factor: codes by RFC 6238, each good once, recovery codes, and no way in without."""

import asyncio
import base64
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from domain.access.models import SecondFactor, User
from domain.access.second_factor import FactorStands, WrongCode, check_code, confirm, enroll
from domain.access.tokens import TokenKey
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from tests.graph import KEY, NOW, Graph
from tests.people import PASSWORD, a_colleague, acting

pytestmark = pytest.mark.anyio
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { token userErrors { code } } }"
HOUSE = TokenKey(KEY, timedelta(minutes=15))


def code(secret: str, at: float) -> str:
    return TOTP(base64.b32decode(secret), 6, SHA1(), 30).generate(int(at)).decode()


async def login(graph: Graph, **more: Any) -> Any:
    given = {"email": "rob@example.org", "password": PASSWORD, **more}
    payload = (await graph.ask(LOGIN, input=given))["login"]
    return payload["userErrors"][0]["code"] if payload["userErrors"] else payload["token"]


async def set_up(rob: Graph) -> tuple[str, list[str]]:
    enrolled = (await rob.ask("mutation { secondFactorEnroll { secret uri userErrors { code } } }"))[
        "secondFactorEnroll"
    ]
    assert enrolled["uri"].startswith("otpauth://totp/Salesloop:rob%40example.org?secret=")
    secret = enrolled["secret"]
    query = (
        "mutation ($code: String!) { secondFactorConfirm(input: {code: $code}) { recoveryCodes userErrors { code } } }"
    )
    before = system_clock().timestamp() - 30
    payload = (await rob.ask(query, code=code(secret, before)))["secondFactorConfirm"]
    assert payload["userErrors"] == []
    return secret, payload["recoveryCodes"]


def test_the_codes_are_those_of_the_standard() -> None:
    """RFC 6238, appendix B: the secret of its tests, cut to six digits."""
    secret = base64.b32encode(b"12345678901234567890").decode()
    known = {59: "287082", 1111111109: "081804", 1111111111: "050471", 1234567890: "005924", 20000000000: "353130"}
    assert {at: code(secret, at) for at in known} == known


async def test_with_a_second_factor_a_password_is_not_enough(rob: Graph) -> None:
    secret, _ = await set_up(rob)
    assert await login(rob) == "SECOND_FACTOR_NEEDED"
    assert await login(rob, code="000000") == "SECOND_FACTOR_NEEDED"
    now = code(secret, system_clock().timestamp())
    assert (await login(rob, code=now)).count(".") == 2
    assert await login(rob, code=now) == "SECOND_FACTOR_NEEDED", "a code is good once"


async def test_a_wrong_password_says_nothing_of_the_factor(rob: Graph) -> None:
    secret, _ = await set_up(rob)
    assert await login(rob, password="wrong", code=code(secret, system_clock().timestamp())) == "UNAUTHENTICATED"


async def test_recovery_codes_are_good_once_each(rob: Graph) -> None:
    _, codes = await set_up(rob)
    assert len(set(codes)) == 10
    assert (await login(rob, code=codes[3].upper())).count(".") == 2
    assert await login(rob, code=codes[3]) == "SECOND_FACTOR_NEEDED"
    assert (await login(rob, code=codes[4])).count(".") == 2
    told = await Event.filter(topic="access.second_factor.recovered").order_by("id")
    assert [(event.actor_name, event.data["left"]) for event in told] == [("Rob", 9), ("Rob", 8)]


async def test_it_is_removed_by_proof_only(rob: Graph) -> None:
    _, codes = await set_up(rob)
    query = (
        "mutation ($code: String!) { secondFactorRemove(input: {code: $code}) { removed userErrors { field code } } }"
    )
    refused = (await rob.ask(query, code="123456"))["secondFactorRemove"]
    assert refused == {"removed": None, "userErrors": [{"field": ["input", "code"], "code": "INVALID"}]}
    assert (await rob.ask(query, code=codes[0]))["secondFactorRemove"] == {"removed": True, "userErrors": []}
    assert (await login(rob)).count(".") == 2


async def test_the_secret_is_stored_encrypted_and_read_with_a_former_key(database: str) -> None:
    user = await a_colleague(password=None)
    by = await acting(user)
    enrolled = await enroll(key=HOUSE, by=by, at=NOW)
    factor = await SecondFactor.get(user_id=user.id)
    raw = base64.b32decode(enrolled.secret)
    for plain in (enrolled.secret, raw.hex(), base64.b64encode(raw).decode(), base64.urlsafe_b64encode(raw).decode()):
        assert plain not in factor.secret
    await confirm(code(enrolled.secret, NOW.timestamp()), key=HOUSE, by=by, at=NOW)
    fresh = TokenKey(Ed25519PrivateKey.generate(), timedelta(minutes=15), [KEY])
    later = NOW + timedelta(minutes=5)
    assert await check_code(user.id, code(enrolled.secret, later.timestamp()), key=fresh, by=by, at=later)
    forgotten = TokenKey(Ed25519PrivateKey.generate(), timedelta(minutes=15))
    much_later = NOW + timedelta(hours=5)
    assert not await check_code(
        user.id, code(enrolled.secret, much_later.timestamp()), key=forgotten, by=by, at=much_later
    )


async def test_a_code_of_long_ago_or_ahead_is_refused(database: str) -> None:
    user: User = await a_colleague(password=None)
    by = await acting(user)
    enrolled = await enroll(key=HOUSE, by=by, at=NOW)
    await confirm(code(enrolled.secret, NOW.timestamp()), key=HOUSE, by=by, at=NOW)
    later = NOW + timedelta(hours=1)
    for seconds, good in ((-90, False), (-30, True), (90, False), (0, True)):
        given = code(enrolled.secret, later.timestamp() + seconds)
        assert await check_code(user.id, given, key=HOUSE, by=by, at=later) is good, seconds


async def test_whoever_enrols_twice_at_once_has_one_factor(database: str) -> None:
    by = await acting(await a_colleague())
    made = await asyncio.gather(*(enroll(key=HOUSE, by=by, at=NOW) for _ in range(4)))
    assert await SecondFactor.all().count() == 1
    now = NOW.timestamp()
    good = 0
    for each in made:
        try:
            await confirm(code(each.secret, now), key=HOUSE, by=by, at=NOW)
            good += 1
        except (WrongCode, FactorStands):
            continue
    assert good == 1
