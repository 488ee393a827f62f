"""urql with graphcache tells its story."""

from tests.clients.conftest import Story

NAMES = [f"urql {number}" for number in range(1, 6)]


def test_urql_pages_creates_and_updates(story: Story) -> None:
    told = story("urql.mjs")
    assert [each["customer"]["name"] for each in told["created"]] == NAMES
    assert told["forward"] == {"names": NAMES, "requests": 3}, "graphcache merges the pages of one connection"
    assert told["backward"] == {"names": NAMES, "requests": 3}
    change = told["change"]
    assert change["changed"]["customer"]["version"] == 2
    assert [error["code"] for error in change["refused"]["userErrors"]] == ["STALE"]
    assert change["cities"] == ["Linz", "Graz", "Graz"], "the page learns of the change, and not of the refused one"
    assert change["requests"] == 3, "one for the page, and one for each mutation"
