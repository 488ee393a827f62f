"""What differs is changed, told and counted up; what says nothing new writes nothing; what is left out stays."""

import asyncio
from typing import Any
from uuid import uuid4

import pytest
from tortoise.connection import get_connection

from domain.customers.models import Customer
from domain.feedback.models import FeedbackItem
from domain.imports.rules import ImportKind
from domain.intake.loader import BATCH_ROWS
from domain.jobs.models import Job
from domain.kernel.actor import NOBODY
from domain.kernel.events import Event
from domain.kernel.refusals import Unauthenticated
from domain.orders.models import Order, OrderLine
from tests.domain.imports import files
from tests.domain.imports.files import (
    CUSTOMERS,
    FEEDBACK,
    LATER,
    NOW,
    ORDERS,
    PRODUCTS,
    picture,
    rows,
    some_of_each,
    take_in,
)

pytestmark = pytest.mark.anyio


async def last_event() -> dict[str, Any]:
    return (await rows("SELECT topic, subject_id, actor_name, occurred_at, data FROM event ORDER BY id DESC LIMIT 1"))[
        0
    ]


async def test_a_new_record_is_told_with_all_its_values(database: str) -> None:
    outcome, _ = await take_in(ImportKind.CUSTOMERS, CUSTOMERS + " c1 ,company, Acme ,A@B.example,,,,US,\n")
    assert (outcome.read, outcome.created) == (1, 1)
    customer = await Customer.get(external_id="c1")
    assert (customer.name, customer.email, customer.note, customer.version) == ("Acme", "a@b.example", None, 1)
    assert customer.created_at == customer.updated_at == NOW
    event = await Event.get(subject_id=customer.id)
    assert (event.topic, event.actor_name, event.occurred_at) == ("customers.customer.imported", "Ada", NOW)
    assert event.data == {
        "external_id": "c1",
        "kind": "company",
        "name": "Acme",
        "email": "a@b.example",
        "country": "US",
    }


async def test_a_change_counts_up_and_tells_only_what_differs(database: str) -> None:
    await some_of_each()
    outcome, _ = await take_in(
        ImportKind.CUSTOMERS, CUSTOMERS + "c1,company,Acme,,,Retail,Bonn,,\nc2,person,Bea,,,,,,\n", at=LATER
    )
    assert (outcome.created, outcome.changed, outcome.unchanged) == (0, 1, 1)
    customer = await Customer.get(external_id="c1")
    assert (customer.version, customer.created_at, customer.updated_at) == (2, NOW, LATER)
    assert (await Event.filter(subject_id=customer.id).order_by("-id").first()).data == {
        "industry": "Retail",
        "city": "Bonn",
    }  # type: ignore[union-attr]
    await take_in(ImportKind.CUSTOMERS, CUSTOMERS + "c1,company,Acme,,,,Bonn,,\n", at=LATER)
    assert (await Event.filter(subject_id=customer.id).order_by("-id").first()).data == {"industry": None}  # type: ignore[union-attr]


async def test_a_column_that_is_left_out_stays_and_an_empty_one_is_emptied(database: str) -> None:
    await take_in(ImportKind.CUSTOMERS, CUSTOMERS + "c1,company,Acme,a@b.example,123,Retail,Bonn,DE,good\n")
    outcome, _ = await take_in(ImportKind.CUSTOMERS, "external_id,kind,name,city\nc1,company,Acme,\n")
    assert outcome.changed == 1
    customer = await Customer.get(external_id="c1")
    assert (customer.email, customer.industry, customer.city, customer.note) == ("a@b.example", "Retail", None, "good")
    lines = '{"external_id":"c1","kind":"company","name":"Acme","note":null}\n{"external_id":"c2","kind":"person","name":"B"}'
    await take_in(ImportKind.CUSTOMERS, lines)
    customer = await Customer.get(external_id="c1")
    assert (customer.email, customer.phone, customer.note) == ("a@b.example", "123", None)


async def test_again_nothing_changes(database: str) -> None:
    await some_of_each()
    feedback = FEEDBACK + "f1,review,good,5,en,c1,p1,o1,2024-01-07T10:00:00Z\nf2,case,没收到,,,,,,2024-01-08\n"
    await take_in(ImportKind.FEEDBACK, feedback)
    before = await picture()
    await some_of_each()
    outcome, _ = await take_in(ImportKind.FEEDBACK, feedback, at=LATER)
    assert (outcome.unchanged, outcome.created, outcome.changed) == (2, 0, 0)
    assert await picture() == before


async def test_again_not_even_a_lock_is_written(database: str) -> None:
    await some_of_each()
    tables = "SELECT xmin::text, xmax::text, ctid::text FROM {} ORDER BY id"
    before = [await rows(tables.format(each)) for each in ("customer", "product", "sales_order", "sales_order_line")]
    await some_of_each()
    after = [await rows(tables.format(each)) for each in ("customer", "product", "sales_order", "sales_order_line")]
    assert after == before


async def test_the_same_file_twice_at_the_same_time_changes_everything_once(database: str) -> None:
    content = CUSTOMERS + "".join(f"c{n},person,Name {n},,,,,,\n" for n in range(12_000))
    outcomes = [
        outcome for outcome, _ in await asyncio.gather(*(take_in(ImportKind.CUSTOMERS, content) for _ in range(2)))
    ]
    assert sum(outcome.created for outcome in outcomes) == sum(outcome.unchanged for outcome in outcomes) == 12_000
    assert await rows("SELECT count(*) AS n, max(version) AS version FROM customer") == [{"n": 12_000, "version": 1}]
    assert await Event.all().count() == 12_000


async def test_a_connection_goes_back_without_temporary_tables(database: str) -> None:
    await some_of_each()
    with pytest.raises(Exception, match="broken"):
        await files.import_file(
            ImportKind.CUSTOMERS,
            broken(),
            by=files.BY,
            at=NOW,
            progress=lambda *_: None,
            rejects=lambda _: None,  # type: ignore[arg-type, return-value]
        )
    async with get_connection("default").acquire_connection() as connection:
        assert await connection.fetch("SELECT relname FROM pg_class WHERE relpersistence = 't' AND relkind = 'r'") == []


async def broken() -> Any:
    yield CUSTOMERS.encode()
    raise RuntimeError("broken")


async def test_what_was_committed_before_the_source_broke_stays(database: str) -> None:
    async def source() -> Any:
        yield (CUSTOMERS + "".join(f"c{n},person,Name,,,,,,\n" for n in range(BATCH_ROWS + 500))).encode()
        raise RuntimeError("broken")

    async def nothing(*_: Any) -> None:
        """Nobody looks on."""

    with pytest.raises(RuntimeError, match="broken"):
        await files.import_file(ImportKind.CUSTOMERS, source(), by=files.BY, at=NOW, progress=nothing, rejects=nothing)
    assert await Customer.all().count() >= BATCH_ROWS
    assert await Customer.all().count() == await Event.all().count()


async def test_nobody_imports_nothing(database: str) -> None:
    with pytest.raises(Unauthenticated):
        await files.import_file(ImportKind.CUSTOMERS, broken(), by=NOBODY, at=NOW, progress=None, rejects=None)  # type: ignore[arg-type]


async def test_whether_a_product_may_be_sold_is_left_as_it_is(database: str) -> None:
    await some_of_each()
    await get_connection("default").execute_query("UPDATE product SET is_active = false WHERE sku = 'p1'")
    outcome, _ = await take_in(ImportKind.PRODUCTS, PRODUCTS + "p1,Pen,Office,,2.00,EUR\n")
    assert outcome.changed == 1
    assert await rows("SELECT is_active, list_price::text, category FROM product WHERE sku = 'p1'") == [
        {"is_active": False, "list_price": "2.000", "category": "Office"}
    ]
    assert (await last_event())["data"] == '{"category": "Office", "list_price": "2.000"}'


async def test_a_product_may_have_a_cost_and_a_unit(database: str) -> None:
    header = "sku,name,list_price,unit_cost,currency,unit\n"
    outcome, _ = await take_in(ImportKind.PRODUCTS, header + "p1,Rope,2.00,1.20,EUR,metre\np2,Pen,2.00,,EUR,\n")
    assert outcome.created == 2
    outcome, _ = await take_in(ImportKind.PRODUCTS, "sku,name\np1,Rope\np2,Pen\n")
    assert outcome.unchanged == 2
    assert await rows("SELECT unit_cost::text, unit FROM product ORDER BY sku") == [
        {"unit_cost": "1.200", "unit": "metre"},
        {"unit_cost": None, "unit": "piece"},
    ]
    outcome, rejects = await take_in(ImportKind.PRODUCTS, header + f"p3,A,,1.00,,\np4,B,,,,{'x' * 21}\n")
    assert outcome.rejected == 2
    assert "in the currency of the list price" in str(rejects)
    assert "at most 20" in str(rejects)


async def test_an_order_has_the_sum_of_its_lines_in_the_order_of_the_file(database: str) -> None:
    await some_of_each()
    order = await Order.get(external_id="o1")
    assert (str(order.total), order.ordered_at.isoformat()) == ("7.500", "2024-01-05T00:00:00+00:00")
    lines = await OrderLine.filter(order=order).order_by("position").values_list("position", "product__sku", "quantity")
    assert [(position, sku, float(quantity)) for position, sku, quantity in lines] == [(1, "p1", 2), (2, "p2", 1)]
    event = await Event.get(subject_id=order.id)
    assert event.topic == "orders.order.imported"
    assert event.data["total"] == "7.500"
    assert [line["amount"] for line in event.data["lines"]] == ["3.000", "4.500"]


async def test_lines_that_differ_are_replaced_as_a_whole(database: str) -> None:
    await some_of_each()
    kept = await OrderLine.all().order_by("position").values_list("id", flat=True)
    same_total = ORDERS + "o1,c1,2024-01-05,EUR,,p1,2,4.50\no1,c1,2024-01-05,EUR,,p2,1,3.00\n"
    outcome, _ = await take_in(ImportKind.ORDERS, same_total, at=LATER)
    assert outcome.changed == 1
    order = await Order.get(external_id="o1")
    assert (order.version, str(order.total), order.updated_at) == (2, "7.500", LATER)
    assert not set(kept) & set(await OrderLine.all().values_list("id", flat=True))
    assert (await Event.filter(subject_id=order.id).order_by("-id").first()).data.keys() == {"lines"}  # type: ignore[union-attr]
    await take_in(ImportKind.ORDERS, ORDERS + "o1,c2,2024-01-05,EUR,,p1,2,4.50\no1,c2,2024-01-05,EUR,,p2,1,3.00\n")
    assert (await Event.filter(subject_id=order.id).order_by("-id").first()).data.keys() == {"customer_id"}  # type: ignore[union-attr]
    outcome, _ = await take_in(ImportKind.ORDERS, ORDERS + "o1,c2,2024-01-05,EUR,,p1,2,4.50\n")
    assert (outcome.changed, await OrderLine.all().count()) == (1, 1)


@pytest.mark.parametrize(
    ("lines", "line", "field", "reason"),
    [
        ("n,c1,2024-01-05,EUR,1,p1,1,1|n,c1,2024-01-05,EUR,1,p2,1,1", 3, "position", "another line of this order already"),
        ("n,c1,2024-01-05,EUR,1,p1,1,1|n,c1,2024-01-05,EUR,,p2,1,1", 3, "position", "on every line of an order, or on none"),
        ("n,c1,2024-01-05,EUR,,p1,1,1|n,c2,2024-01-05,EUR,,p2,1,1", 3, "customer_external_id", "on the first line"),
        ("n,c1,2024-01-05,EUR,,p1,1,1|n,c1,2024-01-06,EUR,,p2,1,1", 3, "ordered_at", "on the first line"),
        ("n,c1,2024-01-05,EUR,,p1,1,1|n,c1,2024-01-05,USD,,p2,1,1", 3, "currency", "on the first line"),
        ("n,c1,2024-01-05,EUR,,p1,1,1|n,c1,2024-01-05,EUR,,p9,1,1", 3, "sku", "There is no product"),
        ("n,c9,2024-01-05,EUR,,p1,1,1|n,c9,2024-01-05,EUR,,p1,1,1", 2, "customer_external_id", "There is no customer"),
        ("n,c1,2024-01-05,EUR,,p1,1,999999999999999|n,c1,2024-01-05,EUR,,p1,1,1", 3, "amount", "total must be below"),
    ],
)  # fmt: skip
async def test_an_order_lands_whole_or_not_at_all(
    database: str, lines: str, line: int, field: str, reason: str
) -> None:
    await some_of_each()
    before = await picture()
    outcome, rejects = await take_in(ImportKind.ORDERS, ORDERS + lines.replace("|", "\n"))
    assert (outcome.read, outcome.rejected, outcome.created) == (2, 2, 0)
    culprit, other = sorted(rejects, key=lambda reject: reject.line != line)
    assert (culprit.line, culprit.field) == (line, field)
    assert reason in culprit.reason
    assert (other.line, other.reason) == (5 - line, f"Another line of this order was rejected, line {line}.")
    assert await picture() == before


async def test_the_same_moment_written_in_two_ways_is_the_same(database: str) -> None:
    await some_of_each()
    content = ORDERS + "n,c1,2024-01-05,EUR,,p1,1,1\nn,c1,2024-01-05T08:00:00+08:00,EUR,,p2,1,1\n"
    outcome, rejects = await take_in(ImportKind.ORDERS, content)
    assert (outcome.created, rejects) == (1, [])


async def test_an_order_that_comes_again_later_in_the_file_is_refused_there(database: str) -> None:
    await some_of_each()
    many = "".join(f"m{n},c1,2024-01-05,EUR,,p1,1,1\n" for n in range(6_000))
    outcome, rejects = await take_in(
        ImportKind.ORDERS,
        f"{ORDERS}n,c1,2024-01-05,EUR,,p1,1,1\n{many}n,c1,2024-01-05,EUR,,p2,1,1\nn,c1,2024-01-05,EUR,,p2,2,1\n",
    )
    assert (outcome.created, outcome.rejected) == (6_001, 2)
    assert [reject.line for reject in rejects] == [6003, 6004]
    assert rejects[0].reason == "The lines of an order must stand together; this order stood on line 2 already."
    assert await rows(
        "SELECT count(*) AS n FROM sales_order_line l JOIN sales_order o ON o.id = order_id WHERE external_id = 'n'"
    ) == [{"n": 1}]


async def test_an_order_that_was_refused_does_not_land_in_part_later(database: str) -> None:
    await some_of_each()
    content = ORDERS + "n,c1,2024-01-05,EUR,,p1,-1,1\nm,c1,2024-01-05,EUR,,p1,1,1\nn,c1,2024-01-05,EUR,,p1,1,1\n"
    outcome, rejects = await take_in(ImportKind.ORDERS, content)
    assert (outcome.created, [reject.line for reject in rejects]) == (1, [2, 4])
    assert not await Order.exists(external_id="n")


async def test_a_file_that_was_cut_off_leaves_no_order_in_part(database: str) -> None:
    await some_of_each()
    content = ORDERS + "m,c1,2024-01-05,EUR,,p1,1,1\nn1,c1,2024-01-05,EUR,,p1,1,1\nn1,c1,2024-01-05,EUR,,p2,1,1"
    for length in range(len(content) - len("1,c1,2024-01-05,EUR,,p2,1,1"), len(content) - len(",1")):
        outcome, rejects = await take_in(ImportKind.ORDERS, content[:length])
        assert not await Order.exists(external_id="n1")
        assert [reject.line for reject in rejects] == [3, 4]
    outcome, rejects = await take_in(ImportKind.ORDERS, content)
    assert (outcome.created, rejects) == (1, [])


async def test_an_order_has_at_most_ten_thousand_lines(database: str) -> None:
    await some_of_each()
    lines = "n,c1,2024-01-05,EUR,,p1,1,1\n" * 10_001
    outcome, rejects = await take_in(ImportKind.ORDERS, ORDERS + lines)
    assert (outcome.created, outcome.rejected) == (0, 10_001)
    assert (rejects[-1].line, rejects[-1].field) == (10_002, "position")
    assert await Order.all().count() == 1


async def test_feedback_is_kept_unread_and_its_aggregation_is_asked_for(database: str) -> None:
    await some_of_each()
    content = (
        FEEDBACK + 'f1,review,"great, really",5,en,c1,p1,o1,2024-01-07T10:00:00Z\nf2,case,没收到,,,,,,2024-01-08\n'
    )
    outcome, _ = await take_in(ImportKind.FEEDBACK, content)
    assert outcome.created == 2
    first, second = await FeedbackItem.all().order_by("external_id").prefetch_related("customer", "product", "order")
    assert (first.text, first.rating, first.language, first.language_given) == ("great, really", 5, "en", True)
    assert (first.customer.external_id, first.product.sku, first.order.external_id) == ("c1", "p1", "o1")  # type: ignore[union-attr]
    assert (second.language, second.language_given, second.customer, second.read_digest) == (None, False, None, None)
    job = await Job.get(kind="feedback.aggregate")
    assert job.unique_key == "feedback.aggregate"
    await take_in(ImportKind.FEEDBACK, content)
    assert await Job.all().count() == 1


READ = "UPDATE feedback_item SET language = 'de', sentiment = 7, sentiment_label = 'neutral', read_digest = '\\x01'"


@pytest.mark.parametrize(
    ("row", "read", "language"),
    [
        ("f1,review,gut,4,,,,,2024-01-08", True, "de"),
        ("f1,review,gut,3,,c1,,,2024-01-08", True, "de"),
        ("f1,review,gut,4,de,,,,2024-01-08", True, "de"),
        ("f1,review,gut,4,en,,,,2024-01-08", False, "en"),
        ("f1,review,schlecht,4,,,,,2024-01-08", False, None),
        ("f1,review,schlecht,4,de,,,,2024-01-08", False, "de"),
    ],
)
async def test_other_words_or_another_language_make_a_reading_void(
    database: str, row: str, read: bool, language: str | None
) -> None:
    await some_of_each()
    await take_in(ImportKind.FEEDBACK, FEEDBACK + "f1,review,gut,4,,,,,2024-01-08\n")
    await get_connection("default").execute_query(READ)
    await take_in(ImportKind.FEEDBACK, FEEDBACK + row)
    item = await FeedbackItem.get(external_id="f1")
    assert item.language == language
    reading = (7, "neutral", b"\x01") if read else (None, None, None)
    assert (item.sentiment, item.sentiment_label, item.read_digest) == reading


async def test_a_given_language_stays_where_a_file_says_nothing_of_it(database: str) -> None:
    await take_in(ImportKind.FEEDBACK, FEEDBACK + "f1,review,gut,4,de,,,,2024-01-08\n")
    for text in ("gut", "schlecht"):
        await take_in(ImportKind.FEEDBACK, f"external_id,source,text,received_at\nf1,review,{text},2024-01-08\n")
        item = await FeedbackItem.get(external_id="f1")
        assert (item.text, item.language, item.language_given, item.rating) == (text, "de", True, 4)
    await take_in(ImportKind.FEEDBACK, "external_id,source,text,received_at,language\nf1,review,gut,2024-01-08,\n")
    item = await FeedbackItem.get(external_id="f1")
    assert (item.language, item.language_given) == (None, False)


async def test_a_record_of_another_way_in_is_found_by_its_external_id(database: str) -> None:
    known = await Customer.create(
        id=uuid4(), external_id="c1", kind="company", name="Acme", created_at=NOW, updated_at=NOW
    )
    outcome, _ = await take_in(ImportKind.CUSTOMERS, CUSTOMERS + "c1,company,Acme Ltd,,,,,,\n")
    assert outcome.changed == 1
    assert (await Customer.get(id=known.id)).name == "Acme Ltd"
