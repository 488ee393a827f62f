"""Addresses as settings name them."""

from urllib.parse import urlsplit

THIS_MACHINE = ("127.0.0.1", "::1", "localhost")


def is_secure(url: str) -> bool:
    """This will say whether nobody can listen in on what is sent to the URL: by TLS, or on this machine."""
    parts = urlsplit(url)
    return bool(parts.hostname) and (
        parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in THIS_MACHINE)
    )


def listed(text: str) -> list[str]:
    """The parts of a text with commas."""
    return [part for part in map(str.strip, text.split(",")) if part]
