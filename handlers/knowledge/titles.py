"""A text's first line as a title."""

from __future__ import annotations

from bot.shorten import shortened
from models.learning import TITLE
from models.search.analysis import plain


def title_of(text: str) -> str:
    """A question, or what somebody wrote, as a title: its first line in plain words."""
    lines = (" ".join(plain(line).split()) for line in text.splitlines())
    return shortened(next((line for line in lines if line), text.strip()), TITLE)
