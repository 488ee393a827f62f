"""The least that can answer: one statement, known beforehand, through bare Starlette and asyncpg.

What our API takes more than this is what a hit of a kept plan adds: the token, the request, its plan and its limits.
"""

import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from runtime.database import credentials_of
from runtime.settings import read_settings


def create() -> Starlette:
    """This will make the application that runs the statement of the file BENCH_STATEMENT; uvicorn calls it."""
    given = json.loads(Path(os.environ["BENCH_STATEMENT"]).read_text())
    settings = read_settings()
    pool: asyncpg.Pool

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        nonlocal pool
        credentials = credentials_of(settings.database_url)
        async with asyncpg.create_pool(min_size=1, max_size=settings.database_pool_size, **credentials) as pool:
            yield

    async def answer(request: Request) -> Response:
        await request.body()
        value = await pool.fetchval(given["sql"], *given["values"])
        return Response(f'{{"data":{{"{given["key"]}":{value}}}}}', media_type="application/json")

    async def health(_: Request) -> Response:
        return PlainTextResponse("ok")

    routes = [Route("/graphql", answer, methods=["POST"]), Route("/health", health)]
    return Starlette(routes=routes, lifespan=lifespan)
