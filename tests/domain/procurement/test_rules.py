"""Words and law of procurement, without a database."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from domain.kernel.refusals import Invalid
from domain.procurement import rules
from domain.procurement.rules import NEXT, NEXT_OF_SUPPLIER, PurchaseOrderStatus, SupplierStatus

NOW = datetime(2024, 5, 1, 23, tzinfo=UTC)


def test_every_status_has_its_ways() -> None:
    assert NEXT.keys() == set(PurchaseOrderStatus)
    assert NEXT_OF_SUPPLIER.keys() == set(SupplierStatus)
    assert [status for status, ways in NEXT.items() if not ways] == ["closed", "cancelled"]
    assert [status for status, ways in NEXT_OF_SUPPLIER.items() if not ways] == ["terminated"]


@pytest.mark.parametrize("now", PurchaseOrderStatus)
@pytest.mark.parametrize("wanted", PurchaseOrderStatus)
def test_an_order_goes_where_the_table_says(now: PurchaseOrderStatus, wanted: PurchaseOrderStatus) -> None:
    if wanted in NEXT[now]:
        assert rules.check_next(now, wanted) is wanted
        return
    with pytest.raises(rules.StatusNotReachable) as refused:
        rules.check_next(now, wanted)
    assert "_" not in str(refused.value)


@pytest.mark.parametrize("now", PurchaseOrderStatus)
def test_an_order_is_cancelled_only_before_anything_came(now: PurchaseOrderStatus) -> None:
    assert (PurchaseOrderStatus.CANCELLED in NEXT[now]) == (now in {"draft", "sent", "acknowledged"})
    assert (PurchaseOrderStatus.CLOSED in NEXT[now]) == (now in {"partially_received", "received"})


def test_a_suspended_supplier_comes_back_over_probation() -> None:
    with pytest.raises(rules.StatusNotReachable, match="suspended and cannot be approved: from here it can only be"):
        rules.check_next_of_supplier("suspended", "approved")
    assert rules.check_next_of_supplier("suspended", "probation") is SupplierStatus.PROBATION
    with pytest.raises(rules.StatusNotReachable, match="stays as it is"):
        rules.check_next_of_supplier("terminated", "approved")


@pytest.mark.parametrize(
    ("check", "values"),
    [
        (rules.check_unit_cost, ["-1"]),
        (rules.check_lead_time, [731]),
        (rules.check_lead_time, [-1]),
        (rules.check_lot, [Decimal(4), Decimal(5), Decimal(1)]),
        (rules.check_lot, [Decimal(7), Decimal(5), Decimal(2)]),
        (rules.check_reason, [""]),
        (rules.check_promise, [date(2024, 4, 30), NOW]),
        (rules.line_amount, [Decimal(10) ** 9, Decimal(10) ** 7, "EUR"]),
    ],
)
def test_what_breaks_a_rule_is_refused(check: Callable[..., Any], values: list[Any]) -> None:
    with pytest.raises(Invalid, match=r"^there "):
        check(*values, "there")


def test_what_keeps_the_rules_is_taken() -> None:
    rules.check_lot(Decimal("7.5"), Decimal(5), Decimal("2.5"))
    assert rules.check_promise(date(2024, 5, 1), NOW) == date(2024, 5, 1)
    assert rules.check_lead_time(0) == 0


def test_an_amount_is_rounded_as_merchants_do() -> None:
    assert rules.line_amount(Decimal("0.5"), Decimal("0.01"), "EUR") == Decimal("0.01")
    assert rules.line_amount(Decimal("1.5"), Decimal("3"), "JPY") == Decimal("5")
    assert rules.line_amount(Decimal("0.001"), Decimal("1.500"), "KWD") == Decimal("0.002")


def test_a_share_of_nothing_is_not_known() -> None:
    assert rules.share(1, 4) == 0.25
    assert rules.share(0, 0) is None
