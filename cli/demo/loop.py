"""What a company does from lead to delivery, made up set by set in the database: the same for the same day and size.

No public data has deals with the history of their stages, so these are generated, and labelled so: leads, deals,
quotes, orders, deliveries, stock, purchases, campaigns, what buyers say, and forecasts, over the three years before the
day of loading. The steps stand in `sql/`; what they draw comes from hashes of row numbers, so nothing depends on chance
or on the order of rows.
"""

from collections.abc import Callable, Sequence
from datetime import datetime
from importlib.resources import files
from uuid import UUID

from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from cli.demo.company import BY
from cli.demo.people import hire_sellers, organise
from cli.demo.remarks import COMPLAINTS, OPENINGS, PRAISE
from cli.demo.steering import is_set_up, set_up
from cli.demo.words import FIRST_NAMES, PLACES, SURNAMES, TITLES, TRADES

STEPS = {
    "10_tools": "the dice",
    "20_masters": "goods, suppliers, buyers and a pipeline",
    "30_deals": "deals and the history of their stages",
    "35_owners": "whose customers they are",
    "40_leads": "leads and activities",
    "50_orders": "quotes, orders and deliveries",
    "60_stock": "stock moves and purchases",
    "70_campaigns": "campaigns and their touches",
    "80_voices": "what buyers say",
    "90_forecasts": "forecasts of the past year",
    "95_events": "the log of events",
}
"""The files in their order, and what each makes."""

WORDS: dict[str, Sequence[str]] = {
    "first names": FIRST_NAMES,
    "surnames": SURNAMES,
    "titles": TITLES,
    "trades": [f"{trade}|{industry}" for trade, industry in TRADES.items()],
    "places": [f"{city}|{country}" for city, country in PLACES],
    "sources": ("website", "referral", "exhibition", "social_media", "campaign", "partner", "outbound", "other"),
    "goods": (
        "Turntable|420",
        "Amplifier|650",
        "Loudspeaker|380",
        "Headphones|120",
        "Cassette deck|240",
        "CD player|310",
        "Tuner|180",
        "Mixing desk|900",
        "Microphone|160",
        "Cable set|25",
    ),
    "occasions": (
        "New listening room",
        "Yearly refit",
        "Branch opening",
        "Studio upgrade",
        "Rental stock",
        "Shop display",
    ),
    "next steps": (
        "Call back (demo)",
        "Send the quote (demo)",
        "Visit with an engineer (demo)",
        "Agree on terms (demo)",
    ),
    "openings": OPENINGS,
    "late": COMPLAINTS["late delivery"][:2],
    "praise": (*PRAISE["fast delivery"], PRAISE["selection"][0]),
}

TABLES = (
    "opportunity",
    "opportunity_line",
    "opportunity_stage_history",
    "opportunity_competitor",
    "lead",
    "activity",
    "quote",
    "quote_line",
    "sales_order",
    "sales_order_line",
    "shipment",
    "shipment_line",
    "purchase_order",
    "purchase_order_line",
    "purchase_receipt",
    "stock_move",
    "stock_reservation",
    "inventory_level",
    "campaign_member",
    "touchpoint",
    "survey_response",
    "forecast_line",
    "event",
)
"""What grows with the number of deals."""

MANY = 20_000
"""From so many deals on, indexes are built after the rows: it takes half the time."""

_INDEXES = """
    SELECT format('%I', i.relname) AS name, pg_get_indexdef(i.oid) AS definition
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
    WHERE t.relname = ANY($1::text[]) AND t.relnamespace = 'public'::regnamespace
        AND NOT EXISTS (SELECT 1 FROM pg_constraint c WHERE c.conindid = i.oid)
    ORDER BY 1"""


async def complete(deals: int, *, at: datetime, progress: Callable[[str], None]) -> int | None:
    """This will make up the deals and what people steer by, as far as these are missing.

    Returns how many deals there are already where nothing is missing; None where something was.
    """
    there = await generated()
    if there and await is_set_up():
        return there
    progress("Demo: people and teams")
    sellers = await hire_sellers(there or deals, by=BY, at=at)
    await organise(sellers, by=BY, at=at)
    if not there:
        await generate(deals, sellers, at=at, progress=progress)
    progress("Demo: targets, segments and cycles")
    await set_up(sellers, by=BY, at=at)
    return None


async def generated() -> int:
    """This will count the generated deals that are there."""
    (row,) = await get_connection("default").execute_query_dict(
        "SELECT count(*) AS deals FROM opportunity WHERE external_id LIKE 'demo-deal-%'"
    )
    return int(row["deals"])


async def generate(deals: int, sellers: Sequence[UUID], *, at: datetime, progress: Callable[[str], None]) -> None:
    """This will make up so many deals and all that comes before and after them, in one transaction, whose statements
    take minutes for a million.

    The companies that the demo already has buy too. `sellers` own the deals; `progress` is told what comes next.
    """
    async with in_transaction("default") as transaction:
        await transaction.execute_query("CREATE TEMP TABLE words (list text PRIMARY KEY, words text[]) ON COMMIT DROP")
        await transaction.execute_many(
            "INSERT INTO words VALUES ($1, $2)", [[name, [*of]] for name, of in WORDS.items()]
        )
        await transaction.execute_query("CREATE TEMP TABLE asked (deals bigint, at timestamptz) ON COMMIT DROP")
        await transaction.execute_query("INSERT INTO asked VALUES ($1, $2)", [deals, at])
        await transaction.execute_query("CREATE TEMP TABLE seller (place bigint, id uuid) ON COMMIT DROP")
        await transaction.execute_many("INSERT INTO seller VALUES ($1, $2)", [[*each] for each in enumerate(sellers)])
        kept = await transaction.execute_query_dict(_INDEXES, [list(TABLES)]) if deals >= MANY else []
        for index in kept:
            await transaction.execute_query(f"DROP INDEX {index['name']}")
        for name, what in STEPS.items():
            progress(f"Demo: {what}")
            await transaction.execute_script(_step(name))
        for place, index in enumerate(kept):
            if place % 20 == 0:
                progress(f"Demo: indexes, {place} of {len(kept)}")
            await transaction.execute_query(index["definition"])
        for table in TABLES:
            await transaction.execute_query(f"ANALYZE {table}")


def _step(name: str) -> str:
    return files("cli.demo").joinpath(f"sql/{name}.sql").read_text("utf-8")
