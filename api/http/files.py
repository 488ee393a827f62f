"""Files over HTTP: `POST /files?name=…` takes the body in, `GET /files/{id}` gives it back, `DELETE` removes it."""

from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from api.context import Surroundings
from api.http.auth import Doorkeeper
from api.http.bodies import chunks, query_parameters
from api.http.refusals import refused
from domain.files.commands import receive, remove
from domain.files.models import File
from domain.files.queries import find_file, read_chunks
from domain.files.rules import Space
from domain.kernel.ids import public_id, read_id


class FileEndpoint:
    """Takes files in for jobs, gives back what jobs wrote, and removes both; only for those who may see them."""

    def __init__(self, surroundings: Surroundings, doorkeeper: Doorkeeper) -> None:
        self._surroundings = surroundings
        self._doorkeeper = doorkeeper
        settings = surroundings.settings
        self._space = Space(settings.max_upload_bytes, settings.upload_quota_bytes, settings.files_kept_days)

    async def upload(self, request: Request) -> Response:
        """This will store the body as a file and answer with its id."""
        try:
            actor = await self._doorkeeper.actor(request)
            file = await receive(
                query_parameters(request).get("name", ""),
                request.headers.get("content-type", ""),
                chunks(request, self._space.largest),
                by=actor,
                at=self._surroundings.clock(),
                space=self._space,
            )
        except Exception as error:
            return refused(error)
        return JSONResponse({"id": public_id(File.prefix, file.id), "name": file.name, "size": file.size}, 201)

    async def by_id(self, request: Request) -> Response:
        """This will stream a file, or remove it."""
        try:
            actor = await self._doorkeeper.actor(request)
            actor.must_be_known()
            key = read_id(File.prefix, request.path_params["id"])
            if request.method == "DELETE":
                await remove(key, by=actor, at=self._surroundings.clock())
                return Response(status_code=204)
            file = await find_file(key, actor)
        except Exception as error:
            return refused(error)
        return _streamed(file)


def _streamed(file: File) -> Response:
    plain = "".join(
        letter if (letter.isalnum() and letter.isascii()) or letter in "._-" else "_" for letter in file.name
    )
    headers = {"Content-Disposition": f'attachment; filename="{plain}"', "Content-Length": str(file.size)}
    return StreamingResponse(read_chunks(file.id), headers=headers, media_type=file.media_type)
