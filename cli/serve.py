"""`salesloop serve`: the API, in one process or several."""

from typing import TYPE_CHECKING, Annotated

import typer

from cli.plainly import plainly

if TYPE_CHECKING:
    from runtime.settings import Settings

KEEP_ALIVE_SECONDS = 15
GRACE_SECONDS = 10
GRACE_SECONDS_SUPERVISED = 3


def serve(
    host: Annotated[str | None, typer.Option(help="The address to listen on (HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="The TCP port (PORT).")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that answer.")] = 1,
    supervised: Annotated[bool, typer.Option(hidden=True)] = False,
) -> None:
    """Serve the API."""
    from runtime.embedded import attach
    from runtime.lifeline import leave_with_supervisor
    from runtime.settings import read_settings
    from runtime.telemetry import configure_logging
    from runtime.token_key import key_file, signing_key

    with plainly():
        settings = read_settings(host=host, port=port)
        signing_key(settings)
        configure_logging(settings)
        if supervised:
            leave_with_supervisor()
        with attach(settings, "serve") as running:
            settings = settings.with_engines(running.database_url, running.redis_url, key_file(settings))
            settings.publish()
            if workers > 1 and settings.persisted_documents:
                _refuse_a_bad_manifest(settings)
            _listen(settings, workers, GRACE_SECONDS_SUPERVISED if supervised else GRACE_SECONDS)


def _refuse_a_bad_manifest(settings: "Settings") -> None:
    """It is told once, and not by every process that would begin with it. Raises ManifestRefused."""
    from api.asgi import application

    application(settings)


def _listen(settings: "Settings", workers: int, grace_seconds: int) -> None:
    import uvicorn

    from runtime.http_timeouts import TimedHttp
    from runtime.ports import require_free

    require_free(settings.host, settings.port)
    typer.echo(f"Listening on {settings.host}:{settings.port}")
    uvicorn.run(
        "api.asgi:create",
        factory=True,
        host=settings.host,
        port=settings.port,
        workers=workers,
        http=TimedHttp,
        ws="websockets-sansio",
        ws_max_size=settings.max_body_bytes,
        ws_ping_interval=settings.live_keepalive_seconds,
        ws_ping_timeout=settings.live_keepalive_seconds,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=grace_seconds,
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.trusted_proxies),
        forwarded_allow_ips=settings.trusted_proxies,
    )
