"""How fast what waits to be encoded becomes less, by all processes together: each looks at the queue now and then."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Mapping

from models.search.pool import Space

WINDOW = 600.0  # seconds that are looked back
LEAST = 30.0  # seconds from which on something can be said

_seen: deque[tuple[float, dict[Space, int]]] = deque()
_lock = threading.Lock()


def note(waiting: Mapping[Space, int], at: float | None = None) -> None:
    """So many texts wait in each space, at this moment of the monotonic clock: now."""
    moment = time.monotonic() if at is None else at
    with _lock:
        _seen.append((moment, dict(waiting)))
        while _seen[0][0] < moment - WINDOW:
            _seen.popleft()


def left(space: Space) -> float | None:
    """Seconds until nothing waits there any more, if it goes on as it went; ``None`` where nobody can tell."""
    with _lock:
        counts = [(moment, waiting[space]) for moment, waiting in _seen if space in waiting]
    if len(counts) < 2:
        return None
    (began, most), (last, now) = max(counts, key=lambda count: count[1]), counts[-1]
    if last - began < LEAST or now >= most:
        return None
    return now * (last - began) / (most - now)


def forget() -> None:
    """What was seen is of another database."""
    with _lock:
        _seen.clear()
