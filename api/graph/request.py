"""One operation under way: what resolvers get as their context, and where plans of parts of it are found or made."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from graphql import FieldNode, GraphQLObjectType, GraphQLSchema, OperationDefinitionNode
from graphql.execution.values import VariableValues

from api.graph.arguments import Call
from api.graph.budget import Budget
from api.graph.compiler import Compiler
from api.graph.documents import Prepared
from api.graph.limits import Limits
from api.graph.plans import EchoPlan, Kept, Plan
from api.graph.selection import Scope
from domain.kernel.actor import Actor
from runtime.allowance import Standing
from runtime.autocommit import Autocommit

NOT_ASKED = Standing(0, 0, 1)


@dataclass(slots=True)
class Request:
    """One operation: who asks, when, what, and what it has asked for and really read so far."""

    actor: Actor
    at: datetime
    schema: GraphQLSchema
    limits: Limits
    prepared: Prepared
    operation: OperationDefinitionNode
    variables: VariableValues
    plan_shape: tuple[Any, ...]
    autocommit: Autocommit
    address: str = ""
    surroundings: Any = None
    cost: int = 0
    standing: Standing = NOT_ASKED
    """What the viewer had left when the cost of this was taken."""
    budget: Budget = field(init=False)
    actual: int = 0
    texts: dict[str, Any] = field(default_factory=dict)
    """What root fields that ask for entities came to, by response key: text, None or an exception."""
    echoes: Mapping[str, EchoPlan] = field(default_factory=dict)
    """How the records of mutations are read by the statements that store them, by response key."""

    def __post_init__(self) -> None:
        self.budget = Budget(self.limits)

    @property
    def viewer(self) -> str:
        """Who is charged for it: the user, or the network address of a stranger."""
        return str(self.actor.user_id or self.address)

    @property
    def scope(self) -> Scope:
        return Scope(self.schema, self.prepared.fragments, self.variables)

    def roots(self) -> dict[str, list[FieldNode]]:
        """This will collect the fields at the top level, by response key. Raises TooLarge where they are too many."""
        kind = self.schema.get_root_type(self.operation.operation)
        selected = self.scope.collect(cast(GraphQLObjectType, kind), [self.operation.selection_set])
        self.budget.charge("roots", len(selected))
        return selected

    def call(self, key: Any = None) -> Call:
        return Call(self.variables.coerced, self.actor, key)

    def place(self, place: Any) -> Any:
        """This will give the key of the plan for a place in the document."""
        return (self.prepared.number, place, self.plan_shape)

    def plan(self, place: Any, compile: Callable[[Compiler], str]) -> Plan:
        """This will find the plan of a place in the document, or compile it. Raises Problem where it costs too much."""
        key = self.place(place)
        plan = self.prepared.plans.find(key)
        if plan is not None:
            self.budget.charge_all(plan.cost)
            return plan
        before = self.budget.copy()
        compiler = self.compiler()
        plan = Plan(compile(compiler), tuple(compiler.statement.binds), self.budget.since(before))
        self.keep(key, plan)
        return plan

    def keep(self, key: Any, plan: Kept) -> None:
        """This will keep a plan of a place in the document, as long as the document is kept and there is room."""
        self.prepared.plans.keep(key, plan, tokens=self.prepared.document.token_count)

    def compiler(self) -> Compiler:
        """This will begin a statement that spends the budget of the operation."""
        return Compiler(self.scope, self.actor, self.budget)
