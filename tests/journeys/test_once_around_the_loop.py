"""A story: from a campaign over a lead, a deal and a late delivery to a theme, a cycle, its effect, and a practice.

All of it through the public API, with a real worker; only the calendar is the story's own.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from api.asgi import application
from runtime.redis import redis_client
from runtime.settings import Settings
from tests.graph import PEM, Graph, token_for
from tests.people import a_colleague, an_administrator
from tests.waiting import eventually
from workers.kinds import KINDS
from workers.main import work

pytestmark = pytest.mark.anyio
MONDAY = date(2024, 1, 1)
WEEKS_BEFORE, WEEKS_AFTER = 10, 10
COMPLAINTS = (
    "The parcel came days late, late delivery again, the parcel was late.",
    "Late delivery: the parcel came a week late, I am angry.",
    "My parcel was late, a late delivery is a bad delivery.",
)
PRAISE = (
    "The sound of this amplifier is warm and the amplifier looks great.",
    "A great amplifier, warm sound, I love the sound.",
    "Warm sound and a solid amplifier, great.",
)
STAGES = [
    {"name": "Qualified", "defaultProbability": "0.2", "forecastCategory": "PIPELINE"},
    {"name": "Agreed", "defaultProbability": "0.8", "forecastCategory": "COMMIT"},
]


class Story:
    """A client of the API, and the calendar that it and the worker go by."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph

    async def do(self, verb: str, selected: str, id: str | None = None, **given: Any) -> Any:
        """What a mutation made, which must not have been refused; `given` is its input."""
        declared, handed = [], []
        if id is not None:
            declared.append("$id: ID!")
            handed.append(
                f"{'shipmentId' if verb == 'shipmentDeliver' else 'practiceId' if verb == 'practiceAdopt' else 'id'}: $id"
            )
        if given or verb in WITH_INPUT:
            declared.append(f"$input: {verb[0].upper()}{verb[1:]}Input!")
            handed.append("input: $input")
        head = f"({', '.join(declared)})" if declared else ""
        call = f"{verb}({', '.join(handed)})" if handed else verb
        query = f"mutation {head} {{ {call} {{ {selected} userErrors {{ field message }} }} }}"
        answer = (await self.graph.ask(query, id=id, input=given))[verb]
        assert answer.pop("userErrors") == [], (verb, given)
        made = list(answer.values())
        return made[0] if len(made) == 1 else answer

    async def have_done(self, verb: str, id: str | None = None, **given: Any) -> Any:
        """What a job came to that a mutation started."""
        key = (await self.do(verb, "job { id }", id, **given))["id"]

        async def ended() -> Any:
            query = "query ($id: ID!) { job(id: $id) { state result error } }"
            job = (await self.graph.ask(query, id=key))["job"]
            return job if job["state"] in ("SUCCEEDED", "DEAD") else None

        job = await eventually(ended, 90)
        assert job["state"] == "SUCCEEDED", job
        return job["result"]


WITH_INPUT = {
    "orderShip",
    "shipmentDeliver",
    "kpiCompute",
    "attributionCompute",
    "segmentRefresh",
    "replenishmentPropose",
}


class Calendar:
    """What day it is."""

    def __init__(self) -> None:
        self.now = datetime(2024, 1, 1, 8, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def turn_to(self, day: date, hour: int = 9) -> None:
        self.now = datetime(day.year, day.month, day.day, hour, tzinfo=UTC)


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


@pytest.fixture
async def story(database_url: str, redis_url: str, tmp_path: Path, calendar: Calendar) -> AsyncIterator[Story]:
    """The API and a worker over one database, both by the story's calendar, and a representative signed in."""
    client = redis_client(redis_url)
    await client.flushall()
    await client.aclose()
    settings = Settings(
        home=tmp_path, database_url=database_url, redis_url=redis_url, token_key=PEM, database_pool_size=12
    )
    app = application(settings, clock=calendar)
    stop = asyncio.Event()
    async with app.router.lifespan_context(app):
        task = asyncio.create_task(work(database_url, redis_url, stop, kinds=KINDS, clock=calendar))
        transport = httpx.ASGITransport(app=app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://salesloop.test") as http:
            ada = await an_administrator()
            await pause_schedules(Story(Graph(http, await token_for(ada))))
            rob = await a_colleague()
            yield Story(Graph(http, await token_for(rob)))
        stop.set()
        await task


async def pause_schedules(story: Story) -> None:
    """Lets every schedule rest before the calendar makes one due: the story itself says when its jobs run."""
    scheduled = sum(kind.schedule is not None for kind in KINDS.values())

    async def all_set_up() -> Any:
        found = (await story.graph.ask("{ schedules(first: 50) { nodes { id } } }"))["schedules"]["nodes"]
        return found if len(found) == scheduled else None

    for schedule in await eventually(all_set_up):
        paused = await story.do("scheduleUpdate", "schedule { isPaused }", schedule["id"], isPaused=True)
        assert paused == {"isPaused": True}


async def test_once_around_the_loop(story: Story, calendar: Calendar) -> None:
    # A house with stock, a pipeline, and a KPI by the week.
    place = (await story.do("locationCreate", "location { id }", code="MAIN", name="Main"))["id"]
    goods = (
        await story.do(
            "productCreate", "product { id }", sku="AMP", name="Amplifier",
            listPrice={"amount": "200", "currency": "EUR"}, unitCost="120",
        )
    )["id"]  # fmt: skip
    await story.do("stockAdjust", "stockMove { id }", productId=goods, locationId=place, counted="500", note="Opening")
    pipeline = await story.do(
        "pipelineCreate", "pipeline { stages { nodes { id name } } }", name="Sales", isDefault=True, stages=STAGES
    )
    stages = {stage["name"]: stage["id"] for stage in pipeline["stages"]["nodes"]}
    kpi = (
        await story.do(
            "kpiCreate", "kpi { id }", key="otif_by_week", name="On time by the week", description="D",
            measure="on_time_in_full", grain="WEEK",
        )
    )["id"]  # fmt: skip

    # A campaign reaches a lead, who becomes a customer with a deal that is won.
    campaign = (
        await story.do(
            "campaignCreate", "campaign { id }", name="Spring", kind="EMAIL", startsOn="2024-01-01",
            endsOn="2024-03-31", currency="EUR", budget="100",
        )
    )["id"]  # fmt: skip
    await story.do("campaignSetState", "campaign { state }", campaign, state="ACTIVE")
    await story.do(
        "campaignRecordCost", "campaign { cost { amount } }", campaign, incurredOn="2024-01-01", amount="50",
        description="Media",
    )  # fmt: skip
    lead = (await story.do("leadCreate", "lead { id }", name="Kim", company="Acme", source="CAMPAIGN"))["id"]
    touch = {"externalId": "t1", "kind": "CLICKED", "occurredAt": calendar.now.isoformat(), "leadId": lead}
    await story.do("campaignRecordTouches", "campaign { id }", campaign, touches=[touch])
    calendar.turn_to(date(2024, 1, 2))
    await story.do("leadSetStatus", "lead { status }", lead, status="QUALIFIED")
    deal = {"name": "Amplifiers", "currency": "EUR", "closeDate": "2024-01-31"}
    converted = await story.do("leadConvert", "lead { customer { id } opportunity { id } }", lead, opportunity=deal)
    customer, deal_id = converted["customer"]["id"], converted["opportunity"]["id"]
    await story.do("opportunitySetLines", "opportunity { id }", deal_id, lines=[{"productId": goods, "quantity": "10"}])
    calendar.turn_to(date(2024, 1, 4))
    await story.do("opportunityMoveStage", "opportunity { id }", deal_id, stageId=stages["Agreed"])
    won = await story.do(
        "opportunityMoveStage", "opportunity { status amount { amount } }", deal_id, stageId=stages["Won"]
    )
    assert won == {"status": "WON", "amount": {"amount": "2000.00"}}

    # The campaign is credited with all of it.
    assert (await story.have_done("attributionCompute"))["credits"] == 5
    query = """query ($id: ID!) { campaign(id: $id) { results { nodes { model revenue { amount } margin { amount }
      returnOnMargin } } } }"""
    results = (await story.graph.ask(query, id=campaign))["campaign"]["results"]["nodes"]
    assert {(row["revenue"]["amount"], row["margin"]["amount"], row["returnOnMargin"]) for row in results} == {
        ("2000.00", "800.00", 15.0)
    }

    # A quote becomes an order, whose goods are reserved and come late.
    quote = (await story.do("quoteCreate", "quote { id }", opportunityId=deal_id, validUntil="2024-01-31"))["id"]
    for status in ("IN_REVIEW", "APPROVED", "SENT"):
        await story.do("quoteSetStatus", "quote { status }", quote, status=status)
    order = (await story.do("quoteAccept", "quote { status } order { id }", quote, locationId=place))["order"]["id"]
    await story.do("orderConfirm", "order { status }", order, promisedOn="2024-01-05")
    await story.do("orderAllocate", "order { status }", order)
    levels = "query ($id: ID!) { product(id: $id) { inventoryLevels(where: {isInternal: {eq: true}}) { nodes { onHand reserved } } } }"
    (level,) = (await story.graph.ask(levels, id=goods))["product"]["inventoryLevels"]["nodes"]
    assert level == {"onHand": "500", "reserved": "10"}
    await deliver(story, calendar, order, date(2024, 1, 5) + timedelta(days=3))

    # Week after week orders come late, and customers say so; in the last week all do.
    for week in range(1, WEEKS_BEFORE + 1):
        late = 3 if week == WEEKS_BEFORE else 1 + week % 2
        await live(story, calendar, week, customer, goods, place, late=late, voices=9 if week == WEEKS_BEFORE else late)
    monday = MONDAY + timedelta(weeks=WEEKS_BEFORE + 1)
    calendar.turn_to(monday)
    await story.have_done("feedbackAggregate")
    await story.have_done("kpiCompute")
    assert (await story.have_done("improvementReview"))["proposed"] >= 1

    # A cycle is proposed with evidence, by the theme that rose above its limit.
    query = """{ improvementCycles(where: {origin: {eq: THEME}}) { nodes { id state title theme { label }
      evidence { nodes { text } } } } }"""
    (cycle,) = (await story.graph.ask(query))["improvementCycles"]["nodes"]
    assert cycle["state"] == "PROPOSED"
    assert "late" in cycle["theme"]["label"] or "parcel" in cycle["theme"]["label"]
    assert "times in the week from 2024-03-11" in cycle["evidence"]["nodes"][0]["text"]
    assert any("ordered" in piece["text"] for piece in cycle["evidence"]["nodes"])

    # It is planned against the KPI and begun; from now on deliveries are on time.
    end = monday + timedelta(weeks=WEEKS_AFTER)
    await story.do(
        "improvementCyclePlan", "improvementCycle { state }", cycle["id"],
        hypothesis="If we pack on the day before, fewer parcels are late.", countermeasure="Pack on the day before.",
        primaryKpiId=kpi, design="BEFORE_AFTER", minimumEffect=0.05,
        baselineStart=(MONDAY + timedelta(weeks=1)).isoformat(), startsOn=monday.isoformat(),
        endsOn=(end - timedelta(days=1)).isoformat(),
    )  # fmt: skip
    assert await story.do("improvementCycleStart", "improvementCycle { state }", cycle["id"]) == {"state": "DO"}
    for week in range(WEEKS_BEFORE + 1, WEEKS_BEFORE + WEEKS_AFTER + 1):
        await live(story, calendar, week, customer, goods, place, late=0 if week % 4 else 1, voices=0)

    # When it is over the KPI has improved, with an interval, and the effect becomes a practice that a team adopts.
    calendar.turn_to(end + timedelta(days=1))
    await story.have_done("kpiCompute")
    await story.have_done("improvementCycleCheck", cycle["id"])
    query = """query ($id: ID!) { improvementCycle(id: $id) { state effects { nodes { verdict estimate low high words
      kpi { name } } } } }"""
    checked = (await story.graph.ask(query, id=cycle["id"]))["improvementCycle"]
    (effect,) = checked["effects"]["nodes"]
    assert (checked["state"], effect["verdict"]) == ("CHECK", "IMPROVED"), effect["words"]
    assert 0.05 < effect["low"] < effect["estimate"] < effect["high"]
    assert "has improved" in effect["words"]
    await story.do("improvementCycleAct", "improvementCycle { state }", cycle["id"])
    made = await story.do(
        "improvementCycleStandardize", "improvementCycle { state } practice { id }", cycle["id"],
        title="Pack on the day before", description="What is promised for tomorrow is packed today.",
    )  # fmt: skip
    assert made["improvementCycle"] == {"state": "STANDARDIZED"}
    adopted = await story.do(
        "practiceAdopt", "practiceAdoption { practice { adoptionCount } }", made["practice"]["id"], team="South"
    )
    assert adopted == {"practice": {"adoptionCount": 1}}

    # One query draws it all: the series, its limits, and the day on which the change began.
    query = """query ($id: ID!) { kpiChart(kpiId: $id, start: "2024-01-01", end: "2024-06-01") { centre
      points { periodStart value isOver } remarks { day text } } }"""
    chart = (await story.graph.ask(query, id=kpi))["kpiChart"]
    assert {"day": monday.isoformat(), "text": f"Started: {cycle['title']}"} in chart["remarks"]
    over = [point["value"] for point in chart["points"] if point["isOver"] and point["value"] is not None]
    assert sum(over[-WEEKS_AFTER:]) / WEEKS_AFTER > 0.8 > 0.5 > sum(over[1 : WEEKS_BEFORE + 1]) / WEEKS_BEFORE


async def deliver(story: Story, calendar: Calendar, order: str, arrives: date) -> None:
    """Ships what is left of an order the day before it arrives."""
    calendar.turn_to(arrives - timedelta(days=1), 15)
    shipped = await story.do("orderShip", "order { status } shipment { id }", order)
    calendar.turn_to(arrives, 10)
    done = await story.do("shipmentDeliver", "order { status }", shipped["shipment"]["id"])
    assert done == {"status": "DELIVERED"}


async def live(
    story: Story, calendar: Calendar, week: int, customer: str, goods: str, place: str, *, late: int, voices: int
) -> None:
    """A week: three orders promised for Thursday, of which some come on Friday, and what is said on Saturday."""
    monday = MONDAY + timedelta(weeks=week)
    calendar.turn_to(monday)
    line = {"productId": goods, "quantity": "1"}
    orders = []
    for _ in range(3):
        made = await story.do(
            "orderCreate", "order { id }", customerId=customer, locationId=place, currency="EUR", lines=[line]
        )
        await story.do("orderConfirm", "order { status }", made["id"], promisedOn=str(monday + timedelta(days=3)))
        await story.do("orderAllocate", "order { status }", made["id"])
        orders.append(made["id"])
    for place_in_week, order in enumerate(orders):
        await deliver(story, calendar, order, monday + timedelta(days=4 if place_in_week >= 3 - late else 3))
    calendar.turn_to(monday + timedelta(days=5))
    words = [COMPLAINTS[(week + number) % 3] for number in range(voices)] + [PRAISE[week % 3]]
    for text in words:
        await story.do(
            "feedbackRecord", "feedbackItem { id }", source="REVIEW", text=text, language="en", customerId=customer,
            productId=goods,
        )  # fmt: skip
