"""The body of a request as a payload: JSON, or a form with JSON in it, or a form."""

from __future__ import annotations

import binascii
import json
from typing import Any
from urllib.parse import parse_qsl

import orjson

_PAYLOAD = b"payload="
_UNSTORABLE = (rb"\u0000", rb"\ud", rb"\uD")  # what PostgreSQL may not be able to keep begins so
_DEEPEST = 200


def decoded(content_type: str, body: bytes) -> dict[str, Any]:
    """The payload. ``ValueError`` where it is none."""
    if content_type == "application/json":
        return _object(body)
    if body.startswith(_PAYLOAD) and b"&" not in body:
        return _object(_unquoted(body[len(_PAYLOAD) :]))
    form = dict(parse_qsl(body.decode(), keep_blank_values=True, max_num_fields=100))
    return _object(form["payload"].encode()) if "payload" in form else _storable(form)


def _unquoted(text: bytes) -> bytes:
    """What ``urllib.parse.unquote_plus`` makes of it, ten times sooner: most of a button's price would be this. Percent
    and quoted-printable encoding differ in one character, and the latter is decoded in C."""
    if b"=" in text:
        raise ValueError("not a form")
    return binascii.a2b_qp(text.replace(b"+", b" ").replace(b"%", b"="))


def _object(text: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = _lenient(text)
    if not isinstance(found, dict):
        raise ValueError("not an object")
    return _storable(found) if any(mark in text for mark in _UNSTORABLE) else found


def _lenient(text: bytes) -> Any:
    """Half characters, which Slack's cutting of texts leaves behind, are no reason to lose an event."""
    try:
        return json.loads(text)
    except RecursionError as error:
        raise ValueError("too deep") from error


def _storable(value: Any, depth: int = 0) -> Any:
    """Without what PostgreSQL cannot keep."""
    if depth > _DEEPEST:
        raise ValueError("too deep")
    if isinstance(value, str):
        return value.replace("\0", "").encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key): _storable(each, depth + 1) for key, each in value.items()}
    return [_storable(each, depth + 1) for each in value] if isinstance(value, list) else value
