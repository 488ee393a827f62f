"""Running operations: by the plan of the whole operation where every root field compiles, else by the executor.

Both roads read the fields that ask for entities by the same plan, in one statement. The short road splices the texts;
the executor's resolvers hand them over as `orjson.Fragment`, which it lets pass untouched. A mutation by itself whose
payload is a record and the errors is put together without the executor too (`mutating.py`).

Before anything is read or done, an operation is measured, and its cost is taken out of the viewer's allowance; what it
did not use is given back.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from graphql import (
    GraphQLSchema,
    OperationDefinitionNode,
    OperationType,
    get_variable_values,
)
from graphql.execution.values import VariableValues

from api.graph.answers import Answer, content_of, cost_of, refused
from api.graph.budget import refuse_many_values
from api.graph.course import Course, course_of, spliced
from api.graph.documents import Documents, Rejected
from api.graph.executor import attach, execute
from api.graph.input_values import quicken
from api.graph.limits import Limits
from api.graph.mutating import mutated
from api.graph.plans import shape
from api.graph.problems import Problem
from api.graph.reading import read
from api.graph.request import Request
from api.graph.strangers import is_open, to_sign_in
from domain.kernel.actor import Actor
from runtime.allowance import Allowance, Spent
from runtime.autocommit import Autocommit
from runtime.turns import Crowded, Turns

NO_VARIABLES = VariableValues({}, {})
OPERATION = "operation"


class Engine:
    """A schema ready to run: documents and plans are kept here, one engine to a process.

    With `secret`, strangers learn nothing of the schema: no introspection, and not why a document does not fit it.
    """

    def __init__(
        self,
        schema: GraphQLSchema,
        *,
        limits: Limits,
        allowance: Allowance,
        turns: Turns,
        autocommit: Autocommit,
        secret: bool = False,
    ) -> None:
        self.schema = schema
        self.limits = limits
        self.allowance = allowance
        self.autocommit = autocommit
        self.documents = Documents(schema, limits)
        self._turns = turns
        self._secret = secret
        attach(schema)
        quicken(schema)

    async def run(
        self,
        text: str,
        *,
        operation_name: str | None,
        variables: Mapping[str, Any],
        actor: Actor,
        at: datetime,
        address: str = "",
        surroundings: Any = None,
        read_only: bool = False,
    ) -> Answer:
        """This will run a request and answer it; it never raises for what a client can cause."""
        try:
            request = self.opened(
                text,
                operation_name=operation_name,
                variables=variables,
                actor=actor,
                at=at,
                address=address,
                surroundings=surroundings,
            )
            if read_only and request.operation.operation is not OperationType.QUERY:
                raise Problem("Only queries may be sent by GET; send this by POST.", "METHOD_NOT_ALLOWED")
            course = self._course(request)
            async with self._turns.turn(request.viewer):
                await self._admit(request, course.cost)
                content = await self._content(request, course)
        except Crowded:
            crowded = Problem(
                "Too many of your requests wait already; send fewer at once.", "TOO_MANY_REQUESTS", retryAfter=1
            )
            return refused([crowded], crowded.code)
        except Rejected as rejected:
            return refused(rejected.errors, rejected.code)
        except Problem as problem:
            return refused([problem], problem.code)
        actual = course.fixed + request.actual
        standing = self.allowance.settle(request.viewer, course.cost, actual)
        return Answer(content, cost_of(course.cost, actual, standing))

    def opened(
        self,
        text: str,
        *,
        operation_name: str | None,
        variables: Mapping[str, Any],
        actor: Actor,
        at: datetime,
        address: str = "",
        surroundings: Any = None,
    ) -> Request:
        """This will prepare an operation: parsed, valid, chosen, its variables coerced. Raises Rejected and Problem."""
        try:
            prepared = self.documents.prepared(text, keep=actor.authenticated)
            if not self._tells(actor) and not is_open(
                self.schema, list(prepared.operations.values()), prepared.fragments
            ):
                raise to_sign_in()
            operation = prepared.operation(operation_name)
            values = self._variables(operation, variables)
        except Rejected as rejected:
            if rejected.reveals and not self._tells(actor):
                raise to_sign_in() from None
            raise
        name = operation.name.value if operation.name else ""
        plan_shape = (
            name,
            shape(values.coerced, prepared.decisive),
            actor.authenticated,
            actor.grants,
            actor.sight.shape,
        )
        return Request(
            actor, at, self.schema, self.limits, prepared, operation, values, plan_shape,
            self.autocommit, address=address, surroundings=surroundings,
        )  # fmt: skip

    def _tells(self, actor: Actor) -> bool:
        """Whether somebody may learn of the schema."""
        return actor.authenticated or not self._secret

    def _variables(self, operation: OperationDefinitionNode, given: Mapping[str, Any]) -> VariableValues:
        if not operation.variable_definitions:
            return NO_VARIABLES
        refuse_many_values(given, self.limits.values)
        values = get_variable_values(self.schema, operation.variable_definitions, dict(given), max_errors=20)
        if isinstance(values, list):
            raise Rejected(values, "BAD_USER_INPUT", reveals=True)
        return values

    def _course(self, request: Request) -> Course:
        """This will find or make the course of an operation. Raises Refused where it is not to be run at all."""
        key = request.place(OPERATION)
        course: Course | None = request.prepared.plans.find(key)
        if course is None:
            course, faults = course_of(request)
            if request.actor.authenticated and not faults:
                request.keep(key, course)
            request.texts |= faults
        return course

    async def _admit(self, request: Request, cost: int) -> None:
        request.cost = cost
        try:
            request.standing = await self.allowance.take(request.viewer, cost)
        except Spent as spent:
            raise Problem(
                f"This costs {cost:,}, and {spent.available:,} are left; try again in {spent.retry_after_seconds} s, "
                "or ask for smaller pages.",
                "COST_EXCEEDED",
                requested=cost,
                available=spent.available,
                restoreRate=self.allowance.restore_rate,
                retryAfter=spent.retry_after_seconds,
            ) from None

    async def _content(self, request: Request, course: Course) -> bytes:
        if course.plan.keys:
            await read(request, course.plan, course.selected)
        if course.whole:
            return spliced(request, course)
        request.echoes = course.echoes
        if course.mutation:
            return await mutated(request, course.mutation)
        done = await execute(request, hide_suggestions=not self._tells(request.actor))
        return content_of(done.data, done.errors or [], executed=True)
