"""Files over HTTP: `POST /files?name=…` takes one in as the raw body, `GET /files/{id}` gives it back in a stream."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.context import Surroundings
from api.graph.problems import of_exception, of_refusal
from api.http.auth import Doorkeeper
from api.http.bodies import BadRequest, chunks
from domain.files.commands import receive
from domain.files.models import File
from domain.files.queries import find_file, read_chunks
from domain.files.rules import FileTooLarge
from domain.kernel.ids import public_id, read_id
from domain.kernel.refusals import Forbidden, NotFound, Refusal, Unauthenticated

STATUS: dict[type[Refusal], int] = {Unauthenticated: 401, Forbidden: 403, NotFound: 404, FileTooLarge: 413}


class FileEndpoint:
    """Takes files in for jobs, and gives back what jobs wrote; only to those who may see them."""

    def __init__(self, surroundings: Surroundings, doorkeeper: Doorkeeper) -> None:
        self._surroundings = surroundings
        self._doorkeeper = doorkeeper

    async def upload(self, request: Request) -> Response:
        """This will store the body as a file and answer with its id."""
        largest = self._surroundings.settings.max_upload_bytes
        try:
            actor = await self._doorkeeper.actor(request)
            file = await receive(
                request.query_params.get("name", ""),
                request.headers.get("content-type", ""),
                chunks(request, largest),
                by=actor,
                at=self._surroundings.clock(),
                largest=largest,
            )
        except Exception as error:
            return _refused(error)
        return JSONResponse({"id": public_id(File.prefix, file.id), "name": file.name, "size": file.size}, 201)

    async def download(self, request: Request) -> Response:
        """This will stream a file."""
        try:
            actor = await self._doorkeeper.actor(request)
            actor.must_be_known()
            file = await find_file(read_id(File.prefix, request.path_params["id"]), actor)
        except Exception as error:
            return _refused(error)
        plain = "".join(
            letter if (letter.isalnum() and letter.isascii()) or letter in "._-" else "_" for letter in file.name
        )
        headers = {"Content-Disposition": f'attachment; filename="{plain}"', "Content-Length": str(file.size)}
        return StreamingResponse(read_chunks(file.id), headers=headers, media_type=file.media_type)


def _refused(error: Exception) -> Response:
    if isinstance(error, BadRequest):
        return _problem(error.status, error.code, error.message)
    if isinstance(error, Refusal):
        return _problem(STATUS.get(type(error), 400), of_refusal(error).code, error.message)
    problem = of_exception(error)
    return _problem(500 if problem.code == "INTERNAL" else 503, problem.code, problem.message)


def _problem(status: int, code: str, message: str) -> Response:
    headers = {"WWW-Authenticate": "Bearer"} if status == 401 else None
    return JSONResponse({"errors": [{"message": message, "extensions": {"code": code}}]}, status, headers)
