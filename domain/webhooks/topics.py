"""The types of events that endpoints can be subscribed to: every topic that the house writes into its log.

`tests/laws/test_topics.py` compares this list with the source, so that none is forgotten, and none is made up.
"""

from collections.abc import Iterable, Mapping

from domain.kernel.refusals import Invalid

ANY = "*"
MOST_PATTERNS = 100
_RECORDS: Mapping[str, tuple[str, str]] = {
    "access.api_key": ("key", "created revoked"),
    "access.identity": ("idn", "linked"),
    "access.membership": ("mem", "created ended"),
    "access.record": ("", "handed_over"),
    "access.role": ("rol", "created deleted granted updated"),
    "access.second_factor": ("usr", "confirmed enrolled recovered removed"),
    "access.session": ("ses", "began ended others_revoked"),
    "access.share": ("shr", "created revoked"),
    "access.team": ("tea", "created deleted updated"),
    "access.user": ("usr", "created deactivated login_failed password_set reactivated roles_set unlinked updated"),
    "access.write": ("usr", "refused"),
    "activities.activity": ("act", "cancelled created done erased no_show updated"),
    "campaigns.campaign": ("cam", "active cancelled completed cost_recorded created enrolled paused updated"),
    "campaigns.touchpoint": ("tch", "recorded"),
    "catalog.product": ("prd", "created imported updated"),
    "customers.contact": ("con", "created erased updated"),
    "customers.customer": ("cus", "created erased imported updated"),
    "feedback.item": ("fbk", "erased imported recorded"),
    "feedback.theme": ("thm", "dissolved found"),
    "files.file": ("fil", "received removed"),
    "improvement.adoption": ("pra", "recorded"),
    "improvement.cycle": ("cyc", "abandoned acted checked planned proposed standardized started"),
    "improvement.practice": ("prc", "adopted created retired"),
    "inventory.location": ("loc", "created updated"),
    "inventory.move": ("mov", "recorded"),
    "inventory.reservation": ("rsv", "expired fulfilled made released"),
    "jobs.job": ("job", "cancelled queued"),
    "jobs.queue": ("jqu", "paused resumed"),
    "jobs.schedule": ("sch", "created deleted paused updated"),
    "kpis.annotation": ("kpa", "made"),
    "kpis.kpi": ("kpi", "computed created updated"),
    "kpis.target": ("kpt", "created removed updated"),
    "leads.lead": ("led", "converted created disqualified erased qualified updated working"),
    "orders.order": (
        "ord",
        "allocated assigned cancelled closed confirmed created delivered imported postponed returned shipped",
    ),
    "orders.quote": (
        "quo",
        "accepted approved created draft expired in_review rejected sent superseded updated",
    ),
    "orders.shipment": ("shp", "delivered"),
    "pipeline.close_reason": ("rsn", "created updated"),
    "pipeline.competitor": ("cmp", "created updated"),
    "pipeline.forecast": ("fcs", "frozen scored"),
    "pipeline.opportunity": ("opp", "competitor_added competitor_removed created erased moved updated"),
    "pipeline.pipeline": ("pip", "created updated"),
    "pipeline.stage": ("stg", "created updated"),
    "privacy.person": ("", "erased exported"),
    "procurement.purchase_order": ("pur", "acknowledged cancelled closed created received sent updated"),
    "procurement.receipt": ("rcp", "recorded"),
    "procurement.supplier": ("sup", "created judged updated"),
    "procurement.supplier_item": ("sit", "created updated"),
    "replenishment.policy": ("rpp", "created updated"),
    "replenishment.proposal": ("rpl", "dismissed ordered proposed superseded updated"),
    "segments.segment": ("seg", "created refreshed updated"),
    "surveys.response": ("srs", "recorded"),
    "surveys.survey": ("srv", "closed created opened updated"),
    "webhooks.delivery": ("whd", "replayed"),
    "webhooks.endpoint": ("whe", "created deleted disabled replayed secret_rotated tested updated"),
}
"""By context and record: what the record's public ids begin with (nothing where it may be any), and what happens."""

EVENT_TYPES: Mapping[str, str] = {
    f"{record}.{happening}": prefix
    for record, (prefix, happenings) in _RECORDS.items()
    for happening in happenings.split()
}
"""Every topic, with what the public ids of its subjects begin with."""


def check_event_types(given: Iterable[str], *field: str) -> list[str]:
    """This will return what an endpoint is subscribed to, sorted, each once: topics, or all of a context or a record.

    Raises Invalid where one is none, or there are none, or too many.
    """
    chosen = sorted(set(given))
    if not 1 <= len(chosen) <= MOST_PATTERNS:
        raise Invalid(f"{{field}} must name 1 to {MOST_PATTERNS} types of events; see `webhookEventTypes`.", *field)
    if not all(map(_is_known, chosen)):
        raise Invalid(
            "{field} must hold types of `webhookEventTypes`, or all of a context or a record as in `customers.*` and "
            "`customers.contact.*`.",
            *field,
        )
    return chosen


def covers(pattern: str, topic: str) -> bool:
    """This will say whether somebody who is subscribed to a topic, or to all below a context or record, gets one."""
    return topic.startswith(pattern[:-1]) if pattern.endswith(f".{ANY}") else pattern == topic


def _is_known(pattern: str) -> bool:
    """A lone asterisk is not: who is sent a context has named it."""
    return pattern in EVENT_TYPES or (
        pattern.endswith(f".{ANY}")
        and any(topic.startswith(pattern[:-1]) for topic in EVENT_TYPES)
        and pattern.count(".") <= 2
    )
