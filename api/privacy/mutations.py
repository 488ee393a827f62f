"""Mutations of privacy: what is held about a person is handed out, and erased."""

from datetime import datetime
from typing import Annotated, Any

import strawberry
from strawberry.types import Info

from api.graph.payloads import UserError, settle, user_errors
from api.graph.scalars import JSON
from domain.kernel.actor import Actor
from domain.kernel.ids import split_id
from domain.privacy import commands

PersonID = Annotated[
    strawberry.ID,
    strawberry.argument(description="Whom it is about: a contact, a lead, or a customer who is a person."),
]


@strawberry.input(description="A person's request to be told what is held about them, or to have it erased.")
class PersonalDataRequestInput:
    reference: str = strawberry.field(
        description="What the request is filed under, 1 to 100 characters, such as a number: it goes into "
        "the audit trail, so name nobody."
    )


RequestInput = Annotated[PersonalDataRequestInput, strawberry.argument(description="Which request it answers.")]


@strawberry.type(description="All that is held about a person, or why it is not told.")
class PersonalDataExportPayload:
    data: JSON | None = strawberry.field(
        description="The records by their kind, named and written as the API has them, with their ids; "
        "null where refused."
    )
    history: JSON | None = strawberry.field(
        description="What the audit trail says of the personal ones, a list in the order of time; null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type(description="How much was erased, or why nothing was.")
class PersonalDataErasePayload:
    record_count: int | None = strawberry.field(
        description="How many records have changed; 0 where all was erased before; null where refused."
    )
    event_count: int | None = strawberry.field(
        description="In how many events of the audit trail values were erased, those that tell of this among them; "
        "null where refused."
    )
    user_errors: list[UserError] = user_errors()


@strawberry.type
class PrivacyMutations:
    @strawberry.mutation(
        description="Gives all that is held about a person, for them to be told (GDPR, article 15) or to take along "
        "(article 20): who they are, what was done with them, bought, offered and said, and how it changed. It is on "
        "record, for which it is a mutation. Needs CUSTOMERS_ERASE over all records."
    )
    async def personal_data_export(self, info: Info, id: PersonID, input: RequestInput) -> PersonalDataExportPayload:
        async def export(by: Actor, at: datetime) -> dict[str, Any]:
            found = await commands.export_personal_data(split_id(id), input.reference, by=by, at=at)
            return {"data": found.records, "history": found.history}

        return await settle(info, export)

    @strawberry.mutation(
        description="Erases what is personal of a person, for good (GDPR, article 17): names become a pseudonym; "
        "addresses, notes, and the words that they and others wrote go, from the audit trail too, whose seals stay "
        "whole. What was bought, promised and measured stays. Needs CUSTOMERS_ERASE over all records."
    )
    async def personal_data_erase(self, info: Info, id: PersonID, input: RequestInput) -> PersonalDataErasePayload:
        async def erase(by: Actor, at: datetime) -> dict[str, Any]:
            keys = info.context.surroundings.token_key.seal_keys
            erased = await commands.erase_personal_data(split_id(id), input.reference, keys=keys, by=by, at=at)
            return {"record_count": erased.records, "event_count": erased.events}

        return await settle(info, erase)
