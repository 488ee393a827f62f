"""The law of webhooks: signatures as Standard Webhooks has them, what an answer means, when it is tried again."""

import base64
from datetime import UTC, datetime, timedelta

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook

from domain.kernel.events import Position, Told
from domain.kernel.ids import new_id
from domain.kernel.refusals import Invalid
from domain.webhooks.messages import headers_of, payload_of, sign, write_secret
from domain.webhooks.rules import (
    JITTER,
    LONGEST_WAIT,
    TRIES,
    WAITS_SECONDS,
    Answer,
    Failure,
    failure_of,
    read_retry_after,
    told,
    wait_after,
)
from domain.webhooks.topics import EVENT_TYPES, check_event_types, covers

NOW = datetime(2024, 5, 1, 12, tzinfo=UTC)
BUSY = Answer(503, Failure.STATUS, 3, "7200")


def test_the_signature_of_the_reference_implementation() -> None:
    """Source: standard-webhooks, libraries/javascript/src/webhook.test.ts, `sign function works`."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signature = sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


@given(
    secrets=st.lists(st.binary(min_size=24, max_size=64), min_size=1, max_size=4),
    body=st.dictionaries(st.text(max_size=5), st.text(max_size=20)).map(orjson.dumps),
)
def test_the_reference_library_verifies_with_each_secret(secrets: list[bytes], body: bytes) -> None:
    headers = headers_of("whd_1", secrets, body, at=datetime.now(UTC))
    for secret in secrets:
        assert Webhook(write_secret(secret)).verify(body, headers) == orjson.loads(body)


def test_a_message_says_what_happened_to_what() -> None:
    subject = new_id()
    event = Told(Position(7, 9), "customers.customer.created", subject, "Ada", NOW, {"name": "A"})
    assert orjson.loads(payload_of(event)) == {
        "type": "customers.customer.created",
        "timestamp": "2024-05-01T12:00:00Z",
        "data": {
            "id": "evt_00000000000000070000000000000009",
            "subjectId": f"cus_{subject.hex}",
            "actor": "Ada",
            "changes": {"name": "A"},
        },
    }


def test_a_subject_that_may_be_of_any_kind_is_named_by_its_key() -> None:
    subject = new_id()
    event = Told(Position(7, 9), "access.record.handed_over", subject, "Ada", NOW, {})
    assert EVENT_TYPES[event.topic] == ""
    assert orjson.loads(payload_of(event))["data"]["subjectId"] == str(subject)


@pytest.mark.parametrize(
    ("status", "failure"),
    [
        (200, None),
        (204, None),
        (101, Failure.STATUS),
        (302, Failure.REDIRECTED),
        (404, Failure.STATUS),
        (410, Failure.ENDPOINT_GONE),
        (500, Failure.STATUS),
    ],
)
def test_only_2xx_is_success(status: int, failure: Failure | None) -> None:
    assert failure_of(status) == failure


@given(attempt=st.integers(1, TRIES - 1), jitter=st.floats(0, 1, exclude_max=True))
def test_waits_grow_as_the_standard_recommends(attempt: int, jitter: float) -> None:
    wait = wait_after(attempt, Answer(500, Failure.STATUS), jitter, at=NOW)
    assert wait is not None
    usual = WAITS_SECONDS[attempt - 1]
    assert (1 - JITTER) * usual <= wait.total_seconds() <= (1 + JITTER) * usual


def test_the_last_try_and_a_gone_endpoint_are_the_end() -> None:
    assert wait_after(TRIES, Answer(500, Failure.STATUS), 0.5, at=NOW) is None
    assert wait_after(1, Answer(410, Failure.ENDPOINT_GONE), 0.5, at=NOW) is None


def test_who_asks_for_more_time_gets_it_up_to_a_day() -> None:
    assert wait_after(1, BUSY, 0.5, at=NOW) == timedelta(hours=2)
    assert wait_after(5, BUSY, 0.5, at=NOW) == timedelta(hours=5), "the usual wait is longer"
    assert wait_after(1, Answer(503, Failure.STATUS, 1, "9" * 30), 0.5, at=NOW) == LONGEST_WAIT
    assert wait_after(1, Answer(500, Failure.STATUS, 1, "7200"), 0.5, at=NOW) == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        (None, 0),
        ("120", 120),
        (" 5 ", 5),
        ("-5", 0),
        ("Wed, 01 May 2024 12:10:00 GMT", 600),
        ("Wed, 01 May 2024 12:10:00 -0000", 600),
        ("Wed, 01 May 2020 12:10:00 GMT", 0),
        ("soon", 0),
        ("٣", 0),
    ],
)
def test_retry_after_is_seconds_or_a_date(text: str | None, seconds: int) -> None:
    assert read_retry_after(text, at=NOW) == timedelta(seconds=seconds)


@given(st.text(max_size=40))
def test_no_retry_after_breaks_anything(text: str) -> None:
    assert read_retry_after(text, at=NOW) >= timedelta(0)


def test_event_types_are_topics_or_all_of_a_context_or_record() -> None:
    given_types = ["orders.*", "customers.contact.*", "orders.*", "jobs.job.queued"]
    assert check_event_types(given_types, "x") == ["customers.contact.*", "jobs.job.queued", "orders.*"]
    assert covers("orders.*", "orders.order.shipped")
    assert covers("orders.order.*", "orders.order.shipped")
    assert not covers("orders.order.*", "orders.quote.sent")
    assert not covers("orders.order.shipped", "orders.order.shipped_back")


@pytest.mark.parametrize(
    "wrong", ["*", "", "orders", "orders.", "order.*", "orders.order.ship*", "*.*", "orders.order.shipped.*"]
)
def test_other_event_types_are_refused(wrong: str) -> None:
    with pytest.raises(Invalid):
        check_event_types([wrong], "event_types")


def test_the_log_is_not_told_what_may_be_a_secret_of_a_url() -> None:
    values = {"url": "https://a.example:8443/token?key=secret", "name": "A", "starts_transaction": 5}
    assert told(values) == {"url": "https://a.example:8443", "name": "A"}
