"""Documents made to cost much are refused with a code, before the work that they are after."""

import pytest

from tests.graph import Graph

pytestmark = pytest.mark.anyio


def doubling(levels: int) -> str:
    """Fragments that each spread the next one twice."""
    chain = " ".join(f"fragment F{n} on Customer {{ ...F{n + 1} ...F{n + 1} }}" for n in range(levels))
    return f"{{ customers {{ nodes {{ ...F0 }} }} }} {chain} fragment F{levels} on Customer {{ id }}"


def nested(levels: int, page: int) -> str:
    inner = "id"
    for _ in range(levels // 2):
        inner = f"orders(first: {page}) {{ nodes {{ customer {{ feedback(first: {page}) {{ nodes {{ customer {{ {inner} }} }} }} }} }} }}"
    return f"{{ customers(first: {page}) {{ nodes {{ {inner} }} }} }}"


HOSTILE = {
    "fragments that double": (doubling(45), None),
    "fragments that double, nested too far": (doubling(60), "nesting"),
    "fragments that double with fields": (
        "{ customers(first: 1) { nodes { ...F0 } } } "
        + " ".join(
            f"fragment F{n} on Customer {{ a: orders(first: 1) {{ nodes {{ customer {{ ...F{n + 1} }} }} }} "
            f"b: orders(first: 1) {{ nodes {{ customer {{ ...F{n + 1} }} }} }} }}"
            for n in range(40)
        )
        + " fragment F40 on Customer { id }",
        "depth",
    ),
    "10,000 aliases": ("{ " + " ".join(f"a{n}: __typename" for n in range(10_000)) + " }", "characters"),
    "aliases within the tokens": ("{ " + " ".join(f"a{n}:id" for n in range(600)) + " }", "aliases"),
    "100,000 tokens": ("{ " + "a " * 100_000 + "}", "characters"),
    "tokens within the characters": ("{ " + "a " * 5_000 + "}", "tokens"),
    "tokens in strings": ('{ a(b: "' + '\\"' * 24_000 + '") }', None),
    "a block string without end": ('{ a(b: """' + '\\"""' * 12_000, None),
    "circular fragments": (
        "{ customers { nodes { ...A } } } fragment A on Customer { ...B } fragment B on Customer { ...A }",
        None,
    ),
    "10 levels of 100": (nested(4, 100), "rows"),
    "20 levels": (nested(10, 1), "depth"),
    "directives": (
        "{ customers { nodes { id " + " ".join("@skip(if: false)" for _ in range(101)) + " } } }",
        "directives",
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_hostile_documents_are_refused(ada: Graph, name: str) -> None:
    document, limit = HOSTILE[name]
    if name == "fragments that double":
        assert (await ada.ask(document))["customers"] == {"nodes": []}  # which is harmless, as each is looked into once
        return
    await ada.ask("{ __typename }")  # so that who asks is known
    with ada.counting() as statements:
        (error, *_) = (await ada.answer(document))["errors"]
    assert not statements
    if limit is None:
        assert error["extensions"]["code"] in ("GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED")
        return
    assert error["extensions"]["limit"] == limit
    assert error["extensions"]["requested"] > error["extensions"]["allowed"]
    assert f"{error['extensions']['allowed']:,}" in error["message"]
