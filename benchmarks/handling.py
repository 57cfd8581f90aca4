"""Handling: questions and offers through real workers, against the same rows written by plain psycopg.

In the demo company with 200 entries people ask in their channels; then each presses "Ask an expert". One event is one
transaction: permissions, search, the question's state, what was shown, the answer or the offer in the outbox, its
deadline, facts, and the inbox row done; events are captured before and nothing is delivered. There is a process for
each core, as ``app.py worker`` starts one. The baseline writes the very same rows into a copy of the database, one
statement a row and one transaction an event, over as many connections as the workers have threads; it neither searches
nor claims nor decides. Once more it does so over one connection, as the plainest program would. Rounds alternate; the
ratio is the median of theirs.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text as sql

from benchmarks import company
from benchmarks.handling_worker import Workers, workers
from benchmarks.place import WORKERS, connected, fresh_server
from benchmarks.replay import Replay, write
from benchmarks.report import Options, Row, main, median, percentile
from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from bot.web.lookup import PLATFORM
from models.base import transaction
from models.embedded import DATABASE
from models.migrate import upgrade

ROUNDS = 5
QUESTIONS = 240
GOAL = 0.3
PROCESSES = 2  # Python runs one thread of a process at a time: a worker for each core
THREADS = WORKERS // PROCESSES


def run(options: Options) -> Iterator[Row]:
    """The figures of handling, and of the baseline."""
    questions = options.of(QUESTIONS, least=12)
    with fresh_server() as server:
        upgrade(server.url)
        with connected(server.url):
            company.found()
        copies = tuple(server.create_database(name, DATABASE) for name in ("bare", "alone"))
        with connected(server.url), workers(server.url, PROCESSES, THREADS) as at_work:
            asked, offered = _measure(at_work, Replay(server.url), copies, options.of(ROUNDS, least=1), questions)
    both = [asked_one + offered_one for asked_one, offered_one in zip(asked, offered, strict=True)]
    ratio, alone = median(one.theirs / one.ours for one in both), median(one.alone / one.ours for one in both)
    note = (
        f"{questions} questions and as many offers a round, {len(both)} rounds, {PROCESSES} processes of {THREADS} "
        f"threads each, as many connections; {alone:.2f} of what one connection writes"
    )
    yield Row("handling", {**_ours(both), "ratio": ratio}, f"ratio ≥ {GOAL}", ratio >= GOAL, note)
    yield from _theirs("handling", both)
    yield Row("handling: questions answered", _ours(asked))
    yield from _theirs("handling: questions answered", asked)
    yield Row("handling: offers made", _ours(offered))
    yield from _theirs("handling: offers made", offered)


@dataclass(frozen=True)
class Round:
    """Some events, handled by Agora and their rows written by psycopg, over several connections and over one: how long
    it took, in seconds."""

    events: int
    ours: float
    theirs: float
    alone: float
    each: tuple[float, ...]

    def __add__(self, other: Round) -> Round:
        """Both, one after the other."""
        seconds = (self.ours + other.ours, self.theirs + other.theirs, self.alone + other.alone)
        return Round(self.events + other.events, *seconds, self.each + other.each)


def _ours(rounds: Sequence[Round]) -> dict[str, float]:
    each = [seconds * 1000 for one in rounds for seconds in one.each]
    rate = median(one.events / one.ours for one in rounds)
    return {"rate": rate, "p50_ms": percentile(each, 0.5), "p99_ms": percentile(each, 0.99)}


def _theirs(name: str, rounds: Sequence[Round]) -> Iterator[Row]:
    yield Row(f"{name}: the same rows, plain psycopg", {"rate": median(one.events / one.theirs for one in rounds)})
    alone = {"rate": median(one.events / one.alone for one in rounds)}
    yield Row(f"{name}: the same rows, plain psycopg, one connection", alone)


def _measure(
    at_work: Workers, replay: Replay, copies: Sequence[str], rounds: int, questions: int
) -> tuple[list[Round], list[Round]]:
    asked = company.questions()
    numbers = itertools.count(1)
    results: tuple[list[Round], list[Round]] = ([], [])
    for number in range(rounds + 1):
        count = questions if number else PROCESSES * THREADS * 8  # the first round is for warming up
        events = [_question(one, next(numbers)) for one in itertools.islice(asked, count)]
        first = _round(at_work, replay, copies, events)
        second = _round(at_work, replay, copies, [_press(*one, next(numbers)) for one in _buttons(count)])
        if number:
            results[0].append(first)
            results[1].append(second)
    return results


def _round(at_work: Workers, replay: Replay, copies: Sequence[str], events: Sequence[Event]) -> Round:
    with transaction() as session:
        insert_events(session, events, "benchmark")
    captured = replay.look()
    for copy in copies:  # there, too, the events come before what is measured
        write(copy, captured, 1)
    ours, each = at_work.handle(len(events))
    wrote = replay.look()
    if len(wrote) != len(events):
        raise RuntimeError(f"{len(events)} events left {len(wrote)} transactions behind")
    theirs, alone = write(copies[0], wrote, PROCESSES * THREADS), write(copies[1], wrote, 1)
    return Round(len(events), ours, theirs, alone, tuple(each))


def _question(asked: company.Asked, number: int) -> Event:
    heard = Inbound(PLATFORM, asked.installation, asked.channel, "message", actor=asked.account, text=asked.text,
                    mentioned=True, message=f"m{number}")  # fmt: skip
    return _event(heard, number)


def _buttons(count: int) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """The newest ``count`` questions as they were heard, each with the button to a person that its card has."""
    newest = sql(
        "select i.payload, o.payload from inbox i join outbox o using (correlation) "
        "where i.kind = 'message' and o.payload->>'only_for' is null order by i.id desc limit :count"
    )
    with transaction() as session:
        rows = session.execute(newest, {"count": count}).all()
    return [(heard, button) for heard, card in rows for button in _found(card) if button["opens"] is None]


def _found(part: Any) -> Iterator[dict[str, Any]]:
    if isinstance(part, dict) and part.get("_") == "Button" and part["label"]["text"] == "Ask an expert":
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from _found(inner)


def _press(heard: dict[str, Any], button: dict[str, Any], number: int) -> Event:
    pressed = Inbound(PLATFORM, heard["installation"], heard["conversation"], "button", actor=heard["actor"],
                      thread=heard["message"], message=f"a{number}", route=button["route"],
                      id=button["id"])  # fmt: skip
    return _event(pressed, number)


def _event(heard: Inbound, number: int) -> Event:
    return Event(heard.platform, heard.installation, heard.conversation, heard.kind, str(number), heard.to_json())


if __name__ == "__main__":
    main(run, description=__doc__)
