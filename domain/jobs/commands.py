"""Verbs of jobs."""

from typing import Any


async def start_job(*args: Any, **more: Any) -> Any: ...
