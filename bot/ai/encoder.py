"""What the rest of Agora knows of an encoder: texts go in, one vector each comes out, and it may fail at any moment."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from models.search.pool import Space, Vector

REASONS = frozenset(
    {"missing", "deadline", "unreachable", "refused", "limited", "server", "rejected", "garbage", "resting", "spent"}
)


class EncoderFailed(Exception):
    """There are no vectors. ``reason`` is one of ``REASONS``; ``says`` tells an operator more."""

    def __init__(self, reason: str, says: str = "") -> None:
        super().__init__(f"{reason}: {says}" if says else reason)
        self.reason, self.says = reason, says


class Encoder(Protocol):
    """Something that encodes. Its methods block, and may be called from several threads at once."""

    key: Space
    """The model with its version: stored with each vector, since those of different models are never compared."""
    dimensions: int
    at_once: int
    """How many questions it encodes at the same time without any of them taking longer for it."""
    batch: int
    """How many texts are best given to it together."""

    def queries(self, texts: Sequence[str]) -> Vector:
        """A row of unit length for each text that is asked. Raises ``EncoderFailed``."""
        ...

    def passages(self, texts: Sequence[str]) -> Vector:
        """The same for each text that is stored: some models encode those differently."""
        ...


def unit(rows: Any, count: int, dimensions: int) -> Vector:
    """``rows`` as vectors of unit length; ``EncoderFailed`` where they are not ``count`` times ``dimensions`` numbers
    of which something can be made."""
    if not count:
        return np.empty((0, dimensions), dtype=np.float32)
    try:
        found: Vector = np.array(rows, dtype=np.float32, ndmin=2)
    except (TypeError, ValueError):
        raise EncoderFailed("garbage", "what came was no vectors") from None
    if found.shape != (count, dimensions):
        raise EncoderFailed("garbage", f"{found.shape} came instead of {(count, dimensions)}")
    lengths = np.linalg.norm(found.astype(np.float64), axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or (lengths < 1e-9).any():
        raise EncoderFailed("garbage", "a vector has no direction")
    return np.asarray(found / lengths, dtype=np.float32)


def readable(text: str, most: int) -> str:
    """The beginning of ``text``, as any encoder can be given it: without NUL and halves of characters; never empty."""
    return text[:most].replace("\0", " ").encode("utf-8", "ignore").decode().strip() or "…"
