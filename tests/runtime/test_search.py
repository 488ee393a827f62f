"""The functions of search in PostgreSQL: what they find, and that no text whatever is too much for them."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tortoise.connection import get_connection
from tortoise.transactions import in_transaction

pytestmark = pytest.mark.anyio
STORABLE = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
NASTY = st.text(st.sampled_from("ab1 '\"\\&|!():*<->%_{}$\t客户投诉のー가\u3000\u1680ﷺﬃ，。é😀\ufffd"))
HARD = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


async def matches(text: str, words: str) -> bool:
    """Whether the words find a name."""
    return await _found("search_name(search_words($1)) @@ search_query($2)", text, words)


async def matches_text(text: str, words: str) -> bool:
    """Whether the words find a text, such as a note."""
    return await _found("to_tsvector('english', search_words($1)) @@ search_query($2)", text, words)


async def _found(condition: str, text: str, words: str) -> bool:
    rows = await get_connection("default").execute_query_dict(f"SELECT {condition} AS found", [text, words])
    return bool(rows[0]["found"])


async def query_of(words: str) -> str:
    """The query that the words become, as PostgreSQL writes it."""
    rows = await get_connection("default").execute_query_dict("SELECT search_query($1)::text AS query", [words])
    return str(rows[0]["query"])


@pytest.mark.parametrize(
    ("text", "words", "found"),
    [
        ("客户投诉处理", "客户投诉", True),
        ("客户投诉处理", "投诉", True),
        ("客户投诉处理", "诉投", False),
        ("客户投诉处理", "客户处理", False),  # 户处 is not in it
        ("客户投诉处理", "客户 处理", True),
        ("客户投诉处理", "诉处理", True),
        ("客户投诉处理", "理", True),
        ("我想投个诉", "投诉", False),
        ("iPhone手机5号", "手机", True),
        ("iPhone手机5号", "iph 手", True),
        ("ＡＢＣ１２３号店", "abc123", True),
        ("ありがとうございます", "がとう", True),
        ("카카오뱅크", "뱅크", True),
        ("a complaint", "complaints", True),
        ("Many COMPLAINTS", "complaint", True),
        ("Many complaints", "comp", True),
        ("Many complaints", "comp many", False),  # only the last word may be a beginning
        ("Many complaints", "many comp", True),
        ("Many complaints", "the many of complaints", True),
        ("The Who", "the", True),
        ("The Who", "the who", True),
        ("Bank China", "bank of china", True),
        ("To be, or not to be", "to be or not to be", True),
        ("Tom", "to be or not to be", False),
        ("C-1001", "c-1001", True),
        ("C-1001", "1001", True),
        ("C-1001", "C-10", True),
        ("ann@acme.example", "acme.example", True),
        ("Ann O'Brien", "o'brien", True),
        ("Häuser and gardens", "häusers garden", True),
        ("МОСКВА", "москва", True),
        ("Straße", "straße", True),
        ("anything", "", False),
        ("anything", "!?，。", False),
        ("a & b", "a | !b", True),
    ],
)
async def test_known_answers(database: str, text: str, words: str, found: bool) -> None:
    assert await matches(text, words) is found
    only_stop_words = text in ("The Who", "To be, or not to be")
    assert await matches_text(text, words) is (found and not only_stop_words)


async def test_what_words_become(database: str) -> None:
    assert await query_of("客户投诉") == "'客户' <-> '户投' <-> '投诉'"
    assert await query_of("诉") == "'诉':*"
    assert await query_of("the") == "'the':*"
    assert await query_of("!?") == ""
    assert await query_of("late complaints") == "( 'late' | 'late' ) & ( 'complaints':* | 'complaint' )"


@HARD
@given(words=st.one_of(st.text(STORABLE), NASTY))
async def test_any_words_are_a_query_that_finds_them(database: str, words: str) -> None:
    """No text is a syntax error; and whatever becomes a query at all finds the text that it came from."""
    assert await matches(words[:200], words) is bool(await query_of(words))


@HARD
@given(before=st.text(STORABLE, max_size=20), text=st.text(STORABLE, min_size=1, max_size=20))
async def test_a_text_is_found_by_a_part_of_it(database: str, before: str, text: str) -> None:
    if await query_of(text):
        assert await matches(f"{before} {text}", text)
        assert await matches_text(f"{before} {text} late", f"{text} late")


@pytest.mark.parametrize("part", ["x", "客户投诉", "ﷺ", "a b ", "客x", "\U00020000\U00020001", "é'", "12 ", "(", "ﬃ"])
async def test_long_texts_are_taken(database: str, part: str) -> None:
    await matches(part * 100_000, part * 100_000)
    await matches_text(part * 100_000, part * 100_000)


async def test_texts_of_words_that_are_all_different_are_taken(database: str) -> None:
    await matches("".join(map(chr, range(0x4E00, 0x9FA6))), "客户")
    await matches(" ".join(f"w{number:x}" for number in range(100_000)), "w1")


async def test_vectors_are_made_whatever_the_search_path(database: None) -> None:
    """As where a dump is restored, with an empty one."""
    rows = await get_connection("default").execute_query_dict(
        "SELECT p.proname AS name, p.pronargs AS arguments FROM pg_proc p WHERE p.proname LIKE '%\\_search'"
    )
    assert rows
    async with in_transaction() as connection:
        await connection.execute_query("SET LOCAL search_path = ''")
        for row in rows:
            given = ", ".join(["'Müller 客户'"] * row["arguments"])
            (made,) = await connection.execute_query_dict(f"SELECT public.{row['name']}({given})::text AS vector")
            assert "客户" in made["vector"]
