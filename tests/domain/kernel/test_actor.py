"""What an actor may do: as far as what was granted goes, and no further."""

from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.kernel.actor import NOBODY, SYSTEM, Actor
from domain.kernel.permissions import EVERY_GRANT, NO_GRANTS, Grants, Permission, Reach, granted
from domain.kernel.refusals import Forbidden, Unauthenticated

GRANTS = st.dictionaries(st.sampled_from(Permission), st.sampled_from(Reach)).map(granted)


def test_the_system_may_do_everything_and_nobody_nothing() -> None:
    for permission in Permission:
        SYSTEM.must(permission, Reach.ALL)
        with pytest.raises(Unauthenticated):
            NOBODY.must(permission)
        with pytest.raises(Forbidden):
            Actor("Rob", uuid4()).must(permission)


def test_a_permission_reaches_so_far_and_no_further() -> None:
    rob = Actor("Rob", uuid4(), granted({Permission.LEADS_WRITE: Reach.TEAM}))
    rob.must(Permission.LEADS_WRITE)
    rob.must(Permission.LEADS_WRITE, Reach.TEAM)
    with pytest.raises(Forbidden, match="over all records"):
        rob.must(Permission.LEADS_WRITE, Reach.ALL)


@given(GRANTS, GRANTS)
def test_grants_are_one_object_where_they_are_equal_and_cover_what_they_contain(one: Grants, other: Grants) -> None:
    assert granted(one.given()) is one
    assert EVERY_GRANT.covers(one)
    assert one.covers(NO_GRANTS)
    assert one.covers(one.within(other.given()))
    assert (one is other) == (one.covers(other) and other.covers(one))
