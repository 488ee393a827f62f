"""What may be allowed, and how far: named permissions by context and verb, and the reach with which each is given.

A role is a set of grants. Whoever has several roles has each permission with the furthest reach that one of them gives.
"""

from collections.abc import Iterable, Mapping
from enum import IntEnum, StrEnum
from functools import cache


class Permission(StrEnum):
    """One thing that may be allowed: a context, and what may be done there."""

    ACCESS_READ = "access_read"
    ACCESS_SHARE = "access_share"
    ACCESS_WRITE = "access_write"
    ACTIVITIES_READ = "activities_read"
    ACTIVITIES_WRITE = "activities_write"
    ATTRIBUTION_READ = "attribution_read"
    ATTRIBUTION_WRITE = "attribution_write"
    AUDIT_READ = "audit_read"
    CAMPAIGNS_READ = "campaigns_read"
    CAMPAIGNS_WRITE = "campaigns_write"
    CATALOG_COST = "catalog_cost"
    CATALOG_READ = "catalog_read"
    CATALOG_WRITE = "catalog_write"
    CUSTOMERS_ERASE = "customers_erase"
    CUSTOMERS_PERSONAL = "customers_personal"
    CUSTOMERS_READ = "customers_read"
    CUSTOMERS_WRITE = "customers_write"
    FEEDBACK_READ = "feedback_read"
    FEEDBACK_WRITE = "feedback_write"
    IMPORTS_WRITE = "imports_write"
    IMPROVEMENT_READ = "improvement_read"
    IMPROVEMENT_WRITE = "improvement_write"
    INVENTORY_READ = "inventory_read"
    INVENTORY_WRITE = "inventory_write"
    JOBS_ADMINISTER = "jobs_administer"
    JOBS_READ = "jobs_read"
    JOBS_WRITE = "jobs_write"
    KPIS_READ = "kpis_read"
    KPIS_WRITE = "kpis_write"
    LEADS_READ = "leads_read"
    LEADS_WRITE = "leads_write"
    ORDERS_FULFIL = "orders_fulfil"
    ORDERS_READ = "orders_read"
    ORDERS_WRITE = "orders_write"
    PIPELINE_ADMINISTER = "pipeline_administer"
    PIPELINE_READ = "pipeline_read"
    PIPELINE_WRITE = "pipeline_write"
    PROCUREMENT_READ = "procurement_read"
    PROCUREMENT_WRITE = "procurement_write"
    REPLENISHMENT_READ = "replenishment_read"
    REPLENISHMENT_WRITE = "replenishment_write"
    SEGMENTS_READ = "segments_read"
    SEGMENTS_WRITE = "segments_write"
    SURVEYS_READ = "surveys_read"
    SURVEYS_WRITE = "surveys_write"
    WEBHOOKS_READ = "webhooks_read"
    WEBHOOKS_WRITE = "webhooks_write"


class Reach(IntEnum):
    """How far a permission goes: over one's own records, those of one's teams and the teams below, or all."""

    NONE = 0
    OWN = 1
    TEAM = 2
    ALL = 3


_PLACES = {permission: place for place, permission in enumerate(Permission)}


class Grants:
    """What an actor may do, and how far: a reach for each permission. Equal ones are one and the same object."""

    __slots__ = ("_reaches",)

    def __init__(self, reaches: tuple[Reach, ...]) -> None:
        self._reaches = reaches

    def reach(self, permission: Permission) -> Reach:
        """This will say how far a permission goes; NONE where it is not given."""
        return self._reaches[_PLACES[permission]]

    def within(self, permissions: Iterable[Permission]) -> "Grants":
        """This will give those of the grants that are of these permissions."""
        return granted({permission: self.reach(permission) for permission in permissions})

    def covers(self, other: "Grants") -> bool:
        """This will say whether everything that the other allows is allowed by this, as far at least."""
        return all(own >= its for own, its in zip(self._reaches, other._reaches, strict=True))

    def given(self) -> dict[Permission, Reach]:
        """This will give the permissions that are given, by name, with their reach."""
        return {permission: self.reach(permission) for permission in Permission if self.reach(permission)}


def granted(reaches: Mapping[Permission, Reach]) -> Grants:
    """This will give the grants of these permissions; those left out are not given."""
    return _interned(tuple(reaches.get(permission, Reach.NONE) for permission in Permission))


@cache
def _interned(reaches: tuple[Reach, ...]) -> Grants:
    return Grants(reaches)


NO_GRANTS = granted({})
EVERY_GRANT = granted(dict.fromkeys(Permission, Reach.ALL))
