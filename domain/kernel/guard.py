"""Who may see and change the rows of a table: declared once with its model, and turned into SQL wherever rows are met.

A permission with reach ALL is over all rows of a guarded table, OWN over those that the actor owns, TEAM over those
that their teams and the teams below own as well; beyond these, over rows that were shared with them. Tables without
owners are open to whoever has the permission at all. Parts belong with their whole: a contact with its customer.

`access_colleagues` and `access_shared` are functions of the database, by which a change of teams or shares counts at
once. The only value that a condition binds is who acts.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission, Reach

if TYPE_CHECKING:
    from domain.kernel.record import Record

NOTHING = "FALSE"


@dataclass(frozen=True, slots=True)
class Guard:
    """What must be permitted to see and to change rows of a table, and whose a row is.

    `owner` is the column that holds the owner's key; `whole` the column that points to what the row is a part of, and
    that table's model. Without a `read` everybody who is signed in sees all rows; without a `write` nobody but the
    system changes any.
    """

    read: Permission | None = None
    write: Permission | None = None
    owner: str | None = None
    whole: tuple[str, type["Record"]] | None = None
    everyone: Reach = Reach.NONE
    """The reach that whoever is signed in has without any role: OWN for what is theirs by nature, such as sessions."""

    def seen(self, actor: Actor, row: str, viewer: str) -> str:
        """This will give the condition for a row, by its alias, to be seen; `viewer` stands for who acts in the SQL.

        Empty where there is none, FALSE where nothing may be seen.
        """
        if self.read is None:
            return "" if actor.authenticated else NOTHING
        return self._within(self._reach(actor, self.read), row, viewer, writing=False)

    def changed(self, actor: Actor, row: str, viewer: str, permission: Permission | None = None) -> str:
        """This will give the condition for a row to be changed, by the permission of its table or another, likewise."""
        needed = permission or self.write
        if needed is None:
            return "" if actor.user_id is None and actor.authenticated else NOTHING
        return self._within(self._reach(actor, needed), row, viewer, writing=True)

    def _reach(self, actor: Actor, permission: Permission) -> Reach:
        return max(actor.reach(permission), self.everyone) if actor.authenticated else Reach.NONE

    def _within(self, reach: Reach, row: str, viewer: str, *, writing: bool) -> str:
        if reach is Reach.NONE:
            return NOTHING
        if reach is Reach.ALL:
            return ""
        if self.whole:
            key, model = self.whole
            inner = f"{row}_of"
            within = model.guard._within(reach, inner, viewer, writing=writing)
            found = f"SELECT FROM {model._meta.db_table} {inner} WHERE {inner}.id = {row}.{key}"
            return f"EXISTS ({found} AND {within})" if within else ""
        if self.owner is None:
            return ""
        whose = f"= {viewer}::uuid" if reach is Reach.OWN else f"= ANY(ARRAY(SELECT access_colleagues({viewer}::uuid)))"
        shared = f"{row}.id = ANY(ARRAY(SELECT access_shared({viewer}::uuid, {str(writing).lower()})))"
        return f"({row}.{self.owner} {whose} OR {shared})"
