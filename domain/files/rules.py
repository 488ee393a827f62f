"""Law of files: what they may be called and how large they may be."""

import re
from dataclasses import dataclass

from domain.kernel.refusals import Exhausted, Invalid
from domain.kernel.text import clean_text

CHUNK_BYTES = 1024 * 1024
_MEDIA_TYPE = re.compile(r"[\w.+-]{1,50}/[\w.+-]{1,49}", re.ASCII)


class FileTooLarge(Exhausted):
    """The file has more bytes than are kept."""

    def __init__(self, largest: int) -> None:
        super().__init__(f"The file is larger than {largest:,} bytes, and that is all we keep; split it.", "file")


class QuotaUsedUp(Exhausted):
    """The files of the owner would together have more bytes than one may store."""

    def __init__(self, allowed: int) -> None:
        super().__init__(
            f"Your files may have {allowed:,} bytes together, and with this one they have more; remove some first.",
            "file",
        )
        self.allowed = allowed


@dataclass(frozen=True, slots=True)
class Space:
    """What may be stored: the bytes of one file, those of all files of an owner, and the days until a file may go."""

    largest: int
    quota: int
    kept_days: int


def check_name(name: str, *field: str) -> str:
    """This will return the file's name without the folders before it. Raises Invalid where it is empty or over 200."""
    return clean_text(re.split(r"[/\\]", name)[-1], *field, longest=200)


def check_media_type(text: str, *field: str) -> str:
    """This will return the media type in lower case, without parameters. Raises Invalid where it is none."""
    media_type = text.partition(";")[0].strip().lower()
    if not _MEDIA_TYPE.fullmatch(media_type):
        raise Invalid("The media type must be written like text/csv.", *field)
    return media_type
