"""What is asked of both in the race against PostGraphile: the same rows by each schema's own names, by like variables.

Money, ids and moments are written differently; `plain` brings answers to one form, so that they can be compared.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

Variables = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Case:
    """A question to both, the variables to ask it with, in pairs, and what we are after: how fast, how cheap.

    The variables follow from the number of the volley, and from the keys of some customers. `alike` makes one form of
    the data of an answer, whoever gave it.
    """

    name: str
    ours: str
    theirs: str
    faster: float
    cheaper: float | None = None
    variables: Callable[[int, Sequence[str]], list[tuple[Variables, Variables]]] = lambda _, __: [({}, {})]
    alike: Callable[[Any], Any] = lambda data: plain(data)

    @property
    def writes(self) -> bool:
        return self.ours.lstrip().startswith("mutation")


def _names(_: int, __: Sequence[str]) -> list[tuple[Variables, Variables]]:
    spans = {"from": "2024-01-01T01:00:00Z", "to": "2024-01-01T09:00:00Z"}
    return [(given, given) for digit in range(1, 10) for given in [{"text": f"NUMBER {digit}", **spans}]]


def _words(_: int, __: Sequence[str]) -> list[tuple[Variables, Variables]]:
    return [(given, given) for digit in range(1, 10) for given in [{"words": f"industry number {digit}"}]]


def _days(data: Any) -> list[tuple[str, list[Decimal]]]:
    """Day by day: the sum, the mean to 6 digits, the smallest and the largest rating."""
    if "groups" in data["page"]:
        rows = [(group["key"]["receivedAt"]["start"], group) for group in data["page"]["groups"]]
    else:
        rows = [(group["keys"][0][:10], group) for group in data["page"]["days"]]
    names = ("sum", "avg", "min", "max")
    return sorted((day, [round(Decimal(group[name]["rating"]), 6) for name in names]) for day, group in rows)


def _newcomers(volley: int, _: Sequence[str]) -> list[tuple[Variables, Variables]]:
    values = [
        {"name": f"Newcomer {volley}.{each}", "email": f"n{each}@example.org", "city": "Graz"} for each in range(50)
    ]
    return [
        ({"input": {"kind": "COMPANY", **given}}, {"input": {"customer": {"kind": "company", **given}}})
        for given in values
    ]


def _moves(volley: int, keys: Sequence[str]) -> list[tuple[Variables, Variables]]:
    """Each customer moves through four places, so that no update finds nothing to change, even if one is overtaken."""
    return [
        (
            {"id": f"cus_{key.replace('-', '')}", "input": {"city": town}},
            {"input": {"rowId": key, "patch": {"city": town}}},
        )
        for town in (f"Town {volley}", f"Village {volley}", f"Hamlet {volley}", f"City {volley}")
        for key in keys
    ]


CASES = (
    Case(
        "list: 50 orders with customer",
        """query List { page: orders(first: 50) {
             edges { node { id externalId placedAt total { amount currency } customer { id name city } } }
             pageInfo { hasNextPage endCursor } } }""",
        """query List { page: salesOrders(first: 50, orderBy: [ORDERED_AT_DESC, PRIMARY_KEY_DESC]) {
             edges { node { id: rowId externalId placedAt: orderedAt total currency customer { id: rowId name city } } }
             pageInfo { hasNextPage endCursor } } }""",
        faster=3,
        cheaper=0.2,
    ),
    Case(
        "list: 50 feedback items with customer and product",
        """query Heard { page: feedbackItems(first: 50) {
             edges { node { id text rating receivedAt customer { id name city } product { id sku name } } }
             pageInfo { hasNextPage endCursor } } }""",
        """query Heard { page: feedbackItems(first: 50, orderBy: [RECEIVED_AT_DESC, PRIMARY_KEY_DESC]) {
             edges { node { id: rowId text rating receivedAt
               customer { id: rowId name city } product { id: rowId sku name } } }
             pageInfo { hasNextPage endCursor } } }""",
        faster=3,
        cheaper=0.2,
    ),
    Case(
        "nested: 20 customers, 10 latest orders, 5 contacts",
        """query Nested { page: customers(first: 20) { nodes { id name
             orders(first: 10) { nodes { id placedAt total { amount currency } } }
             contacts(first: 5) { nodes { id name email } } } } }""",
        """query Nested { page: customers(first: 20, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) { nodes {
             id: rowId name
             orders: salesOrders(first: 10, orderBy: [ORDERED_AT_DESC, PRIMARY_KEY_DESC]) {
               nodes { id: rowId placedAt: orderedAt total currency } }
             contacts(first: 5, orderBy: [NAME_ASC, PRIMARY_KEY_ASC]) { nodes { id: rowId name email } } } } }""",
        faster=5,
        cheaper=0.1,
    ),
    Case(
        "nested: 20 customers, 10 latest feedback items with product, 5 contacts",
        """query Said { page: customers(first: 20) { nodes { id name
             feedback(first: 10) { nodes { id text rating receivedAt product { id sku name } } }
             contacts(first: 5) { nodes { id name email } } } } }""",
        """query Said { page: customers(first: 20, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) { nodes {
             id: rowId name
             feedback: feedbackItems(first: 10, orderBy: [RECEIVED_AT_DESC, PRIMARY_KEY_DESC]) {
               nodes { id: rowId text rating receivedAt product { id: rowId sku name } } }
             contacts(first: 5, orderBy: [NAME_ASC, PRIMARY_KEY_ASC]) { nodes { id: rowId name email } } } } }""",
        faster=5,
        cheaper=0.1,
    ),
    Case(
        "filtered: 50 of name, country and date",
        """query Filtered($text: String!, $from: DateTime!, $to: DateTime!) {
             page: customers(first: 50, where: {
               name: {contains: $text}, country: {eq: "DE"}, createdAt: {gte: $from, lt: $to} }) {
             nodes { id name industry city createdAt } pageInfo { hasNextPage endCursor } } }""",
        """query Filtered($text: String!, $from: Datetime!, $to: Datetime!) {
             page: customers(first: 50, orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC], filter: {
               name: {includesInsensitive: $text}, country: {equalTo: "DE"},
               createdAt: {greaterThanOrEqualTo: $from, lessThan: $to} }) {
             nodes { id: rowId name industry city createdAt } pageInfo { hasNextPage endCursor } } }""",
        faster=3,
        cheaper=0.2,
        variables=_names,
    ),
    Case(
        "searched: 50 of a country that hold some words",
        """query Searched($words: String!) {
             page: customers(first: 50, search: $words, where: {country: {eq: "DE"}}, orderBy: [{field: CREATED_AT}]) {
             nodes { id name industry city createdAt } pageInfo { hasNextPage endCursor } } }""",
        """query Searched($words: String!) {
             page: customersFound(words: $words, first: 50, filter: {country: {equalTo: "DE"}},
               orderBy: [CREATED_AT_ASC, PRIMARY_KEY_ASC]) {
             nodes { id: rowId name industry city createdAt } pageInfo { hasNextPage endCursor } } }""",
        faster=1,
        variables=_words,
    ),
    Case(
        "figures: sums, means and bounds of 8,000 ratings by day",
        """query Figures { page: feedbackItemsAggregate(where: {rating: {gte: 2}}) {
             groups(by: [{field: RECEIVED_AT, grain: DAY}]) { key { receivedAt { start } }
               sum { rating } avg { rating } min { rating } max { rating } } } }""",
        """query Figures { page: feedbackItems(filter: {rating: {greaterThanOrEqualTo: 2}}) {
             days: groupedAggregates(groupBy: [RECEIVED_AT_TRUNCATED_TO_DAY]) { keys
               sum { rating } avg: average { rating } min { rating } max { rating } } } }""",
        faster=1,
        alike=_days,
    ),
    Case(
        "create a customer",
        """mutation Create($input: CustomerCreateInput!) { made: customerCreate(input: $input) {
             customer { name kind email city version } userErrors { code message } } }""",
        """mutation Create($input: CreateCustomerInput!) { made: createCustomer(input: $input) {
             customer { name kind email city version } } }""",
        faster=1.3,
        variables=_newcomers,
    ),
    Case(
        "update a customer",
        """mutation Update($id: ID!, $input: CustomerUpdateInput!) { made: customerUpdate(id: $id, input: $input) {
             customer { id name city } userErrors { code message } } }""",
        """mutation Update($input: UpdateCustomerInput!) { made: updateCustomer(input: $input) {
             customer { id: rowId name city } } }""",
        faster=1.3,
        variables=_moves,
    ),
)

_ID = re.compile(r"[a-z]{3}_([0-9a-f]{32})|([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.*(?:Z|[+-]\d\d:\d\d)")
OWN_AFFAIR = ("endCursor", "userErrors")


def plain(value: Any, name: str = "") -> Any:
    """This will write an answer as either could have: keys in hex, moments and amounts as such, no cursors."""
    if isinstance(value, dict):
        fields = {key: inner for key, inner in value.items() if key not in OWN_AFFAIR}
        for key, inner in value.items():
            if isinstance(inner, dict) and inner.keys() == {"amount", "currency"}:
                fields |= {key: inner["amount"], "currency": inner["currency"]}
        return {key: plain(inner, key) for key, inner in fields.items()}
    if isinstance(value, list):
        return [plain(inner) for inner in value]
    return _plain_text(value, name) if isinstance(value, str) else value


def _plain_text(text: str, name: str) -> Any:
    if known := _ID.fullmatch(text):
        return (known[1] or known[2]).replace("-", "")
    if _MOMENT.fullmatch(text):
        return datetime.fromisoformat(text).timestamp()
    if name == "total":
        return Decimal(text)
    return text.lower() if name == "kind" else text
