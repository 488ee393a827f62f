"""What the mutations refuse that are about the house itself: coming in, imports."""

from typing import Any

from tests.api.refused import ONCE

GOOD: dict[str, dict[str, Any]] = {"importStart": {"input": {"kind": "ORDERS", "fileId": "fil_1"}}}
BAD: dict[str, dict[str, Any]] = {"importStart": {"input.fileId": "rubbish", **ONCE}}
NEVER = {"importStart.input.kind", "login.input.email", "login.input.password"}


async def stored() -> dict[str, str]:
    return {}
