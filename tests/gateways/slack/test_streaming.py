"""An answer of a model as it grows, in somebody's own chat in Slack: within its limits, and where it still stands."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text as sql

from bot import streams
from bot.ai import model
from bot.ai.model import Hear, Prompt, Said
from bot.cards import Card, T, from_json, simple
from bot.gateway import EDIT
from bot.slack import limits
from bot.slack.agent import Agent
from bot.slack.gateway import SlackGateway
from bot.streams import Stream
from models.base import now, reading, transaction
from models.mail import Outbox, PostedCard
from tests.gateways.conftest import until
from tests.gateways.slack.conftest import Workspace
from tests.gateways.slack.sent import payload
from tests.modelled import reply

FIRST, SECOND = "Open the Connect app.", "Choose Reset profile."
PIECES = reply((FIRST, [1]), ("Bicycles fly to the moon.", [1]), (SECOND, [1])).replace("}, ", "}, |").split("|")
STOOD = "1763900000.000100"


class Paused:
    """A model that waits before each piece until it is let go."""

    name = "paused"

    def __init__(self) -> None:
        self.going_on = [threading.Event() for _ in PIECES]

    def ask(self, prompt: Prompt, hear: Hear) -> Said:
        for piece, going_on in zip(PIECES, self.going_on, strict=True):
            assert going_on.wait(20)
            hear(piece)
        return Said("".join(PIECES), 1, 1)

    def end(self) -> None:
        for each in self.going_on:
            each.set()


@pytest.fixture
def paused(monkeypatch: pytest.MonkeyPatch) -> Iterator[Paused]:
    """There is a model; nothing but what is tested shows that Agora is at it."""
    monkeypatch.setattr(limits, "STREAMED", 0.0)
    monkeypatch.setattr(SlackGateway, "patience", None)
    monkeypatch.setattr(Agent, "is_told", lambda *_: False)
    found = Paused()
    yield found
    found.end()
    streams.use(None)
    model.use(None)


def updates(workspace: Workspace) -> list[str]:
    return [str(each["blocks"]) for each in workspace.slack.calls["chat.update"]]


async def answered(paused: Paused, workspace: Workspace, name: str = "message_im") -> None:
    """The passages stand, and the model is asked."""
    model.use(paused)
    streams.use(workspace.runtime.gateways, asyncio.get_running_loop(), workspace.runtime.pacing)
    await workspace.hears(payload(name))
    await until(lambda: [row for row in workspace.sent() if row.state == "sent"])


async def many(workspace: Workspace, count: int) -> list[str]:
    return await until(lambda: found if len(found := updates(workspace)) >= count else None)  # type: ignore[no-any-return]


async def test_each_supported_sentence_stands_there_and_the_whole_at_the_end(
    paused: Paused, workspace: Workspace
) -> None:
    await answered(paused, workspace)
    paused.going_on[0].set()
    (one,) = await many(workspace, 1)
    assert FIRST in one and SECOND not in one
    paused.end()
    await until(lambda: [row.operation for row in workspace.sent() if row.state == "sent"] == ["post", "edit"])
    assert SECOND in updates(workspace)[-1] and not any("fly" in each for each in updates(workspace))
    assert {each["ts"] for each in workspace.slack.calls["chat.update"]} == {STOOD}
    assert len(workspace.slack.calls["chat.postMessage"]) == 1


async def test_in_a_channel_the_answer_comes_at_once(paused: Paused, workspace: Workspace) -> None:
    await answered(paused, workspace, "app_mention")
    paused.end()
    (whole,) = await many(workspace, 1)
    await until(lambda: all(row.state == "sent" for row in workspace.sent()))
    assert SECOND in whole and len(updates(workspace)) == 1


async def test_where_others_need_the_method_it_waits(paused: Paused, workspace: Workspace) -> None:
    await answered(paused, workspace)
    gateway, pacing = workspace.gateway, workspace.runtime.pacing
    _, ((_, update),) = streams._deliveries(about(), first(), first())
    for _ in range(25):
        pacing.slot(gateway.paces(update), 60.0)
    paused.end()
    await until(lambda: [row.operation for row in workspace.sent() if row.state == "sent"] == ["post", "edit"])
    assert len(updates(workspace)) == 1 and SECOND in updates(workspace)[0]


async def test_what_became_of_the_card_meanwhile_is_left_alone(paused: Paused, workspace: Workspace) -> None:
    await answered(paused, workspace)
    before, stream = first(), Stream(about(), first())
    with transaction() as session:
        posted = session.query(PostedCard).filter_by(about=about()).one()
        row = session.query(Outbox).filter_by(id=posted.outbox_id).one()
        where = {"platform": row.platform, "installation": row.installation, "conversation": row.conversation}
        waits = now() + timedelta(hours=1)
        session.add(Outbox(lane=row.lane, operation=EDIT, payload={"posted": posted.id}, correlation="x",
                           not_before=waits, **where))  # fmt: skip
    await asyncio.to_thread(stream.show, simple(T("Done.")))
    assert not stream.shown and updates(workspace) == [] and before == first()


async def test_slack_says_wait_and_it_waits(paused: Paused, workspace: Workspace) -> None:
    await answered(paused, workspace)
    workspace.slack.answers["chat.update"] = {"status": 429, "error": "ratelimited"}
    stream = Stream(about(), first())
    for _ in range(3):
        await asyncio.to_thread(stream.show, simple(T("Done.")))
    assert len(updates(workspace)) == 1 and not stream.shown
    del workspace.slack.answers["chat.update"]


async def test_who_presses_while_it_grows_has_the_last_word(paused: Paused, workspace: Workspace) -> None:
    await answered(paused, workspace)
    paused.going_on[0].set()
    await many(workspace, 1)
    with transaction() as session:
        session.execute(sql("update question set more = array['And on a phone?']"))
    paused.end()
    await until(lambda: [row.operation for row in workspace.sent() if row.state == "sent"] == ["post", "edit"])
    assert FIRST not in updates(workspace)[-1] and "Connect" in updates(workspace)[-1]


def about() -> str:
    with reading() as session:
        return str(session.query(PostedCard.about).where(PostedCard.about.like("question:%")).scalar())


def first() -> Card:
    with reading() as session:
        posted = session.query(PostedCard).filter_by(about=about()).one()
        row = session.query(Outbox).filter_by(id=posted.outbox_id).one()
        found = from_json((row.payload or {})["card"])
    assert isinstance(found, Card)
    return found
