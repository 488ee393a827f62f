"""How kinds of jobs are declared."""

import pytest

from workers.kinds import KINDS, RunningJob, job


def test_a_kind_is_declared_once() -> None:
    async def handler(running: RunningJob) -> None:
        pass

    before = dict(KINDS)
    with pytest.raises(ValueError, match=r"feedback\.aggregate"):
        job("feedback.aggregate", description="Another.")(handler)
    assert before == KINDS
