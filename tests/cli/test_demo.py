"""The demo company: real where data are public, generated and labelled where not, the same everywhere, and loaded once."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from tortoise.connection import get_connection

from cli.demo import ADMIN_EMAIL, sources
from cli.demo.company import load
from cli.demo.generator import DemoCompany
from cli.demo.sources import DemoNotInstalled, purchases, reviews
from domain.access.queries import user_named

pytestmark = pytest.mark.anyio
NOW = datetime(2024, 5, 1, tzinfo=UTC)
LATER = datetime(2024, 5, 2, tzinfo=UTC)
LABEL = "Demo: purchases are CDNOW customer 00001's; kind, name and address are generated."


@pytest.fixture(scope="module")
def company() -> DemoCompany:
    return DemoCompany(list(purchases()), reviews())


def test_cdnow_is_taken_whole_and_to_the_cent() -> None:
    found = list(purchases())
    assert len(found) == 69_659
    assert len({purchase.customer for purchase in found}) == 23_570
    assert sum(Decimal(purchase.dollars) for purchase in found) == Decimal("2500315.63")
    assert sum(purchase.dollars == "0.00" for purchase in found) == 80
    assert (min(each.day for each in found).isoformat(), max(each.day for each in found).isoformat()) == (
        "1997-01-01",
        "1998-06-30",
    )


def test_reviews_are_taken_once_and_only_where_their_side_is_clear() -> None:
    found = reviews()
    assert Counter(review.place[:3] for review in found) == {"pos": 8_272, "neg": 8_976}
    assert len({review.text for review in found}) == len(found)
    assert "缺点：" not in {review.text for review in found}


def every_row(company: DemoCompany) -> Iterator[Any]:
    for rows in (company.products(), company.customers(), company.contacts(), company.orders(), company.feedback()):
        yield from rows


def test_it_is_the_same_on_every_machine(company: DemoCompany) -> None:
    digest = hashlib.sha256()
    for row in every_row(company):
        digest.update(repr(row).encode())
    assert digest.hexdigest() == "68b9ca555e1af96d00298176298946413f2176f8a08a9e4c146f537e05f157b9"


def test_what_is_generated_says_so(company: DemoCompany) -> None:
    assert next(company.customers())[-1] == LABEL
    assert all("generated" in str(row[8]) for row in company.customers())
    assert all(values["title"].endswith("(generated)") for _, values in company.contacts())
    assert all(str(row[3]).startswith("Demo:") for row in company.products())
    english = [row for row in company.feedback() if row[4] == "en"]
    assert all(str(row[0]).startswith("demo-generated-") for row in english)
    assert {str(row[0])[:5] for row in every_row(company)} == {"demo-"}


def test_who_says_something_has_bought_something_in_the_month_before(company: DemoCompany) -> None:
    bought: dict[object, list[str]] = {}
    for order in company.orders():
        bought.setdefault(order[1], []).append(str(order[2]))
    for row in company.feedback():
        said = datetime.fromisoformat(str(row[8])).date()
        assert any(0 < (said - datetime.fromisoformat(day).date()).days <= 30 for day in bought[row[5]])


async def test_loaded_again_it_changes_nothing(database: str) -> None:
    company = DemoCompany(list(purchases())[::20], reviews()[::20])
    await load(at=NOW, progress=lambda text: None, company=company)
    before = await versions()
    again = await load(at=LATER, progress=lambda text: None, company=company)
    assert again.orders == 3_483
    assert await versions() == before


async def versions() -> list[Any]:
    tables = (
        "customer",
        "contact",
        "product",
        "sales_order",
        "sales_order_line",
        "feedback_item",
        "event",
        "job",
        "access_user",
    )
    counts = [f"SELECT '{name}' AS name, count(*), max(xmin::text::bigint) FROM {name}" for name in tables]
    return [dict(row) for row in await get_connection("default").execute_query_dict(" UNION ALL ".join(counts))]


async def test_without_the_packages_it_says_what_to_install(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "find_spec", lambda name: None)
    with pytest.raises(DemoNotInstalled, match=r"pip install 'salesloop\[demo\]'"):
        await load(at=NOW, progress=lambda text: None)
    assert await user_named(ADMIN_EMAIL) is None
