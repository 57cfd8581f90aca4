"""Exceptions as data for a log: type, message and the way there, without local variables and without machine paths."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from bot.redaction import error_text

PROJECT = Path(__file__).resolve().parent.parent
MOST_ERRORS, MOST_FRAMES = 5, 20


def structured(error: BaseException) -> list[dict[str, Any]]:
    """The exception and what led to it, newest first: ``type``, ``message``, and ``frames``, innermost first."""
    chain: list[dict[str, Any]] = []
    seen: BaseException | None = error
    while seen is not None and len(chain) < MOST_ERRORS:
        chain.append(_one(seen))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return chain


def _one(error: BaseException) -> dict[str, Any]:
    frames = traceback.extract_tb(error.__traceback__)[-MOST_FRAMES:]
    found: dict[str, Any] = {
        "type": type(error).__name__,
        "message": error_text(error),
        "frames": [f"{_place(each.filename)}:{each.lineno} {each.name}" for each in reversed(frames)],
    }
    if isinstance(error, BaseExceptionGroup):
        found["group"] = [f"{type(each).__name__}: {error_text(each)}" for each in error.exceptions[:MOST_ERRORS]]
    return found


def _place(filename: str) -> str:
    path = Path(filename)
    if "site-packages" in path.parts:
        return "/".join(path.parts[path.parts.index("site-packages") + 1 :])
    return str(path.relative_to(PROJECT)) if path.is_relative_to(PROJECT) else path.name


def one_line(chain: list[dict[str, Any]]) -> str:
    """What ``structured`` made, for people."""
    return " from ".join(f"{each['type']}: {each['message']} ({' < '.join(each['frames'])})" for each in chain)
