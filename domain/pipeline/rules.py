"""Words and law of the pipeline: stages, outcomes, forecast categories, and how an opportunity may move."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from uuid import UUID

from domain.kernel.changes import Check
from domain.kernel.money import LARGEST, MINOR_DIGITS, check_currency, exact, read_amount, read_decimal
from domain.kernel.refusals import Conflict, Invalid
from domain.kernel.text import clean_text

SHARE_DIGITS = 4
QUANTITY_DIGITS = 3
LARGEST_QUANTITY = Decimal(10) ** 9
MOST_LINES = 200
MOST_STAGES = 30
LONGEST_NOTE = 10_000
FIRST_DAY, LAST_DAY = date(1970, 1, 1), date(2199, 12, 31)


class OpportunityStatus(StrEnum):
    """Whether a deal is still to be decided, or how it was; the kind of the stage that it is in."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"


class CloseOutcome(StrEnum):
    """What a close reason explains."""

    WON = "won"
    LOST = "lost"


class ForecastCategory(StrEnum):
    """Where a forecast counts a deal. Source: the forecast categories of Salesforce."""

    PIPELINE = "pipeline"
    BEST_CASE = "best_case"
    COMMIT = "commit"
    CLOSED = "closed"
    OMITTED = "omitted"


class ForecastGrain(StrEnum):
    """How long the period of a forecast is."""

    MONTH = "month"
    QUARTER = "quarter"


class LeadSource(StrEnum):
    """The way by which a lead, and so a deal, came to us."""

    WEBSITE = "website"
    REFERRAL = "referral"
    EXHIBITION = "exhibition"
    SOCIAL_MEDIA = "social_media"
    CAMPAIGN = "campaign"
    PARTNER = "partner"
    OUTBOUND = "outbound"
    OTHER = "other"


OF_OPEN_DEALS = frozenset({ForecastCategory.PIPELINE, ForecastCategory.BEST_CASE, ForecastCategory.COMMIT})
"""The categories of deals that may still be won and are forecast; people may choose these, and omitted."""

CATEGORY_OF_CLOSED = {OpportunityStatus.WON: ForecastCategory.CLOSED, OpportunityStatus.LOST: ForecastCategory.OMITTED}
PROBABILITY_OF_CLOSED = {OpportunityStatus.WON: Decimal(1), OpportunityStatus.LOST: Decimal(0)}


class AlreadyThere(Conflict):
    """The opportunity is in the stage that it was to move to."""

    def __init__(self, name: str) -> None:
        super().__init__(f"It is in the stage {name} already; choose another stage.", "stage_id")


class StageOfAnotherPipeline(Conflict):
    """The stage belongs to another pipeline than the opportunity."""

    def __init__(self) -> None:
        super().__init__("{field} is a stage of another pipeline; choose one of the opportunity's own.", "stage_id")


class ReopenFirst(Conflict):
    """A closed opportunity goes back to an open stage before it is closed another way."""

    def __init__(self, status: str) -> None:
        super().__init__(f"It is {status}; move it back to an open stage before you close it another way.", "stage_id")


class SkippingNeedsNote(Invalid):
    """Stages are skipped without a word on how their exit criteria were met."""

    def __init__(self, skipped: Sequence[str]) -> None:
        super().__init__(
            f"{{field}} is missing: the move skips {', '.join(skipped)}; say how the exit criteria were met.", "note"
        )


class LossNeedsReason(Invalid):
    """An opportunity is lost without a reason."""

    def __init__(self) -> None:
        super().__init__("{field} is missing; choose why the deal was lost.", "close_reason_id")


class ReasonExplainsOther(Invalid):
    """The reason chosen explains the other outcome, or none."""

    def __init__(self, status: str) -> None:
        super().__init__(
            f"{{field}} does not explain why a deal is {status}; choose a reason of that outcome, or none where it "
            "stays open.",
            "close_reason_id",
        )


class DealIsClosed(Conflict):
    """What a closed deal came to stays as it was."""

    def __init__(self, *field: str) -> None:
        super().__init__("{field} stays as it was when the deal was closed; move it to an open stage first.", *field)


@dataclass(frozen=True, slots=True)
class Step:
    """A stage as the law of moves sees it."""

    id: UUID
    pipeline_id: UUID
    position: int
    name: str
    kind: OpportunityStatus
    default_probability: Decimal
    forecast_category: ForecastCategory


def check_move(now: Step, to: Step, stages: Sequence[Step], note: str | None) -> None:
    """This will refuse a move that the law does not know.

    Any open stage can be reached from any other, and a won or lost one from any open one; what is closed is opened
    before it is closed another way. Going forward over stages needs a note on how their exit criteria were met. Raises
    AlreadyThere, StageOfAnotherPipeline, ReopenFirst, SkippingNeedsNote.
    """
    if to.pipeline_id != now.pipeline_id:
        raise StageOfAnotherPipeline
    if to.id == now.id:
        raise AlreadyThere(now.name)
    if now.kind != OpportunityStatus.OPEN and to.kind != OpportunityStatus.OPEN:
        raise ReopenFirst(now.kind)
    skipped = skipped_by(now, to, stages)
    if skipped and note is None:
        raise SkippingNeedsNote(skipped)


def skipped_by(now: Step, to: Step, stages: Sequence[Step]) -> list[str]:
    """This will name the open stages that lie between: none where the deal is lost, goes back, or is opened again."""
    if to.kind == OpportunityStatus.LOST or now.kind != OpportunityStatus.OPEN:
        return []
    between = [s for s in stages if s.kind == OpportunityStatus.OPEN and now.position < s.position < to.position]
    return [step.name for step in sorted(between, key=lambda step: step.position)]


def check_reason(status: OpportunityStatus, outcome: str | None) -> None:
    """This will refuse a loss without a reason, and a reason that explains something else.

    `outcome` is what the chosen reason explains; None where none was chosen. Raises LossNeedsReason,
    ReasonExplainsOther.
    """
    if outcome is None:
        if status == OpportunityStatus.LOST:
            raise LossNeedsReason
    elif outcome != status:
        raise ReasonExplainsOther(status)


def line_amount(quantity: Decimal, unit_price: Decimal, discount: Decimal, currency: str, *field: str) -> Decimal:
    """This will give what a line comes to: quantity times price less discount, half-even to the minor unit.

    Raises Invalid where that is more than can be written down.
    """
    amount = quantity * unit_price * (1 - discount)
    if amount >= LARGEST:
        raise Invalid("{field} makes the line cost more than can be written down; order less.", *field)
    return amount.quantize(Decimal(1).scaleb(-MINOR_DIGITS[currency]), rounding=ROUND_HALF_EVEN)


def check_name(text: str, *field: str) -> str:
    """This will return a deal's name trimmed. Raises Invalid where it is empty or over 300 characters."""
    return clean_text(text, *field, longest=300)


def check_short(text: str, *field: str) -> str:
    """This will return the name of a pipeline, a stage or a reason. Raises Invalid: empty, or over 100 characters."""
    return clean_text(text, *field, longest=100)


def check_external_id(value: str | None, *field: str) -> str | None:
    """This will return the id that another system gave, trimmed. Raises Invalid where it is empty or over 120."""
    return None if value is None else clean_text(value, *field, longest=120)


def check_sentence(text: str | None, *field: str) -> str | None:
    """This will return a sentence trimmed. Raises Invalid where it is empty or over 300 characters."""
    return None if text is None else clean_text(text, *field, longest=300)


def check_note(text: str | None, *field: str) -> str | None:
    """This will return a longer text trimmed. Raises Invalid where it is empty or over 10,000 characters."""
    return None if text is None else clean_text(text, *field, longest=LONGEST_NOTE)


def check_share(value: str | Decimal | int, *field: str) -> Decimal:
    """This will return a share from 0 to 1, exact to 4 digits. Raises Invalid."""
    share = exact(read_decimal(value, *field), SHARE_DIGITS, *field)
    if not 0 <= share <= 1:
        raise Invalid("{field} must be from 0 to 1; write 35 % as 0.35.", *field)
    return share


def check_probability(value: str | Decimal | int | None, *field: str) -> Decimal | None:
    """This will return how likely a win is, 0 to 1, exact to 4 digits; None: as the stage has it. Raises Invalid."""
    return None if value is None else check_share(value, *field)


def check_quantity(value: str | Decimal | int, *field: str) -> Decimal:
    """This will return a number of units above zero, exact to 3 digits. Raises Invalid."""
    quantity = exact(read_decimal(value, *field), QUANTITY_DIGITS, *field)
    if not 0 < quantity <= LARGEST_QUANTITY:
        raise Invalid(f"{{field}} must be above zero and at most {LARGEST_QUANTITY:,}.", *field)
    return quantity


def check_price(value: str | Decimal | int, currency: str, *field: str) -> Decimal:
    """This will return an amount, zero or more, exact to the currency's minor unit. Raises Invalid."""
    price = read_amount(value, currency, *field)
    if price < 0:
        raise Invalid("{field} must not be negative.", *field)
    return price


def check_chosen_category(value: str | None, *field: str) -> ForecastCategory | None:
    """This will return a category that people may choose; None: as the stage has it. Raises Invalid for closed."""
    if value == ForecastCategory.CLOSED:
        raise Invalid("{field} cannot be chosen: a deal is closed by winning it.", *field)
    return None if value is None else ForecastCategory(value)


def check_day(day: date, *field: str) -> date:
    """This will return a day that a deal can close on. Raises Invalid before 1970 and after 2199."""
    if not FIRST_DAY <= day <= LAST_DAY:
        raise Invalid(f"{{field}} must be from {FIRST_DAY} to {LAST_DAY}.", *field)
    return day


def check_stage_probability(kind: OpportunityStatus, probability: Decimal, *field: str) -> Decimal:
    """This will return the probability of a stage. Raises Invalid where a closed one is not 1 if won, 0 if lost."""
    if probability != PROBABILITY_OF_CLOSED.get(kind, probability):
        raise Invalid(f"{{field}} of the stage for {kind} deals is fixed.", *field)
    return probability


OPPORTUNITY: Mapping[str, Check] = {
    "external_id": check_external_id,
    "name": check_name,
    "currency": check_currency,
    "amount": lambda value, *field: None if value is None else read_decimal(value, *field),
    "probability": check_probability,
    "forecast_category": check_chosen_category,
    "source": lambda value, *_: None if value is None else LeadSource(value),
    "close_date": check_day,
    "next_step": check_sentence,
}
"""The rule of each field of an opportunity that people may write; an amount is checked once its currency is known."""

SETTLED = ("currency", "amount", "probability", "forecast_category", "close_date")
"""What stays as it was once a deal is closed."""

LINE: Mapping[str, Check] = {
    "quantity": check_quantity,
    "unit_price": lambda value, *field: None if value is None else read_decimal(value, *field),
    "discount": check_share,
}
"""The rule of each field of a line that people may write; a price is checked once its currency is known."""

MOVE: Mapping[str, Check] = {"note": check_note, "close_note": check_note}
"""The rule of each text that goes with a move."""

PIPELINE: Mapping[str, Check] = {
    "name": check_short,
    "is_default": lambda value, *_: bool(value),
    "is_active": lambda value, *_: bool(value),
}
"""The rule of each field of a pipeline that people may write."""

STAGE: Mapping[str, Check] = {
    "name": check_short,
    "default_probability": check_share,
    "forecast_category": check_chosen_category,
    "exit_criteria": check_note,
}
"""The rule of each field of a stage that people may write."""

REASON: Mapping[str, Check] = {
    "outcome": lambda value, *_: CloseOutcome(value),
    "name": check_short,
    "is_active": lambda value, *_: bool(value),
}
"""The rule of each field of a close reason that people may write."""

COMPETITOR: Mapping[str, Check] = {
    "name": lambda text, *field: clean_text(text, *field, longest=200),
    "website": check_sentence,
}
"""The rule of each field of a competitor that people may write."""
