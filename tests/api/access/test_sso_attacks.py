"""Single sign-on with a provider that lies, fails or is pretended to be one: nobody comes in, and nothing breaks."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable
from typing import Any

import orjson
import pytest
from joserfc.jwk import ECKey, OKPKey
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from domain.access.models import Identity, Session, User
from domain.access.users import create_user
from domain.kernel.actor import SYSTEM
from runtime import openid
from runtime.redis import redis_client
from tests.graph import NOW, Graph
from tests.provider import BACK
from tests.provider.crooked import (
    CLIENT,
    KEY,
    OTHER,
    SECRET,
    Crooked,
    by_hand,
    by_key,
    by_secret,
    crooked_provider,
    encoded,
    signed,
    weak_key,
)
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
BEGIN = """mutation ($input: SsoBeginInput!) { ssoBegin(input: $input) {
  authorizationUrl state verifier userErrors { message code } } }"""
COMPLETE = """mutation ($input: SsoCompleteInput!) { ssoComplete(input: $input) {
  token userErrors { field message code } } }"""
WELL_KNOWN = "/.well-known/openid-configuration"


@pytest.fixture(autouse=True)
async def _nobody_failed(redis_url: str) -> None:
    async with redis_client(redis_url) as redis:
        for key in [key async for key in redis.scan_iter("salesloop:{login}:*")]:
            await redis.delete(key)


@pytest.fixture(scope="module")
async def provider(anyio_backend: str) -> AsyncIterator[Crooked]:
    async with crooked_provider() as running:
        yield running


@pytest.fixture
def crooked(provider: Crooked) -> Crooked:
    provider.become_honest()
    return provider


@pytest.fixture
def chosen(crooked: Crooked) -> dict[str, Any]:
    return {
        "oidc_issuer": crooked.issuer,
        "oidc_client_id": CLIENT,
        "oidc_client_secret": SECRET,
        "oidc_redirect_uris": BACK,
    }


@pytest.fixture(autouse=True)
async def rob(graph: Graph) -> User:
    return await create_user("rob@example.org", "Rob", by=SYSTEM, at=NOW)


async def begun(graph: Graph) -> dict[str, Any]:
    payload: dict[str, Any] = (await graph.ask(BEGIN, input={"redirectUri": BACK}))["ssoBegin"]
    return payload


async def completed(graph: Graph, begin: dict[str, Any], code: str = "c", **more: Any) -> str:
    """`in`, or the code of the error."""
    given = {"state": begin["state"], "verifier": begin["verifier"], "code": code, **more}
    answer = await graph.answer(COMPLETE, input=given)
    if "errors" in answer:
        found: str = answer["errors"][0]["extensions"]["code"]
        return found
    payload = answer["data"]["ssoComplete"]
    return "in" if payload["token"] else str(payload["userErrors"][0]["code"])


async def outcome(graph: Graph, crooked: Crooked, make: Callable[[dict[str, Any]], Any], **more: Any) -> str:
    """What comes of an ID token that is made of the claims of an honest one."""
    begin = await begun(graph)
    crooked.token = {"id_token": make(crooked.claims(begin["authorizationUrl"], **more))}
    found = await completed(graph, begin)
    assert (await Session.all().count(), await Identity.all().count()) == ((1, 1) if found == "in" else (0, 0))
    return found


async def test_an_honest_one_is_believed(graph: Graph, crooked: Crooked) -> None:
    assert await outcome(graph, crooked, signed) == "in"
    (sent,) = crooked.sent
    assert (sent["grant_type"], sent["code"], sent["redirect_uri"]) == ("authorization_code", "c", BACK)
    assert len(sent["code_verifier"]) == 43
    assert sent["authorization"].startswith("Basic ")


HONEST: dict[str, dict[str, Any]] = {
    "an audience among others, for us": {"aud": [CLIENT, "another"], "azp": CLIENT},
    "a list of one": {"aud": [CLIENT]},
    "made long ago": {"iat": 1, "nbf": 1},
    "what we know nothing of": {"groups": ["a"] * 100, "amr": ["pwd", "otp"]},
}


@pytest.mark.parametrize("name", HONEST)
async def test_what_is_unusual_and_right_is_believed(graph: Graph, crooked: Crooked, name: str) -> None:
    assert await outcome(graph, crooked, signed, **HONEST[name]) == "in"


@pytest.mark.parametrize("kind", ["EC", "OKP", "PS", "without a name"])
async def test_keys_of_other_kinds(graph: Graph, crooked: Crooked, kind: str) -> None:
    made: Any = {
        "EC": (ECKey.generate_key("P-384", {"kid": "e"}), "ES384", {"kid": "e"}),
        "OKP": (OKPKey.generate_key("Ed25519", {"kid": "o"}), "Ed25519", {"kid": "o"}),
        "PS": (KEY, "PS256", {}),
        "without a name": (KEY, "RS256", {"kid": None}),
    }[kind]
    key, alg, head = made
    strange: list[Any] = [None, [], "x", {}, {"kty": "XYZ"}, {"kty": "RSA"}, {"kty": "oct", "k": "AAAA"}, {"kty": []}]
    crooked.keys = [*strange, key.as_dict(private=False)]

    assert await outcome(graph, crooked, lambda claims: signed(claims, key, alg, **head)) == "in"


LIES: dict[str, dict[str, Any]] = {
    "another issuer": {"iss": "https://evil.example"},
    "no issuer": {"iss": None},
    "another audience": {"aud": "another"},
    "another audience in a list": {"aud": ["another"]},
    "no audience": {"aud": []},
    "others beside us, and not for whom": {"aud": [CLIENT, "another"]},
    "for somebody else": {"azp": "another"},
    "expired": {"exp": 1_000_000_000},
    "never expiring": {"exp": None},
    "expiring at no time": {"exp": "tomorrow"},
    "expiring at no number": {"exp": float("nan")},
    "expiring in the end": {"exp": float("inf")},
    "of the future": {"iat": 4_000_000_000},
    "not yet good": {"nbf": 4_000_000_000},
    "never made": {"iat": None},
    "another nonce": {"nonce": "x"},
    "no nonce": {"nonce": None},
    "a nonce that is none": {"nonce": ["x"]},
    "nobody": {"sub": None},
    "nobody at all": {"sub": ""},
    "a number": {"sub": 17},
    "too long a name": {"sub": "x" * 256},
    "a name with NUL": {"sub": "r\x0017"},
    "of another access token": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"},
    "of no access token": {"at_hash": 7},
}


@pytest.mark.parametrize("name", LIES)
async def test_what_an_id_token_says_is_checked(graph: Graph, crooked: Crooked, name: str) -> None:
    assert await outcome(graph, crooked, signed, **LIES[name]) == "UNAUTHENTICATED"


HEAD = {"alg": "RS256", "kid": "one"}
FORGERIES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "made by hand, another subject": lambda claims: by_hand(HEAD, claims | {"sub": ""}, by_key),
    "half a character": lambda claims: by_hand(HEAD, claims | {"sub": "\ud83d"}, by_key),
    "no signature": lambda claims: by_hand({"alg": "none", "kid": "one"}, claims),
    "no signature, in capitals": lambda claims: by_hand({"alg": "NONE"}, claims),
    "the signature cut off": lambda claims: by_hand(HEAD, claims),
    "the public key as a secret": lambda claims: by_hand(
        HEAD | {"alg": "HS256"}, claims, by_secret(KEY.as_pem(private=False))
    ),
    "our secret as a key": lambda claims: by_hand(HEAD | {"alg": "HS256"}, claims, by_secret(SECRET.encode())),
    "another key under its name": lambda claims: signed(claims, OTHER),
    "a key that it does not show": lambda claims: signed(claims, OTHER, kid="two"),
    "a key that is brought along": lambda claims: signed(claims, OTHER, kid="two", jwk=OTHER.as_dict(private=False)),
    "a key for something else": lambda claims: signed(claims, OTHER, kid="for sealing"),
    "a weak key": lambda claims: signed(claims, WEAK, kid="weak"),
    "other claims": lambda claims: f"{encoded(HEAD)}.{encoded(claims | {'sub': 'x'})}.{signed(claims).split('.')[2]}",
    "an extension that we do not know": lambda claims: by_hand(HEAD | {"crit": ["x"], "x": 1}, claims, by_key),
    "a list of claims": lambda claims: by_hand(HEAD, [], by_key),
    "very deep claims": lambda claims: by_hand(HEAD, b"[" * 30_000, by_key),
    "a claim of a huge number": lambda claims: by_hand(HEAD, b'{"exp":' + b"9" * 6000 + b"}", by_key),
    "a head that is none": lambda claims: by_hand([], claims),
    "an algorithm that is none": lambda claims: by_hand({"alg": ["RS256"]}, claims),
    "a very deep head": lambda claims: by_hand(b"[" * 30_000, claims),
    "a head of a huge number": lambda claims: by_hand(b'{"alg":' + b"9" * 6000 + b"}", claims),
    "five parts": lambda claims: "a.b.c.d.e",
    "nothing": lambda claims: "",
    "rubbish": lambda claims: "\x00\u00fc..",
    "no text": lambda claims: {"a": 1},
    "null": lambda claims: None,
}
WEAK = weak_key("weak")


@pytest.mark.parametrize("name", FORGERIES)
async def test_who_signs_is_checked(graph: Graph, crooked: Crooked, name: str) -> None:
    sealing = OTHER.as_dict(private=False, use="enc", kid="for sealing")
    crooked.keys = [KEY.as_dict(private=False), WEAK.as_dict(private=False), sealing]
    assert await outcome(graph, crooked, FORGERIES[name]) == "UNAUTHENTICATED"


async def test_a_token_of_another_way_is_no_good(graph: Graph, crooked: Crooked) -> None:
    """The nonce: an ID token that was got elsewhere, honest as it is, is put into a way of somebody else."""
    elsewhere, here = await begun(graph), await begun(graph)
    crooked.token = {"id_token": signed(crooked.claims(elsewhere["authorizationUrl"]))}
    assert await completed(graph, here) == "UNAUTHENTICATED"
    assert await completed(graph, elsewhere) == "in"


async def test_keys_are_not_looked_for_again_and_again(graph: Graph, crooked: Crooked) -> None:
    for _ in range(4):
        assert await outcome(graph, crooked, lambda claims: signed(claims, OTHER, kid="two")) == "UNAUTHENTICATED"
    assert crooked.asked["/jwks"] == 2, "once for the keys, and once for a new one"
    assert crooked.asked[WELL_KNOWN] == 1


async def test_of_two_keys_one_must_be_named(graph: Graph, crooked: Crooked) -> None:
    crooked.keys = [KEY.as_dict(private=False), OTHER.as_dict(private=False, kid="one")]
    assert await outcome(graph, crooked, signed) == "UNAUTHENTICATED"


CODES = ["", "\x00", "ü", "x" * 5000, "a\nb"]


@pytest.mark.parametrize("code", CODES)
async def test_codes_that_are_none_are_not_even_sent(graph: Graph, crooked: Crooked, code: str) -> None:
    begin = await begun(graph)
    assert await completed(graph, begin, code) == "UNAUTHENTICATED"
    assert crooked.asked["/token"] == 0


async def test_another_issuer_s_answer_is_refused_before_its_code_is_sent(graph: Graph, crooked: Crooked) -> None:
    begin = await begun(graph)
    assert await completed(graph, begin, iss="https://evil.example") == "UNAUTHENTICATED"
    assert crooked.asked["/token"] == 0


async def test_codes_with_signs_arrive_as_they_are(graph: Graph, crooked: Crooked) -> None:
    begin = await begun(graph)
    crooked.token = {"id_token": signed(crooked.claims(begin["authorizationUrl"]))}
    assert await completed(graph, begin, "a b&c=d%41+~#/?") == "in"
    assert crooked.sent[0]["code"] == "a b&c=d%41+~#/?"


async def test_the_secret_goes_where_the_provider_takes_it(graph: Graph, crooked: Crooked) -> None:
    crooked.metadata = {"token_endpoint_auth_methods_supported": ["private_key_jwt", "client_secret_post"]}
    assert await outcome(graph, crooked, signed) == "in"
    assert (crooked.sent[0]["client_id"], crooked.sent[0]["client_secret"]) == (CLIENT, SECRET)
    assert "authorization" not in crooked.sent[0]


# What the provider says beside the ID token.


def saying(value: Any, status: int = 200) -> Any:
    async def answer(_: Request) -> Response:
        return Response(orjson.dumps(value), status, media_type="application/json")

    return answer


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ({"sub": "r-17", "email": "rob@example.org", "email_verified": True}, "in"),
        ({"sub": "another", "email": "rob@example.org", "email_verified": True}, "UNAUTHENTICATED"),
        ({"email": "rob@example.org", "email_verified": True}, "UNAUTHENTICATED"),
        ({"sub": "r-17", "email": "rob@example.org"}, "UNAUTHENTICATED"),
        ({"sub": "r-17", "email": ["rob@example.org"], "email_verified": True}, "UNAUTHENTICATED"),
        ([], "UNAVAILABLE"),
    ],
)
async def test_what_is_said_beside_is_of_the_same_person(graph: Graph, crooked: Crooked, said: Any, found: str) -> None:
    crooked.metadata = {"userinfo_endpoint": f"{crooked.issuer}/userinfo"}
    crooked.answers["/userinfo"] = saying(said)
    assert await outcome(graph, crooked, signed, email=None, email_verified=None) == found


# A provider that fails.


async def slow(request: Request) -> Response:
    async def gone() -> bool:
        return await request.is_disconnected()

    await eventually(gone)
    return Response()


async def dripping(request: Request) -> Response:
    async def drops() -> AsyncIterator[bytes]:
        while not await request.is_disconnected():
            yield b" "
            await asyncio.sleep(0.01)

    return StreamingResponse(drops(), media_type="application/json")


async def very_long(_: Request) -> Response:
    return Response(b" " * 4_000_000 + b"{}", media_type="application/json")


async def compressed(_: Request) -> Response:
    return Response(gzip.compress(b" " * 10_000_000), headers={"content-encoding": "gzip"})


async def elsewhere(request: Request) -> Response:
    return RedirectResponse(f"{request.url}/elsewhere")


async def page(_: Request) -> Response:
    return Response("<html>", media_type="text/html")


async def deep(_: Request) -> Response:
    return Response(b"[" * 100_000, media_type="application/json")


async def torn(_: Request) -> Response:
    return Response(b"{}", headers={"content-length": "2000"})


FAILING: dict[str, Any] = {
    "slow": slow,
    "dripping": dripping,
    "very long": very_long,
    "compressed": compressed,
    "a redirect": elsewhere,
    "a page": page,
    "very deep": deep,
    "torn off": torn,
    "broken": saying({}, 500),
    "broken, with a token": saying({"access_token": "x", "id_token": "x"}, 503),
    "a list": saying([1]),
    "null": saying(None),
    "a refusal of us": saying({"error": "invalid_client", "error_description": "x" * 100_000}, 401),
    "a refusal that is none": saying({"error": {"a": ["\x00"]}}, 400),
}


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openid, "PATIENCE_SECONDS", 1)


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("path", [WELL_KNOWN, "/token", "/jwks"])
@pytest.mark.parametrize("name", FAILING)
async def test_a_provider_that_fails_is_told_of(graph: Graph, crooked: Crooked, name: str, path: str) -> None:
    crooked.answers[path] = FAILING[name]
    if path == WELL_KNOWN:
        assert await graph.code(BEGIN, input={"redirectUri": BACK}) == "UNAVAILABLE"
    else:
        assert await outcome(graph, crooked, signed) == "UNAVAILABLE"
    assert not [asked for asked in crooked.asked if "elsewhere" in asked], "no redirect is followed"


async def test_a_place_where_nobody_is(graph: Graph, crooked: Crooked) -> None:
    crooked.metadata["token_endpoint"] = "http://127.0.0.1:1/token"
    assert await completed(graph, await begun(graph)) == "UNAVAILABLE"


@pytest.mark.parametrize(
    "chosen", [{"oidc_issuer": "http://127.0.0.1:1", "oidc_client_id": "c", "oidc_redirect_uris": BACK}]
)
async def test_a_provider_that_is_down(graph: Graph, caplog: pytest.LogCaptureFixture) -> None:
    (error,) = (await graph.answer(BEGIN, input={"redirectUri": BACK}))["errors"]
    assert error["extensions"] == {"code": "UNAVAILABLE", "retryAfter": 5}
    assert "ConnectError" in caplog.text
    assert await graph.ask("{ signInMethods { sso { name } } }") == {
        "signInMethods": {"sso": {"name": "Single sign-on"}}
    }


async def test_a_provider_that_has_just_failed_is_left_alone(graph: Graph, crooked: Crooked) -> None:
    crooked.answers[WELL_KNOWN] = page
    codes = await asyncio.gather(*(graph.code(BEGIN, input={"redirectUri": BACK}) for _ in range(6)))
    assert codes == ["UNAVAILABLE"] * 6
    assert crooked.asked[WELL_KNOWN] == 1


DISHONEST: dict[str, dict[str, Any]] = {
    "another issuer": {"issuer": "https://evil.example"},
    "almost the issuer": {"issuer": "http://127.0.0.1:1/"},
    "no issuer": {"issuer": None},
    "no place for codes": {"token_endpoint": None},
    "no keys": {"jwks_uri": None},
    "a place in the open": {"token_endpoint": "http://evil.example/token"},
    "a place of another kind": {"jwks_uri": "file:///etc/passwd"},
    "a place that is none": {"authorization_endpoint": ["https://a.example"]},
    "a place without a host": {"authorization_endpoint": "https://"},
    "no address": {"userinfo_endpoint": "https://["},
}


@pytest.mark.parametrize("name", DISHONEST)
async def test_what_a_provider_says_of_itself_is_checked(graph: Graph, crooked: Crooked, name: str) -> None:
    crooked.metadata = DISHONEST[name]
    assert await graph.code(BEGIN, input={"redirectUri": BACK}) == "UNAVAILABLE"


async def test_a_failure_of_the_provider_is_no_failure_of_whoever_tries(graph: Graph, crooked: Crooked) -> None:
    for _ in range(3):
        begin = await begun(graph)
        crooked.answers["/token"] = page
        assert await completed(graph, begin) == "UNAVAILABLE"
        assert await completed(graph, begin) == "UNAUTHENTICATED", "the state is spent"
    crooked.answers.clear()
    assert await outcome(graph, crooked, signed) == "in"
    assert await User.all().count() == 1


@pytest.mark.parametrize(
    "beside", [{"access_token": None}, {"access_token": ["x"]}, {"expires_in": "soon"}, {"scope": 7}]
)
async def test_odd_types_beside_the_token(graph: Graph, crooked: Crooked, beside: dict[str, Any]) -> None:
    begin = await begun(graph)
    crooked.token = {"id_token": signed(crooked.claims(begin["authorizationUrl"], at_hash="x")), **beside}
    assert await completed(graph, begin) in ("UNAUTHENTICATED", "UNAVAILABLE", "in")
