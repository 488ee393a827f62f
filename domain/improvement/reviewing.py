"""The review: proposes a cycle for what rises, what moved the wrong way and what missed its target, each once.

What has an open cycle already is left alone, and what was proposed once is not proposed again for the same week or
period, whatever became of it.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any
from uuid import UUID

from domain.feedback.charts import ThemeChart, rising_themes
from domain.feedback.models import FeedbackItem, FeedbackTheme, FeedbackThemeStake
from domain.feedback.themes import Known, known_themes
from domain.improvement import wording
from domain.improvement.commands import keep_evidence
from domain.improvement.models import ImprovementCycle
from domain.improvement.rules import CLOSED, CycleOrigin
from domain.kernel.actor import Actor
from domain.kernel.storing import insert_told
from domain.kernel.transactions import one_transaction
from domain.kpis.models import KpiSignal
from domain.kpis.steering import Unwelcome, unwelcome_signals

NEWS_WITHIN, PERIOD_WITHIN = timedelta(days=7), timedelta(days=120)
MISSED_TARGET = "missed_target"
QUOTES, LONGEST_QUOTE = 3, 300
Piece = tuple[str, tuple[str, UUID]]
"""A sentence, and the prefix and key of the record that it was read from."""


@dataclass(frozen=True, slots=True)
class Proposal:
    """A cycle that a rule proposes: what is known of it, and why."""

    values: Mapping[str, Any]
    evidence: tuple[Piece, ...]


async def propose_due(*, by: Actor, at: datetime) -> int:
    """This will propose what the rules find today; returns how many cycles are new."""
    async with one_transaction():
        proposals = [*await _for_themes(at), *await _for_signals(at)]
        if not proposals:
            return 0
        shared = {"proposed_at": at}
        cycles = [(ImprovementCycle.born({**each.values, **shared}, at), each) for each in proposals]
        facts = [(cycle, each.values) for cycle, each in cycles]
        stored = await insert_told(facts, "improvement.cycle.proposed", by=by, at=at, key="origin_key")
        pieces = [(cycle.id, *piece) for cycle, each in cycles if cycle.id in stored for piece in each.evidence]
        await keep_evidence(pieces, at)
    return len(stored)


async def _for_themes(at: datetime) -> list[Proposal]:
    rising = await rising_themes(at.date())
    known = await known_themes([chart.theme_id for chart in rising], quotes=QUOTES)
    busy = set(await _open().filter(theme_id__in=list(known)).values_list("theme_id", flat=True))
    return [_for_theme(chart, known[chart.theme_id]) for chart in rising if chart.theme_id not in busy]


def _for_theme(chart: ThemeChart, theme: Known) -> Proposal:
    said = wording.wave(theme.label, chart)
    evidence: list[Piece] = [(said[:500], (FeedbackTheme.prefix, chart.theme_id))]
    evidence += [(wording.at_stake(stake), (FeedbackThemeStake.prefix, stake.id)) for stake in theme.stakes]
    evidence += [(_quoted(quote.text), (FeedbackItem.prefix, quote.id)) for quote in theme.quotes]
    values = {
        "title": f"Customers complain more of “{theme.label}”"[:200],
        "problem": " ".join([said, *(wording.at_stake(stake) for stake in theme.stakes)]),
        "origin": CycleOrigin.THEME,
        "theme_id": chart.theme_id,
        "origin_key": f"theme:{chart.theme_id.hex}:{chart.weeks[-1].starts_on}",
    }
    return Proposal(values, tuple(evidence))


def _quoted(text: str) -> str:
    words = " ".join(text.split())
    return f"“{words if len(words) <= LONGEST_QUOTE else words[: LONGEST_QUOTE - 1] + '…'}”"


async def _for_signals(at: datetime) -> list[Proposal]:
    found = await unwelcome_signals(at - NEWS_WITHIN, at.date() - PERIOD_WITHIN)
    at_work = set(await _open().values_list("primary_kpi_id", "dimension", "member", "currency"))
    busy = at_work | {(*cut, "") for *cut, _ in at_work}  # a cycle has a currency where any of its KPIs is money
    cuts = [list(signals) for _, signals in groupby(found, key=_cut)]
    return [_for_cut(signals) for signals in cuts if _cut(signals[0]) not in busy]


def _cut(found: Unwelcome) -> tuple[UUID, str, str, str]:
    return found.kpi.id, found.dimension, found.member, found.currency


def _for_cut(signals: list[Unwelcome]) -> Proposal:
    """One proposal for all that is wrong with a cut of a KPI in a period; it is about the target if nothing else is."""
    first = next((signal for signal in signals if signal.rule != MISSED_TARGET), signals[0])
    is_target = first.rule == MISSED_TARGET
    name = wording.cut(first.kpi.name, first.dimension, first.member_name)
    values = {
        "title": f"{name} {'has missed its target' if is_target else 'has moved the wrong way'}"[:200],
        "problem": " ".join(_sentences(signals)),
        "origin": CycleOrigin.TARGET if is_target else CycleOrigin.SIGNAL,
        "owner_id": first.kpi.owner_id,
        "signal_id": first.id,
        "primary_kpi_id": first.kpi.id,
        "dimension": first.dimension,
        "member": first.member,
        "currency": first.currency,
        "origin_key": f"kpi:{first.kpi.id.hex}:{first.dimension}:{first.member}:{first.currency}:{first.period_start}",
    }
    evidence = zip(_sentences(signals), ((KpiSignal.prefix, signal.id) for signal in signals), strict=True)
    return Proposal(values, tuple((text[:500], subject) for text, subject in evidence))


def _sentences(signals: Iterable[Unwelcome]) -> list[str]:
    return [wording.signal(signal) for signal in signals]


def _open() -> Any:
    return ImprovementCycle.exclude(state__in=list(CLOSED))
