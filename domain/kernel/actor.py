"""Who acts, and what they may see and do."""

from dataclasses import dataclass, field
from uuid import UUID

from domain.kernel.permissions import EVERY_GRANT, NO_GRANTS, Grants, Permission, Reach
from domain.kernel.refusals import Forbidden, Unauthenticated


@dataclass(frozen=True, slots=True)
class Origin:
    """By what way somebody acts, for the audit trail: signed in by which session or API key, from where, with which
    request. None where it does not apply."""

    session_id: UUID | None = None
    key_id: UUID | None = None
    address: str | None = None
    request_id: str | None = None

    def told(self) -> dict[str, str]:
        """This will give what there is to tell of it, by name."""
        named = {"session": self.session_id, "key": self.key_id, "address": self.address, "request": self.request_id}
        return {name: str(value) for name, value in named.items() if value}


HERE = Origin()


@dataclass(frozen=True, slots=True)
class Sight:
    """Whose records an actor reaches by their teams, themselves among them, and which were shared with them, to be seen
    or to be changed as well; as it was when the actor was looked up, some seconds ago at most."""

    colleagues: tuple[UUID, ...] = ()
    shared: tuple[UUID, ...] = ()
    changeable: tuple[UUID, ...] = ()

    @property
    def shape(self) -> tuple[bool, bool, bool]:
        """What of it decides which SQL finds what is seen: whether it reaches few, and whether anything was shared."""
        return len(self.colleagues) <= FEW_OWNERS, bool(self.shared), bool(self.changeable)


FEW_OWNERS = 32
"""Of so many owners each one's rows are looked up by themselves; beyond, one scan meets theirs soon enough."""
ALONE = Sight()


@dataclass(frozen=True, slots=True)
class Actor:
    """The one in whose name something is read or written: a user, the system itself, or nobody.

    `user_id` is None for the system and for nobody, who has no grants. By which way they come makes no other actor.
    """

    name: str
    user_id: UUID | None = None
    grants: Grants = NO_GRANTS
    sight: Sight = ALONE
    origin: Origin = field(default=HERE, compare=False)

    @property
    def authenticated(self) -> bool:
        """Whether anybody vouches for them; without that nothing at all is read."""
        return self.user_id is not None or self.grants is EVERY_GRANT

    def reach(self, permission: Permission) -> Reach:
        """This will say how far a permission of theirs goes; NONE where they have it not."""
        return self.grants.reach(permission)

    def must_be_known(self) -> None:
        """This will refuse an actor that nobody vouches for. Raises Unauthenticated."""
        if not self.authenticated:
            raise Unauthenticated("Sign in first: send the token of `login` as `Authorization: Bearer …`.")

    def must_be_in_person(self) -> None:
        """This will refuse a program: what proves who somebody is, they change themselves. Raises Unauthenticated,
        Forbidden."""
        self.must_be_known()
        if self.origin.key_id is not None:
            raise Forbidden("This is not for API keys; sign in with `login`.")

    def must(self, permission: Permission, least: Reach = Reach.OWN) -> None:
        """This will refuse whoever has not the permission, or not so far. Raises Unauthenticated, Forbidden."""
        self.must_be_known()
        reach = self.reach(permission)
        if reach is Reach.NONE:
            raise Forbidden(f"This needs the permission {permission.name}, which no role of yours gives.")
        if reach < least:
            raise Forbidden(f"This needs {permission.name} over {_OVER[least]}; yours is over {_OVER[reach]}.")


_OVER = {Reach.OWN: "your own records", Reach.TEAM: "your teams' records", Reach.ALL: "all records"}
SYSTEM = Actor(name="system", grants=EVERY_GRANT)
NOBODY = Actor(name="nobody")
