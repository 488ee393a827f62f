"""Deals are begun, changed, moved and closed; their history is contiguous whatever is done to them at once."""

import asyncio
import random
from collections.abc import AsyncIterator
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from domain.customers.models import Contact, Customer
from domain.kernel.actor import SYSTEM
from domain.kernel.refusals import Conflict, Invalid, NotFound, Refusal, Stale
from domain.pipeline import commands, rules
from domain.pipeline.models import CloseReason, Opportunity, Pipeline, Stage, StageHistory
from domain.pipeline.moves import move_opportunity
from domain.pipeline.stages import create_pipeline, create_stage, reorder_stages, update_pipeline, update_stage
from domain.pipeline.steps import BeginsOpen, NoDefaultPipeline, PipelineRests
from runtime.database import connected
from tests.domain.pipeline.deals import DAY, DO, OPEN, STAMPS, House, history_is_contiguous, house, product
from tests.graph import NOW
from tests.people import a_colleague, acting

pytestmark = pytest.mark.anyio


async def move(deal: Opportunity, stage: Stage, days: int = 0, **given: Any) -> Opportunity:
    reason = given.pop("close_reason_id", None)
    at = NOW + timedelta(days=days)
    return await move_opportunity(deal.id, stage.id, given, close_reason_id=reason, by=SYSTEM, at=at)


@pytest.mark.usefixtures("database")
class TestBeginning:
    async def test_a_deal_takes_its_worth_from_its_lines_and_its_chances_from_its_stage(self) -> None:
        made = await house()
        lines = [
            {"product_id": (await product("S1")).id, "quantity": Decimal(3)},
            {"product_id": (await product("S2", None)).id, "quantity": "2", "unit_price": "10", "discount": "0.25"},
        ]
        deal = await made.deal(lines=lines)
        assert (deal.amount, deal.amount_is_set) == (Decimal("44.97"), False)
        assert (deal.probability, deal.forecast_category) == (Decimal("0.1"), "pipeline")
        assert deal.stage_id == made.stages["Qualified"].id
        await history_is_contiguous()

    async def test_what_is_given_wins(self) -> None:
        made = await house()
        deal = await made.deal(amount="100", probability="0.33", forecast_category="commit")
        assert (deal.amount, deal.amount_is_set) == (Decimal(100), True)
        assert (deal.probability, deal.probability_is_set, deal.forecast_category) == (Decimal("0.33"), True, "commit")
        moved = await move(deal, made.stages["Offered"])
        assert (moved.probability, moved.probability_is_set) == (Decimal("0.4"), False)
        assert moved.amount == 100

    async def test_it_belongs_to_who_begins_it(self) -> None:
        made = await house()
        vera = await a_colleague("vera@example.org", "Vera")
        values = {"name": "D", "customer_id": made.customer.id, "currency": "EUR", "close_date": DAY}
        by = await acting(vera)
        assert (await commands.create_opportunity(values, by=by, at=NOW)).owner_id == vera.id
        assert (await commands.create_opportunity({**values, "owner_id": None}, by=by, at=NOW)).owner_id is None

    async def test_where_it_cannot_begin(self) -> None:
        customer = await Customer.create(kind="person", name="A", **STAMPS)
        values = {"name": "D", "customer_id": customer.id, "currency": "EUR", "close_date": DAY}
        with pytest.raises(NoDefaultPipeline):
            await commands.create_opportunity(values, **DO)
        made = await house()
        with pytest.raises(BeginsOpen):
            await made.deal(stage_id=made.stages["Won"].id)
        other = await create_pipeline_named("Old")
        await update_pipeline(other.id, {"is_active": False}, **DO)
        with pytest.raises(PipelineRests):
            await made.deal(pipeline_id=other.id)
        assert await Opportunity.all().count() == 0

    async def test_a_line_without_any_price_says_so(self) -> None:
        made = await house()
        key = (await product("S2", None)).id
        with pytest.raises(Invalid, match="no list price in EUR") as told:
            await made.deal(lines=[{"product_id": key, "quantity": 1}])
        assert told.value.field == ("lines", "0", "unit_price")
        assert await Opportunity.all().count() == 0


async def create_pipeline_named(name: str) -> Pipeline:
    return await create_pipeline({"name": name}, OPEN, **DO)


@pytest.mark.usefixtures("database")
class TestChanging:
    async def test_putting_off_is_counted(self) -> None:
        deal = await (await house()).deal()
        for days, pushes in ((30, 1), (10, 1), (40, 2)):
            changed = await commands.update_opportunity(deal.id, {"close_date": DAY + timedelta(days=days)}, **DO)
            assert changed.close_date_pushes == pushes

    async def test_what_is_set_by_hand_can_be_left_to_lines_and_stage_again(self) -> None:
        deal = await (await house()).deal(
            amount="5", probability="0.9", lines=[{"product_id": (await product()).id, "quantity": 1}]
        )
        changed = await commands.update_opportunity(
            deal.id, {"amount": None, "probability": None, "forecast_category": None}, **DO
        )
        assert (changed.amount, changed.amount_is_set) == (Decimal("9.99"), False)
        assert (changed.probability, changed.probability_is_set) == (Decimal("0.1"), False)
        assert changed.forecast_category == "pipeline"

    async def test_lines_carry_the_amount_unless_it_is_set(self) -> None:
        made = await house()
        deal, line = await made.deal(), {"product_id": (await product()).id, "quantity": 2}
        assert (await commands.set_lines(deal.id, [line], **DO)).amount == Decimal("19.98")
        await commands.update_opportunity(deal.id, {"amount": "7"}, **DO)
        assert (await commands.set_lines(deal.id, [line, line], **DO)).amount == Decimal(7)

    async def test_currencies_are_not_changed_under_prices(self) -> None:
        deal = await (await house()).deal(lines=[{"product_id": (await product()).id, "quantity": 2}])
        with pytest.raises(Conflict) as told:
            await commands.update_opportunity(deal.id, {"currency": "USD"}, **DO)
        assert told.value.field == ("currency",)

    async def test_a_contact_is_the_customers_own(self) -> None:
        made = await house()
        other = await Customer.create(kind="person", name="B", **STAMPS)
        contact = await Contact.create(customer=other, name="C", **STAMPS)
        with pytest.raises(commands.ContactOfAnother):
            await made.deal(contact_id=contact.id)


@pytest.mark.usefixtures("database")
class TestMoving:
    async def test_through_all_stages_to_won(self) -> None:
        made = await house()
        deal = await made.deal(amount="100")
        for days, name in ((2, "Offered"), (9, "Agreed"), (12, "Won")):
            deal = await move(deal, made.stages[name], days)
        assert (deal.status, deal.probability, deal.forecast_category) == ("won", 1, "closed")
        assert deal.closed_at == NOW + timedelta(days=12)
        assert deal.close_date == (NOW + timedelta(days=12)).date()
        stays = await StageHistory.filter(opportunity_id=deal.id).order_by("sequence")
        assert [(stay.left_at - stay.entered_at).days for stay in stays if stay.left_at] == [2, 7, 3]
        await history_is_contiguous()

    async def test_a_loss_needs_a_reason_and_what_is_closed_stays_so(self) -> None:
        made = await house()
        deal = await made.deal(amount="100")
        with pytest.raises(rules.LossNeedsReason):
            await move(deal, made.stages["Lost"])
        lost = await move(deal, made.stages["Lost"], close_reason_id=made.lost.id, close_note="Too dear.")
        assert (lost.status, lost.probability, lost.close_reason_id) == ("lost", 0, made.lost.id)
        for change in ({"amount": "7"}, {"probability": "0.5"}, {"currency": "USD"}):
            with pytest.raises(rules.DealIsClosed):
                await commands.update_opportunity(deal.id, change, **DO)
        with pytest.raises(rules.DealIsClosed):
            await commands.set_lines(deal.id, [], **DO)
        with pytest.raises(rules.ReopenFirst):
            await move(deal, made.stages["Won"])
        opened = await move(deal, made.stages["Offered"], 100)
        assert (opened.status, opened.closed_at, opened.close_reason_id) == ("open", None, None)
        assert opened.close_date == (NOW + timedelta(days=100)).date()
        await history_is_contiguous()

    async def test_a_clock_that_goes_back_does_not_tear_history(self) -> None:
        made = await house()
        deal = await move(await made.deal(), made.stages["Offered"], 5)
        moved = await move(deal, made.stages["Agreed"], 1)
        assert moved.stage_entered_at == NOW + timedelta(days=5)
        await history_is_contiguous()

    async def test_an_old_version_moves_nothing(self) -> None:
        made = await house()
        deal = await made.deal()
        with pytest.raises(Stale):
            await move_opportunity(deal.id, made.stages["Offered"].id, {}, expected_version=7, **DO)
        with pytest.raises(NotFound):
            await move_opportunity(None, made.stages["Offered"].id, {}, **DO)
        assert await StageHistory.all().count() == 1

    async def test_stages_come_and_change_places_under_deals(self) -> None:
        made = await house()
        deal = await made.deal()
        demo = await create_stage(
            made.pipeline.id, {"name": "Demo", "default_probability": "0.2", "forecast_category": "pipeline"}, 2, **DO
        )
        order = [made.stages[name].id for name in ("Agreed", "Qualified", "Offered")]
        await reorder_stages(made.pipeline.id, [*order, demo.id], **DO)
        found = await Stage.filter(pipeline_id=made.pipeline.id).order_by("position")
        assert [stage.name for stage in found] == ["Agreed", "Qualified", "Offered", "Demo", "Won", "Lost"]
        assert [stage.position for stage in found] == [1, 2, 3, 4, 5, 6]
        await update_stage(made.stages["Offered"].id, {"default_probability": "0.5"}, **DO)
        assert (await move(deal, made.stages["Offered"])).probability == Decimal("0.5")
        with pytest.raises(Invalid):
            await update_stage(made.stages["Won"].id, {"default_probability": "0.5"}, **DO)


VERBS = st.lists(
    st.tuples(st.sampled_from(["Qualified", "Offered", "Agreed", "Won", "Lost"]), st.integers(-3, 9), st.booleans()),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=VERBS)
async def test_history_is_contiguous_whatever_is_tried(database: str, moves: list[tuple[str, int, bool]]) -> None:
    made = await _again()
    deal, days = await made.deal(), 0
    for name, later, worded in moves:
        days += later
        given = {"note": "Because."} if worded else {}
        reason = made.lost.id if name == "Lost" else None
        try:
            await move(deal, made.stages[name], days, close_reason_id=reason, **given)
        except (Conflict, Invalid):
            continue
    await history_is_contiguous()


async def _again() -> House:
    pipeline = await Pipeline.get_or_none(name="Sales")
    if pipeline is None:
        return await house()
    stages = {stage.name: stage for stage in await Stage.filter(pipeline_id=pipeline.id)}
    customer, lost = await Customer.all().first(), await CloseReason.all().first()
    assert customer
    assert lost
    return House(pipeline, customer, stages, lost)


@pytest.fixture
async def crowded(database_url: str) -> AsyncIterator[None]:
    async with connected(database_url, pool_size=12):
        yield


@pytest.mark.usefixtures("crowded")
async def test_history_is_contiguous_under_many_hands_at_once() -> None:
    made = await house()
    deals = [await made.deal() for _ in range(3)]

    async def hand(seed: int) -> int:
        chance, done = random.Random(seed), 0
        for _ in range(8):
            name = chance.choice(list(made.stages))
            reason = made.lost.id if name == "Lost" else None
            try:
                await move(
                    chance.choice(deals), made.stages[name], chance.randrange(9), note="So.", close_reason_id=reason
                )
                done += 1
            except Refusal:
                continue
        return done

    done = sum(await asyncio.gather(*(hand(seed) for seed in range(32))))
    assert done > 60
    assert await StageHistory.all().count() == 3 + done
    await history_is_contiguous()
