"""What mutations of users, roles, teams, shares, keys and passwords refuse."""

from typing import Any

from domain.access.keys import create_key
from domain.access.links import Purpose, make_link
from domain.access.models import Share, Team, TeamMembership, User
from domain.access.queries import roles_named
from domain.access.roles import create_role
from domain.access.tokens import TokenKey
from domain.customers.models import Customer
from domain.kernel.actor import SYSTEM
from domain.kernel.clock import system_clock
from domain.kernel.ids import public_id
from domain.kernel.permissions import Permission, Reach, granted
from tests.api.refused import ONCE, RECORD, STAMPS
from tests.graph import KEY, NOW, session_of
from tests.people import PASSWORD, acting

PAST, AHEAD = "1999-01-01T00:00:00Z", "2125-01-01T00:00:00Z"
GRANTS = [{"permission": "LEADS_READ", "reach": "ALL"}]
ANOTHER = "another good one, and long"
GOOD: dict[str, dict[str, Any]] = {
    "userCreate": {"input": {"email": "new@example.org", "name": "New", "roleIds": ["ROLE"]}},
    "userUpdate": {"id": "USER", "input": {"name": "Bo"}, "expectedVersion": 1},
    "userSetRoles": {"id": "USER", "input": {"roleIds": ["ROLE"]}, "expectedVersion": 1},
    "userDeactivate": {"id": "USER", "input": {"successorId": "OTHER"}, "expectedVersion": 1},
    "userReactivate": {"id": "USER", "expectedVersion": 1},
    "userInvite": {"id": "USER"},
    "userUnlink": {"id": "USER"},
    "roleCreate": {"input": {"name": "clerk", "description": "Files.", "grants": GRANTS}},
    "roleUpdate": {"id": "OWN ROLE", "input": {"name": "clerk", "grants": GRANTS}, "expectedVersion": 1},
    "roleDelete": {"id": "OWN ROLE"},
    "teamCreate": {"input": {"name": "South", "parentId": "TEAM", "managerId": "USER"}},
    "teamUpdate": {"id": "TEAM", "input": {"name": "East"}, "expectedVersion": 1},
    "teamDelete": {"id": "EMPTY TEAM"},
    "teamMembershipCreate": {"input": {"teamId": "EMPTY TEAM", "userId": "USER"}},
    "teamMembershipEnd": {"id": "MEMBERSHIP", "input": {}},
    "shareCreate": {"input": {"recordId": "CUSTOMER", "userId": "OTHER"}},
    "shareDelete": {"id": "SHARE"},
    "apiKeyCreate": {"input": {"name": "sync", "permissions": ["LEADS_READ"], "expiresAt": "SOON"}},
    "apiKeyRevoke": {"id": "KEY"},
    "sessionRevoke": {"id": "SESSION"},
    "passwordChoose": {"input": {"token": "LINK", "password": ANOTHER}},
    "passwordChange": {"input": {"currentPassword": PASSWORD, "password": ANOTHER}},
}
BAD: dict[str, dict[str, Any]] = {
    "userCreate": {
        "input.email": "nobody",
        "input.name": "",
        "input.password": "short",
        "input.roleIds": ["rubbish"],
        **ONCE,
    },
    "userUpdate": {"input.email": "USED", "input.name": "x" * 201, **RECORD},
    "userSetRoles": {"input.roleIds": ["ROLE", "rubbish"], **RECORD},
    "userDeactivate": {"input.successorId": "USER", **RECORD},
    "userReactivate": RECORD,
    "userInvite": {"id": "rubbish"},
    "userUnlink": {"id": "rubbish"},
    "roleCreate": {"input.name": "TAKEN", "input.description": "", **ONCE},
    "roleUpdate": {"input.name": "", "input.description": "x" * 301, **RECORD},
    "roleDelete": {"id": "ROLE"},
    "teamCreate": {"input.name": "", "input.parentId": "rubbish", "input.managerId": "rubbish", **ONCE},
    "teamUpdate": {"input.name": "", "input.parentId": "EMPTY TEAM", "input.managerId": "rubbish", **RECORD},
    "teamDelete": {"id": "TEAM"},
    "teamMembershipCreate": {
        "input.teamId": "rubbish",
        "input.userId": "rubbish",
        "input.endsAt": PAST,
        **ONCE,
    },
    "teamMembershipEnd": {"id": "rubbish", "input.endsAt": PAST},
    "shareCreate": {
        "input.recordId": "ROLE",
        "input.userId": "rubbish",
        "input.teamId": "TEAM",
        "input.expiresAt": PAST,
        **ONCE,
    },
    "shareDelete": {"id": "rubbish"},
    "apiKeyCreate": {
        "input.name": "",
        "input.permissions": [],
        "input.expiresAt": AHEAD,
        "input.userId": "rubbish",
    },
    "apiKeyRevoke": {"id": "rubbish"},
    "sessionRevoke": {"id": "rubbish"},
    "passwordChoose": {"input.token": "rubbish", "input.password": "short"},
    "passwordChange": {"input.currentPassword": "not the present one", "input.password": "short"},
}
NEVER = {
    "login.input.code",
    "login.input.device",
    "passwordForget.input.email",
    "roleCreate.input.grants.0.permission",
    "roleCreate.input.grants.0.reach",
    "roleUpdate.input.grants.0.permission",
    "roleUpdate.input.grants.0.reach",
    "secondFactorConfirm.input.code",
    "secondFactorRemove.input.code",
    "sessionRenew.input.refreshToken",
    "shareCreate.input.mayChange",
    "ssoBegin.input.redirectUri",
    "ssoComplete.input.code",
    "ssoComplete.input.device",
    "ssoComplete.input.iss",
    "ssoComplete.input.state",
    "ssoComplete.input.verifier",
    "teamMembershipCreate.input.startsAt",
}


async def stored() -> dict[str, str]:
    users = [await User.create(email=f"{name}@x.example", name=name, **STAMPS) for name in ("bo", "cy", "di")]
    (role,) = await roles_named("sales representative")
    own = await create_role(
        {"name": "own", "description": "d"}, granted({Permission.LEADS_READ: Reach.OWN}), by=SYSTEM, at=NOW
    )
    team = await Team.create(name="North", **STAMPS)
    within = await Team.create(name="Within", parent=team, **STAMPS)
    membership = await TeamMembership.create(team=team, user=users[0], starts_at=NOW, **STAMPS)
    customer = await Customer.create(kind="person", name="A", **STAMPS)
    held = {"record_prefix": "cus", "record_id": customer.id}
    share = await Share.create(user=users[2], **held, **STAMPS)
    now = system_clock()
    soon = now.replace(year=now.year + 1, month=1, day=1)
    acted = await acting(users[0])
    key = await create_key({"name": "k", "expires_at": soon}, [Permission.LEADS_READ], by=acted, at=now)
    link = await make_link(users[0], Purpose.INVITATION, key=TokenKey(KEY, soon - now), at=now)
    session = await session_of(users[0])
    return {
        "USER": public_id("usr", users[0].id), "OTHER": public_id("usr", users[1].id), "USED": users[1].email,
        "ROLE": public_id("rol", role), "OWN ROLE": public_id("rol", own.id), "TAKEN": own.name,
        "TEAM": public_id("tea", team.id), "EMPTY TEAM": public_id("tea", within.id),
        "MEMBERSHIP": public_id("mem", membership.id), "CUSTOMER": public_id("cus", customer.id),
        "SHARE": public_id("shr", share.id), "KEY": public_id("key", key.record.id),
        "SESSION": public_id("ses", session.id), "LINK": link.text, "SOON": soon.isoformat(),
    }  # fmt: skip
