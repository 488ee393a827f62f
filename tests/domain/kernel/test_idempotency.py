"""Claims of a key: whoever comes second waits for the first, and finds its answer, or the key free again."""

import asyncio
from typing import Any

import pytest
from tortoise.transactions import in_transaction

from domain.kernel.actor import Actor
from domain.kernel.idempotency import IdempotencyKey, KeyReused, claim
from domain.kernel.ids import new_id
from tests.graph import NOW

pytestmark = [pytest.mark.anyio, pytest.mark.usefixtures("database")]
ANN = Actor("Ann", new_id())


async def sender(answer: dict[str, Any], began: asyncio.Event, go_on: asyncio.Event, *, fails: bool) -> Any:
    """Claims the key, waits with its effects until it may go on, and gives the answer that stands."""
    async with in_transaction():
        held = await claim("k", command="customerCreate", input_digest=b"1", by=ANN, at=NOW)
        began.set()
        if held.answer is None:
            await go_on.wait()
            if fails:
                raise KeyError("refused")
            await held.keep(answer)
        return held.answer or answer


@pytest.mark.parametrize("fails", [False, True])
async def test_the_second_waits_for_the_first(fails: bool) -> None:
    began, began_too, go_on, at_once = (asyncio.Event() for _ in range(4))
    at_once.set()
    first = asyncio.create_task(sender({"n": 1}, began, go_on, fails=fails))
    await began.wait()
    second = asyncio.create_task(sender({"n": 2}, began_too, at_once, fails=False))
    await asyncio.sleep(0.2)
    assert not began_too.is_set()
    go_on.set()
    assert await second == ({"n": 2} if fails else {"n": 1})
    assert isinstance((await asyncio.gather(first, return_exceptions=True))[0], KeyError) == fails
    assert await IdempotencyKey.all().values_list("answer", flat=True) == [{"n": 2} if fails else {"n": 1}]


async def test_other_input_is_refused() -> None:
    await claim("k", command="customerCreate", input_digest=b"1", by=ANN, at=NOW)
    await claim("k", command="productCreate", input_digest=b"2", by=ANN, at=NOW)
    await claim("k", command="customerCreate", input_digest=b"2", by=Actor("Bob", new_id()), at=NOW)
    with pytest.raises(KeyReused):
        await claim("k", command="customerCreate", input_digest=b"2", by=ANN, at=NOW)


@pytest.mark.parametrize("answer", [{"at": NOW}, {"who": ANN.user_id and object()}])
async def test_an_answer_that_could_not_be_given_again_is_a_bug(answer: dict[str, Any]) -> None:
    held = await claim("k", command="customerCreate", input_digest=b"1", by=ANN, at=NOW)
    with pytest.raises(TypeError):
        await held.keep(answer)
