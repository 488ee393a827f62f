"""Apollo Client 4 tells its story."""

from tests.clients.conftest import Story

NAMES = [f"Apollo {number}" for number in range(1, 6)]


def test_apollo_pages_creates_and_updates(story: Story) -> None:
    told = story("apollo.mjs")
    assert [each["customer"]["name"] for each in told["created"]] == NAMES
    assert all(each["userErrors"] == [] for each in told["created"])
    assert told["forward"] == {"names": NAMES, "requests": 3}, "the cache merges the pages of one connection"
    assert told["backward"] == {"names": NAMES, "requests": 3}
    change = told["change"]
    assert (change["changed"]["customer"]["city"], change["changed"]["customer"]["version"]) == ("Graz", 2)
    assert change["inThePage"] == change["changed"]["customer"], "the page learns of it by the id alone"
    assert change["requestsForThePage"] == 0
    assert change["refused"]["customer"]["version"] == 2, "the record as it now stands, to decide anew"
    assert [error["code"] for error in change["refused"]["userErrors"]] == ["STALE"]
    assert change["afterwards"]["city"] == "Graz"
