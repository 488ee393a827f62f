"""Personal data: all that is held about a person is found, and what is personal of it goes, from the log as well."""

import asyncio
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

from api.graph.feed import Feed
from domain.access.roles import create_role
from domain.access.tokens import TokenKey
from domain.access.users import create_user
from domain.activities.commands import create_activity
from domain.activities.models import Activity
from domain.customers.commands import create_contact, create_customer, update_contact, update_customer
from domain.customers.models import Contact, Customer
from domain.feedback.aggregation import read_new, void_old_readings
from domain.feedback.commands import record_feedback
from domain.feedback.models import FeedbackItem, FeedbackPhrase, FeedbackTheme
from domain.feedback.text.reading import Reader
from domain.imports.rules import ImportKind
from domain.kernel.actor import SYSTEM
from domain.kernel.events import emit, horizon
from domain.kernel.ids import public_id
from domain.kernel.permissions import Permission, Reach, granted
from domain.kernel.redaction import ERASED
from domain.kernel.seals import BEGINNING, Fault, inserted_behind, seal, verify
from domain.leads.commands import create_lead, set_lead_status
from domain.leads.conversion import convert_lead
from domain.leads.models import Lead
from domain.leads.rules import LeadSource, LeadStatus
from domain.orders.models import Order
from domain.privacy.commands import erase_personal_data
from tests.domain.imports.files import take_in
from tests.graph import KEY, NOW, Graph, token_for
from tests.people import acting, an_administrator
from tests.waiting import eventually

pytestmark = pytest.mark.anyio
KEYS = TokenKey(KEY, timedelta()).seal_keys
ERASE = """mutation ($id: ID!, $reference: String! = "Letter 1") { personalDataErase(id: $id, input: {reference: $reference}) {
  recordCount eventCount userErrors { field code message } } }"""
EXPORT = """mutation ($id: ID!, $reference: String! = "Letter 1") { personalDataExport(id: $id, input: {reference: $reference}) {
  data history userErrors { field code message } } }"""
SECRETS = ("Zita Quell", "zita@quell.example", "+49 731 5550177", "allergic to lilies", "her divorce", "Zitastadt")
"""What only Zita's records say."""


async def a_lead(**more: Any) -> Lead:
    values = {
        "name": "Zita Quell",
        "email": "zita@quell.example",
        "phone": "+49 731 5550177",
        "source": LeadSource.WEBSITE,
        **more,
    }
    return await create_lead(values, owner={}, by=SYSTEM, at=NOW)


async def zita_at_a_company() -> Contact:
    """A contact of a company that a lead became, with a change and a visit behind it."""
    company = await create_customer({"kind": "company", "name": "Brass AG"}, by=SYSTEM, at=NOW)
    lead = await a_lead(company="Brass AG", city="Zitastadt", note="allergic to lilies")
    await set_lead_status(lead.id, LeadStatus.QUALIFIED, by=SYSTEM, at=NOW)
    await convert_lead(lead.id, None, customer={"customer_id": company.id}, by=SYSTEM, at=NOW)
    contact = await Contact.get(leads=lead.id)
    await update_contact(contact.id, {"title": "Head of Zitastadt"}, by=SYSTEM, at=NOW)
    visit = {"kind": "visit", "subject": "Talk with Zita Quell", "note": "her divorce", "due_at": NOW}
    await create_activity({**visit, "customer_id": company.id, "contact_id": contact.id}, by=SYSTEM, at=NOW)
    return contact


async def zita_herself() -> Customer:
    """A customer who is a person: a contact, a visit, and words of hers."""
    values = {
        "kind": "person",
        "name": "Zita Quell",
        "city": "Zitastadt",
        "note": "allergic to lilies",
        "external_id": "Z-1",
    }
    customer = await create_customer(values, by=SYSTEM, at=NOW)
    await create_contact(customer.id, {"name": "Zita Quell", "email": "zita@quell.example"}, by=SYSTEM, at=NOW)
    visit = {"kind": "call", "subject": "Zita Quell again", "outcome": "her divorce", "due_at": NOW}
    await create_activity({**visit, "customer_id": customer.id}, by=SYSTEM, at=NOW)
    words = {"source": "case", "text": "I am allergic to lilies, says Zita Quell"}
    item = await record_feedback(words, about={"customer_id": customer.id}, by=SYSTEM, at=NOW)
    other = await record_feedback({"source": "case", "text": "late"}, about={}, by=SYSTEM, at=NOW)
    for of, phrase in ((item, "lily allergy"), (item, "late"), (other, "late")):
        await FeedbackPhrase.create(item=of, language="en", phrase=phrase)
    return customer


async def everything() -> str:
    """All rows of all tables, as text."""
    tables = await get_connection("default").execute_query_dict(
        "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    texts = []
    for table in tables:
        name = table["relname"]
        (row,) = await get_connection("default").execute_query_dict(
            f'SELECT string_agg(t::text, chr(10)) AS text FROM "{name}" t'
        )
        texts.append(row["text"] or "")
    return "\n".join(texts)


async def seal_everything() -> None:
    while await seal(KEYS):
        pass


async def faults() -> list[Fault]:
    found, place = list[Fault](), BEGINNING
    while True:
        checked = await verify(KEYS, after=place)
        found += checked.faults
        if checked.reached == place:
            return found + await inserted_behind()
        place = checked.reached


async def test_what_is_held_about_a_contact_is_handed_out_whole(ada: Graph) -> None:
    contact = await zita_at_a_company()
    answer = (await ada.ask(EXPORT, id=public_id("con", contact.id), reference="Letter 7"))["personalDataExport"]
    assert answer["userErrors"] == []
    assert {kind: len(rows) for kind, rows in answer["data"].items()} == {"contact": 1, "lead": 1, "activity": 1}
    assert answer["data"]["contact"][0]["id"] == public_id("con", contact.id)
    assert answer["data"]["contact"][0]["customerId"] == public_id("cus", contact.customer_id)
    assert answer["data"]["lead"][0]["note"] == "allergic to lilies"
    assert [event["topic"] for event in answer["history"]] == [
        "leads.lead.created",
        "leads.lead.qualified",
        "customers.contact.created",
        "leads.lead.converted",
        "customers.contact.updated",
        "activities.activity.created",
    ]
    trail = 'query { auditEvents(where: {topic: "privacy.person.exported"}) { nodes { actorName data } } }'
    (told,) = (await ada.ask(trail))["auditEvents"]["nodes"]
    assert told == {"actorName": "Ada", "data": {"subject": "con", "reference": "Letter 7", "records": 3}}


async def test_of_a_person_who_buys_the_words_and_the_purchases_are_handed_out_too(ada: Graph) -> None:
    customer = await zita_herself()
    contact = await Contact.get(customer_id=customer.id)
    answers = [
        (await ada.ask(EXPORT, id=id))["personalDataExport"]["data"]
        for id in (public_id("cus", customer.id), public_id("con", contact.id))
    ]
    assert answers[0] == answers[1]
    assert {kind: len(rows) for kind, rows in answers[0].items()} == {
        "customer": 1,
        "contact": 1,
        "activity": 1,
        "feedbackItem": 1,
    }


async def test_nothing_personal_of_a_contact_is_left_anywhere(ada: Graph) -> None:
    contact = await zita_at_a_company()
    before = await everything()
    assert all(secret in before for secret in SECRETS)
    answer = (await ada.ask(ERASE, id=public_id("con", contact.id), reference="Letter 8"))["personalDataErase"]
    assert answer == {"recordCount": 3, "eventCount": 7, "userErrors": []}
    after = await everything()
    assert [secret for secret in SECRETS if secret in after] == []
    assert "Brass AG" in after
    erased = await Contact.get(id=contact.id)
    assert (erased.name, erased.email, erased.erased_at is not None) == (f"Erased {contact.id.hex[-8:]}", None, True)
    activity = await Activity.get(contact_id=contact.id)
    assert (activity.subject, activity.note, activity.state) == ("[erased]", None, "planned")


async def test_nothing_personal_of_a_person_who_buys_is_left_and_the_figures_stay(ada: Graph) -> None:
    customer = await zita_herself()
    await ada.ask(ERASE, id=public_id("cus", customer.id))
    after = await everything()
    assert [secret for secret in (*SECRETS, "Z-1", "lily allergy") if secret in after] == []
    assert await FeedbackItem.filter(customer_id=customer.id).count() == 1
    assert await FeedbackPhrase.filter(phrase="late").count() == 2


async def test_a_lead_that_became_nobody_is_erased_by_itself(ada: Graph) -> None:
    lead, other = await a_lead(), await a_lead(name="Yvo")
    await ada.ask(ERASE, id=public_id("led", lead.id))
    assert {each.name for each in await Lead.all()} == {f"Erased {lead.id.hex[-8:]}", "Yvo"}
    assert (await Lead.get(id=other.id)).erased_at is None


async def test_seals_stay_whole_and_still_tell_of_what_others_did(ada: Graph) -> None:
    contact = await zita_at_a_company()
    await seal_everything()
    await update_contact(contact.id, {"phone": "5"}, by=SYSTEM, at=NOW)  # not sealed when it is erased
    await ada.ask(ERASE, id=public_id("con", contact.id))
    await seal_everything()
    assert await faults() == []
    await update_contact(contact.id, {"name": "Zita Quell"}, by=SYSTEM, at=NOW)
    await seal_everything()
    await ada.ask(ERASE, id=public_id("con", contact.id))
    await seal_everything()
    assert "Zita Quell" not in await everything()
    assert await faults() == []
    connection = get_connection("default")
    (row,) = await connection.execute_query_dict("SELECT event_id FROM event_redaction ORDER BY event_id LIMIT 1")
    await connection.execute_script(
        "BEGIN; SET LOCAL session_replication_role = replica; "
        f"UPDATE event SET actor_name = 'x' WHERE id = {row['event_id']}; COMMIT"
    )
    assert [(fault.what, fault.event_id) for fault in await faults()] == [("the event was edited", row["event_id"])]


async def test_a_redaction_that_somebody_else_wrote_proves_nothing(ada: Graph) -> None:
    contact = await zita_at_a_company()
    await seal_everything()
    await ada.ask(ERASE, id=public_id("con", contact.id))
    connection = get_connection("default")
    (row,) = await connection.execute_query_dict("SELECT max(event_id) AS id FROM event_redaction")
    for forged in ("proof = repeat('0', 64)", "digest = repeat('0', 64)", "key_name = 'another'"):
        await connection.execute_script(
            "BEGIN; SET LOCAL session_replication_role = replica; "
            "CREATE TEMP TABLE kept AS TABLE event_redaction; "
            f"UPDATE event_redaction SET {forged} WHERE event_id = {row['id']}; COMMIT"
        )
        assert [fault.event_id for fault in await faults()] == [row["id"]], forged
        await connection.execute_script(
            "BEGIN; SET LOCAL session_replication_role = replica; DELETE FROM event_redaction; "
            "INSERT INTO event_redaction TABLE kept; DROP TABLE kept; COMMIT"
        )
    assert await faults() == []


@pytest.mark.parametrize(
    "change",
    [
        "topic = 'x'",
        'data = data || \'{"name": "x"}\'',
        "data = data - 'name'",
        'data = data || \'{"more": "[erased]"}\'',
        "before = '{}'",
        "actor_name = '[erased]'",
        "id = id + 1000",
        "transaction = '1'",
    ],
)
async def test_the_log_takes_no_other_change(ada: Graph, change: str) -> None:
    await a_lead()
    with pytest.raises(Exception, match="append-only"):
        await get_connection("default").execute_script(f"UPDATE event SET {change} WHERE topic = 'leads.lead.created'")


async def test_once_more_erases_what_has_come_since_and_tells_how_much(ada: Graph) -> None:
    contact = await zita_at_a_company()
    id = public_id("con", contact.id)
    await ada.ask(ERASE, id=id)
    again = (await ada.ask(ERASE, id=id))["personalDataErase"]
    assert again == {"recordCount": 0, "eventCount": 0, "userErrors": []}
    await update_contact(contact.id, {"email": "zita@quell.example"}, by=SYSTEM, at=NOW)
    assert (await ada.ask(ERASE, id=id))["personalDataErase"]["recordCount"] == 1
    assert "zita@" not in await everything()


@pytest.mark.parametrize("document", [ERASE, EXPORT])
async def test_it_is_for_those_who_may_and_about_people(ada: Graph, rob: Graph, document: str) -> None:
    contact = await zita_at_a_company()
    id, company = public_id("con", contact.id), public_id("cus", contact.customer_id)
    ((field, refused),) = (await rob.ask(document, id=id)).items()
    assert [error["code"] for error in refused["userErrors"]] == ["FORBIDDEN"]
    for wrong, code in ((company, "INVALID"), ("usr_1", "INVALID"), ("", "INVALID"), ("con_" + "0" * 32, "NOT_FOUND")):
        (error,) = (await ada.ask(document, id=wrong))[field]["userErrors"]
        assert (error["field"], error["code"]) == (["id"], code)
    (error,) = (await ada.ask(document, id=id, reference="x" * 101))[field]["userErrors"]
    assert error["field"] == ["input", "reference"]
    assert await Contact.filter(name="Zita Quell").count() == 1


async def test_how_much_is_held_takes_no_more_statements(ada: Graph) -> None:
    sent = list[int]()
    await ada.ask("{ viewer { name } }")
    for visits in (1, 20):
        contact = await zita_at_a_company()
        for _ in range(visits):
            about = {"customer_id": contact.customer_id, "contact_id": contact.id}
            await create_activity({"kind": "call", "subject": "Zita", "due_at": NOW, **about}, by=SYSTEM, at=NOW)
        await seal_everything()
        for document in (EXPORT, ERASE):
            with ada.counting() as statements:
                await ada.ask(document, id=public_id("con", contact.id))
            sent.append(len(statements))
    assert sent[:2] == sent[2:]
    assert sent[1] <= 20


async def test_an_erasure_waits_for_a_change_under_way_and_takes_it_along(database: str) -> None:
    contact = await zita_at_a_company()
    administrator = await acting(await an_administrator())
    held = asyncio.Event()

    async def change() -> None:
        async with in_transaction():
            await update_contact(contact.id, {"email": "new@quell.example"}, by=SYSTEM, at=NOW)
            held.set()
            await eventually(waits_for_a_lock)

    async def erase() -> None:
        await held.wait()
        await erase_personal_data(("con", contact.id), "1", keys=KEYS, by=administrator, at=NOW)

    await asyncio.gather(change(), erase())
    assert "new@quell.example" not in await everything()


async def waits_for_a_lock() -> bool:
    rows = await get_connection("default").execute_query_dict("SELECT FROM pg_locks WHERE NOT granted")
    return bool(rows)


async def test_of_somebody_whom_the_log_does_not_know_there_is_no_history(ada: Graph) -> None:
    lead = await Lead.create(name="Zita", source="event", status_changed_at=NOW, created_at=NOW, updated_at=NOW)
    answer = (await ada.ask(EXPORT, id=public_id("led", lead.id)))["personalDataExport"]
    assert (len(answer["data"]["lead"]), answer["history"]) == (1, [])


async def test_whoever_may_erase_need_not_see_them_otherwise(ada: Graph) -> None:
    contact = await zita_at_a_company()
    only = granted({Permission.CUSTOMERS_ERASE: Reach.ALL})
    role = await create_role({"name": "privacy", "description": "Answers requests."}, only, by=SYSTEM, at=NOW)
    officer = await create_user("dpo@x.example", "Dora", roles=[role.id], by=SYSTEM, at=NOW)
    dora = Graph(ada.http, await token_for(officer))
    answer = (await dora.ask(ERASE, id=public_id("con", contact.id)))["personalDataErase"]
    assert (answer["recordCount"], answer["userErrors"]) == (3, [])


async def test_what_a_company_has_of_the_lead_that_it_began_with_goes_too(ada: Graph) -> None:
    lead = await a_lead(company="Brass AG")
    await set_lead_status(lead.id, LeadStatus.QUALIFIED, by=SYSTEM, at=NOW)
    await convert_lead(lead.id, None, customer={}, by=SYSTEM, at=NOW)
    company = await Customer.get(name="Brass AG")
    assert company.email == "zita@quell.example"
    await ada.ask(ERASE, id=public_id("led", lead.id))
    after = await everything()
    assert [secret for secret in SECRETS if secret in after] == []
    assert "Brass AG" in after


async def test_words_about_an_order_are_those_of_who_ordered(ada: Graph) -> None:
    customer = await zita_herself()
    order = await Order.create(
        customer=customer, ordered_at=NOW, currency="EUR", total=1, created_at=NOW, updated_at=NOW
    )
    words = {"source": "case", "text": "Zita Quell speaks of her divorce", "external_id": "mail-zita@quell.example"}
    await record_feedback(words, about={"order_id": order.id}, by=SYSTEM, at=NOW)
    await ada.ask(ERASE, id=public_id("cus", customer.id))
    assert [secret for secret in SECRETS if secret in await everything()] == []
    assert await Order.filter(customer_id=customer.id).count() == 1


async def test_a_theme_keeps_no_words_that_only_they_used(ada: Graph) -> None:
    customer = await zita_herself()
    at = {"created_at": NOW, "updated_at": NOW}
    mixed = await FeedbackTheme.create(
        language="en", label="lily allergy · late", phrases=["lily allergy", "late"], **at
    )
    own = await FeedbackTheme.create(language="en", label="lily allergy", phrases=["lily allergy"], **at)
    for theme in (mixed, own):
        await emit("feedback.theme.found", theme.id, by=SYSTEM, at=NOW, label=theme.label)
    await ada.ask(ERASE, id=public_id("cus", customer.id))
    assert "lily" not in await everything()
    assert [theme.label for theme in await FeedbackTheme.all().order_by("id")] == ["late", "[erased]"]


async def test_how_erased_words_were_read_stays(ada: Graph) -> None:
    customer = await zita_herself()
    await FeedbackItem.filter(customer_id=customer.id).update(sentiment=-900, read_digest=b"of before")
    await ada.ask(ERASE, id=public_id("cus", customer.id))
    await void_old_readings(Reader())
    await read_new(Reader(), lambda done, total: None)
    assert (await FeedbackItem.get(customer_id=customer.id)).sentiment == -900


async def test_what_is_added_meanwhile_is_waited_for_and_erased(database: str) -> None:
    customer = await zita_herself()
    administrator = await acting(await an_administrator())
    held = asyncio.Event()

    async def add() -> None:
        async with in_transaction():
            await create_contact(customer.id, {"name": "Zita Quell", "phone": "0190"}, by=SYSTEM, at=NOW)
            held.set()
            await eventually(waits_for_a_lock)

    async def erase() -> None:
        await held.wait()
        await erase_personal_data(("cus", customer.id), "1", keys=KEYS, by=administrator, at=NOW)

    await asyncio.gather(add(), erase())
    assert "Zita Quell" not in await everything()
    assert "0190" not in [contact.phone for contact in await Contact.all()]


async def test_two_who_erase_one_person_at_once_do_not_hang(database: str) -> None:
    contact = await zita_at_a_company()
    lead = await Lead.get(contact_id=contact.id)
    administrator = await acting(await an_administrator())
    for _ in range(5):
        await asyncio.gather(
            *(
                erase_personal_data(named, "1", keys=KEYS, by=administrator, at=NOW)
                for named in (("con", contact.id), ("led", lead.id), ("con", contact.id))
            )
        )
    assert [secret for secret in SECRETS if secret in await everything()] == []


async def test_what_others_write_among_the_redactions_neither_proves_nor_spoils_anything(ada: Graph) -> None:
    contact = await zita_at_a_company()
    await seal_everything()
    await ada.ask(ERASE, id=public_id("con", contact.id))
    await get_connection("default").execute_script(
        "INSERT INTO event_redaction (event_id, key_name, digest, proof) SELECT event_id, key_name, 'x', 'é' "
        "FROM event_redaction"
    )
    assert await faults() == []


async def test_only_proven_redactions_are_told_of(ada: Graph) -> None:
    contact = await zita_at_a_company()
    await seal_everything()
    await get_connection("default").execute_script(
        "INSERT INTO event_redaction (event_id, key_name, digest, proof) "
        f"SELECT event_id, '{KEYS.present}', digest, digest FROM event_seal"
    )
    assert (await verify(KEYS)).redacted == 0
    erased = (await ada.ask(ERASE, id=public_id("con", contact.id)))["personalDataErase"]
    assert 0 < (await verify(KEYS)).redacted < erased["eventCount"]  # those of the erasure itself are not sealed yet


async def test_an_import_under_way_brings_nothing_back(database: str) -> None:
    customer = await zita_herself()
    administrator = await acting(await an_administrator())
    held = asyncio.Event()

    async def erase() -> None:
        async with in_transaction():
            await erase_personal_data(("cus", customer.id), "1", keys=KEYS, by=administrator, at=NOW)
            held.set()
            await eventually(waits_for_a_lock)

    async def bring_in() -> None:
        await held.wait()
        await take_in(ImportKind.CUSTOMERS, "external_id,kind,name\nZ-1,person,Somebody\n")

    await asyncio.gather(erase(), bring_in())
    assert [secret for secret in SECRETS if secret in await everything()] == []
    assert await Customer.filter(name="Somebody").count() == 1  # a record of its own: nobody knows any more whose it is


async def test_subscribers_who_come_back_get_what_is_left(database: str, redis_url: str) -> None:
    customer = await zita_herself()
    administrator = await acting(await an_administrator())
    begin = await horizon()
    feed = Feed(redis_url, most_behind=100, look_every_seconds=0.05)
    async with asyncio.timeout(20), aclosing(feed.events(begin)) as first, aclosing(feed.events(begin)) as second:
        await update_customer(customer.id, {"note": "her divorce"}, by=SYSTEM, at=NOW)
        assert (await anext(first)).data["note"] == "her divorce"
        await erase_personal_data(("cus", customer.id), "1", keys=KEYS, by=administrator, at=NOW)
        while (await anext(first)).topic != "privacy.person.erased":
            pass
        assert (await anext(second)).data["note"] == ERASED
