"""Payloads of jobs name records as the API does: the file of an import by `fil_…`."""

from migrations import Step
from tortoise.migrations import operations as ops


class Migration(Step):
    dependencies = [("salesloop", "0003_postgres")]

    operations = [
        ops.RunSQL(
            "UPDATE job SET payload = payload || jsonb_build_object('file', 'fil_' || replace(payload->>'file', '-', ''))"
            " WHERE kind = 'imports.load' AND length(payload->>'file') = 36 AND payload->>'file' NOT LIKE 'fil%'",
            reverse_sql="UPDATE job SET payload = payload || jsonb_build_object('file', substr(payload->>'file', 5)::uuid)"
            " WHERE kind = 'imports.load' AND payload->>'file' LIKE 'fil%'",
        ),
    ]
