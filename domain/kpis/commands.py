"""Verbs of KPIs: write one, change one, remark on its chart."""

from datetime import date, datetime
from uuid import UUID

from domain.kernel.actor import Actor
from domain.kernel.changes import check_fields, store_new
from domain.kernel.permissions import Permission
from domain.kernel.transactions import one_transaction
from domain.kpis import rules
from domain.kpis.models import Kpi, KpiAnnotation


async def annotate(
    kpi_id: UUID | None, day: date, text: str, *, subject: tuple[str, UUID] | None = None, by: Actor, at: datetime
) -> KpiAnnotation:
    """This will keep a remark at a day of a KPI's chart; `subject` names the record it is about by prefix and key.

    Raises Unauthenticated, Invalid, NotFound.
    """
    by.must(Permission.KPIS_WRITE)
    values = check_fields({"day": day, "text": text}, rules.ANNOTATION, required=("day", "text"))
    values["subject_prefix"], values["subject_id"] = subject or (None, None)
    async with one_transaction():
        await Kpi.held([kpi_id], "kpi_id", by=by)
        values["kpi_id"] = kpi_id
        return await store_new(KpiAnnotation, values, "kpis.annotation.made", by=by, at=at)
