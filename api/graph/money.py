"""Money as the schema shows it and takes it."""

from decimal import Decimal

import strawberry


@strawberry.type(description="An amount of money in one currency.")
class Money:
    amount: Decimal = strawberry.field(description="With just as many digits behind the point as the currency has.")
    currency: str = strawberry.field(description="ISO 4217 code, such as USD or CNY.")


@strawberry.input(description="An amount of money in one currency.")
class MoneyInput:
    amount: Decimal = strawberry.field(description="At most as many digits behind the point as the currency has.")
    currency: str = strawberry.field(description="ISO 4217 code in capitals, such as USD or CNY.")
