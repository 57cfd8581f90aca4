"""The encoders of one process: made in the background, and asked for the vectors of a question before its turn begins.

Whoever asks waits ``PATIENCE`` seconds at most. What is not there by then is searched for by words alone, and counted.
"""

from __future__ import annotations

import hashlib
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from functools import partial
from typing import NamedTuple

import psutil
import structlog

from bot.ai import encoding_metrics as metrics
from bot.ai.encoder import PATIENCE, UNHURRIED, Encoder, EncoderFailed
from models.search import background
from models.search.pool import Space, Vector

log = structlog.get_logger(__name__)
_KEPT = 512  # vectors of questions that were asked lately, for the buttons below their answers
_AGAIN = 300.0  # seconds after which an encoder is asked again what texts have in common
_SPARED = 10  # of so many texts that may still be encoded one may go into that


class Maker(NamedTuple):
    """An encoder that may be had, whose key begins with ``name``: ``make`` takes a while, and raises
    ``EncoderFailed``."""

    name: str
    make: Callable[[], Encoder]


class Encoders:
    """Safe to share between threads. Empty until ``load`` was called, which is not for whoever must not wait."""

    def __init__(
        self, makers: Sequence[Maker] = (), earlier: Callable[[Space], Maker | None] = lambda space: None
    ) -> None:
        self.makers = tuple(makers)
        self._earlier = earlier  # the encoder of a space that the settings do not want any more, if it can still be had
        self.problems: dict[str, EncoderFailed] = {}
        """By name: why there is no such encoder, for now."""
        self._made: dict[str, Encoder] = {}
        self._threads: dict[Space, ThreadPoolExecutor] = {}
        self._answering: tuple[Space, ...] = ()
        self._failing: dict[Space, str] = {}
        self._learn_at: dict[Space, float] = {}
        self._recent: OrderedDict[tuple[Space, bytes], Vector] = OrderedDict()
        self._lock = threading.Lock()
        self._asked = 0

    # -- which there are

    def load(self, spaces: Iterable[Space] = ()) -> None:
        """Make the encoders that the settings want, and those of ``spaces`` besides, unless they were made before."""
        for maker in (*self.makers, *filter(None, map(self._earlier, spaces))):
            if maker.name not in self._made:
                self._make(maker)
        for encoder in self._made.values():
            self._learn(encoder)

    def wanted(self) -> list[Encoder]:
        """Those of the settings that could be made."""
        return [self._made[each.name] for each in self.makers if each.name in self._made]

    def of(self, space: Space) -> Encoder | None:
        """The encoder of a space."""
        return next((each for each in self._made.values() if each.key == space), None)

    def answer_in(self, complete: Sequence[Space]) -> None:
        """From now on questions are encoded in these: in those of the settings, in others while none of them is."""
        wanted = {each.key for each in self.wanted()}
        able = tuple(space for space in complete if self.of(space) is not None)
        self._answering = tuple(space for space in able if space in wanted) or able

    @property
    def answering(self) -> tuple[Space, ...]:
        """The spaces in which questions are encoded."""
        return self._answering

    @property
    def failure(self) -> str | None:
        """Why questions go by words alone now: one of ``bot.ai.encoder.REASONS``, or ``begins`` where nothing is wrong.
        ``None`` where they do not, as far as is known, or no encoder is wanted."""
        if self._answering:
            reasons = [self._failing.get(space) for space in self._answering]
            return reasons[0] if all(reasons) else None
        return next((failed.reason for failed in self.problems.values()), "begins" if self.makers else None)

    def _make(self, maker: Maker) -> None:
        before, started = psutil.Process().memory_info().rss, time.perf_counter()
        try:
            encoder = maker.make()
            encoder.queries(["How are you?"], UNHURRIED)  # what is read of the model is in memory from here on
        except EncoderFailed as failed:
            known = self.problems.get(maker.name)
            self.problems[maker.name] = failed
            if known is None or known.reason != failed.reason:
                log.warning("no encoder: search goes by words alone", encoder=maker.name, reason=str(failed))
            return
        seconds, grown = time.perf_counter() - started, psutil.Process().memory_info().rss - before
        self.problems.pop(maker.name, None)
        self._threads[encoder.key] = ThreadPoolExecutor(encoder.at_once, thread_name_prefix="question")
        self._made[maker.name] = encoder
        metrics.made(encoder.key, grown)
        log.info("encoder ready", encoder=encoder.key, seconds=round(seconds, 1), mib=grown // 2**20)

    def _learn(self, encoder: Encoder) -> None:
        """What texts have in common to it; while it does not say, small stores are searched without."""
        spared = encoder.allowance is None or encoder.allowance.left >= _SPARED * background.TEXTS
        if not spared or time.monotonic() < self._learn_at.get(encoder.key, 0.0):
            return
        try:
            background.learn(encoder.key, partial(encoder.queries, patience=UNHURRIED), encoder.passages)
            self._learn_at[encoder.key] = math.inf
        except EncoderFailed as failed:
            self._learn_at[encoder.key] = time.monotonic() + _AGAIN
            log.info("encoder does not say what texts have in common", encoder=encoder.key, reason=str(failed))

    def close(self) -> None:
        """Let go of all of them."""
        self._answering = ()
        for encoder in self._made.values():
            self._threads[encoder.key].shutdown(wait=False, cancel_futures=True)
            encoder.close()

    # -- questions

    @property
    def busy(self) -> bool:
        """Whether somebody waits for the vector of a question."""
        return self._asked > 0

    def vectors(self, texts: Iterable[str], patience: float = PATIENCE) -> dict[str, dict[Space, Vector]]:
        """The vectors of ``texts``, as far as they are there within ``patience`` seconds."""
        started = time.perf_counter()
        found: dict[str, dict[Space, Vector]] = {}
        asked: dict[Future[Vector], tuple[str, Space]] = {}
        for text in dict.fromkeys(texts):
            for space in self._answering:
                if (known := self._known(space, text)) is not None:
                    found.setdefault(text, {})[space] = known
                elif (encoder := self.of(space)) is not None:
                    asked[self._threads[space].submit(self._encode, encoder, text)] = text, space
        if asked:
            self._wait(asked, found, patience)
            metrics.questions_encoded(time.perf_counter() - started)
        return found

    def _wait(
        self, asked: Mapping[Future[Vector], tuple[str, Space]], found: dict[str, dict[Space, Vector]], patience: float
    ) -> None:
        self._count(1)
        try:
            done, late = wait(asked, timeout=patience)
        finally:
            self._count(-1)
        for future in late:  # one that has begun goes on, and is there for the next event about the same question
            future.cancel()
            metrics.question(asked[future][1], "late")
        for future in done:
            text, space = asked[future]
            error = future.exception()
            if error is None:
                found.setdefault(text, {})[space] = future.result()
                self._failing.pop(space, None)
                metrics.question(space, "done")
            else:
                self._failing[space] = error.reason if isinstance(error, EncoderFailed) else "error"
                metrics.question(space, self._failing[space])
                log.debug("question not encoded", encoder=space, error=str(error))

    def _encode(self, encoder: Encoder, text: str) -> Vector:
        row: Vector = encoder.queries([text])[0]
        with self._lock:
            self._recent[encoder.key, _digest(text)] = row
            while len(self._recent) > _KEPT:
                self._recent.popitem(last=False)
        return row

    def _known(self, space: Space, text: str) -> Vector | None:
        with self._lock:
            return self._recent.get((space, _digest(text)))

    def _count(self, more: int) -> None:
        with self._lock:
            self._asked += more


def _digest(text: str) -> bytes:
    """What people ask is not kept."""
    return hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=16).digest()


_encoders = Encoders()


def use(encoders: Encoders) -> None:
    """From now on this process encodes with these."""
    global _encoders
    _encoders = encoders


def current() -> Encoders:
    """The encoders of this process."""
    return _encoders
