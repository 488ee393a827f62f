"""How a subscription is declared: a few lines in each context, of which the arguments are derived.

`happenings(topics…)` is fed by the event log and gives a type of events, in which `subject` marks the record that an
event is about. `timeline(topics)` gives all of them. `changes` follows one record of which the log does not tell.
"""

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.annotation import StrawberryAnnotation
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

Ends = Callable[[UUID], Awaitable[bool]]


class SubscriptionField(StrawberryField):
    """A root field of the subscription; it is never resolved in Python."""

    def __init__(self, description: str, given: tuple[tuple[str, Any, str], ...]) -> None:
        super().__init__(description=description, is_subscription=True)
        self.given = given

    @property
    def arguments(self) -> list[StrawberryArgument]:
        return [
            StrawberryArgument(
                python_name=name,
                graphql_name=None,
                type_annotation=StrawberryAnnotation(annotation),
                description=description,
            )
            for name, annotation, description in self.given
        ]

    @arguments.setter
    def arguments(self, value: list[StrawberryArgument]) -> None:
        raise AttributeError("the arguments of a subscription are derived")


class EventsField(SubscriptionField):
    """A root field that tells of events: those of its topics, or of any that another field has."""

    topics: tuple[Enum, ...] = ()


class ChangesField(SubscriptionField):
    """A root field that follows one record until it has ended."""

    ends: Ends


_AFTER = ("after", str | None, "The id of the last event you have: what happened since comes first. Else from now on.")


def happenings(*topics: Enum, description: str) -> Any:
    """This will make the root field for events of these topics; annotate it with their type."""
    which = ("id", strawberry.ID | None, "Only events of this record; unknown and hidden ids are NOT_FOUND.")
    field = EventsField(description, (which, _AFTER))
    field.topics = topics
    return field


def timeline(topics: type[Enum], *, description: str) -> Any:
    """This will make the root field for all events, or those that the client chooses; annotate it with `Event`."""
    chosen: Any = list.__class_getitem__(topics)
    which = ("topics", chosen | None, "Only events of these topics.")
    subject = ("subject", strawberry.ID | None, "Only events of this record; unknown and hidden ids are NOT_FOUND.")
    return EventsField(description, (which, subject, _AFTER))


def changes(*, ends: Ends, description: str) -> Any:
    """This will make the root field that follows one record; annotate it with the record's type."""
    field = ChangesField(description, (("id", strawberry.ID, "Which one; unknown and hidden ids are NOT_FOUND."),))
    field.ends = ends
    return field


def subject(description: str) -> Any:
    """This will make the field for the record that an event is about."""
    return strawberry.field(description=description)
