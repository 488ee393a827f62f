"""Loads the demo company, by the same imports and commands as anybody's records; loaded again, it changes nothing."""

import csv
import io
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tortoise.transactions import in_transaction

from cli.demo import ADMIN_EMAIL, ADMIN_PASSWORD
from cli.demo.generator import ENGLISH_ITEMS, DemoCompany, Row
from cli.demo.sources import purchases, reviews
from domain.access.commands import create_user
from domain.access.queries import user_named
from domain.customers.commands import create_contact
from domain.customers.queries import without_contacts
from domain.feedback.queries import has_item
from domain.imports.commands import KINDS, import_file
from domain.imports.rules import ImportKind
from domain.intake.loader import ImportOutcome
from domain.intake.rows import Reject
from domain.kernel.actor import Actor

Tell = Callable[[str], None]

BY = Actor(name="demo", administrator=True)
ROWS_A_CHUNK = 1_000
LAST_ITEM = f"demo-generated-{ENGLISH_ITEMS:04}"


@dataclass(frozen=True, slots=True)
class DemoSummary:
    """How much the demo company consists of, and how much of it this load created."""

    customers: int
    contacts: int
    products: int
    orders: int
    feedback: int
    created: int


class DemoSpoiled(Exception):
    """The demo's own rows were rejected: a bug, or packages other than those we know."""
