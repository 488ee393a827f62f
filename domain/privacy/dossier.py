"""What is held about a person, as a machine can read it: names as the API has them, ids as it shows them."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from tortoise.fields.relational import ForeignKeyFieldInstance

from domain.kernel.events import Event
from domain.kernel.ids import public_id
from domain.kernel.record import Record

HIDDEN = frozenset({"read_digest"})
"""What the house keeps for itself in a row, and says nothing about anybody."""


def told(records: Sequence[Record]) -> dict[str, list[dict[str, Any]]]:
    """This will write records as JSON has them, by the name of their kind."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for record in records:
        found[_camel(type(record).__name__)].append(_written(record))
    return dict(found)


async def history_of(records: Sequence[Record]) -> list[dict[str, Any]]:
    """This will write what the event log says of records, in the order of its happening."""
    known = {record.id: public_id(record.prefix, record.id) for record in records}
    events = await Event.filter(subject_id__in=list(known)).order_by("occurred_at", "id")
    return [
        {
            "topic": event.topic,
            "subject": known[event.subject_id],
            "occurredAt": event.occurred_at.isoformat(),
            "data": event.data,
            "before": event.before,
        }
        for event in events
    ]


def _written(record: Record) -> dict[str, Any]:
    prefixes = _prefixes(type(record))
    columns = [name for name in record._meta.fields_db_projection if name not in HIDDEN]
    return {_camel(name): _plain(getattr(record, name), prefixes.get(name)) for name in columns}


def _prefixes(model: type[Record]) -> Mapping[str, str]:
    """What the ids in the columns of a model begin with."""
    relations = [model._meta.fields_map[name] for name in model._meta.fk_fields | model._meta.o2o_fields]
    found = {
        field.source_field: field.related_model.prefix
        for field in relations
        if isinstance(field, ForeignKeyFieldInstance) and issubclass(field.related_model, Record) and field.source_field
    }
    return {"id": model.prefix, **found}


def _plain(value: Any, prefix: str | None) -> Any:
    if isinstance(value, UUID):
        return public_id(prefix, value) if prefix else str(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first[:1].lower() + first[1:] + "".join(part.capitalize() for part in others)
