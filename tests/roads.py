"""Both roads of the engine for one question: the plan of the whole operation, and the executor."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any
from unittest.mock import patch

import orjson
from starlette.applications import Starlette
from starlette.routing import Route

from api.graph.engine import Engine
from api.http.graphql import GraphQLEndpoint
from domain.access.queries import actor_of
from domain.access.tokens import read_token
from domain.kernel.actor import NOBODY, Actor
from domain.kernel.refusals import Unauthenticated

PASSING = {"INTERNAL", "UNAVAILABLE", "TIMEOUT", "COST_EXCEEDED"}
"""Codes of faults that need not happen twice."""


@dataclass(frozen=True)
class Question:
    """What was asked, as whom; `variables` as JSON, so that questions can be told apart."""

    query: str
    operation_name: str | None
    variables: bytes
    actor: Actor


class Roads:
    """Asks an application's engine without HTTP, down either road."""

    def __init__(self, app: Starlette) -> None:
        (endpoint,) = (route.endpoint for route in app.routes if isinstance(route, Route) and route.path == "/graphql")
        assert isinstance(endpoint, GraphQLEndpoint)
        self._surroundings: Any = endpoint._surroundings
        self.engine: Engine = self._surroundings.engine

    async def short(self, question: Question, *, read_only: bool = True) -> dict[str, Any]:
        """The answer down the road that the engine chooses."""
        answer = await self.engine.run(
            question.query,
            operation_name=question.operation_name,
            variables=orjson.loads(question.variables),
            actor=question.actor,
            at=self._surroundings.clock(),
            surroundings=self._surroundings,
            read_only=read_only,
        )
        told: dict[str, Any] = orjson.loads(answer.body)
        told.get("extensions", {}).get("cost", {}).pop("available", None)
        return told

    async def long(self, question: Question, *, read_only: bool = True) -> dict[str, Any]:
        """The answer down the executor's road."""
        with self._courses(whole=False, mutation=None):
            return await self.short(question, read_only=read_only)

    async def in_transactions(self, question: Question, *, read_only: bool = True) -> dict[str, Any]:
        """The answer of a mutation whose record is read by a statement of its own."""
        with self._courses(echoes={}):
            return await self.short(question, read_only=read_only)

    @contextmanager
    def _courses(self, **otherwise: Any) -> Iterator[None]:
        chosen = self.engine._course
        with patch.object(self.engine, "_course", lambda request: replace(chosen(request), **otherwise)):
            yield

    async def question(self, body: Any, token: str | None) -> Question | None:
        """The question of a request to the API; None where there is none in it."""
        if not isinstance(body, dict) or not isinstance(body.get("query"), str):
            return None
        actor = NOBODY
        if token is not None:
            key = self._surroundings.token_key
            try:
                bearer = read_token(token, key, at=self._surroundings.clock())
                actor = await actor_of(bearer.user_id) or NOBODY
            except Unauthenticated:
                return None
        name, variables = body.get("operationName"), body.get("variables") or {}
        return Question(body["query"], name, orjson.dumps(variables), actor) if isinstance(variables, dict) else None

    async def agree(self, question: Question) -> None:
        """Both roads must say the same; what fails by chance is left out."""
        short, long = await self.short(question), await self.long(question)
        codes = {
            error.get("extensions", {}).get("code") for error in [*short.get("errors", []), *long.get("errors", [])]
        }
        if not codes & PASSING:
            assert short == long, question.query
