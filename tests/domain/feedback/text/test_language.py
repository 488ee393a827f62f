"""Which language a text is taken to be in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.feedback.text.language import detect_language


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("房间很干净,服务也不错", "zh"),
        ("客服 never answered, 太差了", "zh"),
        ("iPhone 很好", "zh"),
        ("The delivery was late and the box was damaged.", "en"),
        ("The café was lovely.", "en"),
        ("Great service!", "en"),
        ("battery life terrible", "en"),
        ("部屋はとてもきれいでした", "und"),
        ("배송이 늦었어요", "und"),
        ("Отличный сервис", "und"),
        ("Die Lieferung kam viel zu spät und war beschädigt", "und"),
        ("Le service est bon", "und"),
        ("¡Muy bueno!", "und"),
        ("12345 !!!", "und"),
        ("👍", "und"),
        ("", "und"),
    ],
)
def test_languages(text: str, language: str) -> None:
    assert detect_language(text) == language


@given(st.text(max_size=80))
def test_every_text_has_an_answer(text: str) -> None:
    assert detect_language(text) in {"zh", "en", "und"}
