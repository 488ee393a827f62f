"""Stock through the graph: bought, received, moved, promised, counted; proposals become purchase orders."""

from datetime import timedelta
from typing import Any

import pytest

from domain.catalog.models import Product
from domain.inventory.models import Location
from domain.inventory.reservations import release_expired
from domain.inventory.stock import receive
from domain.kernel.actor import SYSTEM
from domain.kernel.ids import public_id
from domain.kernel.record import Record
from domain.procurement.models import PurchaseOrder
from tests.domain.inventory.house import DO, books_balance, item, location, product
from tests.domain.procurement import purchases
from tests.domain.replenishment import stocked
from tests.graph import NOW, Graph

pytestmark = pytest.mark.anyio
ADJUST = """mutation ($input: StockAdjustInput!) { stockAdjust(input: $input) {
  inventoryLevel { onHand reserved available } stockMove { quantity kind fromLocation { code } }
  userErrors { field message code } } }"""
RESERVE = """mutation ($input: StockReserveInput!) { stockReserve(input: $input) {
  reservation { id state remaining } userErrors { field message code } } }"""
RELEASE = """mutation ($id: ID!) { reservationRelease(id: $id) { reservation { state remaining }
  userErrors { message code } } }"""
TRANSFER = """mutation ($input: StockTransferInput!) { stockTransfer(input: $input) {
  stockMove { id kind quantity originId } userErrors { field message code } } }"""
POSITION = """query ($id: ID!) { product(id: $id) { sku
  inventoryLevelsAggregate(where: {isInternal: {eq: true}}) { sum { onHand reserved available } }
  inventoryLevels(where: {isInternal: {eq: true}}) { nodes { location { code } onHand reserved available } }
  supplierItems { nodes { supplier { name } unitCost { amount } leadTimeDays } } } }"""
BUY = """mutation ($input: PurchaseOrderCreateInput!) { purchaseOrderCreate(input: $input) {
  purchaseOrder { id number status total { amount currency } lines { nodes { id position amount { amount } } } }
  userErrors { field message code } } }"""
RECEIVE = """mutation ($id: ID!, $input: PurchaseOrderReceiveInput!) { purchaseOrderReceive(id: $id, input: $input) {
  purchaseOrder { status lines { nodes { accepted rejected awaited receipts { nodes { accepted rejectReason } } } } }
  userErrors { field message code } } }"""
ORDER = """mutation ($id: ID!) { replenishmentProposalOrder(id: $id, input: {}) {
  replenishmentProposal { state purchaseOrder { id status supplier { name } lines { nodes { quantity } } } }
  userErrors { field message code } } }"""


def words(statements: list[str]) -> list[str]:
    return [statement.split()[0].rstrip(";") for statement in statements]


def key(record: Record) -> str:
    return public_id(record.prefix, record.id)


async def shelf(quantity: int = 10) -> tuple[Product, Location]:
    goods, place = await product(), await location()
    await receive([item(goods, place, quantity)], origin=None, **DO)
    return goods, place


async def test_stock_is_counted_promised_and_given_back(rob: Graph) -> None:
    goods, place = await shelf()
    at = {"productId": key(goods), "locationId": key(place)}
    counted = (await rob.ask(ADJUST, input={**at, "counted": "8"}))["stockAdjust"]
    assert counted["inventoryLevel"] == {"onHand": "8", "reserved": "0", "available": "8"}
    assert counted["stockMove"] == {"quantity": "2", "kind": "ADJUSTMENT", "fromLocation": {"code": "MAIN"}}
    same = (await rob.ask(ADJUST, input={**at, "counted": "8"}))["stockAdjust"]
    assert (same["stockMove"], same["userErrors"]) == (None, [])
    promise = (await rob.ask(RESERVE, input={**at, "quantity": "5"}))["stockReserve"]["reservation"]
    (error,) = (await rob.ask(RESERVE, input={**at, "quantity": "4"}))["stockReserve"]["userErrors"]
    assert (error["field"], error["code"]) == (["input", "quantity"], "CONFLICT")
    released = (await rob.ask(RELEASE, id=promise["id"]))["reservationRelease"]
    assert released["reservation"] == {"state": "RELEASED", "remaining": "0"}
    await books_balance()


async def test_a_transfer_and_its_position_in_one_statement(rob: Graph) -> None:
    goods, place = await shelf()
    await purchases.offer(await purchases.supplier(), goods)
    east = await location("EAST")
    given = {"productId": key(goods), "fromLocationId": key(place), "toLocationId": key(east), "quantity": "3"}
    await rob.ask(TRANSFER, input=given)
    with rob.counting() as statements:
        moved = (await rob.ask(TRANSFER, input=given))["stockTransfer"]
    assert moved["stockMove"] | {"id": ""} == {"id": "", "kind": "TRANSFER", "quantity": "3", "originId": None}
    assert words(statements) == ["BEGIN", "INSERT", "SELECT", "UPDATE", "WITH", "SELECT", "COMMIT"]
    await rob.ask(POSITION, id=key(goods))
    with rob.counting() as statements:
        found = (await rob.ask(POSITION, id=key(goods)))["product"]
    assert words(statements) == ["SELECT"]
    assert found["inventoryLevelsAggregate"]["sum"] == {"onHand": "10", "reserved": "0", "available": "10"}
    assert {each["location"]["code"]: each["onHand"] for each in found["inventoryLevels"]["nodes"]} == {
        "MAIN": "4",
        "EAST": "6",
    }


async def test_a_purchase_from_writing_to_receipt(rob: Graph) -> None:
    goods, place = await product(), await location()
    supplier = await purchases.supplier()
    await purchases.offer(supplier, goods)
    given = {
        "supplierId": key(supplier),
        "locationId": key(place),
        "lines": [{"productId": key(goods), "quantity": "10"}],
    }
    order = (await rob.ask(BUY, input=given))["purchaseOrderCreate"]["purchaseOrder"]
    assert (order["status"], order["total"]) == ("DRAFT", {"amount": "25.00", "currency": "EUR"})
    send = "mutation ($id: ID!) { purchaseOrderSend(id: $id) { purchaseOrder { status } userErrors { code } } }"
    assert (await rob.ask(send, id=order["id"]))["purchaseOrderSend"]["purchaseOrder"] == {"status": "SENT"}
    line = order["lines"]["nodes"][0]["id"]
    came = {"lines": [{"lineId": line, "accepted": "7", "rejected": "1", "rejectReason": "bent"}]}
    taken = (await rob.ask(RECEIVE, id=order["id"], input=came))["purchaseOrderReceive"]
    assert taken["userErrors"] == []
    assert taken["purchaseOrder"]["status"] == "PARTIALLY_RECEIVED"
    (shown,) = taken["purchaseOrder"]["lines"]["nodes"]
    assert (shown["accepted"], shown["rejected"], shown["awaited"]) == ("7", "1", "3")
    assert shown["receipts"]["nodes"] == [{"accepted": "7", "rejectReason": "bent"}]
    origin = (await rob.ask("{ stockMoves { nodes { originId kind } } }"))["stockMoves"]["nodes"]
    assert origin == [{"originId": order["id"], "kind": "RECEIPT"}]
    await books_balance()


async def test_a_supplier_is_judged_in_one_statement(rob: Graph) -> None:
    goods, place = await product(), await location()
    supplier = await purchases.supplier()
    promised = NOW.date() + timedelta(days=5)
    late = await purchases.sent(supplier, place, purchases.line(goods, cost="2"), promised=promised)
    await purchases.sent(supplier, place, purchases.line(goods, cost="2"), promised=promised)  # and nothing ever comes
    await purchases.came(late, NOW + timedelta(days=4), 10)
    query = """query ($id: ID!) { supplierPerformance(supplierId: $id, start: "2024-05-01", end: "2024-06-01") {
      dueLineCount onTimeLineCount missingLineCount onTimeRate onTimeLow onTimeHigh rejectRate meanLeadDays } }"""
    await rob.ask(query, id=key(supplier))
    with rob.counting() as statements:
        found = (await rob.ask(query, id=key(supplier)))["supplierPerformance"]
    assert words(statements) == ["SELECT"] or words(statements) == ["WITH"]
    assert (found["dueLineCount"], found["onTimeLineCount"], found["missingLineCount"]) == (2, 1, 1)
    assert found["onTimeRate"] == 0.5
    assert found["onTimeLow"] < 0.5 < found["onTimeHigh"]
    assert (found["rejectRate"], found["meanLeadDays"]) == (0, 4)


async def test_a_proposal_becomes_one_purchase_order(rob: Graph) -> None:
    company = await stocked.founded()
    goods = await company.product()
    await company.policy(goods)
    await company.sold(goods, *stocked.daily(*[5] * 14))
    await stocked.proposed()
    listed: Any = await rob.ask(
        """{ replenishmentProposals(where: {state: {eq: PROPOSED}}) { nodes {
          id quantity explanation product { sku } supplierItem { supplier { name } } } } }"""
    )
    (proposal,) = listed["replenishmentProposals"]["nodes"]
    assert len(proposal["explanation"]) > 5
    ordered = (await rob.ask(ORDER, id=proposal["id"]))["replenishmentProposalOrder"]
    assert ordered["userErrors"] == []
    assert ordered["replenishmentProposal"]["state"] == "ORDERED"
    assert ordered["replenishmentProposal"]["purchaseOrder"]["lines"]["nodes"] == [{"quantity": proposal["quantity"]}]
    (error,) = (await rob.ask(ORDER, id=proposal["id"]))["replenishmentProposalOrder"]["userErrors"]
    assert error["code"] == "CONFLICT"
    assert error["message"] == "This proposal was ordered already; go on with its purchase order."
    assert await PurchaseOrder.all().count() == 1


async def test_nothing_is_ordered_of_what_nobody_offers(rob: Graph) -> None:
    company = await stocked.founded()
    goods = await company.product(lead_days=None)
    policy = await company.policy(goods)
    await company.sold(goods, *stocked.daily(*[5] * 14))
    await stocked.proposed()
    proposal = await stocked.open_proposal(policy)
    assert proposal
    (error,) = (await rob.ask(ORDER, id=key(proposal)))["replenishmentProposalOrder"]["userErrors"]
    assert error["code"] == "CONFLICT"
    assert "No supplier offers this product" in error["message"]
    assert await PurchaseOrder.all().count() == 0


async def test_promises_end_by_themselves(rob: Graph) -> None:
    goods, place = await shelf()
    at = {"productId": key(goods), "locationId": key(place)}
    given = {**at, "quantity": "5", "expiresAt": "2124-01-01T00:00:00Z"}
    assert (await rob.ask(RESERVE, input=given))["stockReserve"]["userErrors"] == []
    assert await release_expired(by=SYSTEM, at=NOW + timedelta(days=365 * 101)) == 1
    found = await rob.ask("{ reservations { nodes { state remaining } } }")
    assert found["reservations"]["nodes"] == [{"state": "EXPIRED", "remaining": "0"}]
