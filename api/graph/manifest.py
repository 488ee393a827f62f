"""Manifests: the documents that clients were built with, by the ids that they send instead of the texts.

Two forms are read: an object of ids and texts, as graphql-codegen and Relay write it, and the form of Apollo's
generate-persisted-query-manifest. All is checked when the process begins, so that no client finds it out first.
"""

import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import orjson

from api.graph.documents import Documents, Rejected
from runtime.refusal import CannotRun
from runtime.shelf import digest_of

APOLLO = "apollo-persisted-query-manifest"
DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{64})")
OPERATION = re.compile(r"\b(?:query|mutation|subscription)\s+\w+")
FORMS = f'{{"<id>": "<text>", …}} as graphql-codegen writes it, or version 1 of {APOLLO}'
MOST_FAULTS = 20


class ManifestRefused(CannotRun):
    """The manifest cannot be used as it is: one line for each document at fault."""

    exit_code = 2

    def __init__(self, path: Path, faults: list[str]) -> None:
        super().__init__("\n".join(f"PERSISTED_DOCUMENTS: {path}: {fault}" for fault in faults[:MOST_FAULTS]))


def read_manifest(path: Path, documents: Documents) -> dict[str, str]:
    """This will give the texts by all of their ids, each prepared for good. Raises ManifestRefused."""
    texts, faults = _texts(path), []
    for id, text in texts.items():
        if (digest := DIGEST.fullmatch(id)) and digest[1] != digest_of(text):
            faults.append(f"{_named(id, text)}: the id is not the SHA-256 of the text; make the manifest anew")
            continue
        try:
            documents.prepare_for_good(text)
        except Rejected as rejected:
            remedy = "make the manifest anew from the schema that this version serves"
            faults.append(f"{_named(id, text)}: {rejected.errors[0].message} ({remedy})")
    if faults:
        raise ManifestRefused(path, faults)
    return {name: text for id, text in texts.items() for name in _names(id)}


def _texts(path: Path) -> dict[str, str]:
    try:
        manifest = orjson.loads(path.read_bytes())
    except OSError as error:
        raise ManifestRefused(path, [f"cannot be read ({error.strerror}); name a file that can"]) from None
    except orjson.JSONDecodeError as error:
        raise ManifestRefused(path, [f"is not JSON ({error}); make it anew"]) from None
    texts: dict[str, str] = {}
    for id, text in _pairs(manifest):
        if not isinstance(id, str) or not isinstance(text, str):
            raise ManifestRefused(path, [f"is no manifest; expected: {FORMS}"])
        texts[id] = text
    return texts


def _pairs(manifest: Any) -> Iterable[tuple[Any, Any]]:
    """The ids and texts of a manifest; something that is neither where it is none."""
    if not isinstance(manifest, dict):
        return [(None, None)]
    if manifest.get("format") != APOLLO:
        return manifest.items()
    operations = manifest.get("operations")
    if manifest.get("version") != 1 or not isinstance(operations, list):
        return [(None, None)]
    return [(each.get("id"), each.get("body")) if isinstance(each, dict) else (None, None) for each in operations]


def _names(id: str) -> tuple[str, ...]:
    """A SHA-256 is known with its prefix and without, as clients write both."""
    digest = DIGEST.fullmatch(id)
    return (digest[1], f"sha256:{digest[1]}") if digest else (id,)


def _named(id: str, text: str) -> str:
    operation = OPERATION.search(text)
    return f"{operation[0]} ({id})" if operation else id
