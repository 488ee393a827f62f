"""Stored documents: which text a request means that sends an id instead, over whichever transport it comes.

An id is one of the manifest, or the SHA-256 of a text that a client told us of before (Apollo's automatic persisted
queries), by `documentId` or by `extensions.persistedQuery`. Only who is signed in may have a text kept, and only one
that is valid; it is found by its digest, so that nobody can put another text in its place.
"""

from collections.abc import Mapping
from typing import Any

from api.graph.documents import LONGEST_KEPT, Documents
from api.graph.manifest import DIGEST
from api.graph.problems import Problem
from domain.kernel.actor import Actor
from runtime.shelf import Shelf, digest_of

NOT_FOUND = "PERSISTED_QUERY_NOT_FOUND"
NOT_FOUND_BY_APOLLO = "PersistedQueryNotFound"
"""The message that makes Apollo's clients send the text as well."""
NOT_IN_LIST = "PERSISTED_QUERY_NOT_IN_LIST"
ID_REQUIRED = "PERSISTED_QUERY_ID_REQUIRED"


class StoredDocuments:
    """The documents that can be asked for by their ids; with `only`, no other ever runs."""

    def __init__(self, documents: Documents, manifest: Mapping[str, str], shelf: Shelf, *, only: bool = False) -> None:
        self._documents = documents
        self._manifest = manifest
        self._shelf = shelf
        self._only = only

    async def text(self, asked: Mapping[str, Any], actor: Actor) -> str:
        """This will give the document that a request asks to run, from its `query`, `documentId` and `extensions`.

        Raises Problem, and Rejected where a text is to be kept that is not valid.
        """
        text, id, digest = asked.get("query") or None, asked.get("documentId"), _digest(asked.get("extensions"))
        if not isinstance(text, str | None) or not isinstance(id, str | None):
            raise Problem("`query` and `documentId` must be strings.", "BAD_REQUEST")
        if text is None:
            return await self._found(id, digest)
        if id is not None:
            raise Problem("Send `query` or `documentId`, not both.", "BAD_REQUEST")
        if self._only:
            raise Problem("Only stored documents run here: send the id of one, and no text.", ID_REQUIRED)
        if digest is not None:
            await self._keep(text, digest, actor)
        return text

    async def close(self) -> None:
        """This will let go of Redis."""
        await self._shelf.close()

    async def _found(self, id: str | None, digest: str | None) -> str:
        name = digest if id is None else id
        if name is None:
            raise Problem("`query` is missing; it holds the GraphQL document.", "BAD_REQUEST")
        text = self._manifest.get(name)
        if text is not None:
            return text
        if self._only:
            raise Problem("No document of the manifest has this id; only these run here.", NOT_IN_LIST)
        is_digest = DIGEST.fullmatch(name)
        text = await self._shelf.find(is_digest[1]) if is_digest else None
        if text is None:
            raise Problem(NOT_FOUND_BY_APOLLO if id is None else "No document is stored under this id.", NOT_FOUND)
        return text

    async def _keep(self, text: str, digest: str, actor: Actor) -> None:
        if len(text) > LONGEST_KEPT:
            return
        if digest != digest_of(text):
            raise Problem("`sha256Hash` is not the SHA-256 of `query`.", "BAD_USER_INPUT")
        if actor.authenticated and digest not in self._manifest:
            self._documents.prepared(text)
            await self._shelf.put(digest, text, str(actor.user_id))


def _digest(extensions: Any) -> str | None:
    """The digest that Apollo's clients send. Raises Problem where it is none."""
    asked = extensions.get("persistedQuery") if isinstance(extensions, dict) else None
    if asked is None:
        return None
    digest = asked.get("sha256Hash") if isinstance(asked, dict) and asked.get("version") == 1 else None
    if not isinstance(digest, str):
        wanted = '{"version": 1, "sha256Hash": "…"}'
        raise Problem(f"`extensions.persistedQuery` must be {wanted}.", "BAD_REQUEST")
    return digest
