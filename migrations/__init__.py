"""The one linear history of the database's shape; it never imports the domain, which moves on while history stays."""

from typing import Any

from tortoise import migrations
from tortoise.migrations import operations as ops

NEED_NO_BEFORE = (ops.CreateModel, ops.AddField, ops.AddIndex, ops.AddConstraint, ops.RunSQL)
"""The operations that look only at how things are to be, when they go forward."""


class Step(migrations.Migration):
    """A step of the history. Before each operation Tortoise copies all models, and after it readies them for queries,
    which nobody asks here: a fifth of a second a time. Here they are copied where that is needed."""

    async def apply(self, state: Any, *, dry_run: bool = False, schema_editor: Any = None, **more: Any) -> Any:
        """This will take the step, in the transaction under way."""
        if dry_run or schema_editor is None or not schema_editor.atomic_migration:
            return await super().apply(state, dry_run=dry_run, schema_editor=schema_editor, **more)
        state.apps._build_initial_querysets = lambda: None
        for operation in self.operations:
            before = state if isinstance(operation, NEED_NO_BEFORE) else state.clone()
            operation.state_forward(self.app_label, state)
            await operation.database_forward(self.app_label, before, state, schema_editor)
        state.validate_relations_initialized()
        return state
