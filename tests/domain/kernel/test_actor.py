"""Who has which rights: an administrator and the system all of them, others none as yet."""

from uuid import uuid4

from domain.kernel.actor import NOBODY, SYSTEM, Actor, Right


def test_rights() -> None:
    assert SYSTEM.rights == Actor("Ada", uuid4(), administrator=True).rights == set(Right)
    assert NOBODY.rights == Actor("Rob", uuid4()).rights == set()
