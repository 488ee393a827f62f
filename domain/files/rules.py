"""Law of files: what one may be called and hold."""

import re

from domain.kernel.refusals import Exhausted, Invalid
from domain.kernel.text import clean_text

CHUNK_BYTES = 1024 * 1024
MEDIA_TYPES = ("text/csv", "application/x-ndjson", "application/jsonl", "application/octet-stream")


class FileTooLarge(Exhausted):
    """The file is larger than this house takes."""

    def __init__(self, largest: int) -> None:
        super().__init__(f"The file is over {largest} bytes, the most that is taken; split it.", "file")


def check_name(name: str, *field: str) -> str:
    """This will return the name of a file, 1 to 200 characters without folders or control characters. Raises Invalid."""
    name = clean_text(name, *field, longest=200)
    if re.search(r"[/\\\x00-\x1f\x7f]", name) or name in (".", ".."):
        raise Invalid("name must be that of a file alone, without folders or control characters.", *field)
    return name


def check_media_type(media_type: str, *field: str) -> str:
    """This will return the media type, without parameters. Raises Invalid for one that we do not take."""
    kind = media_type.partition(";")[0].strip().lower()
    if kind not in MEDIA_TYPES:
        raise Invalid(f"The content type must be one of {', '.join(MEDIA_TYPES)}.", *field)
    return kind
