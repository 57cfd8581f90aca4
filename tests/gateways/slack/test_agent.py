"""The pane beside a conversation: beginnings, a sign that Agora works, and that nothing of it can do harm."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from bot.inbound import Inbound
from bot.inbox import Event, insert_events
from bot.slack import agent as pane
from bot.slack.agent import Agent
from bot.slack.parse import parse
from models.base import transaction
from models.mail import HELD, Inbox
from tests.slack_here import Here, at_work
from tests.slack_workspace import TEAM


@pytest.fixture
def here(database: str) -> Iterator[Here]:
    with at_work(database) as found:
        found.workspace.person("U1", "Noa Barak", locale="he-IL")
        yield found


def event(type: str, **about: Any) -> dict[str, Any]:
    return {"type": "event_callback", "team_id": TEAM, "event_id": "Ev1", "event": {"type": type, **about}}


def opened(tab: str = "messages") -> dict[str, Any]:
    return event("app_home_opened", tab=tab, user="U1", channel="D1")


def written(channel: str = "D1") -> dict[str, Any]:
    return event("message", channel=channel, channel_type="im", user="U1", text="help", ts="17.1", event_ts="17.1")


def decorated(here: Here) -> list[tuple[str, dict[str, Any]]]:
    return [(method, said) for method, said in here.workspace.asked if method.startswith(("agents.", "assistant."))]


def hears(here: Here, payload: dict[str, Any]) -> None:
    async def hear() -> None:
        found = Agent(here.clients, here.chat.runtime.router)
        assert found.concerns(payload)
        await found.hear(payload)
        await here.clients.close()

    asyncio.run(hear())


def test_who_opens_the_pane_is_offered_beginnings_in_their_language(here: Here) -> None:
    hears(here, opened())
    here.says("U1", "help")
    hears(here, opened())
    (_, strange), (method, known) = decorated(here)
    assert method == "assistant.threads.setSuggestedPrompts"
    assert known["channel_id"] == "D1" and "thread_ts" not in known
    assert len(known["prompts"]) == len(here.chat.runtime.router.prompts) <= 4
    assert strange["prompts"][0] == {"title": "What can you do for me?", "message": "help"}
    assert known["prompts"] != strange["prompts"] or not any(ord(c) > 127 for c in str(known["prompts"]))


def test_other_events_are_none_of_its(here: Here) -> None:
    found = Agent(here.clients, here.chat.runtime.router)
    for payload in (opened("home"), written(), event("reaction_added"), {"type": "block_actions"}):
        assert not found.concerns(payload)
    assert found.is_told(written(), parse(written()))
    assert not found.is_told(written("C1"), parse(written("C1")))


def test_stop_stops(here: Here) -> None:
    hears(here, event("agent_session_stopped", channel="D1", user="U1", thread_ts="17.1", streaming_message_ts=[]))
    assert decorated(here) == [
        ("agents.sessions.setStatus", {"channel_id": "D1", "thread_ts": "17.1", "status": "active"})
    ]


@pytest.mark.parametrize("fault", [(500, {}, {}), (429, {"Retry-After": "9"}, {}), (200, {}, {"ok": False})])
def test_nothing_follows_from_a_failure(here: Here, fault: tuple[int, dict[str, str], dict[str, Any]]) -> None:
    here.workspace.fails = [fault]
    hears(here, opened())
    hears(here, event("agent_session_stopped", channel=7))


def watched(here: Here, *, done_after: float) -> list[str]:
    """The signs while somebody's message waits for so many seconds."""
    with transaction() as session:
        kept = Event("slack", TEAM, "U1", "message", "17.1", written(), now=True)
        captured = insert_events(session, [kept], "test")[0]
        assert session.get_one(Inbox, (captured.lane, captured.id)).state == HELD

    async def watch() -> None:
        task = asyncio.create_task(Agent(here.clients, here.chat.runtime.router).watch(written(), captured))
        await asyncio.sleep(done_after)
        with transaction() as session:
            session.get_one(Inbox, (captured.lane, captured.id)).state = "done"
        await task
        await here.clients.close()

    asyncio.run(watch())
    return [str(said["status"]) for _, said in decorated(here)]


def test_what_is_answered_at_once_needs_no_sign(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pane, "PATIENCE", 0.5)
    assert watched(here, done_after=0) == []


def test_while_it_takes_longer_there_is_a_sign(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pane, "PATIENCE", 0.05)
    assert watched(here, done_after=0.6) == ["processing", "active"]


def test_the_sign_goes_even_if_nothing_ends(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pane, "PATIENCE", 0.05)
    monkeypatch.setattr(pane, "LONGEST", 0.2)
    assert watched(here, done_after=1.5) == ["processing", "active"]


def test_under_load_nothing_is_watched(here: Here, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pane, "PATIENCE", 0.05)
    monkeypatch.setattr(pane, "_MOST_WATCHED", 0)
    assert watched(here, done_after=0.3) == []


def test_the_pane_needs_no_row(here: Here) -> None:
    here.chat.happens(Inbound("slack", TEAM, "U1", "message", actor="U1", text="help", mentioned=True, message="1.0"))
    assert decorated(here) == []
