"""Signing in, and what tokens are worth."""

from datetime import timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from domain.access.models import User
from domain.access.tokens import TokenKey, sign_token
from tests.graph import KEY, NOW, PASSWORD, Graph, session_of, token_for

pytestmark = pytest.mark.anyio
LOGIN = "mutation ($input: LoginInput!) { login(input: $input) { token expiresAt userErrors { code message } } }"
VIEWER = "{ viewer { name email } }"


async def test_the_right_password_opens(graph: Graph, representative: User) -> None:
    data = await graph.ask(LOGIN, input={"email": " ROB@example.org ", "password": PASSWORD})
    signed_in = Graph(graph.http, data["login"]["token"])
    assert (await signed_in.ask(VIEWER))["viewer"] == {"name": "Rob", "email": "rob@example.org"}


async def test_no_transaction_waits_for_a_password(graph: Graph, representative: User) -> None:
    odd = """mutation ($input: LoginInput!, $x: Boolean = true) {
      login(input: $input) { token @include(if: $x) userErrors { code } } }"""
    given = {"email": "rob@example.org", "password": PASSWORD}
    for variables in ({"x": True}, {"x": None}):
        await graph.answer(odd, input=given, **variables)
        with graph.counting() as statements:
            await graph.answer(odd, input=given, **variables)
        verbs = [statement.split()[0].rstrip(";") for statement in statements]
        assert verbs == ["SELECT", "SELECT", "BEGIN", "INSERT", "INSERT", "INSERT", "COMMIT"]


@pytest.mark.parametrize(
    ("email", "password"),
    [
        ("rob@example.org", "wrong"),
        ("nobody@example.org", PASSWORD),
        ("", ""),
        ("\u0000", PASSWORD),
        ("x" * 9999, "y" * 9999),
    ],
)
async def test_anything_else_does_not(graph: Graph, representative: User, email: str, password: str) -> None:
    login = (await graph.ask(LOGIN, input={"email": email, "password": password}))["login"]
    assert login["token"] is None
    assert login["userErrors"] == [
        {"code": "UNAUTHENTICATED", "message": "The e-mail address or the password is wrong."}
    ]


async def test_the_password_is_kept_as_argon2id(representative: User) -> None:
    assert (representative.password_hash or "").startswith("$argon2id$v=19$m=19456,t=2,p=1$")


async def test_tokens_that_are_not_ours_are_refused(graph: Graph, representative: User) -> None:
    other, session = TokenKey(Ed25519PrivateKey.generate(), timedelta(days=9999)), await session_of(representative)
    claims = jwt.decode(await token_for(representative), options={"verify_signature": False})
    bad = [
        "rubbish",
        "a.b.c",
        jwt.encode(claims, "", algorithm="none"),
        jwt.encode(claims, "s" * 32, algorithm="HS256"),
        jwt.encode({**claims, "aud": "another"}, KEY, algorithm="EdDSA"),
        jwt.encode({**claims, "iss": "another"}, KEY, algorithm="EdDSA"),
        jwt.encode({**claims, "exp": 1}, KEY, algorithm="EdDSA"),
        jwt.encode({**claims, "exp": 1e300}, KEY, algorithm="EdDSA"),
        jwt.encode({**claims, "sub": "1"}, KEY, algorithm="EdDSA"),
        jwt.encode({name: value for name, value in claims.items() if name != "exp"}, KEY, algorithm="EdDSA"),
        sign_token(representative.id, session.id, other, at=NOW).text,
        sign_token(representative.id, session.id, TokenKey(KEY, timedelta(minutes=1)), at=NOW).text,
    ]
    for token in bad:
        response = await Graph(graph.http, token).post({"query": VIEWER})
        assert response.status_code == 401, token
        assert response.json()["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_who_is_deactivated_is_locked_out(graph: Graph, representative: User) -> None:
    await User.filter(id=representative.id).update(is_active=False)
    response = await Graph(graph.http, await token_for(representative)).post({"query": VIEWER})
    assert response.status_code == 401
