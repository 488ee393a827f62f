"""Documents made to cost much, small or large, and the limit that refuses each; None where it is no limit that does."""


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
    "escapes in a string": ('{ a(b: "' + '\\"' * 24_000 + '") }', "tokens"),
    "a long string": ('{ a(b: "' + "x" * 49_000 + '") }', None),
    "a block string without end": ('{ a(b: """' + '\\"""' * 12_000, "tokens"),
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
