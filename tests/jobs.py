"""What tests do to jobs where no worker is: what the engine would."""

from domain.jobs.commands import follow_up
from domain.jobs.dispatching import Claim, claim, hand_over
from domain.jobs.endings import end, success
from domain.jobs.rules import Policy


async def claimed_by_hand(kind: str) -> Claim:
    """The claim of the next job of a kind."""
    policy = Policy(kind)
    (dispatch,) = (await hand_over([policy], {policy.queue: 1}, 1)).dispatches
    (held,) = await claim([(dispatch.job_id, dispatch.number)], [policy], "here")
    return held


async def handed_over_and_done(kind: str) -> None:
    """The next job of a kind succeeds."""
    held = await claimed_by_hand(kind)
    await end(success(held, {}))
    await follow_up([held.job_id])
