"""Caching: which answers a client may keep, and how it asks whether they are still the same.

An answer is for who asked, and for the moment: nobody is to keep it. Only what a query gave that was sent by GET and by
its id may be kept, by its client alone, who asks each time whether it may be shown again. The tag is over the data, and
is weak, for the cost in the answer is another each time. What is spared is the transfer: the query runs all the same.
"""

import hashlib

from starlette.requests import Request

NOT_KEPT = {"Cache-Control": "no-store"}
ASKING_EACH_TIME = {"Cache-Control": "private, no-cache", "Vary": "Accept, Authorization"}


def validators(content: bytes) -> dict[str, str]:
    """This will be the headers of an answer that may be kept."""
    return {"ETag": f'W/"{hashlib.blake2b(content, digest_size=16).hexdigest()}"', **ASKING_EACH_TIME}


def has_it(request: Request, validators: dict[str, str]) -> bool:
    """This will say whether the client has this answer already, by the tags that it sends."""
    known = {
        tag.strip().removeprefix("W/") for line in request.headers.getlist("if-none-match") for tag in line.split(",")
    }
    return "*" in known or validators["ETag"].removeprefix("W/") in known
