"""The inbox's workers: many at once, each event once, one after the other within a conversation."""

from __future__ import annotations

import asyncio
import contextlib
import random
import threading
import time
from collections import defaultdict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from sqlalchemy import text as sql

from bot.dispatcher import Dispatcher
from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from bot.router import Router
from bot.runtime import Runtime
from bot.turn import Turn
from bot.worker import InboxWorker
from tests.bot.queues import cut_connections, inbox, patiently, run_sql, stopped_while_claiming, until
from tests.chat import Chat


@asynccontextmanager
async def workers(chat: Chat, count: int = 1, threads: int = 3) -> AsyncIterator[list[InboxWorker]]:
    """Workers with a holder each, as in processes of their own."""
    made, tasks = [], []
    for n in range(count):
        runtime = Runtime(None, chat.runtime.router, f"process {n}")  # type: ignore[arg-type]
        runtime.gateways = chat.runtime.gateways
        made.append(InboxWorker(Dispatcher(runtime), runtime.holder, threads))
        tasks.append(asyncio.create_task(made[-1].run()))
    try:
        yield made
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await task


def said(*messages: tuple[str, str]) -> None:
    """Messages by (conversation, text), which nobody wrote."""
    heard = [Inbound("slack", "here", place, "message", text=text) for place, text in messages]
    events = [
        Event("slack", "here", each.conversation, "message", f"{n} {each.text}", each.to_json())
        for n, each in enumerate(heard)
    ]
    patiently(lambda session: insert_events(session, events, "test"))


def all_done() -> bool:
    return all(row.state == "done" for row in inbox())


class Witness:
    """A handler that sees to it that no conversation has two in hand, and fails in passing now and then."""

    def __init__(self, router: Router, often: float = 0.05) -> None:
        self.heard: dict[str, list[str]] = defaultdict(list)
        self.faults: list[str] = []
        self._busy: set[str] = set()
        self._lock = threading.Lock()
        self._luck, self._often = random.Random(7), often
        router.message(self.listen)

    def listen(self, turn: Turn) -> bool:
        place, text = turn.inbound.conversation, turn.inbound.text
        with self._lock:
            if place in self._busy:
                self.faults.append(f"{text} in {place} came while another was in hand")
            self._busy.add(place)
            fails = self._luck.random() < self._often
        try:
            turn.session.execute(sql("select pg_sleep(0.002)"))
            if fails:
                turn.session.execute(sql("do $$ begin raise exception using errcode = '40001'; end $$"))
            self.heard[place].append(text)
        finally:
            with self._lock:
                self._busy.discard(place)
        return True


async def test_many_workers_keep_the_order_of_each_conversation(chat: Chat, router: Router) -> None:
    witness = Witness(router)
    places = [f"c{n}" for n in range(12)]
    said(*[(place, f"{n:03}") for n in range(20) for place in places])
    async with workers(chat, 3):
        await until(all_done)
    assert witness.faults == []
    assert witness.heard == {place: [f"{n:03}" for n in range(20)] for place in places}


async def test_what_comes_while_others_are_in_hand_comes_after_them(chat: Chat, router: Router) -> None:
    witness = Witness(router, often=0)
    async with workers(chat, 2) as both:
        for n in range(30):
            said(("a", f"{n:03}"), ("b", f"{n:03}"))
            for each in both:
                each.wake()
        await until(all_done)
    assert witness.faults == []
    assert witness.heard["a"] == witness.heard["b"] == [f"{n:03}" for n in range(30)]


async def test_a_slow_conversation_holds_up_no_other(chat: Chat, router: Router) -> None:
    go_on = threading.Event()
    heard: list[str] = []

    @router.message
    def listen(turn: Turn) -> bool:
        if turn.inbound.conversation == "slow":
            go_on.wait(20)
        heard.append(turn.inbound.conversation)
        return True

    said(*[("slow", str(n)) for n in range(300)], ("quick", "1"))
    async with workers(chat, 1, threads=2):
        await until(lambda: "quick" in heard)
        assert "slow" not in heard
        go_on.set()
        await until(all_done)
    assert len(heard) == 301


async def test_a_worker_asks_again_when_the_database_was_away(chat: Chat, router: Router) -> None:
    witness = Witness(router, often=0)
    async with workers(chat) as (one,):
        for n in range(5):
            cut_connections()
            said(("a", f"{n}"))
            one.wake()
        await until(all_done)
    assert witness.heard["a"] == ["0", "1", "2", "3", "4"]


async def test_who_stops_finishes_what_is_in_hand_and_gives_back_the_rest(chat: Chat, router: Router) -> None:
    begun, go_on = threading.Event(), threading.Event()

    @router.message
    def listen(turn: Turn) -> bool:
        begun.set()
        go_on.wait(20)
        return True

    said(*[(f"c{n}", "x") for n in range(8)])
    async with workers(chat, 1, threads=1):
        await until(begun.is_set)
        threading.Timer(0.2, go_on.set).start()
    states = [row.state for row in inbox()]
    assert "held" not in states and states.count("done") >= 1
    assert run_sql("select max(attempts) from inbox where state = 'new'") in ([(0,)], [(None,)])


async def test_one_process_that_takes_over_from_itself_does_nothing_twice(chat: Chat, router: Router) -> None:
    """A lease ended while its lane was at work: the rest of the lane is the later claim's."""
    go_on, heard = threading.Event(), []

    @router.message
    def listen(turn: Turn) -> bool:
        heard.append(turn.inbound.text)
        if heard == ["1"]:
            go_on.wait(20)
        turn.session.execute(sql("update place set purpose = coalesce(purpose, '') || :text"), {
            "text": turn.inbound.text})  # fmt: skip
        return True

    run_sql("insert into place (platform, installation, key, kind, name, closed, locale, answers) "
            "values ('slack', 'here', 'c', 'channel', 'c', false, 'en', 'mentioned')")  # fmt: skip
    said(("c", "1"), ("c", "2"), ("c", "3"))
    async with workers(chat, 1, threads=2) as (one,):
        await until(lambda: heard == ["1"])
        run_sql("update inbox set lease_until = now() - interval '1 second'")
        one.wake()
        await until(all_done)
        go_on.set()
    assert run_sql("select purpose from place") == [("123",)]


async def test_a_worker_that_is_not_woken_looks_by_itself(chat: Chat, router: Router) -> None:
    Witness(router, often=0)
    async with workers(chat):
        await asyncio.sleep(0)
        began = time.monotonic()
        said(("a", "1"))
        await until(all_done)
    assert time.monotonic() - began < 5


async def test_who_is_stopped_while_claiming_gives_back_what_came(chat: Chat) -> None:
    said(("one", "first"), ("two", "second"))
    runtime = Runtime(None, chat.runtime.router, "stopped")  # type: ignore[arg-type]
    runtime.gateways = chat.runtime.gateways
    async with stopped_while_claiming(InboxWorker(Dispatcher(runtime), runtime.holder, 3)):
        assert {row.state for row in inbox()} == {"held"}
    assert [(row.state, row.attempts, row.holder) for row in inbox()] == [("new", 0, None)] * 2
