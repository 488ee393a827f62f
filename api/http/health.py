"""Whether the process lives, and whether it can serve: for supervisors, load balancers and people."""

from starlette.requests import Request
from starlette.responses import JSONResponse
from tortoise.connection import get_connection


async def health(_: Request) -> JSONResponse:
    """This will say that the process answers; it asks nobody else."""
    return JSONResponse({"status": "ok"})


async def ready(_: Request) -> JSONResponse:
    """This will say whether the database answers too: 200 where it does, 503 where it does not."""
    try:
        await get_connection("default").execute_query("SELECT 1")
    except Exception:  # whatever it is, the answer is the same
        return JSONResponse({"status": "unavailable", "waiting_for": "database"}, 503)
    return JSONResponse({"status": "ok"})
