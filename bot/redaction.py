"""What may stand in a log: no secret, no text of a message, no control character.

Secrets and what people wrote do not belong in logs (OWASP Logging Cheat Sheet, "Data to exclude"), and a line must not
be forged by what it quotes (CWE-117).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from datetime import date, time, timedelta
from enum import Enum
from functools import lru_cache
from pathlib import PurePath
from typing import Any
from uuid import UUID

from pydantic import SecretBytes, SecretStr, ValidationError
from sqlalchemy.exc import DBAPIError

GONE = "[redacted]"
DEEPEST, LONGEST, MOST = 8, 2000, 100
TEXT_OF_MESSAGES = frozenset({"text", "body", "title", "question"})

_WORDS = "(?:token|secret|password|passwd|passphrase|key|authorization|cookie|credential)s?"
_SECRET_NAME = re.compile(rf"(?:^|[^a-z])(?:api|access)?{_WORDS}(?![a-z])", re.IGNORECASE)
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET_TEXT = [
    # In a URL: up to the last @, since passwords hold @ and / where somebody forgot to escape them.
    re.compile(r"(?P<kept>[a-z0-9+.-]{1,20}://(?:[^\s:/?#@]*:)?)\S+(?=@)", re.IGNORECASE),
    re.compile(r"(?P<kept>\b(?:bearer|basic)\s+)[\w.~+/=-]{8,}", re.IGNORECASE),
    re.compile(
        rf"(?P<kept>\b[\w-]{{0,30}}{_WORDS}[\"']?\s*[=:]\s*)(?!\[redacted)(?:\"[^\"]*\"?|'[^']*'?|[^\s,;&\"']+)",
        re.IGNORECASE,
    ),
    re.compile(r"(?P<kept>)\b(?:xox[a-z]|xapp|sk|gh[a-z])[-_][\w-]{8,}"),
]
_MAY_BE_SECRET = re.compile(r"[:=@]|bearer|basic|xox|xapp|sk[-_]|gh[a-z][-_]", re.IGNORECASE)
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")
# What an error quotes is mostly the value that did not fit, and somebody may have written it. Names stay.
_QUOTED = re.compile(r"(?<!\w)(?:'(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")(?!\w)")
_NAME = re.compile(r"[\w.:/-]{1,60}")


@lru_cache(1024)
def is_secret_name(name: str) -> bool:
    """Whether what has this name is a secret: ``api_key``, ``signingSecret``, ``Authorization``; not ``keyboard``."""
    return _SECRET_NAME.search(_CAMEL.sub("_", name)) is not None


def is_message_text(name: str) -> bool:
    """Whether what has this name was written by somebody."""
    return name.strip().lower() in TEXT_OF_MESSAGES


def clean(value: Any, debug: bool = False, depth: int = 0) -> Any:
    """``value`` as it may be logged, of JSON's types. ``debug``: with the text of messages."""
    match value:
        case None | bool() | int():
            return value
        case float():
            return value if math.isfinite(value) else str(value)
        case SecretStr() | SecretBytes():
            return GONE
        case str():
            return clean_text(value)
        case Enum() | date() | time() | timedelta() | UUID() | PurePath():
            return clean_text(str(value))
        case BaseException():
            return f"{type(value).__name__}: {error_text(value)}"
        case Mapping() | list() | tuple() | set() | frozenset():
            return _clean_container(value, debug, depth + 1)
        case _:
            return f"<{type(value).__name__}>"  # nobody has looked at what its repr shows


def _clean_container(value: Any, debug: bool, depth: int) -> Any:
    if depth > DEEPEST:
        return "…"
    if not isinstance(value, Mapping):
        return [clean(each, debug, depth) for each in list(value)[:MOST]]
    items = [(str(name), each) for name, each in list(value.items())[:MOST]]
    return {
        clean_text(name): _clean_named(name, each, debug, depth)
        for name, each in items
        if debug or not is_message_text(name)
    }


def _clean_named(name: str, value: Any, debug: bool, depth: int) -> Any:
    if is_secret_name(name) and value is not None and not isinstance(value, bool):
        return GONE
    cleaned = clean(value, debug, depth)
    return without_quotations(cleaned) if name == "error" and isinstance(value, str) and not debug else cleaned


def clean_text(text: str) -> str:
    """On one line, not long, and without what looks like a secret."""
    text = text[: 4 * LONGEST]  # bounds the search; what follows would be cut below anyway
    for pattern in _SECRET_TEXT if _MAY_BE_SECRET.search(text) else ():
        text = pattern.sub(rf"\g<kept>{GONE}", text)
    text = text if len(text) <= LONGEST else text[:LONGEST] + "…"
    return text if text.isprintable() else _UNSEEN.sub(lambda found: ascii(found.group())[1:-1], text)


def without_quotations(text: str) -> str:
    """``text`` without its quoted parts, apart from names."""
    return _QUOTED.sub(lambda found: found.group() if _NAME.fullmatch(found.group()[1:-1]) else "'…'", text)


def error_text(error: BaseException) -> str:
    """What an exception says, without the data that it quotes."""
    if isinstance(error, DBAPIError) and error.orig is not None:  # adds the statement and its values
        return f"{type(error.orig).__name__}: {error_text(error.orig)}"
    if isinstance(error, ValidationError):
        return "not valid: " + ", ".join(".".join(map(str, each["loc"])) for each in error.errors(include_input=False))
    state = getattr(error, "sqlstate", None)
    if state:
        return _database_error(error, str(state))
    try:
        return without_quotations(clean_text(str(error)))
    except Exception:
        return "(its message cannot be shown)"


def _database_error(error: Any, state: str) -> str:
    """Without detail and context, which hold values; a data exception (class 22) quotes them in its message, too."""
    said = "" if state.startswith("22") else without_quotations(clean_text(error.diag.message_primary or ""))
    return " ".join(filter(None, (state, said, error.diag.constraint_name)))
