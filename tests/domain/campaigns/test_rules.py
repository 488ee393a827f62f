"""The states of campaigns."""

import pytest

from domain.campaigns.rules import NEXT, OVER, CampaignState


@pytest.mark.parametrize("state", list(CampaignState))
def test_what_is_over_goes_nowhere(state: CampaignState) -> None:
    assert (not NEXT[state]) == (state in OVER)
