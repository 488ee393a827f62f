"""A real server as a process for the clients of this folder, and Node to run their stories."""

import asyncio
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bench.node import NODE, workshop
from bench.processes import REPOSITORY, answers, free_port, running
from runtime.database import connected
from runtime.embedded import Running
from tests.clients.environments import environment_of
from tests.conftest import fresh_database
from tests.graph import PEM, token_for
from tests.people import a_colleague

FOLDER = Path(__file__).parent
STORY_SECONDS = 20


@dataclass(frozen=True, slots=True)
class Server:
    """A server that runs in an environment of its own, and what a client of it must know."""

    port: int
    token: str
    own: Mapping[str, str] = field(repr=False)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "GRAPH_PORT": str(self.port), "GRAPH_TOKEN": self.token, "NO_COLOR": "1"}


@pytest.fixture(scope="session")
def clients_database(engines: Running, template: str) -> Iterator[str]:
    """The URL of a database for all the clients."""
    with fresh_database(engines, template, "clients") as url:
        yield url


@pytest.fixture(scope="session")
def token(clients_database: str) -> str:
    return asyncio.run(token_of(clients_database))


Serve = Callable[..., AbstractContextManager[Server]]


@pytest.fixture(scope="session")
def serve(engines: Running, clients_database: str, token: str, tmp_path_factory: pytest.TempPathFactory) -> Serve:
    """Runs the API as `salesloop serve` does, for the length of a block, with more settings if need be."""

    @contextmanager
    def serve(**settings: str) -> Iterator[Server]:
        port = free_port()
        environment = {
            **os.environ,
            "SALESLOOP_HOME": str(tmp_path_factory.mktemp("home")),
            "HOST": "127.0.0.1",
            "PORT": str(port),
            "DATABASE_URL": clients_database,
            "REDIS_URL": engines.redis_url,
            "TOKEN_KEY": PEM,
            **settings,
        }
        with running(["-m", "cli", "serve"], environment, port=port, ready=answers):
            yield Server(port, token, environment)

    return serve


@pytest.fixture(scope="session")
def server(serve: Serve) -> Iterator[Server]:
    with serve() as server:
        yield server


@pytest.fixture(scope="session")
def place() -> Iterator[Path]:
    """A copy of the stories beside their packages and the schema; what tools write there is thrown away."""
    with workshop(FOLDER) as place:
        (place / "schema.graphql").symlink_to(REPOSITORY / "schema.graphql")
        yield place


Tool = Callable[..., str]


@pytest.fixture(scope="session")
def tool(place: Path, server: Server) -> Tool:
    """Runs a script by Node among the stories; gives what it prints, and fails with all of that where it fails."""

    def run(script: str, *arguments: str) -> str:
        return said([NODE, script, *arguments], place, server)

    return run


Story = Callable[[str], dict[str, Any]]


@pytest.fixture
def story(tool: Tool) -> Story:
    """Runs a story, and gives its report."""

    def tell(script: str) -> dict[str, Any]:
        report: dict[str, Any] = json.loads(tool(script).splitlines()[-1])
        return report

    return tell


Python = Callable[..., str]


@pytest.fixture(scope="session")
def python(place: Path, server: Server) -> Python:
    """Runs ariadne-codegen's interpreter among its stories; gives what it prints, and fails with that where it fails."""
    own = environment_of(FOLDER / "ariadne" / "requirements.lock")

    def run(*arguments: str) -> str:
        return said([own, *arguments], place / "ariadne", server)

    return run


def said(command: list[str | Path], folder: Path, server: Server) -> str:
    done = subprocess.run(
        command,
        cwd=folder,
        env=server.environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=STORY_SECONDS,
        check=False,
    )
    assert done.returncode == 0, f"{command} failed:\n{done.stdout}\n{done.stderr}"
    return done.stdout


async def token_of(url: str) -> str:
    async with connected(url):
        return await token_for(await a_colleague("carla@example.org", "Carla"))
