"""Words of imports: which kinds of files can be taken in."""

from enum import StrEnum


class ImportKind(StrEnum):
    """What the rows of a file are."""

    CUSTOMERS = "customers"
    PRODUCTS = "products"
    ORDERS = "orders"
    FEEDBACK = "feedback"
