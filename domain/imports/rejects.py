"""The rejects of an import, kept as a file for whoever asked for it."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from datetime import datetime

from domain.files.commands import Draft, writing
from domain.files.models import File
from domain.intake.rejects import HEADER, as_csv
from domain.intake.rows import Reject
from domain.kernel.actor import Actor

LARGEST = 64 * 1024 * 1024
THE_REST = b",,There are more rejects than are listed; mend these and import the file again.,\r\n"


class KeptRejects:
    """A file of rejects that is begun with the first one, and ends with a remark where it would grow beyond LARGEST."""

    def __init__(self, stack: AsyncExitStack, imported: File, *, by: Actor, at: datetime) -> None:
        self._stack = stack
        self._name = f"{imported.name[:180]}.rejects.csv"
        self._by = by
        self._at = at
        self._draft: Draft | None = None
        self._full = False

    @property
    def file(self) -> File | None:
        """The file, once there is a reject."""
        return self._draft.file if self._draft else None

    async def take(self, rejects: Sequence[Reject]) -> None:
        """This will append rejects."""
        if self._draft is None:
            draft = writing(self._name, "text/csv", by=self._by, at=self._at, largest=LARGEST + len(THE_REST))
            self._draft = await self._stack.enter_async_context(draft)
            await self._draft.write(HEADER)
        if self._full:
            return
        text = as_csv(rejects)
        self._full = self._draft.file.size + len(text) > LARGEST
        await self._draft.write(THE_REST if self._full else text)
