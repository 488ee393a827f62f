"""What every mutation refuses, a file a context: for every field a value that fits the schema and breaks a rule.

A file has `GOOD` (arguments that are taken, by mutation), `BAD` (by mutation and path, a value that is not), `NEVER`
(paths of which every value that fits the schema is taken, or of which a refusal must tell nothing), and `stored`, which
makes the records that `GOOD` names and gives their ids by the words that stand for them there.
"""

from typing import Any

from tests.graph import NOW

STAMPS: dict[str, Any] = {"created_at": NOW, "updated_at": NOW}
PRICE = {"amount": "1.50", "currency": "EUR"}
RECORD = {"id": "rubbish", "expectedVersion": 7}
ONCE = {"idempotencyKey": "one two"}


def row(fields: dict[str, Any]) -> dict[str, Any]:
    """The same in the only row of a bulk form."""
    return {path.replace("input.", "inputs.0."): value for path, value in fields.items()}
