"""Webhooks whole: from an event in the log to a receiver, by real workers over real sockets."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import pytest
from standardwebhooks.webhooks import WebhookVerificationError
from tortoise.connection import get_connection

from domain.jobs.commands import cancel_job
from domain.jobs.models import Job
from domain.jobs.rules import JobState
from domain.jobs.statements import rows_of
from domain.kernel.clock import system_clock
from domain.kernel.events import Event
from domain.kernel.ids import public_id
from domain.webhooks.addresses import read_networks
from domain.webhooks.commands import rotate_secret, try_out, update_endpoint
from domain.webhooks.fan_out import fan_out
from domain.webhooks.history import forget_deliveries, give_up_abandoned
from domain.webhooks.models import WebhookAttempt, WebhookDelivery, WebhookEndpoint, WebhookSecret
from domain.webhooks.replays import replay_delivery, replay_endpoint
from domain.webhooks.rules import TRIES, DeliveryState, DisabledReason, Failure
from runtime.database import connected
from runtime.outbound import Outbound
from tests.hooks import (
    HOUSE,
    TOPIC,
    administrator,
    after_a_failure,
    happens,
    hurry,
    sending,
    subscribed,
    the_delivery,
    verified,
)
from tests.receiver import BROKEN, BUSY, GONE, OK, receiving
from tests.waiting import eventually

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("empty_queue")]


async def test_an_event_reaches_its_endpoint_signed(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        endpoint, secret = await subscribed(by, receiver.url)
        subject = await happens(name="A", note="客户")
        delivery = await the_delivery()
        (received,) = receiver.received
    event = await Event.get(topic=TOPIC)
    message = verified(received, secret)
    assert message["type"] == TOPIC
    assert message["data"]["subjectId"] == public_id("cus", subject)
    assert message["data"]["changes"] == {"name": "A", "note": "客户"}
    assert received.headers["webhook-id"] == public_id("whd", delivery.id)
    assert (delivery.endpoint_id, delivery.event_id, delivery.last_status) == (endpoint.id, event.id, 200)
    assert (delivery.failure, delivery.next_attempt_at, delivery.attempt_count) == (None, None, 1)
    (attempt,) = await WebhookAttempt.all()
    assert (attempt.number, attempt.status, attempt.failure) == (1, 200, None)
    job = await eventually(lambda: Job.get_or_none(id=delivery.job_id, state=JobState.SUCCEEDED))
    assert job is not None
    assert job.result == {"sent": True, "status": 200}


async def test_what_failed_is_tried_again_under_the_same_id(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        receiver.answers = [BROKEN, OK]
        endpoint, secret = await subscribed(by, receiver.url)
        await happens()
        delivery = await after_a_failure()
        assert (delivery.failure, delivery.last_status) == (Failure.STATUS, 500)
        assert timedelta(seconds=3) < delivery.next_attempt_at - delivery.updated_at < timedelta(seconds=7)
        failing = await WebhookEndpoint.get(id=endpoint.id)
        assert (failing.failing_since, failing.version) == (delivery.updated_at, 1)
        assert "HTTP 500" in (await Job.get(id=delivery.job_id)).error
        await hurry(delivery)
        await the_delivery()
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert first.body == second.body
    assert verified(second, secret)
    assert [each.failure for each in await WebhookAttempt.all().order_by("number")] == [Failure.STATUS, None]
    assert (await WebhookEndpoint.get(id=endpoint.id)).failing_since is None


async def test_who_asks_for_more_time_gets_it(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        receiver.answers = [BUSY]
        await subscribed(by, receiver.url)
        await happens()
        delivery = await after_a_failure()
    assert delivery.next_attempt_at - delivery.updated_at == timedelta(minutes=20)
    job = await Job.get(id=delivery.job_id)
    assert timedelta(minutes=19) < job.run_at - job.updated_at < timedelta(minutes=21)


async def test_an_endpoint_that_is_gone_is_disabled_and_gets_no_more(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        receiver.answers = [BROKEN, GONE]
        endpoint, _ = await subscribed(by, receiver.url)
        await happens()
        first = await after_a_failure()
        await happens()
        await the_delivery(DeliveryState.FAILED)
        await hurry(first)
        waiting = await the_delivery(DeliveryState.CANCELLED)
        await happens()
    assert waiting.failure == Failure.ENDPOINT_INACTIVE
    assert len(receiver.received) == 2
    assert await WebhookDelivery.all().count() == 2
    gone = await WebhookEndpoint.get(id=endpoint.id)
    assert (gone.is_active, gone.disabled_reason) == (False, DisabledReason.GONE)
    event = await Event.get(topic="webhooks.endpoint.disabled")
    assert (event.subject_id, event.data) == (endpoint.id, {"is_active": False, "disabled_reason": "gone"})


async def test_after_the_last_try_a_delivery_has_failed_and_its_job_is_dead(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        receiver.answers = [BROKEN]
        await subscribed(by, receiver.url)
        await happens()
        delivery = await after_a_failure()
        await rows_of("UPDATE job SET attempt = $1 WHERE id = $2", TRIES - 1, delivery.job_id)
        await hurry(delivery)
        failed = await the_delivery(DeliveryState.FAILED)
        job = await eventually(lambda: Job.get_or_none(id=delivery.job_id, state=JobState.DEAD))
    assert (failed.failure, failed.next_attempt_at, failed.attempt_count) == (Failure.STATUS, None, 2)
    assert job is not None


async def test_an_endpoint_that_has_failed_for_days_is_disabled(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        receiver.answers = [BROKEN]
        endpoint, _ = await subscribed(by, receiver.url)
        ago = system_clock() - timedelta(days=5, hours=1)
        await WebhookEndpoint.filter(id=endpoint.id).update(failing_since=ago)
        await happens()
        await after_a_failure()
    hopeless = await WebhookEndpoint.get(id=endpoint.id)
    assert (hopeless.is_active, hopeless.disabled_reason) == (False, DisabledReason.FAILING)


async def test_while_a_secret_is_rotated_both_sign(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        endpoint, old = await subscribed(by, receiver.url)
        _, new = await rotate_secret(endpoint.id, key=HOUSE, by=by, at=system_clock())
        await happens()
        await eventually(lambda: delivered(1))
        _, newest = await rotate_secret(endpoint.id, 0, key=HOUSE, by=by, at=system_clock())
        await happens()
        await eventually(lambda: delivered(2))
    both, one = receiver.received
    assert len(both.headers["webhook-signature"].split(" ")) == 2
    assert verified(both, old) == verified(both, new)
    assert verified(one, newest)
    for former in (old, new):
        with pytest.raises(WebhookVerificationError):
            verified(one, former)
    (kept,) = await WebhookSecret.all()
    assert newest.removeprefix("whsec_") not in kept.secret


async def test_a_replay_is_the_same_message_as_the_log_has_it_now(database: str, redis_url: str) -> None:
    """What was erased in the log is not sent again."""
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        await subscribed(by, receiver.url)
        await happens(name="A", email="a@example.org")
        delivery = await the_delivery()
        await rows_of("ALTER TABLE event DISABLE TRIGGER USER")
        await rows_of("UPDATE event SET data = data - 'email' WHERE topic = $1", TOPIC)
        await eventually(lambda: Job.get_or_none(id=delivery.job_id, state=JobState.SUCCEEDED))
        again = await replay_delivery(delivery.id, by=by, at=system_clock())
        assert (again.state, again.version) == (DeliveryState.PENDING, delivery.version + 1)
        await the_delivery(attempts=2)
    first, second = receiver.received
    assert first.headers["webhook-id"] == second.headers["webhook-id"]
    assert (first.json["data"]["changes"]["email"], second.json["data"]["changes"]) == ("a@example.org", {"name": "A"})


async def test_what_an_endpoint_did_not_take_in_a_stretch_of_time_is_sent_again(database: str, redis_url: str) -> None:
    by = await administrator()
    before = system_clock()
    async with receiving() as receiver, sending(database, redis_url):
        endpoint, _ = await subscribed(by, receiver.url)
        for _ in range(3):
            await happens()
        await eventually(lambda: delivered(3))
        await eventually(lambda: succeeded(3))
        await rows_of(
            "UPDATE webhook_delivery SET state = 'failed' WHERE event_id <> (SELECT min(event_id) FROM webhook_delivery)"
        )
        nothing = await replay_endpoint(endpoint.id, before - timedelta(days=1), before, by=by, at=system_clock())
        some = await replay_endpoint(endpoint.id, before, by=by, at=system_clock())
        await eventually(lambda: delivered(3))
    assert (nothing.replayed, some.replayed) == (0, 2)
    ids = [each.headers["webhook-id"] for each in receiver.received]
    assert (len(ids), len(set(ids))) == (5, 3)
    assert (await Event.get(topic="webhooks.endpoint.replayed")).data["count"] == 2


async def test_a_test_reaches_the_endpoint_that_is_tested_alone(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, receiving() as other, sending(database, redis_url):
        endpoint, secret = await subscribed(by, receiver.url)
        await subscribed(by, other.url, "webhooks.*")
        await try_out(endpoint.id, by=by, at=system_clock())
        await eventually(lambda: WebhookDelivery.filter(endpoint_id=endpoint.id, state="delivered").exists())
        tested = [each.json["type"] for each in other.received if each.json["type"].endswith(".tested")]
    assert verified(receiver.received[0], secret)["type"] == "webhooks.endpoint.tested"
    assert tested == []


async def test_an_endpoint_that_is_told_of_jobs_is_not_told_of_being_told(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        await subscribed(by, receiver.url, "jobs.*", TOPIC)
        await happens()
        await the_delivery()
        await rows_of("SELECT pg_notify('job_ready', '')")
        last = (await Event.all().order_by("-id").first()).id  # type: ignore[union-attr]
        await eventually(lambda: _looked_beyond(last))
    assert [each.json["type"] for each in receiver.received] == [TOPIC]
    assert await Event.filter(topic="jobs.job.queued").count() == 1


async def _looked_beyond(event_id: int) -> bool:
    rows = await rows_of("SELECT event_id FROM webhook_cursor")
    return bool(rows) and rows[0]["event_id"] >= event_id


class Rebinding:
    """A name that leads to a good address when it is first asked for, and elsewhere from then on."""

    def __init__(self, then: str) -> None:
        self.answers = ["127.0.0.1", then]

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        return [self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]]


@pytest.mark.parametrize("then", ["127.0.0.2", "169.254.169.254", "10.0.0.1", "::1"])
async def test_webhook_ssrf_by_dns_answer_that_changes(database: str, redis_url: str, then: str) -> None:
    """The first message goes where it may; the name then leads inside, and nothing connects there."""
    by = await administrator()
    post = Outbound(read_networks("127.0.0.1/32"), resolve=Rebinding(then)).post
    async with receiving() as good, receiving("127.0.0.2", good.port) as inside, sending(database, redis_url, post):
        await subscribed(by, f"http://rebind.example:{good.port}/hook")
        await happens()
        await the_delivery()
        await happens()
        refused = await after_a_failure()
    assert (len(good.received), inside.connections) == (1, 0)
    assert (refused.failure, refused.last_status) == (Failure.ADDRESS_REFUSED, None)
    attempt = await WebhookAttempt.get(delivery_id=refused.id)
    assert (attempt.failure, attempt.status) == (Failure.ADDRESS_REFUSED, None)
    assert then not in (await Job.get(id=refused.job_id)).error, "where a name leads to is nobody's business"


async def test_a_redirect_to_where_clouds_keep_secrets_is_a_failure(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        place = b"http://169.254.169.254/latest/meta-data"
        receiver.answers = [b"HTTP/1.1 302 Found\r\nlocation: " + place + b"\r\ncontent-length: 0\r\n\r\n"]
        await subscribed(by, receiver.url)
        await happens()
        delivery = await after_a_failure()
    assert (delivery.failure, delivery.last_status) == (Failure.REDIRECTED, 302)


async def test_a_secret_that_the_house_cannot_read_sends_nothing(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        await subscribed(by, receiver.url)
        await WebhookSecret.all().update(secret="rubbish")
        await happens()
        delivery = await after_a_failure()
    assert delivery.failure == Failure.SECRET_UNREADABLE
    assert receiver.connections == 0


async def test_an_endpoint_that_is_deactivated_meanwhile_gets_nothing(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        receiver.answers = [BROKEN]
        endpoint, _ = await subscribed(by, receiver.url)
        await happens()
        delivery = await after_a_failure()
        await update_endpoint(endpoint.id, {"is_active": False}, by=by, at=system_clock())
        await hurry(delivery)
        cancelled = await the_delivery(DeliveryState.CANCELLED)
    assert (cancelled.failure, cancelled.attempt_count) == (Failure.ENDPOINT_INACTIVE, 1)
    assert receiver.connections == 1


async def test_an_endpoint_that_is_removed_meanwhile_takes_its_deliveries_along(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver, sending(database, redis_url):
        receiver.answers = [BROKEN]
        endpoint, _ = await subscribed(by, receiver.url)
        await happens()
        delivery = await after_a_failure()
        await WebhookEndpoint.filter(id=endpoint.id).delete()
        await hurry(delivery)
        job = await eventually(lambda: Job.get_or_none(id=delivery.job_id, state=JobState.SUCCEEDED))
    assert job is not None
    assert job.result == {"sent": False}
    assert await WebhookAttempt.all().count() == 0


async def test_several_workers_deliver_each_event_once(database: str, redis_url: str) -> None:
    by = await administrator()
    async with receiving() as receiver:
        await subscribed(by, receiver.url)
        async with sending(database, redis_url), sending(database, redis_url):
            await asyncio.gather(*(happens(number=number) for number in range(20)))
            await eventually(lambda: delivered(20))
    assert sorted(each.json["data"]["changes"]["number"] for each in receiver.received) == list(range(20))


FAIL = """CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'lost'; END $$;
CREATE TRIGGER fail BEFORE INSERT OR UPDATE ON webhook_cursor FOR EACH ROW EXECUTE FUNCTION fail()"""


async def test_a_fan_out_that_is_lost_in_the_middle_has_done_nothing(database: str) -> None:
    """It fails at its last statement, when deliveries and jobs are written; then it resumes, and doubles nothing."""
    by = await administrator()
    await subscribed(by, "http://127.0.0.1:9999/")
    for number in range(5):
        await happens(number=number)
    await get_connection("default").execute_script(FAIL)
    with pytest.raises(asyncpg.RaiseError):
        await fan_out(at=system_clock())
    assert (await WebhookDelivery.all().count(), await Job.all().count()) == (0, 0)
    await get_connection("default").execute_script("DROP TRIGGER fail ON webhook_cursor; DROP FUNCTION fail")
    looked = await asyncio.gather(*(fan_out(at=system_clock(), at_most=4) for _ in range(8)))
    while await fan_out(at=system_clock(), at_most=4):
        pass
    assert 4 in looked
    assert (await WebhookDelivery.all().count(), await Job.all().count()) == (5, 5)
    assert len(set(await WebhookDelivery.all().values_list("event_id", flat=True))) == 5


async def test_only_active_subscribers_get_what_happens_from_now_on(database: str) -> None:
    by = await administrator()
    await happens()
    assert await fan_out(at=system_clock()) == 0
    assert not await rows_of("SELECT FROM webhook_cursor"), "without endpoints, nothing is read"
    mine, _ = await subscribed(by, "http://127.0.0.1:9999/", "customers.*")
    await subscribed(by, "http://127.0.0.1:9999/", "orders.*")
    resting, _ = await subscribed(by, "http://127.0.0.1:9999/")
    await update_endpoint(resting.id, {"is_active": False}, by=by, at=system_clock())
    await happens()
    await fan_out(at=system_clock())
    assert [each.endpoint_id for each in await WebhookDelivery.all()] == [mine.id]
    await update_endpoint(resting.id, {"is_active": True}, by=by, at=system_clock())
    await happens()
    await fan_out(at=system_clock())
    assert await WebhookDelivery.filter(endpoint_id=resting.id).count() == 1, "what it missed stays missed"


async def test_what_is_old_is_forgotten_and_what_is_abandoned_given_up(database: str) -> None:
    by = await administrator()
    await subscribed(by, "http://127.0.0.1:9999/")
    await happens()
    await fan_out(at=system_clock())
    delivery = await WebhookDelivery.get()
    await rows_of("UPDATE webhook_delivery SET next_attempt_at = now() - interval '1 day'")
    assert await give_up_abandoned() == 0, "its job is live"
    await cancel_job(delivery.job_id, by=by, at=system_clock())
    assert await give_up_abandoned() == 1
    given_up = await WebhookDelivery.get()
    assert (given_up.state, given_up.failure) == (DeliveryState.FAILED, Failure.ABANDONED)
    assert await forget_deliveries(timedelta(days=30)) == 0
    await rows_of(
        "UPDATE webhook_delivery SET created_at = now() - interval '31 d', updated_at = created_at - interval '31 d'"
    )
    assert await forget_deliveries(timedelta(days=30)) == 1
    assert await WebhookDelivery.all().count() == 0


async def delivered(count: int) -> bool:
    return await WebhookDelivery.filter(state="delivered").count() == count


async def succeeded(count: int) -> bool:
    return await Job.filter(state="succeeded").count() == count


async def test_a_fan_out_takes_as_many_statements_for_many_events_as_for_few(database_url: str) -> None:
    async with connected(database_url, pool_size=1):
        by = await administrator()
        seen: list[str] = []
        (holder,) = get_connection("default")._pool._holders  # type: ignore[attr-defined]
        holder._con.add_query_logger(lambda record: seen.append(record.query))
        await fan_out(at=system_clock())
        await asyncio.sleep(0)  # asyncpg tells what was sent a moment later
        assert len(seen) == 1, "without endpoints"
        for name in ("a", "b"):
            await subscribed(by, f"http://127.0.0.1:9999/{name}")
        counts = []
        for events in (1, 2, 50):
            for _ in range(events):
                await happens()
            await asyncio.sleep(0)
            seen.clear()
            assert await fan_out(at=system_clock()) >= events
            await asyncio.sleep(0)
            counts.append(len(seen))
    assert counts[1] == counts[2] <= 12, seen
