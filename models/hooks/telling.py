"""What outgoing webhooks are told, and what becomes of that."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from models.base import now
from models.hooks.life import turn_off
from models.hooks.tables import OUTGOING, Hook

UNREADABLE = "unreadable"
"""Why it fails: no key opens its secret any more."""
_MINUTE = 60
WAITS = (5, 30, 2 * _MINUTE, 10 * _MINUTE, 30 * _MINUTE, *(hours * 60 * _MINUTE for hours in (1, 2, 4, 8, 8)))
"""Seconds to wait after each failure in a row: about a day, all in all."""


def told_of(session: Session, verb: str, audience: Sequence[str]) -> list[Hook]:
    """The outgoing ones that are to hear that ``verb`` happened to something that whoever holds a key of ``audience``
    may see."""
    told = (Hook.direction == OUTGOING) & Hook.active & Hook.events.contains([verb]) & Hook.audience.overlap(audience)
    return list(session.scalars(select(Hook).where(told).order_by(Hook.id)))


def delivered(hook: Hook) -> None:
    """It took what it was told."""
    hook.failures, hook.last_error, hook.last_at = 0, None, now()


def failed(session: Session, hook: Hook, why: str, *, gone: bool = False) -> timedelta | None:
    """It did not take it, or is ``gone`` for good: how long to wait before it is told again. ``None``: not at all, it
    is off now, since nobody took anything for about a day."""
    hook.failures, hook.last_error, hook.failed_at = hook.failures + 1, why[:200], now()
    if gone or hook.failures > len(WAITS):
        turn_off(session, hook)
        return None
    return timedelta(seconds=WAITS[hook.failures - 1])
