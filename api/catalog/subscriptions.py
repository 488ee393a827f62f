"""What can be heard of the catalog."""

import strawberry

from api.catalog.types import Product
from api.events.types import Event, EventTopic
from api.graph.events import happenings, subject


@strawberry.type(description="Something that happened to a product.")
class ProductEvent(Event):
    product: Product | None = subject("The product as it now stands; null where it is no longer to be seen.")


@strawberry.type
class CatalogSubscriptions:
    product_changed: ProductEvent = happenings(
        EventTopic.PRODUCT_CREATED,
        EventTopic.PRODUCT_UPDATED,
        EventTopic.PRODUCT_IMPORTED,
        description="Products taken in and changed: one of them, or all that you may see.",
    )
