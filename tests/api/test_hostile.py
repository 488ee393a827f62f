"""Documents made to cost much are refused with a code, before the work that they are after."""

import pytest

from tests.graph import Graph
from tests.hostile import HOSTILE

pytestmark = pytest.mark.anyio


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_documents_are_refused(ada: Graph, name: str) -> None:
    document, limit = HOSTILE[name]
    if name == "fragments that double":
        assert (await ada.ask(document))["customers"] == {"nodes": []}  # which is harmless, as each is looked into once
        return
    await ada.ask("{ __typename }")  # so that who asks is known
    with ada.counting() as statements:
        (error, *_) = (await ada.answer(document))["errors"]
    assert not statements
    if limit is None:
        assert error["extensions"]["code"] in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED")
        return
    assert error["extensions"]["limit"] == limit
    assert error["extensions"]["requested"] > error["extensions"]["allowed"]
    assert f"{error['extensions']['allowed']:,}" in error["message"]
