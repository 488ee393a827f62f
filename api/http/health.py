"""Whether the process lives, and whether it can serve: for supervisors, load balancers and people."""

from starlette.requests import Request
from starlette.responses import JSONResponse

from runtime.database import answers


async def health(_: Request) -> JSONResponse:
    """This will say that the process answers; it asks nobody else."""
    return JSONResponse({"status": "ok"})


async def ready(_: Request) -> JSONResponse:
    """This will say whether the database answers too: 200 where it does, 503 where it does not."""
    if await answers():
        return JSONResponse({"status": "ok"})
    return JSONResponse({"status": "unavailable", "waiting_for": "database"}, 503)
