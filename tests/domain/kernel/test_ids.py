"""Ids are unique, run with time, and read back only as what they are."""

from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.ids import new_id, public_id, read_id, split_id


def test_ids_are_version_7_and_run_with_time() -> None:
    ids = [new_id() for _ in range(1000)]
    assert {id.version for id in ids} == {7}
    assert ids == sorted(ids)
    assert len(set(ids)) == 1000


@given(st.uuids(), st.from_regex(r"[a-z]{3}", fullmatch=True))
def test_public_ids_read_back(key: UUID, prefix: str) -> None:
    assert split_id(public_id(prefix, key)) == (prefix, key)


@pytest.mark.parametrize(
    "text", ["", "cus_", "cus_0", "CUS_" + "0" * 32, "cus_" + "G" * 32, "cus_" + "0" * 33, "cus_" + "0" * 32 + "\n"]
)
def test_what_is_no_id_gives_none(text: str) -> None:
    assert split_id(text) is None
    assert read_id("cus", text) is None


def test_an_id_of_another_type_gives_none() -> None:
    assert read_id("cus", public_id("prd", new_id())) is None
