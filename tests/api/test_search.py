"""Search over the API: what is found, in which order, page by page, and by how much work."""

import base64
import json
from typing import Any

import pytest
from tortoise.connection import get_connection

from api.graph.entity import ENTITIES
from api.graph.search import MOST_RANKED
from domain.catalog.models import Product
from domain.customers.models import Contact, Customer
from domain.feedback.models import FeedbackItem, FeedbackTheme
from domain.orders.models import Order
from tests.api.test_page_plans import rows_of, steps
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
NAMES = "query Q($words: String) { customers(search: $words) { nodes { name } } }"


@pytest.fixture
async def house(ada: Graph) -> Graph:
    """A few records of each kind that can be searched."""
    acme = await Customer.create(
        kind="company", name="Acme Chairs", external_id="C-1001", email="ann@acme.example", note="likes jazz", **STAMPS
    )
    await Customer.create(kind="company", name="北京酒店", city="Beijing", note="客户投诉处理很慢", **STAMPS)
    await Customer.create(kind="person", name="Jo Smith", note="Works for Acme; many complaints", **STAMPS)
    await Contact.create(customer=acme, name="Ann Miller", title="Head of Purchasing", **STAMPS)
    await Contact.create(customer=acme, name="Bob Young", email="bob@acme.example", **STAMPS)
    await Product.create(sku="CH-7", name="Oak chair", description="Sturdy, for the kitchen", **STAMPS)
    await Order.create(customer=acme, external_id="ORD-2024-17", ordered_at=NOW, currency="EUR", total=1, **STAMPS)
    for number, text in enumerate(("The chair arrived late", "A fine chair", "房间很干净，早餐一般")):
        await FeedbackItem.create(
            source="case", text=text, external_id=f"F-{number}", customer=acme, received_at=NOW, **STAMPS
        )
    await FeedbackTheme.create(language="zh", label="早餐", phrases=["早餐一般"], item_count=1, **STAMPS)
    return ada


async def found(graph: Graph, words: str | None) -> list[str]:
    """The names of the customers that are found, as they come."""
    return [node["name"] for node in (await graph.ask(NAMES, words=words))["customers"]["nodes"]]


async def test_words_are_found_in_names_notes_and_numbers(house: Graph) -> None:
    assert await found(house, "acme") == ["Acme Chairs", "Jo Smith"]  # a name counts for more than a note
    assert await found(house, "chair") == ["Acme Chairs"]
    assert await found(house, "complaint") == ["Jo Smith"]
    assert await found(house, "ACME comp") == ["Jo Smith"]
    assert await found(house, "c-100") == ["Acme Chairs"]
    assert await found(house, "ann@acme.example") == ["Acme Chairs"]
    assert await found(house, "投诉") == await found(house, "京") == await found(house, "酒店 bei") == ["北京酒店"]
    assert await found(house, "诉投") == await found(house, "acme 酒店") == await found(house, "!?") == []


async def test_every_kind_of_record_with_words_is_searched(house: Graph) -> None:
    answer = await house.ask(
        """{ products(search: "kitchen") { nodes { name } } orders(search: "2024-17") { nodes { externalId } }
             feedbackItems(search: "早餐") { nodes { externalId } } feedbackThemes(search: "一般") { nodes { label } }
             customers(search: "acme chairs") { nodes { contacts(search: "purchas") { nodes { name } }
               feedback(search: "chair") { nodes { externalId } totalCount { value } } } } }"""
    )
    assert answer == {
        "products": {"nodes": [{"name": "Oak chair"}]},
        "orders": {"nodes": [{"externalId": "ORD-2024-17"}]},
        "feedbackItems": {"nodes": [{"externalId": "F-2"}]},
        "feedbackThemes": {"nodes": [{"label": "早餐"}]},
        "customers": {
            "nodes": [
                {
                    "contacts": {"nodes": [{"name": "Ann Miller"}]},
                    "feedback": {
                        "nodes": [{"externalId": "F-1"}, {"externalId": "F-0"}],
                        "totalCount": {"value": 2},
                    },
                }
            ]
        },
    }


async def test_nothing_to_search_for_does_not_narrow(house: Graph) -> None:
    everybody = ["Acme Chairs", "北京酒店", "Jo Smith"]
    for words in (None, "chair", "", "chair", " \t\n", None):  # one document, one plan for each shape
        assert await found(house, words) == (["Acme Chairs"] if words == "chair" else everybody)
    query = '{ customers(search: " ") { nodes { name } } b: customers { nodes { name } } }'
    answer = await house.ask(query)
    assert answer["customers"] == answer["b"]


async def test_words_that_cannot_be_sought_spoil_only_their_own_field(house: Graph) -> None:
    query = "query Q($words: String) { viewer { name } a: customers(search: $words) { nodes { name } } }"
    for words, told in (("x" * 201, "201 characters; at most 200"), ("a\0", "NUL")):
        answer = await house.answer(query, words=words)
        (error,) = answer["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT"
        assert error["message"].startswith("search ")
        assert told in error["message"]
    written = f'{{ viewer {{ name }} customers(search: "{"x" * 201}") {{ nodes {{ name }} }} }}'
    assert await house.code(written) == "BAD_USER_INPUT"
    assert await found(house, "x" * 200) == []


async def test_a_search_narrows_what_is_filtered_and_sorted_otherwise(house: Graph) -> None:
    query = """query Q($words: String, $order: [CustomerOrderBy!]) {
      customers(search: $words, where: {kind: {ne: PERSON}}, orderBy: $order) { nodes { name } totalCount { value } } }"""
    order = [{"field": "NAME", "direction": "DESC"}]
    for words, names in (("acme", ["Acme Chairs"]), ("", ["北京酒店", "Acme Chairs"])):
        answer = (await house.ask(query, words=words, order=order))["customers"]
        assert answer == {"nodes": [{"name": name} for name in names], "totalCount": {"value": len(names)}}


async def test_figures_are_over_what_is_found(house: Graph) -> None:
    answer = await house.ask(
        """query ($words: String, $none: String) {
          chairs: feedbackItemsAggregate(search: "chair") { count groups(by: {field: SOURCE}) { count } }
          fine: feedbackItemsAggregate(search: $words, where: {text: {contains: "chair"}}) { count }
          all: feedbackItemsAggregate(search: $none) { count }
          customers(search: "acme chairs") { nodes { feedbackAggregate(search: $words) { count } } } }""",
        words="fine",
        none=" ",
    )
    assert answer == {
        "chairs": {"count": 2, "groups": [{"count": 2}]},
        "fine": {"count": 1},
        "all": {"count": 3},
        "customers": {"nodes": [{"feedbackAggregate": {"count": 1}}]},
    }


async def test_a_search_is_one_statement_and_is_charged_as_a_count(house: Graph) -> None:
    query = "query Q($words: String) { customers(search: $words) { nodes { name contacts(search: $words) { nodes { name } } } } }"
    await house.ask(query, words="acme")
    with house.counting() as statements:
        searched = await house.answer(query, words="acme")
    assert len(statements) == 1
    plain = await house.answer(query)
    extra = searched["extensions"]["cost"]["requested"] - plain["extensions"]["cost"]["requested"]
    assert extra == 1_000 + 50 * 1_000


async def walk(graph: Graph, words: str, size: int, order: str = "", *, backward: bool) -> list[str]:
    """The texts of all pages of feedback one after the other, as they come."""
    page, cursor = ("last", "before") if backward else ("first", "after")
    query = f"""query Q($words: String, $cursor: String) {{
      feedbackItems({page}: {size}, {cursor}: $cursor, search: $words {order}) {{
        nodes {{ externalId }} edges {{ cursor }} pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }}"""
    texts: list[str] = []
    position = None
    for _ in range(60):
        connection = (await graph.ask(query, words=words, cursor=position))["feedbackItems"]
        info, page_texts = connection["pageInfo"], [node["externalId"] for node in connection["nodes"]]
        assert [edge["cursor"] for edge in connection["edges"]][:: len(page_texts) - 1 or 1][0] == info["startCursor"]
        texts = [*page_texts, *texts] if backward else [*texts, *page_texts]
        position = info["startCursor" if backward else "endCursor"]
        if not info["hasPreviousPage" if backward else "hasNextPage"]:
            return texts
    raise AssertionError("the pages do not end")


@pytest.fixture
async def crowd(ada: Graph) -> Graph:
    """Feedback of three ranks, many of each, and some that nothing finds."""
    texts = ("投诉", "客户的投诉，还有很多别的话", "early", "投诉 客户投诉 投诉")
    for number in range(40):
        rating = None if number % 3 else number % 5 + 1
        await FeedbackItem.create(
            source="case", text=texts[number % 4], external_id=f"F-{number}", rating=rating, received_at=NOW, **STAMPS
        )
    return ada


async def test_pages_of_a_search_are_alike_both_ways(crowd: Graph) -> None:
    best = [f"F-{number}" for rest in (0, 3, 1) for number in reversed(range(rest, 40, 4))]
    for size in (1, 3, 7, 30, 100):
        assert await walk(crowd, "投诉", size, backward=False) == best
        assert await walk(crowd, "投诉", size, backward=True) == best


@pytest.mark.parametrize("direction", ["ASC", "DESC"])
@pytest.mark.parametrize("nulls", ["FIRST", "LAST"])
async def test_sorted_pages_of_a_search_are_alike_both_ways(crowd: Graph, direction: str, nulls: str) -> None:
    order = f"orderBy: [{{field: RATING, direction: {direction}, nulls: {nulls}}}]"
    everything = [text for text in await walk(crowd, "", 100, order, backward=False) if int(text[2:]) % 4 != 2]
    assert await walk(crowd, "投诉", 7, order, backward=False) == everything
    assert await walk(crowd, "投诉", 4, order, backward=True) == everything


async def test_cursors_of_a_search_belong_to_its_order(crowd: Graph) -> None:
    query = """query Q($words: String, $after: String) {
      feedbackItems(first: 1, search: $words, after: $after) { pageInfo { endCursor } } }"""
    ranked = (await crowd.ask(query, words="投诉"))["feedbackItems"]["pageInfo"]["endCursor"]
    plain = (await crowd.ask(query))["feedbackItems"]["pageInfo"]["endCursor"]
    assert await crowd.code(query, words="投诉", after=plain) == "BAD_CURSOR"
    assert await crowd.code(query, words=None, after=ranked) == "BAD_CURSOR"
    fingerprint, rank, key = json.loads(base64.b64decode(ranked))
    for forged in (["0" * 12, rank, key], [fingerprint, "a", key], [fingerprint, rank], [fingerprint, None, key]):
        after = base64.b64encode(json.dumps(forged).encode()).decode()
        assert await crowd.code(query, words="投诉", after=after) == "BAD_CURSOR"


FILL = """INSERT INTO feedback_item (id, updated_at, created_at, version, source, text, language_given, received_at,
    external_id, rating) SELECT overlay(gen_random_uuid()::text placing lpad(n::text, 8, '0') from 1)::uuid, now(), now(),
    1, 'case', CASE WHEN n % 1000 = 7 THEN '客户投诉' ELSE 'the delivery came late, chapter ' || n % 977 END, false,
    now(), 'F-' || n, n % 5 + 1 FROM generate_series({first}, {last}) n"""


async def test_common_words_give_the_newest_and_all_of_them(ada: Graph) -> None:
    await get_connection("default").execute_script(FILL.format(first=1, last=10_050))
    query = """query Q($after: String, $before: String) { feedbackItems(first: 40, search: "late", after: $after) {
        nodes { externalId } pageInfo { endCursor hasNextPage } totalCount { value precision } }
      last: feedbackItems(last: 2, search: "late", before: $before) { nodes { externalId } pageInfo { startCursor } } }"""
    late = [f"F-{number}" for number in range(10_050, 0, -1) if number % 1000 != 7]
    answer = await ada.ask(query)
    page, last = answer["feedbackItems"], answer["last"]
    assert [node["externalId"] for node in page["nodes"]] == late[:40]
    assert [node["externalId"] for node in last["nodes"]] == late[-2:]
    assert page["totalCount"] == {"value": 10_000, "precision": "AT_LEAST"}
    await FeedbackItem.filter(external_id__in=late[1000:1100]).delete()  # the words are no longer common
    cursors = {"after": page["pageInfo"]["endCursor"], "before": last["pageInfo"]["startCursor"]}
    answer = await ada.ask(query, **cursors)
    assert [node["externalId"] for node in answer["feedbackItems"]["nodes"]] == late[40:80]
    assert [node["externalId"] for node in answer["last"]["nodes"]] == late[-4:-2]
    order = "orderBy: [{field: RATING, direction: DESC}]"
    ratings = f'{{ feedbackItems(first: 100, search: "late" {order}) {{ nodes {{ rating }} }} }}'
    assert {node["rating"] for node in (await ada.ask(ratings))["feedbackItems"]["nodes"]} == {5}


async def test_searches_of_a_big_list_read_little_of_it(ada: Graph) -> None:
    """Words that are rare are looked up by the index; common ones by an index of the order, after a bounded look."""
    connection = get_connection("default")
    for first in range(1, 100_000, 10_000):  # for a statement may take only so long
        await connection.execute_script(FILL.format(first=first, last=first + 9_999))
    await connection.execute_script("VACUUM ANALYZE feedback_item")
    for order in ("", ", orderBy: [{field: RATING}]", ", orderBy: [{field: RECEIVED_AT, direction: DESC}]"):
        query = f"query Q($words: String) {{ feedbackItems(search: $words{order}) {{ edges {{ cursor node {{ text }} }} }} }}"
        for words, most in (("客户投诉", 200), ("zzz", 1), ("chapter 13 late", 800), ("late", MOST_RANKED + 1)):
            done = await steps(ada, query, words=words)
            assert any(step.get("Index Name") == "feedback_item_search" for step in done)
            rows = [rows_of(step) for step in done if step["Node Type"] != "Bitmap Index Scan"]  # which reads no rows
            assert max(rows) <= most, (order, words)


async def test_what_is_declared_is_what_is_stored(database: str) -> None:
    rows = await get_connection("default").execute_query_dict(
        "SELECT table_name, column_name FROM information_schema.column_column_usage WHERE dependent_column = 'search'"
    )
    shown = {each.table for each in ENTITIES.values()}
    stored = {(row["table_name"], row["column_name"]) for row in rows if row["table_name"] in shown}
    assert stored == {
        (each.table, each.leaf(name).sql.removeprefix("{t}.")) for each in ENTITIES.values() for name in each.search
    }
