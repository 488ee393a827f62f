"""The one linear history of the database's shape; it never imports the domain, which moves on while history stays."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from unittest.mock import patch

from tortoise import migrations
from tortoise.migrations import operations as ops

NEED_NO_BEFORE = (ops.CreateModel, ops.AddField, ops.AddIndex, ops.AddConstraint, ops.RunSQL)
"""The operations that look only at how things are to be, when they go forward."""


@asynccontextmanager
async def _rows_filled(app: str, operation: Any, state: Any, schema_editor: Any) -> AsyncIterator[None]:
    """Gives the rows that are there the default of a column that is never empty, and the column none for later."""
    if not isinstance(operation, ops.AddField):
        yield
        return
    meta = state.apps.get_model(f"{app}.{operation.model_name}")._meta
    field = meta.fields_map[operation.name]
    if field.null or field.default is None or callable(field.default):
        yield
        return
    unset, field.db_default = field.db_default, field.default
    yield
    field.db_default = unset
    column = meta.fields_db_projection[operation.name]
    await schema_editor.client.execute_script(f'ALTER TABLE "{meta.db_table}" ALTER COLUMN "{column}" DROP DEFAULT')


class Step(migrations.Migration):
    """A step of the history. Before each operation Tortoise copies all models, and readies them for queries and their
    filters, which nobody asks here: a fifth of a second a time. Here they are copied where that is needed."""

    async def apply(self, state: Any, *, dry_run: bool = False, schema_editor: Any = None, **more: Any) -> Any:
        """This will take the step, in the transaction under way."""
        state.apps._build_initial_querysets = lambda: None
        with patch("tortoise.models.get_filters_for_field", lambda *_, **__: {}):
            if dry_run or schema_editor is None or not schema_editor.atomic_migration:
                return await super().apply(state, dry_run=dry_run, schema_editor=schema_editor, **more)
            for operation in self.operations:
                await self._take(operation, state, schema_editor)
        state.validate_relations_initialized()
        return state

    async def _take(self, operation: Any, state: Any, schema_editor: Any) -> None:
        before = state if isinstance(operation, NEED_NO_BEFORE) else state.clone()
        operation.state_forward(self.app_label, state)
        async with _rows_filled(self.app_label, operation, state, schema_editor):
            await operation.database_forward(self.app_label, before, state, schema_editor)
