"""Root fields over the catalog."""

import strawberry

from api.catalog.types import Product, ProductAggregate
from api.graph.aggregates import aggregate
from api.graph.connections import Connection, many, one


@strawberry.type
class CatalogQueries:
    products: Connection[Product] = many(description="All products, by name unless ordered otherwise.")
    product: Product | None = one(description="One product by id.")
    products_aggregate: ProductAggregate = aggregate(description="What all products come to, the whole or by groups.")
