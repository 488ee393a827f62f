import os
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from runtime.settings import Settings, SettingsRefused, read_settings
from runtime.token_key import kept_key, key_file, signing_key

pytestmark = pytest.mark.usefixtures("bare")

OWN_DATABASE = {"DATABASE_URL": "postgresql://ann:s3cret@db.example/sales", "TOKEN_KEY_FILE": "token.pem"}
PROVIDER = {
    "OIDC_ISSUER": "https://login.example",
    "OIDC_CLIENT_ID": "salesloop",
    "OIDC_REDIRECT_URIS": "https://app.example/back, com.example.app:/back, http://localhost:5173/back",
}

REFUSED = [
    ({"PORT": "s3cret"}, "PORT: input should be a valid integer", "1 to 65535"),
    ({"PORT": "0"}, "PORT: input should be greater than or equal to 1", "1 to 65535"),
    ({"LOG_LEVEL": "s3cret"}, "LOG_LEVEL: input should be 'DEBUG'", "DEBUG, INFO, WARNING or ERROR"),
    ({"ENVIRONMENT": "s3cret"}, "ENVIRONMENT: input should be", "development or production"),
    ({"GRAPHIQL": "s3cret"}, "GRAPHIQL: input should be a valid boolean", "true or false"),
    ({"TOKEN_MINUTES": "0"}, "TOKEN_MINUTES: ", "1 to 1440 minutes"),
    ({"DATABASE_POOL_SIZE": "-1"}, "DATABASE_POOL_SIZE: ", "1 to 500"),
    ({"WORKER_CONCURRENCY": "1.5"}, "WORKER_CONCURRENCY: ", "1 to 200"),
    ({"STATEMENT_TIMEOUT_SECONDS": "soon"}, "STATEMENT_TIMEOUT_SECONDS: ", "whole seconds"),
    ({"LOGIN_FAILURES_PER_EMAIL_AND_ADDRESS": "0"}, "LOGIN_FAILURES_PER_EMAIL_AND_ADDRESS: ", "1 to 1000"),
    ({"LOGIN_FAILURES_PER_EMAIL": "0"}, "LOGIN_FAILURES_PER_EMAIL: ", "1 to 1000"),
    ({"LOGIN_FAILURES_PER_ADDRESS": "s3cret"}, "LOGIN_FAILURES_PER_ADDRESS: ", "1 to 100000"),
    ({"LOGIN_WINDOW_SECONDS": "0"}, "LOGIN_WINDOW_SECONDS: ", "1 to 86400 seconds"),
    ({"TRUSTED_PROXIES": "10.0.0.1,s3cret"}, "TRUSTED_PROXIES: not an address", "X-Forwarded-For"),
    ({"TRUSTED_PROXIES": "*"}, "TRUSTED_PROXIES: not an address", "X-Forwarded-For"),
    ({"MAX_BODY_BYTES": "12"}, "MAX_BODY_BYTES: ", "1024"),
    ({"MAX_UPLOAD_BYTES": "much"}, "MAX_UPLOAD_BYTES: ", "bytes"),
    ({"UPLOAD_QUOTA_BYTES": "1"}, "UPLOAD_QUOTA_BYTES: ", "at least 1024"),
    ({"FILES_KEPT_DAYS": "0"}, "FILES_KEPT_DAYS: ", "1 to 3650"),
    ({"IDEMPOTENCY_HOURS": "23"}, "IDEMPOTENCY_HOURS: ", "24 to 8760"),
    ({"PERSISTED_ONLY": "true"}, "PERSISTED_DOCUMENTS: needed beside PERSISTED_ONLY", "name the manifest"),
    ({"PERSISTED_ONLY": "s3cret"}, "PERSISTED_ONLY: input should be a valid boolean", "true where nothing else"),
    ({"PERSISTED_QUERY_DAYS": "0"}, "PERSISTED_QUERY_DAYS: ", "1 to 365"),
    (OWN_DATABASE | {"DATABASE_URL": "mysql://ann:s3cret@h/d"}, "DATABASE_URL: the scheme must be", "postgresql://"),
    (OWN_DATABASE | {"DATABASE_URL": "postgres://ann:s3cret@h"}, "DATABASE_URL: the name of the database", "/name"),
    (OWN_DATABASE | {"DATABASE_URL": "postgres://ann:s3cret@[h/d"}, "DATABASE_URL: ", "/name"),
    ({"DATABASE_URL": OWN_DATABASE["DATABASE_URL"]}, "TOKEN_KEY_FILE: needed", "openssl genpkey -algorithm ed25519"),
    ({"TOKEN_KEY": "s3cret", "TOKEN_KEY_FILE": "token.pem"}, "TOKEN_KEY and TOKEN_KEY_FILE are both set", "unset"),
    ({"REDIS_URL": "http://:s3cret@h"}, "REDIS_URL: the scheme must be", "rediss://"),
    ({"REDIS_URL": "redis://:s3cret@h/first"}, "REDIS_URL: the database must be a number", "redis://"),
    ({"REDIS_URL": "redis://:s3cret@h:port"}, "REDIS_URL: ", "redis://"),
    ({"REDIS_URL": "redis://:s3cret/word@h"}, "REDIS_URL: the port must be a number", "percent-encode"),
    ({"REDIS_URL": "redis://:pass?s3cret=@h"}, "REDIS_URL: ", "percent-encode"),
    (OWN_DATABASE | {"DATABASE_URL": "postgres://ann:s3cret/w@h/d"}, "DATABASE_URL: the port", "percent-encode"),
    (
        OWN_DATABASE | {"DATABASE_URL": "postgres://ann:s3cret@h/d?pooler=none"},
        "DATABASE_URL: pooler must be",
        "left out",
    ),
    ({"DATABASE_LISTEN_URL": "mysql://ann:s3cret@h/d"}, "DATABASE_LISTEN_URL: the scheme must be", "LISTENs"),
    ({"WORKER_PORT": "70000"}, "WORKER_PORT: ", "0 for none"),
    ({"OTEL_EXPORTER_OTLP_ENDPOINT": "s3cret:4318"}, "OTEL_EXPORTER_OTLP_ENDPOINT: it must begin", "http://host:4318"),
    ({"OIDC_ISSUER": "http://s3cret.example"}, "OIDC_ISSUER: it must begin with https://", "empty for none"),
    ({"OIDC_ISSUER": "https://a.example?s3cret"}, "OIDC_ISSUER: it must begin with https://", "no query"),
    ({"OIDC_ISSUER": "https://[s3cret"}, "OIDC_ISSUER: ", "https://login.example"),
    ({"OIDC_ISSUER": "https://a.example"}, "OIDC_CLIENT_ID and OIDC_REDIRECT_URIS: needed beside", "knows us by"),
    ({"OIDC_CLIENT_SECRET": "s3cret"}, "OIDC_ISSUER: needed beside other OIDC_ variables", "or unset them"),
    (
        PROVIDER | {"OIDC_REDIRECT_URIS": "javascript:s3cret()"},
        "OIDC_REDIRECT_URIS: each must",
        "com.example.app:/back",
    ),
    (PROVIDER | {"OIDC_REDIRECT_URIS": "https://a.example/#s3cret"}, "OIDC_REDIRECT_URIS: each must", "no fragment"),
    (PROVIDER | {"OIDC_REDIRECT_URIS": "http://s3cret.example/b"}, "OIDC_REDIRECT_URIS: each must", "on this machine"),
    (PROVIDER | {"OIDC_NEW_USER_ROLE": "clerk"}, "OIDC_NEW_USER_DOMAINS and OIDC_NEW_USER_ROLE: needed", "or neither"),
    (
        PROVIDER | {"OIDC_NEW_USER_DOMAINS": "a.example", "OIDC_NEW_USER_ROLE": "administrator"},
        "OIDC_NEW_USER_ROLE: administrator is given by people",
        "another role",
    ),
    ({"REDIS_URL": "unix://relative"}, "REDIS_URL: a socket needs an absolute path", "unix://"),
]


@pytest.mark.parametrize(("variables", "complaint", "remedy"), REFUSED)
def test_a_wrong_variable_is_named_with_its_remedy_and_without_its_value(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], complaint: str, remedy: str
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    (line,) = refused.value.lines
    assert line.startswith(complaint)
    assert remedy in line
    assert "s3cret" not in line
    assert refused.value.exit_code == 2


def test_all_that_is_wrong_is_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "70000")
    monkeypatch.setenv("TOKEN_MINUTES", "x")
    with pytest.raises(SettingsRefused) as refused:
        read_settings()
    assert [line.split(":")[0] for line in refused.value.lines] == ["PORT", "TOKEN_MINUTES"]


def test_defaults_need_no_environment() -> None:
    settings = read_settings()
    assert (settings.host, settings.port, settings.environment) == ("127.0.0.1", 8000, "development")
    assert settings.home == Path.cwd() / ".salesloop"
    assert settings.embeds_database
    assert settings.embeds_redis


def test_the_environment_goes_before_env_file_and_an_option_before_both(monkeypatch: pytest.MonkeyPatch) -> None:
    Path(".env").write_text("PORT=8001\nTOKEN_MINUTES=5\nLOG_LEVEL=debug\n")
    assert read_settings().port == 8001
    monkeypatch.setenv("PORT", "8002")
    assert read_settings().port == 8002
    assert read_settings(port=8003, host=None).port == 8003
    assert read_settings().token_minutes == 5
    assert read_settings().log_level == "DEBUG"


def test_a_provider_is_set_by_three_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in PROVIDER.items():
        monkeypatch.setenv(name, value)
    assert read_settings().oidc_issuer == "https://login.example"
    monkeypatch.setenv("OIDC_CLIENT_SECRET", "s3cret")
    assert "s3cret" not in repr(read_settings())


def test_an_empty_variable_is_as_good_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "")
    monkeypatch.setenv("DATABASE_URL", "")
    assert read_settings() == read_settings(port=8000)


def test_an_env_file_that_cannot_be_read_is_told() -> None:
    Path(".env").write_bytes(b"PORT=\xff\xfe")
    with pytest.raises(SettingsRefused, match=r"^\.env: cannot be read"):
        read_settings()


def test_settings_are_frozen_and_their_repr_keeps_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in OWN_DATABASE.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("REDIS_URL", "redis://:s3cret@cache.example")
    settings = read_settings()
    assert "s3cret" not in repr(settings)
    with pytest.raises(ValueError, match="frozen"):
        settings.port = 1


def test_a_child_reads_the_same_settings_from_its_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = read_settings(port=8123, home="elsewhere").with_engines(
        "postgresql://postgres@/salesloop?host=/run/x", "unix:///run/x/valkey.sock", Path("token.pem")
    )
    for name, value in settings.variables().items():
        monkeypatch.setenv(name, value)
    child = read_settings()
    assert child.model_dump() == settings.model_dump() | {"token_key_file": Path.cwd() / "token.pem"}


def test_the_home_makes_its_key_once_and_for_us_alone() -> None:
    settings = read_settings()
    made = signing_key(settings)
    path = kept_key(settings.home)
    assert path.stat().st_mode & 0o777 == 0o600
    assert signing_key(settings).private_bytes_raw() == made.private_bytes_raw()
    assert key_file(settings) == path
    assert os.listdir(settings.home) == ["token.pem"]


def test_a_key_is_read_from_a_file_and_from_one_folded_line() -> None:
    path = kept_key(Path.cwd() / "somewhere")
    from_file = signing_key(read_settings(token_key_file=path))
    folded = read_settings(token_key=path.read_text().replace("\n", "\\n"))
    assert signing_key(folded).private_bytes_raw() == from_file.private_bytes_raw()
    assert key_file(folded) is None


@pytest.mark.parametrize(
    ("settings", "complaint"),
    [
        ({"token_key": "s3cret"}, "TOKEN_KEY: not a readable PEM private key"),
        ({"token_key_file": "missing.pem"}, r"TOKEN_KEY_FILE: missing\.pem cannot be read"),
        ({"token_key_file": "other.pem"}, "TOKEN_KEY_FILE: a key, but not of Ed25519"),
    ],
)
def test_a_key_that_cannot_sign_is_refused(settings: dict[str, str], complaint: str) -> None:
    other = ec.generate_private_key(ec.SECP256R1())
    Path("other.pem").write_bytes(other.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    with pytest.raises(SettingsRefused, match=complaint) as refused:
        signing_key(read_settings(**settings))
    assert "openssl genpkey" in str(refused.value)
    assert "s3cret" not in str(refused.value)


def test_every_variable_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())


def test_proxies_are_addresses_and_networks() -> None:
    assert read_settings(trusted_proxies="10.0.0.1, fd00::/8").trusted_proxies == "10.0.0.1/32,fd00::/8"
    assert read_settings().trusted_proxies == ""
