"""Mail: sent by SMTP where MAIL_URL names a server, else written to the log, for whoever develops.

Whoever needs another way hands in another `Sender`: an async function of an address, a subject and a text.
"""

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Awaitable, Callable
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from runtime.settings import Settings

log = logging.getLogger("salesloop.mail")
Sender = Callable[[str, str, str], Awaitable[None]]
"""Sends a text under a subject to an address. Raises OSError where it cannot be sent; it is tried again then."""
TIMEOUT_SECONDS = 20
PORTS = {"smtp": 587, "smtps": 465}


def sender(settings: Settings) -> Sender:
    """This will give the way in which these settings have mail sent."""
    if not settings.mail_url:
        return nowhere if settings.environment == "production" else to_the_log
    url, origin = settings.mail_url.get_secret_value(), settings.mail_from

    async def send(address: str, subject: str, text: str) -> None:
        await asyncio.to_thread(_post, url, _message(origin, address, subject, text))

    return send


async def to_the_log(address: str, subject: str, text: str) -> None:
    """This will write a mail to the log instead of sending it, links and all: for development."""
    log.info("mail to %s, not sent since MAIL_URL is empty: %s\n%s", address, subject, text)


async def nowhere(address: str, subject: str, text: str) -> None:
    """This will not send a mail, nor write its secrets to the log. Raises OSError, always."""
    raise OSError("mail cannot be sent: MAIL_URL is not set")


def _message(origin: str, address: str, subject: str, text: str) -> EmailMessage:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = origin, address, subject
    message.set_content(text)
    return message


def _post(url: str, message: EmailMessage) -> None:
    """Raises OSError."""
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
    context = ssl.create_default_context()
    secured = parts.scheme == "smtps"
    with (
        smtplib.SMTP_SSL(host, port, timeout=TIMEOUT_SECONDS, context=context)
        if secured
        else smtplib.SMTP(host, port, timeout=TIMEOUT_SECONDS)
    ) as server:
        if not secured and not _is_here(host):
            server.starttls(context=context)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
        server.send_message(message)


def _is_here(host: str) -> bool:
    """A relay on this very machine, to which nothing travels over a network."""
    return host in ("localhost", "127.0.0.1", "::1")
