"""What platforms make of everything that a test shows: each card and form of a new shape is rendered and checked.

The checks are those of the platforms (``tests/teams_cards.py`` …). What differs only in numbers is checked once.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import orjson

from bot.cards import Card, Form, to_json
from bot.texts import Reader

Check = Callable[[Card | Form, Reader], None]

CHECKS: list[Check] = []
_seen: set[tuple[str, str]] = set()


def shown(part: Card | Form | None, reader: Reader) -> None:
    """Something is shown to a reader; an AssertionError where a platform would refuse it."""
    if part is None:
        return
    shape = re.sub(r"\d+", "0", orjson.dumps(to_json(part)).decode())
    if (shape, reader.locale) in _seen:
        return
    for check in CHECKS:
        check(part, reader)
    _seen.add((shape, reader.locale))
