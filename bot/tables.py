"""Figures on a page: a table that says everything in words and numbers, with bars for the eye beside them."""

from __future__ import annotations

from dataclasses import dataclass

from bot.words import Part, Words


@dataclass(frozen=True)
class Table(Part):
    """Rows of a label and its values, below ``columns`` (the first of which names the labels). ``bars``: a share from 0
    to 1 for each row, drawn beside it, that its values tell as well; none where there is none."""

    caption: Words
    columns: tuple[Words, ...]
    rows: tuple[tuple[Words, ...], ...]
    bars: tuple[float | None, ...] = ()
