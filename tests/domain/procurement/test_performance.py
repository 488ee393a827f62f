"""How suppliers are judged: what never came is counted, an early end hides nothing, and the figures are the textbook's."""

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from statsmodels.stats.proportion import proportion_confint

from domain.kernel.actor import NOBODY, SYSTEM
from domain.kernel.ids import new_id
from domain.kernel.period import Period
from domain.kernel.refusals import Unauthenticated
from domain.procurement.models import PurchaseOrder, Supplier
from domain.procurement.orders import cancel_purchase_order, close_purchase_order
from domain.procurement.performance import Performance, supplier_performance
from tests.domain.inventory.house import counting, location, product
from tests.domain.procurement.purchases import came, line, sent, supplier
from tests.graph import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
MAY = Period(date(2024, 5, 1), date(2024, 6, 1))
JUNE = date(2024, 6, 15)
PROMISED = date(2024, 5, 10)
DAY = timedelta(days=1)


class Yard:
    """A supplier, and orders of ten units to it that are promised for the tenth of May."""

    supplier: Supplier
    location: Any
    product: Any

    async def order(self, promised: date | None = PROMISED, at: datetime = NOW) -> PurchaseOrder:
        return await sent(self.supplier, self.location, line(self.product, 10, "1"), at=at, promised=promised)

    async def figures(self, period: Period = MAY, as_of: date = JUNE) -> Performance:
        return await supplier_performance(self.supplier.id, period, as_of=as_of, by=SYSTEM)


@pytest.fixture
async def yard(database: str) -> Yard:
    made = Yard()
    made.supplier, made.location, made.product = await supplier(), await location(), await product()
    return made


async def test_what_never_came_is_counted(yard: Yard) -> None:
    """Odoo's on-time rate leaves out the lines of which nothing was received: a supplier who never delivers is perfect."""
    await came(await yard.order(), NOW + DAY, 10)
    await yard.order()
    found = await yard.figures()
    assert (found.due_line_count, found.on_time_line_count, found.missing_line_count) == (2, 1, 1)
    assert (found.overdue_line_count, found.on_time_rate) == (1, 0.5)


async def test_only_all_of_it_in_good_order_by_the_day_is_on_time(yard: Yard) -> None:
    await came(await yard.order(), datetime.fromisoformat("2024-05-10T23:59:59Z"), 10)
    await came(await yard.order(), datetime.fromisoformat("2024-05-11T00:00:00Z"), 10)
    short = await yard.order()
    await came(short, NOW + DAY, 9, 1)
    await came(short, NOW + 20 * DAY, 1)
    found = await yard.figures()
    assert (found.due_line_count, found.on_time_line_count, found.missing_line_count) == (3, 1, 0)
    assert found.reject_rate == 1 / 31


async def test_an_order_that_ends_early_hides_nothing(yard: Yard) -> None:
    given_up, called_off_late, called_off = await yard.order(), await yard.order(), await yard.order()
    await came(given_up, NOW + DAY, 5)
    await close_purchase_order(given_up.id, by=SYSTEM, at=NOW + 30 * DAY)
    await cancel_purchase_order(called_off_late.id, by=SYSTEM, at=NOW + 30 * DAY)
    await cancel_purchase_order(called_off.id, by=SYSTEM, at=NOW + DAY)
    found = await yard.figures()
    assert (found.due_line_count, found.missing_line_count, found.overdue_line_count) == (2, 2, 0)
    assert found.on_time_rate == 0


async def test_a_line_is_due_when_its_day_has_passed(yard: Yard) -> None:
    await yard.order()
    for as_of, due in ((date(2024, 5, 10), 0), (date(2024, 5, 11), 1)):
        found = await yard.figures(as_of=as_of)
        assert found.due_line_count == due
    assert (await yard.figures(Period(date(2024, 4, 1), PROMISED))).due_line_count == 0
    assert found.on_time_interval is not None


async def test_what_is_known_as_of_a_day_stays(yard: Yard) -> None:
    order = await yard.order()
    await came(order, NOW + 14 * DAY, 10)
    then = await yard.figures(as_of=date(2024, 5, 12))
    assert (then.due_line_count, then.missing_line_count, then.filled_line_count) == (1, 1, 0)
    assert (then.accepted, then.mean_lead_days) == (0, None)


async def test_what_was_never_promised_is_told_apart(yard: Yard) -> None:
    await yard.order(promised=None)
    found = await yard.figures()
    assert (found.due_line_count, found.unpromised_line_count, found.on_time_rate) == (0, 1, None)


async def test_lead_times_run_from_sending_to_the_last_of_it(yard: Yard) -> None:
    for days in (2, 4, 9):
        order = await yard.order()
        await came(order, NOW + DAY, 1)
        await came(order, NOW + days * DAY, 9)
    await yard.order()
    found = await yard.figures()
    assert (found.filled_line_count, found.overdue_line_count) == (3, 1)
    assert found.mean_lead_days == pytest.approx(5)
    assert found.lead_days_deviation == pytest.approx(13**0.5)


async def test_the_interval_is_wilson_s(yard: Yard) -> None:
    for late in (0, 0, 0, 1):
        await came(await yard.order(), NOW + (1 + 20 * late) * DAY, 10)
    found = await yard.figures()
    assert found.on_time_rate == 0.75
    assert found.on_time_interval == pytest.approx(proportion_confint(3, 4, method="wilson"))


async def test_of_nothing_nothing_is_known() -> None:
    assert not await Supplier.all()
    async with counting() as seen:
        found = await supplier_performance(new_id(), MAY, as_of=JUNE, by=SYSTEM)
    assert len(seen) == 1
    assert found == Performance(0, 0, 0, 0, 0, 0, Decimal(0), Decimal(0), None, None)
    assert (found.on_time_rate, found.on_time_interval, found.reject_rate) == (None, None, None)
    with pytest.raises(Unauthenticated):
        await supplier_performance(new_id(), MAY, as_of=JUNE, by=NOBODY)
