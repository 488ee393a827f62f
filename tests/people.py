"""People for tests: an administrator, and a colleague who works on everything, and administers nothing."""

from domain.access.models import Role, User
from domain.access.queries import ADMINISTRATOR, actor_of, roles_named
from domain.access.roles import create_role
from domain.access.users import create_user
from domain.kernel.actor import SYSTEM, Actor
from domain.kernel.permissions import Permission, Reach, granted
from tests.moments import NOW

PASSWORD = "correct horse battery"
_ADMINISTERS = {
    Permission.ACCESS_READ,
    Permission.ACCESS_WRITE,
    Permission.AUDIT_READ,
    Permission.CUSTOMERS_ERASE,
    Permission.JOBS_ADMINISTER,
    Permission.WEBHOOKS_READ,
    Permission.WEBHOOKS_WRITE,
}
_OWN = {Permission.JOBS_READ, Permission.JOBS_WRITE, Permission.IMPORTS_WRITE}
COLLEAGUE = granted({each: Reach.OWN if each in _OWN else Reach.ALL for each in Permission if each not in _ADMINISTERS})


async def an_administrator(email: str = "ada@example.org", name: str = "Ada", password: str | None = PASSWORD) -> User:
    """A user with the role of an administrator."""
    roles = await roles_named(ADMINISTRATOR)
    return await create_user(email, name, password, roles=roles, by=SYSTEM, at=NOW)


async def a_colleague(email: str = "rob@example.org", name: str = "Rob", password: str | None = PASSWORD) -> User:
    """A user with a role of the tests: everything but administering, jobs and files their own."""
    role = await Role.get_or_none(name="colleague")
    if role is None:
        values = {"name": "colleague", "description": "Works on everything."}
        role = await create_role(values, COLLEAGUE, by=SYSTEM, at=NOW)
    return await create_user(email, name, password, roles=[role.id], by=SYSTEM, at=NOW)


async def acting(user: User) -> Actor:
    """The actor that a user is."""
    actor = await actor_of(user.id)
    assert actor is not None
    return actor
