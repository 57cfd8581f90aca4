"""Mona acts, and a handler leaves something of every kind."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.cards import Reply, T, User, simple
from bot.held import Held
from bot.inbound import Inbound
from bot.inbox import Captured, Event, insert_events
from bot.texts import Reader, say
from bot.turn import Turn
from models.base import now, transaction
from tests.bot.queues import inbox, run_sql
from tests.chat import Chat

SECRET = "the words of mona"


def captured(chat: Chat, kind: str = "button", key: str = "k", now: bool = True, **about: Any) -> Captured:
    """An event of Mona's in her own chat."""
    heard = Inbound("slack", "here", "dm:mona", kind, actor="mona", **{"route": "it", "text": SECRET, **about})
    with transaction() as session:
        event = Event("slack", "here", "dm:mona", kind, key, heard.to_json(), now)
        return insert_events(session, [event], "test")[0]


def press(chat: Chat, key: str = "k", **about: Any) -> Reply:
    return asyncio.run(chat.runtime.dispatcher.handle_now(captured(chat, key=key, **about)))


def handle(chat: Chat, **about: Any) -> str:
    """Handle an event as a worker would; the outcome."""
    kept = captured(chat, "message", **about)
    (row,) = (row for row in inbox() if row.id == kept.id)
    held = Held(kept.lane, kept.id, row.platform, row.payload or {}, row.attempts, kept.correlation, "test")
    return chat.runtime.dispatcher.handle(held).outcome


def skills() -> list[str]:
    return list(run_sql("select skills from person")[0][0])


def learn(turn: Turn, what: str = "x") -> None:
    """Change something, send something, remind of something: what must not survive."""
    turn.actor.skills = [*turn.actor.skills, what]
    turn.reply(simple(User(what)))
    turn.later(now(), "remind", f"remind:{what}")
    turn.emit("learnt", turn.actor)
    turn.session.flush()


def leftovers() -> tuple[int, ...]:
    return tuple(run_sql(f"select count(*) from {table}")[0][0] for table in ("outbox", "timer", "fact"))


def apology() -> str:
    """What Mona, who reads Italian, is told of the event that was set aside."""
    (error,) = [row.error for row in inbox() if row.state == "failed"]
    words = T("Something went wrong on our side. Nothing was lost; an administrator can find it as {reference}.",
              reference=str(error).split()[0])  # fmt: skip
    return say(words, Reader("it"))
