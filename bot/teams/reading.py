"""The JSON of a request, without what no database and no JSON writer takes."""

from __future__ import annotations

import json
from typing import Any

import orjson

_FEW = 200
"""What nests no deeper than this can be written again; with fewer brackets than that it cannot."""


def loaded(body: bytes) -> Any:
    """What ``body`` says. Zeros and halves of characters are left out: who sends them has said something all the same.
    ``ValueError`` for what is no JSON, and for what nests so deep that nobody meant it."""
    try:
        found = orjson.loads(body)
        suspect = b"\\u0000" in body
    except ValueError:  # halves of characters, numbers without end
        found, suspect = _loaded_by_others(body), True
    try:
        found = _clean(found) if suspect else found
        if body.count(b"[") + body.count(b"{") > _FEW:
            orjson.dumps({"payload": {"activity": [found]}})
    except (RecursionError, TypeError) as error:
        raise ValueError("nested too deep") from error
    return found


def _loaded_by_others(body: bytes) -> Any:
    try:
        return json.loads(body)
    except RecursionError as error:
        raise ValueError("nested too deep") from error


def _clean(data: Any) -> Any:
    if isinstance(data, dict):
        return {_clean(name): _clean(value) for name, value in data.items()}
    if isinstance(data, list):
        return [_clean(each) for each in data]
    if isinstance(data, str):
        return data.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(data, int) and not -(2**63) <= data < 2**63:
        return str(data)
    return data
