"""The settings of one process: read once, frozen, and handed on as an argument.

Nothing else in Salesloop looks at the environment. What is wrong is told all at once, by the name of the variable and
with its remedy, and never with its value.
"""

import os
from collections.abc import Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import parse_qs, urlsplit

from pydantic import BeforeValidator, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import SettingsConfigDict

from runtime.addresses import listed
from runtime.openid_settings import OpenidSettings
from runtime.redis import port_of, redis_address
from runtime.refusal import CannotRun

MAKE_A_KEY = "openssl genpkey -algorithm ed25519 -out token.pem && chmod 600 token.pem"
MEBIBYTE = 1024 * 1024
POOLER = "transaction"
"""The kind of pooler before PostgreSQL that has to be known of."""
DEMO_EMAIL = "demo@salesloop.example"

LogLevel = Annotated[Literal["DEBUG", "INFO", "WARNING", "ERROR"], BeforeValidator(lambda word: str(word).upper())]


class SettingsRefused(CannotRun):
    """The environment cannot be used as it is: one line for each variable at fault."""

    exit_code = 2

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


class Settings(OpenidSettings):
    """What this process was told by its environment and by `.env` in its working directory; the environment wins."""

    model_config = SettingsConfigDict(
        frozen=True,
        extra="ignore",
        env_file=".env",
        env_file_encoding="utf-8",
        env_ignore_empty=True,
        case_sensitive=True,
        alias_generator=lambda name: "SALESLOOP_HOME" if name == "home" else name.upper(),
        populate_by_name=True,
        validate_default=True,
        hide_input_in_errors=True,
    )

    home: Path = Field(
        default=Path(".salesloop"), description="a folder for everything that Salesloop keeps on this machine"
    )
    environment: Literal["development", "production"] = Field(
        default="development", description="development or production"
    )
    graphiql: bool | None = Field(
        default=None, description="true or false: serves /graphiql or not; empty for in development only"
    )
    graphiql_email: str = Field(
        default=DEMO_EMAIL,
        description="whom /graphiql signs in unasked, in development and on this machine only; `nobody` for nobody",
    )
    host: str = Field(default="127.0.0.1", description="the address to listen on; 0.0.0.0 opens it to the network")
    port: int = Field(default=8000, ge=1, le=65535, description="a TCP port from 1 to 65535")
    log_level: LogLevel = Field(default="INFO", description="DEBUG, INFO, WARNING or ERROR")

    database_url: str = Field(
        default="",
        repr=False,
        description="postgresql://user:password@host:5432/name; empty for the embedded PostgreSQL",
    )
    database_listen_url: str = Field(
        default="",
        repr=False,
        description="the same database past a transaction-mode pooler, for the connection of a worker that LISTENs; "
        "empty where DATABASE_URL has no such pooler before it",
    )
    database_pool_size: int = Field(
        default=10, ge=1, le=500, description="connections of a process for reading, and as many for all else, 1 to 500"
    )
    statement_timeout_seconds: int = Field(default=10, ge=1, le=600, description="whole seconds, 1 to 600")
    redis_url: str = Field(
        default="",
        repr=False,
        description="redis://, rediss://, unix:// or redis+sentinel://; empty for the embedded Valkey",
    )
    worker_grace_seconds: float = Field(
        default=1, ge=0, le=600, description="that a worker which is told to stop leaves its jobs to end, 0 to 600"
    )
    worker_port: int = Field(
        default=8001,
        ge=0,
        le=65535,
        description="the TCP port where a worker tells of its health, another where it is taken; 0 for none",
    )
    otel_exporter_otlp_endpoint: str = Field(
        default="", description="where spans are sent by OTLP over HTTP, as http://host:4318; empty for nowhere"
    )
    jobs_kept_days: int = Field(
        default=30, ge=1, le=3650, description="days that a job is kept after its end, 1 to 3650"
    )
    webhook_private_networks: str = Field(
        default="", description="networks that webhooks may go to beside the internet, as 10.1.0.0/16; empty for none"
    )
    worker_concurrency: int = Field(default=4, ge=1, le=200, description="jobs that one worker runs at once, 1 to 200")

    token_key: SecretStr | None = Field(
        default=None, description=f"a private Ed25519 key as PEM, made with: {MAKE_A_KEY}"
    )
    token_key_file: Path | None = Field(default=None, description="the path of a file with such a key")
    token_key_former_files: str = Field(
        default="",
        description="paths of files with keys used before, with commas, whose tokens stay good until they expire",
    )
    token_minutes: int = Field(
        default=15,
        ge=1,
        le=1440,
        description="how long an access token is good before it is renewed, 1 to 1440 minutes",
    )
    allowed_origins: str = Field(
        default="",
        description="origins of pages elsewhere that may use the API, exact, with commas: https://app.example",
    )

    public_url: str = Field(
        default="",
        description="where people find us, for links in mails, as https://sales.example; empty for HOST and PORT",
    )
    mail_url: SecretStr | None = Field(
        default=None, description="smtp://user:password@host:587 or smtps://…:465; empty to write mails to the log"
    )
    mail_from: str = Field(default="salesloop@localhost", description="the address that mails come from")

    login_failures_per_email_and_address: int = Field(
        default=10, ge=1, le=1000, description="failed logins of one e-mail address from one client address, 1 to 1000"
    )
    login_failures_per_email: int = Field(
        default=30, ge=1, le=1000, description="failed logins of one e-mail address in the window, 1 to 1000"
    )
    login_failures_per_address: int = Field(
        default=100, ge=1, le=100_000, description="failed logins from one client address in the window, 1 to 100000"
    )
    login_window_seconds: int = Field(
        default=900, ge=1, le=86_400, description="how long a failed login counts, 1 to 86400 seconds"
    )
    trusted_proxies: str = Field(
        default="",
        description="addresses or networks of proxies, with commas, whose X-Forwarded-For is believed; empty for none",
    )

    header_timeout_seconds: float = Field(
        default=10, gt=0, le=300, description="until the headers of a request must be whole, up to 300 seconds"
    )
    body_timeout_seconds: float = Field(
        default=30, gt=0, le=300, description="that the body of a request may pause for, up to 300 seconds"
    )
    request_timeout_seconds: float = Field(
        default=30, gt=0, le=600, description="that a GraphQL request may take, body and answer, up to 600 seconds"
    )
    max_header_bytes: int = Field(
        default=64 * 1024, ge=8 * 1024, le=MEBIBYTE, description="8192 (8 KiB) to 1048576 (1 MiB)"
    )
    max_body_bytes: int = Field(
        default=MEBIBYTE, ge=1024, le=64 * MEBIBYTE, description="1024 (1 KiB) to 67108864 (64 MiB)"
    )
    max_upload_bytes: int = Field(default=1024 * MEBIBYTE, ge=1024, description="bytes, at least 1024")
    upload_quota_bytes: int = Field(
        default=4096 * MEBIBYTE, ge=1024, description="bytes that the files of one user may have, at least 1024"
    )
    files_kept_days: int = Field(default=30, ge=1, le=3650, description="days until a file may go, 1 to 3650")
    idempotency_hours: int = Field(
        default=24, ge=24, le=8760, description="hours that an idempotency key is remembered, 24 to 8760"
    )

    persisted_documents: Path | None = Field(
        default=None, description="a manifest, as graphql-codegen or Apollo's generator writes it"
    )
    persisted_only: bool = Field(default=False, description="true where nothing else is to run")
    persisted_query_days: int = Field(
        default=7, ge=1, le=365, description="days that a document is kept after its last use, 1 to 365"
    )

    max_query_characters: int = Field(default=50_000, ge=1_000, description="of a GraphQL document, at least 1000")
    max_query_tokens: int = Field(default=2_000, ge=100, description="of a GraphQL document, at least 100")
    max_query_depth: int = Field(default=20, ge=3, le=100, description="levels of selections, 3 to 100")
    max_query_nesting: int = Field(default=50, ge=1, le=100, description="fragments within fragments, 1 to 100")
    max_query_aliases: int = Field(default=250, ge=0, description="in a GraphQL document, 0 or more")
    max_query_directives: int = Field(default=100, ge=0, description="in a GraphQL document, 0 or more")
    max_query_values: int = Field(default=20_000, ge=1, description="in the variables of a request, 1 or more")
    max_query_roots: int = Field(default=50, ge=1, description="fields at the top level of an operation, 1 or more")
    max_query_relations: int = Field(default=200, ge=1, description="related records and lists, 1 or more")
    max_query_columns: int = Field(default=2_000, ge=1, description="fields selected in an operation, 1 or more")
    max_query_operators: int = Field(default=500, ge=1, description="conditions in filters, 1 or more")
    max_query_counts: int = Field(default=20, ge=0, description="`totalCount`s, aggregates and groups of an operation")
    max_query_rows: int = Field(
        default=1_000_000, ge=100, description="on all pages of an operation, each within every row around it, from 100"
    )
    max_query_cells: int = Field(
        default=2_000_000, ge=100, description="the cost of an operation at most: its rows times their fields, from 100"
    )
    cost_capacity: int = Field(
        default=2_000_000, ge=1_000, description="what a viewer may spend at once on operations, at least 1000"
    )
    cost_restored_per_second: int = Field(
        default=200_000, ge=1, description="how much of it comes back in a second, 1 or more"
    )
    requests_at_once: int = Field(
        default=8, ge=1, le=500, description="operations of one viewer that a process runs at once, 1 to 500"
    )
    requests_waiting: int = Field(
        default=100, ge=0, le=10_000, description="further ones that wait for their turn, 0 to 10000"
    )

    live_connections: int = Field(
        default=1_000, ge=1, le=100_000, description="sockets and event streams of a process, 1 to 100000"
    )
    live_connections_per_user: int = Field(
        default=20, ge=1, le=10_000, description="of them those of one user, 1 to 10000"
    )
    operations_per_socket: int = Field(
        default=50, ge=1, le=10_000, description="under way on a WebSocket at once, 1 to 10000"
    )
    socket_init_seconds: float = Field(
        default=10, gt=0, le=300, description="until a WebSocket must be initialised, up to 300 seconds"
    )
    live_keepalive_seconds: float = Field(
        default=20, gt=0, le=300, description="between signs of life on a quiet line, up to 300 seconds"
    )
    live_send_seconds: float = Field(
        default=30, gt=0, le=300, description="that a client may take nothing for, up to 300 seconds"
    )
    live_look_seconds: float = Field(
        default=3, gt=0, le=60, description="between looks at the event log where Redis says nothing, up to 60 seconds"
    )
    resume_most_events: int = Field(
        default=10_000, ge=1, le=1_000_000, description="that a subscriber may catch up with, 1 to 1000000"
    )

    @property
    def serves_graphiql(self) -> bool:
        """True where `/graphiql` is answered at all."""
        return self.environment == "development" if self.graphiql is None else self.graphiql

    @property
    def origins(self) -> frozenset[str]:
        """The origins, beside our own, whose pages may use the API."""
        return frozenset(listed(self.allowed_origins))

    @property
    def found_at(self) -> str:
        """Where people find us: PUBLIC_URL, or else the address that we listen on."""
        return self.public_url.rstrip("/") or f"http://{self.host}:{self.port}"

    @property
    def embeds_database(self) -> bool:
        """True where PostgreSQL is ours to start."""
        return not self.database_url

    @property
    def embeds_redis(self) -> bool:
        """True where Valkey is ours to start."""
        return not self.redis_url

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return Path(os.path.abspath(home.expanduser()))

    @field_validator("database_url", "database_listen_url")
    @classmethod
    def _postgresql(cls, url: str) -> str:
        parts = urlsplit(url)
        port_of(parts)
        if url and parts.scheme not in ("postgres", "postgresql"):
            raise ValueError("the scheme must be postgres:// or postgresql://")
        if url and not parts.path.strip("/"):
            raise ValueError("the name of the database is missing")
        if parse_qs(parts.query).get("pooler", [POOLER]) != [POOLER]:
            raise ValueError(f"pooler must be {POOLER}, or left out where there is none")
        return url

    @field_validator("otel_exporter_otlp_endpoint", "public_url")
    @classmethod
    def _http(cls, url: str) -> str:
        if url and (urlsplit(url).scheme not in ("http", "https") or not urlsplit(url).hostname):
            raise ValueError("it must begin with http:// or https:// and name a host")
        return url

    @field_validator("redis_url")
    @classmethod
    def _redis(cls, url: str) -> str:
        if url:
            redis_address(url)
        return url

    @field_validator("mail_url")
    @classmethod
    def _smtp(cls, url: SecretStr | None) -> SecretStr | None:
        parts = urlsplit(url.get_secret_value() if url else "smtp://localhost")
        if parts.scheme not in ("smtp", "smtps") or not parts.hostname:
            raise ValueError("it must begin with smtp:// or smtps:// and name a host")
        return url

    @field_validator("trusted_proxies", "webhook_private_networks")
    @classmethod
    def _networks(cls, networks: str) -> str:
        try:
            return ",".join(str(ip_network(network)) for network in listed(networks))
        except ValueError:
            raise ValueError("not an address, nor a network such as 10.0.0.0/8") from None

    @field_validator("allowed_origins")
    @classmethod
    def _origins(cls, origins: str) -> str:
        for origin in listed(origins):
            parts = urlsplit(origin)
            if (
                f"{parts.scheme}://{parts.netloc}" != origin
                or parts.scheme not in ("http", "https")
                or not parts.netloc
            ):
                raise ValueError(
                    "each must be scheme, host and perhaps port, such as https://app.example; no `*`, no `/`"
                )
        return origins

    @field_validator("token_key", mode="before")
    @classmethod
    def _unfolded(cls, key: object) -> object:
        return key.replace("\\n", "\n") if isinstance(key, str) else key

    @model_validator(mode="after")
    def _one_good_key(self) -> Self:
        if self.token_key and self.token_key_file:
            raise ValueError("TOKEN_KEY and TOKEN_KEY_FILE are both set; unset one of them")
        if not (self.token_key or self.token_key_file or self.embeds_database):
            raise ValueError(f"TOKEN_KEY_FILE: needed beside a DATABASE_URL of your own; make a key with: {MAKE_A_KEY}")
        return self

    @model_validator(mode="after")
    def _something_to_run(self) -> Self:
        if self.persisted_only and not self.persisted_documents:
            raise ValueError("PERSISTED_DOCUMENTS: needed beside PERSISTED_ONLY; name the manifest of what may run")
        return self

    def with_engines(self, database_url: str, redis_url: str, token_key_file: Path | None = None) -> Self:
        """This will give the settings of a process that uses these engines rather than ones of its own."""
        known = {"database_url": database_url, "redis_url": redis_url}
        return self.model_copy(update=known | ({"token_key_file": token_key_file} if token_key_file else {}))

    def variables(self) -> dict[str, str]:
        """This will give the whole environment for a child process that is to read these same settings."""
        own = {
            "SALESLOOP_HOME": str(self.home),
            "HOST": self.host,
            "PORT": str(self.port),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
        }
        if self.token_key_file:
            own["TOKEN_KEY_FILE"] = os.path.abspath(self.token_key_file)
        return {**os.environ, **own}

    def publish(self) -> None:
        """This will make them the settings of processes, and of a `read_settings`, that begin after this."""
        os.environ.update(self.variables())


def read_settings(**chosen: Any) -> Settings:
    """This will read the environment and `.env`; what is chosen (by a command's options) goes before both.

    Raises: SettingsRefused.
    """
    try:
        return Settings(**{name: value for name, value in chosen.items() if value is not None})
    except ValidationError as error:
        raise SettingsRefused([_complaint(each) for each in error.errors(include_url=False)]) from None
    except (OSError, UnicodeDecodeError):
        raise SettingsRefused([".env: cannot be read; make it a readable UTF-8 file, or remove it"]) from None


def _complaint(error: ErrorDetails) -> str:
    reason = error["msg"].removeprefix("Value error, ")
    if not error["loc"]:
        return reason
    variable = str(error["loc"][0])
    return f"{variable}: {reason[:1].lower()}{reason[1:]}; expected: {_expectations()[variable]}"


def _expectations() -> Mapping[str, Any]:
    return {field.alias or name: field.description for name, field in Settings.model_fields.items()}
