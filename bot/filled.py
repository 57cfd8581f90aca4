"""What people filled into a form, read field by field: each that cannot be taken has its own error, and nothing of the
others is lost."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from models.base import Refusal

Errors = dict[str, Refusal]
"""Why fields cannot be taken, by their names."""
_AS_THEY_ARE: Mapping[str, str] = {}


def taken(
    readers: Mapping[str, Callable[[], Any]], fields: Mapping[str, str] = _AS_THEY_ARE
) -> tuple[dict[str, Any], Errors]:
    """What can be taken, and why the rest cannot. ``fields`` names the fields of what is called otherwise in a form."""
    found: dict[str, Any] = {}
    errors: Errors = {}
    for name, take in readers.items():
        try:
            found[name] = take()
        except Refusal as refusal:
            errors[fields.get(name) or refusal.field or name] = refusal
    return found, errors


def text(values: Mapping[str, Any], name: str, most: int, required: bool = True) -> str:
    """A field's text; refused where it is too long, which says by how much, or missing."""
    said = str(values.get(name) or "").replace("\0", "").strip()
    if required and not said:
        raise Refusal("empty_text", field=name)
    if len(said) > most:
        raise Refusal("text_too_long", field=name, n=len(said) - most, most=most)
    return said
