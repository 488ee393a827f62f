"""`salesloop up`: everything in one terminal, from an empty folder to a working API; Ctrl-C stops it in order."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.plainly import plainly

if TYPE_CHECKING:
    from runtime.embedded import Running
    from runtime.settings import Settings

QUERY = '{"query": "{ feedbackThemes(first: 5) { nodes { label itemCount meanSentiment } } }"}'


def up(
    host: Annotated[str | None, typer.Option(help="The address to listen on (HOST).")] = None,
    port: Annotated[int | None, typer.Option(help="The TCP port (PORT).")] = None,
    demo: Annotated[bool, typer.Option(help="Load the demo into an empty database.")] = True,
) -> None:
    """Start PostgreSQL, Valkey, the API and a worker."""
    from runtime.embedded import engines
    from runtime.interrupts import interruptible
    from runtime.ports import require_free
    from runtime.settings import read_settings
    from runtime.token_key import key_file, signing_key

    with plainly(), interruptible(), _until_interrupted():
        settings = read_settings(host=host, port=port)
        require_free(settings.host, settings.port)
        _tell(settings)
        with engines(settings) as running:
            signing_key(settings)
            settings = settings.with_engines(running.database_url, running.redis_url, key_file(settings))
            _prepare(settings, demo)
            _supervise(settings, running, demo)
    typer.echo("Stopped.")


@contextmanager
def _until_interrupted() -> Iterator[None]:
    """Ctrl-C is how one ends this: no failure."""
    try:
        yield
    except KeyboardInterrupt:
        typer.echo("Stopped.")
        raise typer.Exit(0) from None


def _tell(settings: "Settings") -> None:
    if settings.embeds_database:
        typer.echo(f"Starting; everything is kept in {settings.home}")


def _prepare(settings: "Settings", demo: bool) -> None:
    """Migrations always; the demo only into a database without one, which `load_into` sees for itself."""
    import asyncio

    from runtime.database import migrate
    from runtime.probes import probe_database, probe_redis

    asyncio.run(probe_database(settings.database_url))
    asyncio.run(probe_redis(settings.redis_url))
    if applied := asyncio.run(migrate(settings.database_url)):
        typer.echo(f"Migrated the database: {len(applied)} applied")
    if demo:
        from cli.demo.command import load_into

        asyncio.run(load_into(settings.database_url, typer.echo))


def _supervise(settings: "Settings", running: "Running", demo: bool) -> None:
    from runtime.ports import answers_health
    from runtime.supervisor import Child, Supervisor

    salesloop = [sys.executable, "-P", "-m", "cli"]
    children = [
        Child("api", [*salesloop, "serve", "--supervised"], lambda: answers_health(settings.host, settings.port)),
        Child("worker", [*salesloop, "work", "--supervised"]),
    ]
    try:
        Supervisor(children, running.owned, settings.variables()).run(lambda: _welcome(settings, demo))
    except KeyboardInterrupt:
        for engine in running.owned:
            engine.kill()
        raise typer.Exit(130) from None


def _welcome(settings: "Settings", demo: bool) -> None:
    from runtime.ports import reachable

    base = f"http://{reachable(settings.host)}:{settings.port}"
    typer.echo("\n".join(["", *_lines(base, settings, demo), ""]))


def _lines(base: str, settings: "Settings", demo: bool) -> Iterator[str]:
    yield f"  Look      {base}/   (sign in and try a query)"
    if settings.serves_graphiql:
        yield f"  GraphiQL  {base}/graphiql   (examples to run and change)"
    yield f"  GraphQL   {base}/graphql"
    if demo:
        from cli.demo import ADMIN_EMAIL, ADMIN_PASSWORD

        yield f"  Sign in   {ADMIN_EMAIL} / {ADMIN_PASSWORD}   (the demo's administrator)"
        yield "            seller.01@…, manager.north@…, service@…, auditor@… by the same password see less"
    yield f"  Token     {_salesloop()} token"
    yield f"  Try       curl -s {base}/graphql -H 'Content-Type: application/json' \\"
    yield f"              -H \"Authorization: Bearer $({_salesloop()} token)\" -d '{QUERY}'"
    if settings.home.exists():
        yield f"  Kept in   {settings.home}"
    yield "  Stop      Ctrl-C"


def _salesloop() -> str:
    """How to call this program from the same folder."""
    program = Path(sys.argv[0])
    return str(program) if program.name == "salesloop" else "salesloop"
