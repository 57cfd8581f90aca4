"""What a check found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Check:
    """Something that was looked at. ``ok`` with a ``fix`` is advice: it works, and could be better."""

    name: str
    ok: bool
    found: str
    fix: str = ""
