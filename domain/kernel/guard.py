"""Who may see and change the rows of a table: declared once with its model, and turned into SQL wherever rows are met.

A permission with reach ALL is over all rows of a guarded table, OWN over those that the actor owns, TEAM over those
that their teams and the teams below own as well; beyond these, over rows that were shared with them. Tables without
owners are open to whoever has the permission at all. Parts belong with their whole: a contact with its customer.

Conditions name what they bind, `{viewer}` and the like; `bound` puts parameters in their places. Whose records somebody
reaches is bound, not looked up by each statement: that would cost each of them half a millisecond, measured.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from domain.kernel.actor import Actor
from domain.kernel.permissions import Permission, Reach

if TYPE_CHECKING:
    from domain.kernel.record import Record

NOTHING = "FALSE"
VALUES: Mapping[str, tuple[str, Callable[[Actor], Any]]] = {
    "{viewer}": ("uuid", lambda actor: actor.user_id),
    "{colleagues}": ("uuid[]", lambda actor: list(actor.sight.colleagues)),
    "{shared}": ("uuid[]", lambda actor: list(actor.sight.shared)),
    "{changeable}": ("uuid[]", lambda actor: list(actor.sight.changeable)),
}
"""What conditions bind, by the names that they have for it: its type, and its value for an actor."""


def bound(sql: str, actor: Actor, first: int) -> tuple[str, list[Any]]:
    """This will put parameters, from the first on, in the places of what conditions bind, and give their values."""
    values: list[Any] = []
    for name, (kind, value) in VALUES.items():
        if name in sql:
            sql = sql.replace(name, f"${first + len(values)}::{kind}")
            values.append(value(actor))
    return sql, values


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

    def seen(self, actor: Actor, row: str) -> str:
        """This will give the condition for a row, by its alias, to be seen, with the names of VALUES.

        Empty where there is none, FALSE where nothing may be seen.
        """
        if self.read is None:
            return "" if actor.authenticated else NOTHING
        return self._within(self._reach(actor, self.read), row, actor, writing=False)

    def changed(self, actor: Actor, row: str, permission: Permission | None = None) -> str:
        """This will give the condition for a row to be changed, by the permission of its table or another, likewise."""
        needed = permission or self.write
        if needed is None:
            return "" if actor.user_id is None and actor.authenticated else NOTHING
        return self._within(self._reach(actor, needed), row, actor, writing=True)

    def owners(self, actor: Actor) -> str | None:
        """This will give the SQL of the keys of those whose rows the actor sees beside what was shared with them; None
        where sight does not go by the owners of the rows themselves."""
        if self.owner is None or self.read is None:
            return None
        return {Reach.OWN: "ARRAY[{viewer}]", Reach.TEAM: "{colleagues}"}.get(self._reach(actor, self.read))

    def _reach(self, actor: Actor, permission: Permission) -> Reach:
        return max(actor.reach(permission), self.everyone) if actor.authenticated else Reach.NONE

    def _within(self, reach: Reach, row: str, actor: Actor, *, writing: bool) -> str:
        if reach is Reach.NONE:
            return NOTHING
        if reach is Reach.ALL:
            return ""
        if self.whole:
            key, model = self.whole
            inner = f"{row}_of"
            within = model.guard._within(reach, inner, actor, writing=writing)
            found = f"SELECT FROM {model._meta.db_table} {inner} WHERE {inner}.id = {row}.{key}"
            return f"EXISTS ({found} AND {within})" if within else ""
        if self.owner is None:
            return ""
        whose = "= {viewer}" if reach is Reach.OWN else "= ANY({colleagues})"
        own = f"{row}.{self.owner} {whose}"
        if not (actor.sight.changeable if writing else actor.sight.shared):
            return f"({own})"
        return f"({own} OR {row}.id = ANY({'{changeable}' if writing else '{shared}'}))"
