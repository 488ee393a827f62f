"""The moment at which tests happen, unless they say otherwise."""

from datetime import UTC, datetime

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
