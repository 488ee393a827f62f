"""Starting imports of uploaded files."""

from typing import Annotated

import strawberry
from strawberry.types import Info

from api.graph.enums import word_enum
from api.graph.payloads import IdempotencyKey, UserError, settle, user_errors
from api.jobs.types import Job
from domain.files.models import File as FileRow
from domain.imports.commands import start_import
from domain.imports.rules import ImportKind
from domain.kernel.ids import read_id

word_enum(
    ImportKind,
    "ImportKind",
    "What the rows of a file are.",
    CUSTOMERS="Customers, found again by `external_id`.",
    PRODUCTS="Products, found again by `sku`.",
    ORDERS="Orders with their lines, found again by `external_id`; in CSV a row is a line of an order.",
    FEEDBACK="Feedback items, found again by `external_id`.",
)


@strawberry.input(description="Which file to import, and what its rows are.")
class ImportStartInput:
    kind: ImportKind = strawberry.field(description="What the rows of the file are.")
    file_id: strawberry.ID = strawberry.field(
        description="The id that `POST /files?name=…` answered with; CSV or JSON Lines in UTF-8."
    )


@strawberry.type(description="The job that imports the file, or why there is none.")
class ImportStartPayload:
    job: Job | None = strawberry.field(description="The job under way; its result counts rows and names the rejects.")
    user_errors: list[UserError] = user_errors()


@strawberry.type
class ImportMutations:
    @strawberry.mutation(description="Starts importing an uploaded file; good rows are taken in, bad ones handed back.")
    async def import_start(
        self,
        info: Info,
        input: Annotated[ImportStartInput, strawberry.argument(description="Which file, and what it holds.")],
        idempotency_key: IdempotencyKey = None,
    ) -> ImportStartPayload:
        key = read_id(FileRow.prefix, input.file_id)
        return await settle(
            info, lambda by, at: start_import(input.kind, key, by=by, at=at), idempotency_key=idempotency_key
        )
