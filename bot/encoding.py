"""What is new or changed is encoded in the background, by every process that works and has an encoder.

What waits is rows (``models.vectors``), each claimed by one process for a while: that is the checkpoint, too. Between
texts it gives way to people who wait for the vector of a question; on Linux its threads also come after the others.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from functools import partial

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot import encoding_progress
from bot.ai import encoding_metrics as metrics
from bot.ai.encoder import UNHURRIED, Encoder, EncoderFailed
from bot.ai.encoders import Encoders
from bot.encoding_apart import OF_A_TEXT, Apart, Encode
from bot.wake import Sleeper
from models import vectors
from models.base import reading, transaction
from models.search.pool import Space, Vector
from models.vectors import PASSAGE, Waiting

log = structlog.get_logger(__name__)
POLL = 2.0  # seconds between two looks without a wake-up
AGAIN, LATEST = 5.0, 300.0  # seconds after which an encoder that failed, or is missing, is tried again
GIVE_WAY = 1.0  # seconds at most between two texts, however many people ask
HOUSE = 10.0  # seconds between two rounds of what is no hurry
RESERVED = 0.1  # of what may be encoded in a day: for questions
_PARALLEL = min(4, os.cpu_count() or 1)
_CLAIMED = 8
_NICE = 5


class EncodingWorker(Sleeper):
    """Loads the encoders of a process, keeps to the spaces that are complete, and encodes what waits where ``work``."""

    def __init__(self, encoders: Encoders, *, work: bool) -> None:
        super().__init__()
        self._encoders, self._work = encoders, work
        self._stopping = threading.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="encoding")
        self._nice = ThreadPoolExecutor(_PARALLEL, thread_name_prefix="encode", initializer=_be_nice)
        self._rests: dict[Space, float] = {}
        self._failures: dict[Space, int] = {}
        self._sizes: dict[Space, int] = {}
        self._apart = Apart(self._give_way)
        self._load_at, self._load_failures, self._house_at = 0.0, 0, 0.0
        self._dropping = False
        self._answered: tuple[Space, ...] = ()

    async def run(self) -> None:
        """Work until cancelled; a text in hand is still encoded, unless the encoder is closed."""
        loop = asyncio.get_running_loop()
        try:
            while True:
                self.arise()
                if not await loop.run_in_executor(self._thread, self.look):
                    await self.sleep(POLL)
        finally:
            self.stop()

    def stop(self) -> None:
        """End with the text in hand, and let go of the encoders."""
        self._stopping.set()
        self._encoders.close()
        self._thread.shutdown(wait=False)
        self._nice.shutdown(wait=False)

    @property
    def stopping(self) -> bool:
        """Whether it was told to."""
        return self._stopping.is_set()

    def look(self) -> bool:
        """Do a part of what is to be done; whether there may be more."""
        try:
            return self._look()
        except SQLAlchemyError as error:
            log.warning("cannot encode", error=type(error).__name__)
        except Exception as error:
            log.error("encoding failed", exc_info=error)
        return False

    def _look(self) -> bool:
        with reading() as session:
            known, answering = vectors.spaces(session), vectors.answering(session)
        self._load(list(known))
        self._answer_in([space for space in known if space in answering or space in self._answered])
        due = time.monotonic() >= self._house_at
        if due:
            self._house_at = time.monotonic() + HOUSE
            self._keep_house()
        if not self._work or self._stopping.is_set():
            return False
        self._begin(known)
        if any(self._encode(encoder) for encoder in self._able(known)):
            return True
        self._dropping = (due or self._dropping) and self._drop()
        return self._dropping

    # -- which encoders, and which spaces

    def _load(self, known: Sequence[Space]) -> None:
        """Make the encoders that are missing, seldomer and seldomer where that fails."""
        if time.monotonic() < self._load_at:
            return
        self._encoders.load(known)
        self._load_failures = self._load_failures + 1 if self._encoders.problems else 0
        self._load_at = time.monotonic() + (_growing(self._load_failures) if self._load_failures else POLL)

    def _answer_in(self, spaces: Sequence[Space]) -> None:
        before = self._encoders.answering
        self._encoders.answer_in(spaces)
        self._answered = self._encoders.answering  # once it does, a title that is new and waits changes nothing
        if self._encoders.answering != before:
            log.info("questions are encoded", spaces=", ".join(self._encoders.answering) or "not at all")
        metrics.available(len(self._encoders.answering))

    def _begin(self, known: dict[Space, bool]) -> None:
        """Bring spaces on their way that are new."""
        for encoder in self._encoders.wanted():
            if not known.get(encoder.key):
                with transaction() as session:
                    vectors.want(session, encoder.key, encoder.dimensions)
                with transaction() as session:
                    vectors.advance(session, encoder.key)

    def _keep_house(self) -> None:
        """Say which spaces this process wants and what it spent, and count what waits."""
        for encoder in self._encoders.wanted():
            with transaction() as session:
                if self._work:
                    vectors.want(session, encoder.key, encoder.dimensions)
                if encoder.allowance is not None:
                    encoder.allowance.settle(partial(vectors.use, session, encoder.key))
        with reading() as session:
            waiting = vectors.waiting(session)
        metrics.waiting(waiting)
        encoding_progress.note(waiting)

    def _drop(self) -> bool:
        with transaction() as session:
            return vectors.drop_forgotten(session)

    # -- what waits

    def _able(self, known: dict[Space, bool]) -> list[Encoder]:
        """The encoders of spaces that can be encoded now; first of those that answer: what is new there is missed."""
        rested = (space for space in known if time.monotonic() >= self._rests.get(space, 0.0))
        found = (encoder for space in rested if (encoder := self._encoders.of(space)) is not None)
        return [
            each for each in found if each.allowance is None or each.allowance.left > RESERVED * each.allowance.per_day
        ]

    def _encode(self, encoder: Encoder) -> bool:
        """Some of what waits; whether there was any, and all went well."""
        with transaction() as session:
            held = vectors.claim(session, encoder.key, max(self._size(encoder) * _PARALLEL, _CLAIMED))
        if not held:
            return False
        done: dict[Waiting, Vector | None] = {one: None for one in held if not one.text}
        try:
            self._encode_all(encoder, [one for one in held if one.text], done)
            self._failures.pop(encoder.key, None)
        except EncoderFailed as failed:
            self._rest(encoder.key, failed)
        later = self._apart.later(encoder.key, done)
        with transaction() as session:
            vectors.store(session, encoder.key, done)
            vectors.put_back(session, encoder.key, [one for one in held if one not in done and one not in later])
            for one, seconds in later.items():
                vectors.put_back(session, encoder.key, [one], seconds)
            vectors.advance(session, encoder.key)
        return len(done) + len(later) == len(held)

    def _encode_all(self, encoder: Encoder, texts: list[Waiting], done: dict[Waiting, Vector | None]) -> None:
        """Encode ``texts`` into ``done``, a few at a time, giving way between them. What is like a question, or often
        is one (a title), is encoded as one."""
        passages = [one for one in texts if one.kind == PASSAGE]
        others = [one for one in texts if one.kind != PASSAGE]
        for encode, those in ((partial(encoder.queries, patience=UNHURRIED), others), (encoder.passages, passages)):
            size = self._size(encoder)
            parts = [those[at : at + size] for at in range(0, len(those), size)]
            for at in range(0, len(parts), _PARALLEL):
                if not self._give_way():
                    return
                self._encode_parts(encoder.key, encode, parts[at : at + _PARALLEL], done)

    def _encode_parts(
        self, space: Space, encode: Encode, parts: list[list[Waiting]], done: dict[Waiting, Vector | None]
    ) -> None:
        rows = [self._nice.submit(encode, [one.text for one in part]) for part in parts]
        wait(rows)
        fault = None
        for part, future in zip(parts, rows, strict=True):
            try:
                done.update(zip(part, future.result(), strict=True))
                metrics.texts(space, "done", len(part))
            except EncoderFailed as failed:
                if failed.reason not in OF_A_TEXT:
                    fault = failed
                elif fault is None:
                    fault = self._apart.encode(space, encode, part, done)
        if fault is not None:
            raise fault

    def _size(self, encoder: Encoder) -> int:
        return self._sizes.get(encoder.key, encoder.batch)

    def _rest(self, space: Space, failed: EncoderFailed) -> None:
        if failed.reason == "deadline" and (encoder := self._encoders.of(space)) is not None:
            self._sizes[space] = max(1, self._size(encoder) // 4)  # a slow server may be in time with fewer
        self._failures[space] = failures = self._failures.get(space, 0) + 1
        self._rests[space] = time.monotonic() + _growing(failures)
        metrics.texts(space, failed.reason, 1)
        if failures == 1:
            log.warning("encoder failed: what waits is found by words alone", encoder=space, reason=str(failed))

    def _give_way(self) -> bool:
        """To people who wait for the vector of a question. Whether to go on."""
        until = time.monotonic() + GIVE_WAY
        while self._encoders.busy and time.monotonic() < until:
            time.sleep(0.005)
        return not self._stopping.is_set()


def _growing(failures: int) -> float:
    return min(AGAIN * 2.0 ** max(0, failures - 1), LATEST)


def _be_nice() -> None:
    """To the other threads; elsewhere than on Linux a thread has no priority of its own."""
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
