"""What stands on little room."""

import pytest

from bot.shorten import shortened


@pytest.mark.parametrize(
    ("text", "limit", "short"),
    [
        ("Short enough.", 13, "Short enough."),
        ("It is so. It goes on and on", 15, "It is so. \u2026"),
        ("Office hours\n| A |\n|---|\n| 1 |", 26, "Office hours\n| A |\n|---|\n\u2026"),
    ],
)
def test_a_text_is_cut_where_it_may_be(text: str, limit: int, short: str) -> None:
    assert shortened(text, limit) == short
