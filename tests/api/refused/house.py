"""What the mutations refuse that are about the house itself: coming in, imports."""

from typing import Any

from domain.access.models import User
from domain.files.models import File, FileChunk
from domain.kernel.ids import public_id
from tests.api.refused import ONCE, STAMPS

GOOD: dict[str, dict[str, Any]] = {
    "importStart": {"input": {"kind": "ORDERS", "fileId": "FILE"}},
}
BAD: dict[str, dict[str, Any]] = {
    "importStart": {"input.fileId": "rubbish", **ONCE},
}
NEVER = {"importStart.input.kind", "login.input.email", "login.input.password"}


async def stored() -> dict[str, str]:
    owner = await User.all().first()
    file = await File.create(owner=owner, name="a.csv", media_type="text/csv", size=1, is_complete=True, **STAMPS)
    await FileChunk.create(file=file, position=0, content=b"x")
    return {"FILE": public_id("fil", file.id)}
