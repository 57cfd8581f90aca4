"""Time: whatever is due happens once, however many look at the clock."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta, timezone
from typing import Any

import pytest
from sqlalchemy import text as sql

from bot import clock as module
from bot.clock import MOST, Clock, blank_payloads, claim_slot, fire_due
from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from bot.turn import Turn
from models import base
from models.base import now, transaction
from models.mail import Timer
from tests.bot.posting import sent
from tests.bot.queues import cut_connections, inbox, outbox, run_sql, until
from tests.chat import Chat


def due(schedule: str, seconds: float = 0, **args: Any) -> None:
    with transaction() as session:
        at = now() + timedelta(seconds=seconds)
        session.add(Timer(schedule=schedule, slot=at.isoformat(), route="remind", args=args, due_at=at,
                          correlation="x"))  # fmt: skip


def passes(**time: float) -> None:
    moment = now() + timedelta(**time)
    base.set_clock(lambda: moment)


def test_what_is_due_becomes_an_event_with_its_route_and_what_was_noted(chat: Chat) -> None:
    heard: list[Any] = []
    chat.runtime.router.timer("remind")(lambda turn, **args: heard.append((turn.inbound.platform, args)))
    due("question:1", seconds=60, question=1, words="שלום")
    chat.passes(seconds=59)
    assert heard == []
    chat.passes(seconds=2)
    chat.passes(hours=5)
    assert heard == [("system", {"question": 1, "words": "שלום"})]


def test_what_was_due_long_ago_happens_too_oldest_first(db: str) -> None:
    due("later", -3600), due("earlier", -86400 * 365)
    assert fire_due("test") == 2
    assert [row.conversation for row in inbox()] == ["earlier", "later"]


def test_many_clocks_fire_each_timer_once(db: str) -> None:
    for n in range(60):
        due(f"s{n}", -n)
    with ThreadPoolExecutor(4) as threads:
        fired = list(threads.map(fire_due, ["a", "b", "c", "d"] * 3))
    assert sum(fired) == 60 == len(inbox())
    assert run_sql("select count(*) from timer where fired_at is null") == [(0,)]


def test_more_than_one_tick_can_take_are_taken_by_the_next(db: str) -> None:
    run_sql("insert into timer (schedule, slot, route, args, due_at, correlation) "
            "select 's' || n, 'x', 'remind', '{}', now() - interval '1 minute', 'x' from generate_series(1, :n) n",
            n=MOST + 5)  # fmt: skip
    assert [fire_due("test"), fire_due("test"), fire_due("test")] == [MOST, 5, 0]


def test_the_same_reminder_twice_is_one(chat: Chat) -> None:
    """Also where the same moment is written in another zone."""
    moment = now() + timedelta(hours=1)
    heard: list[int] = []

    @chat.runtime.router.message
    def plan(turn: Turn) -> bool:
        turn.later(moment, "remind", "digest:1", day=1)
        turn.later(moment.astimezone(timezone(timedelta(hours=2))), "remind", "digest:1", day=1)
        return True

    chat.runtime.router.timer("remind")(lambda turn, day: heard.append(day))
    mona = chat.slack("mona")
    mona.says("today"), mona.says("today")
    assert [row.state for row in inbox()] == ["done", "done"]
    chat.passes(hours=2)
    assert heard == [1]


def test_a_slot_is_one_processs(db: str) -> None:
    def claims(_: int) -> bool:
        with transaction() as session:
            return claim_slot(session, "housekeeping", "2026-07-01T10")

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(claims, range(8))) == [False] * 7 + [True]
    with transaction() as session:
        assert claim_slot(session, "housekeeping", "2026-07-01T11")


def test_a_slot_whose_work_failed_is_free_again(db: str) -> None:
    with pytest.raises(ZeroDivisionError), transaction() as session:
        assert claim_slot(session, "housekeeping", "2026-07-01T10")
        raise ZeroDivisionError
    with transaction() as session:
        assert claim_slot(session, "housekeeping", "2026-07-01T10")


async def test_two_schedulers_tick_and_everything_happens_once(db: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "TICK", 0.05)
    clocks = [Clock(f"process {n}", lambda session: None) for n in range(2)]
    for each in clocks:
        each.start()
    for n in range(40):
        due(f"s{n}", seconds=n / 40)
    cut_connections()
    await until(lambda: len(inbox()) == 40)
    await asyncio.sleep(0.2)
    for each in clocks:
        each.stop()
    assert len(inbox()) == 40


def test_what_was_said_is_forgotten_after_a_while_and_its_key_is_not(db: str) -> None:
    with transaction() as session:
        heard = Inbound("slack", "here", "c", "message", text="secret")
        insert_events(session, [Event("slack", "here", "c", "message", key, heard.to_json()) for key in "ab"], "test")
        session.execute(sql("update inbox set state = 'done', done_at = now(), reply = '{}' where key = 'a'"))
    run_sql("update outbox set state = 'sent', done_at = now() where id = :id", id=sent("secret"))
    sent("still to be sent")
    passes(days=8)
    with transaction() as session:
        blank_payloads(session, timedelta(days=7))
    assert [(row.key, row.payload is None, row.reply is None) for row in inbox()] == [
        ("a", True, True), ("b", False, True)]  # fmt: skip
    assert [row.payload is None for row in outbox()] == [True, False]
