"""Files of customers: one row a customer, known by its external id."""

from domain.customers import rules
from domain.intake.columns import Column
from domain.intake.kind import Kind
from domain.intake.merge import Merge, given
from domain.intake.units import Singles

COLUMNS = (
    Column("external_id", "text", rules.check_external_id, required=True),
    Column("kind", "text", rules.check_kind, required=True),
    Column("name", "text", rules.check_name, required=True),
    Column("email", "text", rules.CUSTOMER["email"]),
    Column("phone", "text", rules.check_phone),
    Column("industry", "text", rules.check_words),
    Column("city", "text", rules.check_words),
    Column("country", "text", rules.check_country),
    Column("note", "text", rules.check_note),
)

CUSTOMERS = Kind(
    name="customers",
    noun="customer",
    columns=COLUMNS,
    assembler=lambda at, spread: Singles(COLUMNS),
    merge=Merge(
        table="customer",
        key="external_id",
        topic="customers.customer.imported",
        stored={
            "kind": "s.kind",
            "name": "s.name",
            "email": given("email"),
            "phone": given("phone"),
            "industry": given("industry"),
            "city": given("city"),
            "country": given("country"),
            "note": given("note"),
        },
    ),
)
