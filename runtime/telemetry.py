"""What a process says about itself: one line a record, JSON in production and readable in development.

Every line of one request or job carries the same `request_id`. What looks like a secret is masked here, last, so that
no careless call can leak one.
"""

import logging
import re
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

import orjson

from runtime.settings import Settings

request_id: ContextVar[str | None] = ContextVar("request_id", default=None)

QUIET = ("asyncio", "httpcore2", "httpx2", "jieba", "tortoise", "uvicorn.access", "uvicorn.error")
MASKED = (
    (re.compile(r"(://[^\s/:@]*:)[^\s/@]+@"), r"\1***@"),
    (re.compile(r"(?i)(bearer\s+)[\w.~+/=-]+"), r"\1***"),
    (re.compile(r"(?i)((?:password|secret|token|api_?key)[\"']?\s*[:=]\s*[\"']?)[^\s\"',&}]+"), r"\1***"),
    (re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?-----END [A-Z ]*PRIVATE KEY-----", re.DOTALL), "***"),
)
_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName", "color_message"}


def configure_logging(settings: Settings) -> None:
    """This will send every record of this process to standard error in the form that fits the settings."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.environment == "production" else Readable())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(settings.log_level)
    logging.captureWarnings(True)
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


class JsonLines(logging.Formatter):
    """A JSON object a line: time (UTC), level, logger, message, request_id, exception, and whatever `extra` gave."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": _moment(record).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": mask(record.getMessage()),
        }
        if identity := request_id.get():
            line["request_id"] = identity
        if record.exc_info:
            line["exception"] = mask(self.formatException(record.exc_info))
        line |= {name: _told(value) for name, value in _extra(record).items() if name not in line}
        return orjson.dumps(line, default=str).decode()


class Readable(logging.Formatter):
    """`12:30:05 INFO     salesloop: what happened  key=value`, and a traceback below it."""

    def format(self, record: logging.LogRecord) -> str:
        facts = {"request_id": request_id.get(), **_extra(record)}
        known = "".join(f"  {name}={_told(value)}" for name, value in facts.items() if value is not None)
        text = f"{_moment(record):%H:%M:%S} {record.levelname:<8} {record.name}: {mask(record.getMessage())}{known}"
        return text + (f"\n{mask(self.formatException(record.exc_info))}" if record.exc_info else "")


def mask(text: str) -> str:
    """This will hide passwords in URLs, bearer tokens, private keys, and what is called password, secret or token."""
    for pattern, replacement in MASKED:
        text = pattern.sub(replacement, text)
    return text


def _moment(record: logging.LogRecord) -> datetime:
    return datetime.fromtimestamp(record.created, UTC)


def _extra(record: logging.LogRecord) -> dict[str, Any]:
    return {name: value for name, value in vars(record).items() if name not in _STANDARD}


def _told(value: object) -> object:
    return mask(value) if isinstance(value, str) else value
