"""What can be wrong with a request to the graph: each is a GraphQL error with a code that programs can branch on."""

import logging
from typing import Any

import asyncpg
from graphql import GraphQLError

from api.graph.entity import graphql_name
from domain.kernel.ids import new_id
from domain.kernel.refusals import Code, Refusal
from runtime.outages import OUTAGES

log = logging.getLogger("salesloop.graph")
TOP_LEVEL_CODES = {Code.INVALID: "BAD_USER_INPUT"}


class Problem(GraphQLError):
    """An error at the top level of an answer, with its code in `extensions`."""

    def __init__(self, message: str, code: str, **more: Any) -> None:
        super().__init__(message, extensions={"code": code, **more})
        self.code, self.more = code, more


def bad_input(message: str) -> Problem:
    """This will be the error for arguments that fit the schema and still make no sense."""
    return Problem(message, "BAD_USER_INPUT")


def bad_cursor() -> Problem:
    """This will be the error for a cursor that is not ours, or belongs to another ordering."""
    return Problem(
        "The cursor does not belong to this list in this order; start again without one.",
        "BAD_CURSOR",
    )


def of_refusal(refusal: Refusal) -> Problem:
    """This will turn a refusal of the domain into an error at the top level."""
    name = graphql_name(refusal.field[-1]) if refusal.field else "value"
    return Problem(refusal.worded(name), TOP_LEVEL_CODES.get(refusal.code, refusal.code.name))


def of_exception(error: Exception) -> Problem:
    """This will turn anything unexpected into an error that says nothing of our insides; the log has it."""
    if isinstance(error, asyncpg.QueryCanceledError):
        return Problem("This took longer than is allowed; ask for fewer rows or a narrower filter.", "TIMEOUT")
    unsendable = isinstance(error, asyncpg.InterfaceError) and isinstance(error, ValueError)  # asyncpg hides its class
    if unsendable or isinstance(error, asyncpg.DataError | UnicodeEncodeError | OverflowError):
        return Problem(
            "A value cannot be stored or compared: out of range, or text with a NUL character.", "BAD_USER_INPUT"
        )
    if isinstance(error, OUTAGES):
        log.error("cut off from PostgreSQL or Redis (%s: %s)", type(error).__name__, error)
        return Problem("A server that this needs cannot be reached just now; try again in a moment.", "UNAVAILABLE")
    incident = new_id().hex
    log.error("incident %s", incident, exc_info=error)
    return Problem(f"Something went wrong on our side; it is logged as {incident}.", "INTERNAL", incident=incident)
