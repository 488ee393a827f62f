"""The law of moves, and what lines come to."""

from decimal import Decimal
from uuid import UUID

import pytest

from domain.kernel.refusals import Invalid
from domain.pipeline import rules
from domain.pipeline.rules import ForecastCategory, OpportunityStatus, Step

KINDS = ["open", "open", "open", "open", "won", "lost"]
STEPS = [
    Step(UUID(int=n), UUID(int=99), n, name, OpportunityStatus(kind), Decimal(0), ForecastCategory.PIPELINE)
    for n, (name, kind) in enumerate(zip(["A", "B", "C", "D", "Won", "Lost"], KINDS, strict=True), 1)
]
BY_NAME = {step.name: step for step in STEPS}


@pytest.mark.parametrize(
    ("now", "to", "skipped"),
    [
        ("A", "B", []),
        ("A", "C", ["B"]),
        ("A", "D", ["B", "C"]),
        ("A", "Won", ["B", "C", "D"]),
        ("D", "Won", []),
        ("A", "Lost", []),
        ("D", "A", []),
        ("Won", "A", []),
        ("Lost", "D", []),
    ],
)
def test_what_a_move_skips_needs_a_note(now: str, to: str, skipped: list[str]) -> None:
    assert rules.skipped_by(BY_NAME[now], BY_NAME[to], STEPS) == skipped
    rules.check_move(BY_NAME[now], BY_NAME[to], STEPS, "They signed at once.")
    if skipped:
        with pytest.raises(rules.SkippingNeedsNote, match=", ".join(skipped)):
            rules.check_move(BY_NAME[now], BY_NAME[to], STEPS, None)
    else:
        rules.check_move(BY_NAME[now], BY_NAME[to], STEPS, None)


@pytest.mark.parametrize(("now", "to"), [("Won", "Lost"), ("Lost", "Won")])
def test_what_is_closed_is_opened_first(now: str, to: str) -> None:
    with pytest.raises(rules.ReopenFirst):
        rules.check_move(BY_NAME[now], BY_NAME[to], STEPS, "Because.")


def test_a_move_goes_somewhere_in_its_own_pipeline() -> None:
    with pytest.raises(rules.AlreadyThere):
        rules.check_move(BY_NAME["A"], BY_NAME["A"], STEPS, None)
    elsewhere = Step(UUID(int=7), UUID(int=1), 1, "X", OpportunityStatus.OPEN, Decimal(0), ForecastCategory.PIPELINE)
    with pytest.raises(rules.StageOfAnotherPipeline):
        rules.check_move(BY_NAME["A"], elsewhere, STEPS, None)


def test_a_loss_has_a_reason_that_explains_losses() -> None:
    with pytest.raises(rules.LossNeedsReason):
        rules.check_reason(OpportunityStatus.LOST, None)
    with pytest.raises(rules.ReasonExplainsOther):
        rules.check_reason(OpportunityStatus.LOST, "won")
    with pytest.raises(rules.ReasonExplainsOther):
        rules.check_reason(OpportunityStatus.OPEN, "lost")
    rules.check_reason(OpportunityStatus.LOST, "lost")
    rules.check_reason(OpportunityStatus.WON, None)
    rules.check_reason(OpportunityStatus.WON, "won")


@pytest.mark.parametrize(
    ("quantity", "price", "discount", "currency", "amount"),
    [
        ("3", "9.99", "0", "EUR", "29.97"),
        ("1", "0.25", "0.5", "EUR", "0.12"),  # half to even
        ("1", "0.27", "0.5", "EUR", "0.14"),
        ("2.5", "101", "0.1", "JPY", "227"),
        ("1", "1.001", "0", "KWD", "1.001"),
        ("7", "5", "1", "USD", "0.00"),
    ],
)
def test_lines_come_to_minor_units(quantity: str, price: str, discount: str, currency: str, amount: str) -> None:
    made = rules.line_amount(Decimal(quantity), Decimal(price), Decimal(discount), currency)
    assert str(made) == amount


def test_a_line_that_cannot_be_written_down_is_refused() -> None:
    with pytest.raises(Invalid):
        rules.line_amount(Decimal(10**9), Decimal(10**9), Decimal(0), "EUR", "quantity")
