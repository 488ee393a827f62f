"""Files of orders: a row for each line of an order, the lines of one order together; in JSON Lines an order a line.

An order is known by its external id. It lands whole or not at all, its total is the sum of its lines, and where any
line differs from what is stored, all of them are replaced.
"""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from domain.catalog.rules import check_sku
from domain.customers.rules import check_external_id as check_customer
from domain.intake.columns import Column, read_moment, read_whole
from domain.intake.groups import Groups, Shape
from domain.intake.kind import Kind, Reference
from domain.intake.merge import Merge
from domain.kernel.money import LARGEST, check_currency
from domain.kernel.refusals import Invalid
from domain.orders import rules


def check_position(text: str, *field: str) -> int:
    """This will read a line's place on its order. Raises Invalid."""
    return rules.check_position(read_whole(text, *field), *field)


def as_written(text: str, *field: str) -> str:
    """This will leave an amount to the order, which knows its currency."""
    return text


ORDER_COLUMNS = (
    Column("external_id", "text", rules.check_external_id, required=True),
    Column("customer_external_id", "text", check_customer, required=True),
    Column("ordered_at", "timestamptz", read_moment, required=True),
    Column("currency", "text", check_currency, required=True),
)
LINE_COLUMNS = (
    Column("position", "int", check_position),
    Column("sku", "text", check_sku, required=True),
    Column("quantity", "numeric(18,3)", rules.check_quantity, required=True),
    Column("amount", "numeric(18,3)", as_written, required=True),
)


class DraftOrder:
    """An order while its lines are read: numbered as they come, or all by their own positions."""

    def __init__(self, values: Sequence[Any]) -> None:
        self._values = values
        self._currency = values[-1]
        self._lines: list[tuple[int, str, Decimal, Decimal]] = []
        self._positions: set[int] = set()
        self._numbered = False
        self._total = Decimal(0)

    def add(self, part: Sequence[Any]) -> None:
        """This will take a line in: position or None, SKU, quantity, amount. Raises Invalid."""
        position, sku, quantity, text = part
        amount = rules.check_line_amount(text, self._currency, "amount")
        if self._total + amount >= LARGEST:
            raise Invalid(f"The order's total must be below {LARGEST:f}.", "amount")
        self._lines.append((self._place(position), sku, quantity, amount))
        self._total += amount

    def finish(self) -> tuple[Sequence[Any], Sequence[Sequence[Any]]]:
        """This will give what to store of the order, its total last, and of its lines."""
        return (*self._values, self._total), self._lines

    def _place(self, position: int | None) -> int:
        if not self._lines:
            self._numbered = position is not None
        if self._numbered != (position is not None):
            raise Invalid("position must stand on every line of an order, or on none.", "position")
        place = len(self._lines) + 1 if position is None else position
        if place in self._positions:
            raise Invalid("position stands on another line of this order already.", "position")
        self._positions.add(rules.check_position(place, "position"))
        return place


SHAPE = Shape("order", ORDER_COLUMNS, LINE_COLUMNS, DraftOrder)

_LINES = """
    jsonb_agg(jsonb_build_object('position', l.position, 'product_id', l.product_id, 'quantity', l.quantity::text,
        'amount', l.amount::text) ORDER BY l.position)
"""
COMPARE_LINES = f"""
    UPDATE staged s SET lines = new.lines,
        stored_lines = (SELECT {_LINES} FROM sales_order_line l WHERE l.order_id = s.stored_id)
    FROM (SELECT l.unit_no, {_LINES} AS lines FROM staged_part l GROUP BY l.unit_no) new WHERE new.unit_no = s.unit_no
"""
REMOVE_LINES = """
    DELETE FROM sales_order_line WHERE order_id = ANY(ARRAY(
        SELECT stored_id FROM staged WHERE stored_id IS NOT NULL AND lines IS DISTINCT FROM stored_lines
    ))
"""
INSERT_LINES = """
    INSERT INTO sales_order_line (id, created_at, updated_at, version, order_id, position, product_id, quantity, amount)
    SELECT l.id, s.at, s.at, 1, coalesce(s.stored_id, s.id), l.position, l.product_id, l.quantity, l.amount
    FROM staged_part l JOIN staged s ON s.unit_no = l.unit_no WHERE s.lines IS DISTINCT FROM s.stored_lines
"""

ORDERS = Kind(
    name="orders",
    noun="order",
    columns=ORDER_COLUMNS,
    part_columns=LINE_COLUMNS,
    parts="lines",
    assembler=lambda at, spread: Groups(SHAPE, spread=spread),
    references=(
        Reference("customer", "customer_external_id", "customer", "external_id", "customer_id"),
        Reference("product", "sku", "product", "sku", "product_id", of_part=True),
    ),
    computed=(("total", "numeric(18,3)"),),
    scratch=(("lines", "jsonb"), ("stored_lines", "jsonb")),
    prepare=(COMPARE_LINES,),
    merge=Merge(
        table="sales_order",
        key="external_id",
        topic="orders.order.imported",
        stored={
            "customer_id": "s.customer_id",
            "ordered_at": "s.ordered_at",
            "currency": "s.currency",
            "total": "s.total",
        },
        beside={"lines": ("s.lines", "s.stored_lines")},
        exact=("total",),
    ),
    finish=(REMOVE_LINES, INSERT_LINES),
    once="The lines of an order must stand together; this order stood on line {line} already.",
)
