"""An encoder for tests: texts that share words are near each other. It can be told to fail, and to be slow."""

from __future__ import annotations

import re
import threading
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import numpy as np

from bot.ai import encoders
from bot.ai.encoder import PATIENCE, Allowance, EncoderFailed, unit
from bot.ai.encoders import Encoders, Maker
from bot.encoding import EncodingWorker
from models.search.pool import Space, Vector


class FakeEncoder:
    """``bot.ai.encoder.Encoder`` without a model."""

    dimensions = 32

    def __init__(self, key: Space = "fake-1", per_day: int | None = None, batch: int = 4) -> None:
        self.key, self.batch, self.at_once = key, batch, 2
        self.allowance = Allowance(per_day) if per_day is not None else None
        self.fails: str | None = None
        """The reason for which it fails."""
        self.goes_on = threading.Event()
        """Whether it computes: where it is cleared, everybody waits."""
        self.goes_on.set()
        self.asked: list[str] = []
        self.stored: list[str] = []

    def queries(self, texts: Sequence[str], patience: float = PATIENCE) -> Vector:
        if patience == PATIENCE:
            self.asked += texts
        else:
            self.stored += texts
        return self._encode(texts)

    def passages(self, texts: Sequence[str]) -> Vector:
        self.stored += texts
        return self._encode(texts)

    def close(self) -> None:
        self.goes_on.set()

    def _encode(self, texts: Sequence[str]) -> Vector:
        assert self.goes_on.wait(60)
        if self.fails:
            raise EncoderFailed(self.fails)
        if self.allowance is not None:
            self.allowance.spend(len(texts))
        return unit([self._row(text) for text in texts], len(texts), self.dimensions)

    def _row(self, text: str) -> np.ndarray:
        row = np.full(self.dimensions, 0.01, np.float32)
        for word in re.findall(r"\w+", text.casefold()):
            row[zlib.crc32(word.encode()) % self.dimensions] += 1
        return row


class Thesaurus(FakeEncoder):
    """It knows which words mean the same."""

    def __init__(self, *same: str) -> None:
        super().__init__()
        self._first = {word: words.split()[0] for words in same for word in words.split()}

    def _row(self, text: str) -> np.ndarray:
        return super()._row(" ".join(self._first.get(word, word) for word in re.findall(r"\w+", text.casefold())))


class Patient(Encoders):
    """How long anything takes on a machine that has other things to do is not what most tests ask."""

    patience = 60.0

    def vectors(self, texts: Iterable[str], patience: float | None = None) -> dict[str, dict[Space, Vector]]:
        return super().vectors(texts, self.patience if patience is None else patience)


@contextmanager
def encoding(*made: FakeEncoder) -> Iterator[EncodingWorker]:
    """This process encodes with these; what waits is encoded by ``worker.look()``, until that is false."""
    ours = Patient([Maker(one.key, lambda one=one: one) for one in made])
    encoders.use(ours)
    worker = EncodingWorker(ours, work=True)
    try:
        yield worker
    finally:
        ours.close()
        encoders.use(Encoders())


def catch_up(worker: EncodingWorker) -> None:
    """Look until nothing is left to do, as a process does in a few seconds."""
    for _ in range(4):  # a space begins in one look, and is known to be complete in another
        while worker.look():
            pass
