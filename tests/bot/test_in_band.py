"""What is answered in-band: once, whoever else is at it, and with the same reply when it comes again."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from bot.cards import Form, Reply, T
from bot.dispatcher import Dispatcher
from bot.router import Router
from bot.runtime import Runtime
from bot.turn import Turn
from models import base
from models.base import now
from tests.bot.acting import captured, learn, press, skills
from tests.bot.queues import cut_connections, inbox
from tests.chat import Chat, Someone


def test_the_same_press_twice_is_one_and_gets_the_same_reply(chat: Chat, router: Router, mona: Someone) -> None:
    form = Form(T("Ask"), "ask", 1, (), T("Ask"))

    def opens(turn: Turn, id: int) -> Reply:
        learn(turn)
        return turn.open(form)

    router.button("it")(opens)
    assert press(chat) == press(chat) == Reply(form=form)
    assert skills() == ["x"]


def another(chat: Chat) -> Dispatcher:
    """Another process's dispatcher, on the same routes."""
    runtime = Runtime(None, chat.runtime.router, "another")  # type: ignore[arg-type]
    runtime.gateways = chat.runtime.gateways
    return Dispatcher(runtime)


def test_a_press_that_another_process_is_at_waits_for_its_reply(chat: Chat, router: Router, mona: Someone) -> None:
    async def both() -> list[Reply]:
        going, go_on = asyncio.Event(), asyncio.Event()
        loop = asyncio.get_running_loop()

        def slow(turn: Turn, id: int) -> Reply:
            learn(turn)
            loop.call_soon_threadsafe(going.set)
            asyncio.run_coroutine_threadsafe(go_on.wait(), loop).result(60)
            return Reply(notice=T("Done."))

        router.button("it")(slow)
        first = asyncio.create_task(chat.runtime.dispatcher.handle_now(captured(chat)))
        await going.wait()
        again = [asyncio.create_task(each.handle_now(captured(chat)))
                 for each in (another(chat), chat.runtime.dispatcher) for _ in range(8)]  # fmt: skip
        await asyncio.wait(again, timeout=0.3)
        assert not any(each.done() for each in again)
        go_on.set()
        return await asyncio.gather(first, *again)

    assert asyncio.run(both()) == [Reply(notice=T("Done."))] * 17
    assert skills() == ["x"]


def test_a_press_whose_process_died_is_taken_over_when_it_comes_again(
    chat: Chat, router: Router, mona: Someone
) -> None:
    router.button("it")(lambda turn, id: learn(turn))
    captured(chat)
    moment = now() + timedelta(seconds=31)
    base.set_clock(lambda: moment)
    asyncio.run(another(chat).handle_now(captured(chat)))
    assert (inbox()[0].state, inbox()[0].attempts, skills()) == ("done", 2, ["x"])


def test_a_press_is_answered_though_the_connections_were_cut(chat: Chat, router: Router, mona: Someone) -> None:
    router.button("it")(lambda turn, id: learn(turn))
    kept = captured(chat)
    cut_connections()
    asyncio.run(chat.runtime.dispatcher.handle_now(kept))
    assert (inbox()[0].state, skills()) == ("done", ["x"])
