"""Who waits for an answer sees that Agora is at it: one message, which becomes the answer or goes."""

from __future__ import annotations

import pytest
from sqlalchemy.orm import Session

from bot import patience
from bot.cards import T, simple
from bot.inbound import Inbound
from bot.patience import PatienceWorker
from bot.slack import agent
from bot.slack.gateway import SlackGateway
from bot.turn import Turn
from models.base import Refusal, reading, transaction
from models.mail import Outbox, PostedCard
from models.masks import RELAY
from models.places import place_at
from tests.gateways.conftest import until
from tests.gateways.slack.conftest import TEAM, Workspace
from tests.gateways.slack.sent import payload
from tests.gateways.slack.signs import SIGN, THREAD, called, calls, held_up, quiet, signs


@pytest.fixture(autouse=True)
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """What takes longer is seen soon."""
    monkeypatch.setattr(patience, "LOOK", 0.05)
    monkeypatch.setattr(SlackGateway, "patience", 0.1)
    monkeypatch.setattr(agent, "PATIENCE", 60.0)


async def test_the_sign_stands_in_the_thread_and_becomes_the_answer(workspace: Workspace) -> None:
    with held_up(workspace) as going_on:
        await workspace.hears(payload("app_mention"))
        (sign,) = await called(workspace, "chat.postMessage")
        assert (sign["channel"], sign["thread_ts"], sign["text"]) == ("C0GENERAL", THREAD, SIGN)
        going_on.set()
        (answer,) = await called(workspace, "chat.update")
    await quiet(workspace)
    assert answer["ts"] == "1763900000.000100" and "Connect" in str(answer["blocks"])
    assert len(calls(workspace, "chat.postMessage")) == 1 and not calls(workspace, "chat.delete")
    with reading() as session:
        card = session.query(PostedCard).where(PostedCard.about.like("question:%")).one()
        assert card.reference == answer["ts"]  # what is pressed, and what changes it, finds it


async def test_there_is_one_sign_however_long_it_takes(workspace: Workspace) -> None:
    with held_up(workspace) as going_on:
        await workspace.hears(payload("app_mention"))
        await called(workspace, "chat.postMessage")
        for _ in range(3):
            PatienceWorker(workspace.runtime).look()
        going_on.set()
        await workspace.handled(1)
    await quiet(workspace)
    assert signs() == 1


async def test_what_is_answered_at_once_needs_none(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SlackGateway, "patience", 60.0)
    await workspace.hears(payload("app_mention"))
    await workspace.handled(1)
    monkeypatch.setattr(SlackGateway, "patience", 0.0)
    PatienceWorker(workspace.runtime).look()
    assert signs() == 0


@pytest.mark.parametrize(
    ("name", "answers"),
    [("app_mention", "off"), ("message_channels_chatter", "always"), ("command_ask_bare", "always")],
)
async def test_where_nothing_may_come_there_is_none(workspace: Workspace, name: str, answers: str) -> None:
    with transaction() as session:
        general = place_at(session, "slack", TEAM, "C0GENERAL")
        assert general is not None
        general.answers = answers
    said = (
        payload("app_mention", type="message", text="lunch?") if name == "message_channels_chatter" else payload(name)
    )
    with held_up(workspace) as going_on:
        await workspace.hears(said)
        kept = await until(lambda: [row for row in workspace.kept() if row.sign_id is not None or row.state == "done"])
        assert [row.sign_id for row in kept] == [patience.NONE] and signs() == 0
        going_on.set()
        await workspace.handled(1)


async def test_who_goes_on_in_the_thread_of_their_question_sees_it(workspace: Workspace) -> None:
    await workspace.hears(payload("app_mention"))
    await workspace.handled(1)
    await quiet(workspace)
    more = {"ts": "1763800009.000100", "thread_ts": THREAD, "type": "message", "text": "On a Mac."}
    with held_up(workspace) as going_on:
        await workspace.hears(payload("app_mention", **{**more, "user": "U0OMAR", "ts": "1763800008.000100"}))
        await workspace.hears(payload("app_mention", **more))
        await until(lambda: all(row.sign_id is not None for row in workspace.kept()[1:]))
        assert [row.sign_id == patience.NONE for row in workspace.kept()[1:]] == [True, False]
        going_on.set()
        await workspace.handled(3)
    await quiet(workspace)
    assert {each["thread_ts"] for each in calls(workspace, "chat.postMessage")} == {THREAD}


async def test_where_agora_has_nothing_to_say_it_goes(workspace: Workspace) -> None:
    with held_up(workspace, then=lambda turn: True) as going_on:
        await workspace.hears(payload("app_mention"))
        await called(workspace, "chat.postMessage")
        going_on.set()
        (deleted,) = await called(workspace, "chat.delete")
    assert deleted["ts"] == "1763900000.000100"
    assert not calls(workspace, "chat.update")


async def test_what_only_the_asker_may_read_does_not_take_its_place(workspace: Workspace) -> None:
    def refuse(turn: Turn) -> bool:
        raise Refusal("not_allowed")

    with held_up(workspace, then=refuse) as going_on:
        await workspace.hears(payload("app_mention"))
        await called(workspace, "chat.postMessage")
        going_on.set()
        await called(workspace, "chat.delete")
        (said,) = await called(workspace, "chat.postEphemeral")
    assert said["user"] == "U0MONA" and not calls(workspace, "chat.update")


async def test_an_answer_that_never_comes_becomes_an_apology(workspace: Workspace) -> None:
    def fail(turn: Turn) -> bool:
        raise RuntimeError("a fault of ours")

    with held_up(workspace, then=fail) as going_on:
        await workspace.hears(payload("app_mention"))
        await called(workspace, "chat.postMessage")
        going_on.set()
        (said,) = await called(workspace, "chat.update")
    await quiet(workspace)
    assert "Something went wrong on our side" in said["text"]
    assert len(workspace.sent()) == 2 and not calls(workspace, "chat.postEphemeral")


async def test_a_command_has_its_sign_in_the_chat_of_whoever_called(workspace: Workspace) -> None:
    with held_up(workspace) as going_on:
        await workspace.hears(payload("command_ask"))
        (sign,) = await called(workspace, "chat.postMessage")
        assert (sign["channel"], sign["text"]) == ("U0MONA", SIGN) and "thread_ts" not in sign
        going_on.set()
        await called(workspace, "chat.update")
        _, answer = await called(workspace, "chat.postMessage", 2)
    await quiet(workspace)
    (asked,) = calls(workspace, "chat.update")
    assert "You asked:" in str(asked["blocks"]) and "Ask an expert" in str(answer["blocks"])
    assert not calls(workspace, "chat.delete")


async def test_a_sign_that_somebody_deleted_does_not_take_the_answer_along(workspace: Workspace) -> None:
    workspace.slack.answers["chat.update"] = {"error": "message_not_found"}
    with held_up(workspace) as going_on:
        await workspace.hears(payload("app_mention"))
        await called(workspace, "chat.postMessage")
        going_on.set()
        _, answer = await called(workspace, "chat.postMessage", 2)
    assert answer["thread_ts"] == THREAD and "Connect" in str(answer["blocks"])


async def test_a_sign_that_slack_did_not_take_leaves_a_message_of_its_own(workspace: Workspace) -> None:
    workspace.slack.answers["chat.postMessage"] = {"error": "msg_too_long"}
    with held_up(workspace) as going_on:
        await workspace.hears(payload("app_mention"))
        await until(lambda: [row for row in workspace.sent() if row.state == "failed"])
        del workspace.slack.answers["chat.postMessage"]
        going_on.set()
        _, answer = await called(workspace, "chat.postMessage", 2)
    assert "Connect" in str(answer["blocks"]) and not calls(workspace, "chat.update")


async def test_a_sign_that_was_not_posted_yet_is_not_posted_any_more(workspace: Workspace) -> None:
    with held_up(workspace) as going_on:
        await workspace.hears(payload("message_im"))
        await called(workspace, "chat.postMessage")
        going_on.set()
        await workspace.handled(1)
    await quiet(workspace)
    with transaction() as session:
        (sign,) = session.query(PostedCard).where(PostedCard.about.like("sign:%"))
        row = session.query(Outbox).where(Outbox.id == sign.outbox_id).one()
        row.state = "new"
        patience.settle(session, row.correlation, row.id)
        session.refresh(row)
        assert row.state == "dropped"
    assert len(workspace.sent()) == 2


async def test_in_the_pane_slack_shows_it_and_there_is_no_message(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "PATIENCE", 0.0)
    monkeypatch.setattr(SlackGateway, "patience", 0.3)
    with held_up(workspace) as going_on:
        await workspace.hears(payload("message_im"))
        (status,) = await called(workspace, "agents.sessions.setStatus")
        assert status["status"] == "processing"
        await until(lambda: [row for row in workspace.kept() if row.sign_id == patience.NONE])
        PatienceWorker(workspace.runtime).look()
        going_on.set()
        await workspace.handled(1)
    await quiet(workspace)
    assert signs() == 0 and len(calls(workspace, "chat.postMessage")) == 1


async def test_where_slack_shows_nothing_in_the_pane_there_is_a_message(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(agent, "PATIENCE", 0.0)
    workspace.slack.answers["agents.sessions.setStatus"] = {"error": "missing_scope"}
    with held_up(workspace) as going_on:
        await workspace.hears(payload("message_im"))
        (sign,) = await called(workspace, "chat.postMessage")
        assert (sign["channel"], sign["text"]) == ("U0MONA", SIGN)
        going_on.set()
        await called(workspace, "chat.update")


async def test_below_what_a_mask_was_sent_there_is_none(workspace: Workspace) -> None:
    with transaction() as session:
        session.add(PostedCard(about="relay:1", outbox_id=0, platform=RELAY, installation=RELAY, conversation="relay:1",
                               reference=THREAD))  # fmt: skip
    with held_up(workspace, then=lambda turn: True) as going_on:
        await workspace.hears(payload("message_im", thread_ts=THREAD))
        await until(lambda: [row for row in workspace.kept() if row.sign_id == patience.NONE])
        going_on.set()
        await workspace.handled(1)
    assert signs() == 0


async def test_the_first_message_there_takes_its_place_and_others_follow(workspace: Workspace) -> None:
    def say(turn: Turn) -> bool:
        turn.post(turn.place, simple(T("Done.")), thread=THREAD, only_for=turn.actor, account="U0MONA")
        turn.post(turn.place, simple(T("I have answered in the chat.")), thread=THREAD)
        turn.post(turn.place, simple(T("Here is the page.")), thread=THREAD)
        return True

    with held_up(workspace, then=say) as going_on:
        await workspace.hears(payload("app_mention"))
        await called(workspace, "chat.postMessage")
        going_on.set()
        (first,) = await called(workspace, "chat.update")
        _, second = await called(workspace, "chat.postMessage", 2)
        (alone,) = await called(workspace, "chat.postEphemeral")
    assert (first["text"], second["text"]) == ("I have answered in the chat.", "Here is the page.")
    assert alone["text"] == "Done."


async def test_one_who_cannot_be_told_keeps_nobody_from_it(workspace: Workspace) -> None:
    def fails_for_mona(session: Session, heard: Inbound) -> bool:
        if heard.actor == "U0MONA":
            raise KeyError("a fault of ours")
        return False

    workspace.runtime.router.awaited.insert(0, fails_for_mona)
    with held_up(workspace, then=lambda turn: True) as going_on:
        await workspace.hears(payload("app_mention"))
        await workspace.hears(payload("app_mention", user="U0OMAR", ts="1763800002.000100"))
        (sign,) = await called(workspace, "chat.postMessage")
        assert sign["thread_ts"] == "1763800002.000100"
        assert workspace.kept()[0].sign_id == patience.NONE
        going_on.set()
        await called(workspace, "chat.delete")
