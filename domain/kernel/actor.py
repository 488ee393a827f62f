"""Who acts, and what they may see and do."""

from dataclasses import dataclass
from enum import Enum
from uuid import UUID

from domain.kernel.refusals import Forbidden, Unauthenticated


class Right(Enum):
    """What somebody may be allowed beyond what everybody who is signed in may do."""

    READ_ROLES = "read_roles"
    """To see who may do what: whom it would pay to deceive."""


@dataclass(frozen=True, slots=True)
class Actor:
    """The one in whose name something is read or written: a user, the system itself, or nobody.

    `user_id` is None for the system and for nobody; `administrator` sees and does everything.
    """

    name: str
    user_id: UUID | None = None
    administrator: bool = False

    @property
    def rights(self) -> frozenset[Right]:
        """What they may do beyond what everybody may who is signed in: an administrator everything."""
        return EVERY_RIGHT if self.administrator else NO_RIGHT

    @property
    def authenticated(self) -> bool:
        """Whether anything at all may be read."""
        return self.administrator or self.user_id is not None

    def must_be_known(self) -> None:
        """This will refuse an actor that nobody vouches for. Raises Unauthenticated."""
        if not self.authenticated:
            raise Unauthenticated("Sign in first: send the token of `login` as `Authorization: Bearer …`.")

    def must_administer(self, what: str) -> None:
        """This will refuse everybody but administrators. Raises Unauthenticated, Forbidden."""
        self.must_be_known()
        if not self.administrator:
            raise Forbidden(f"Only an administrator may {what}.")


EVERY_RIGHT, NO_RIGHT = frozenset(Right), frozenset[Right]()
SYSTEM = Actor(name="system", administrator=True)
NOBODY = Actor(name="nobody")
