"""What nobody knows to have arrived is settled by whoever presses a button on it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from bot.cards import T, simple, to_json
from bot.teams import settling
from models import base
from models.base import reading, transaction
from models.mail import Outbox, PostedCard, lane_of
from tests.teams_sending import GENERAL, TENANT


@pytest.fixture
def db(database: str) -> Iterator[str]:
    base.connect(database, pool=4)
    yield database
    base.disconnect()


def posted(state: str = "uncertain", conversation: str = GENERAL, only_for: str | None = None) -> int:
    """A message of which it is not known whether it arrived; its number."""
    payload = {"card": to_json(simple(T("Hello"))), "only_for": only_for}
    with transaction() as session:
        row = _row("post", payload, state, conversation)
        session.add(row)
        session.flush()
        session.add(PostedCard(about="question:1", outbox_id=row.id, platform="teams", installation=TENANT,
                               conversation=conversation))  # fmt: skip
        return row.id


def changed(of: int, text: str) -> None:
    """A change of it, which was dropped, since there was nothing to change."""
    with transaction() as session:
        card = session.scalars(select(PostedCard).where(PostedCard.outbox_id == of)).one()
        session.add(
            _row("edit", {"card": to_json(simple(T("Hello"))), "posted": card.id, "as": text}, "dropped", GENERAL)
        )


def _row(operation: str, payload: dict[str, Any], state: str, conversation: str) -> Outbox:
    return Outbox(lane=lane_of("teams", TENANT, conversation), platform="teams", installation=TENANT, correlation="x",
                  conversation=conversation, operation=operation, payload=payload, state=state, attempts=1)  # fmt: skip


def standing() -> list[tuple[str, str | None]]:
    with reading() as session:
        return [(row.state, row.reference) for row in session.scalars(select(Outbox).order_by(Outbox.id))]


def pressed(number: int, **about: Any) -> dict[str, Any]:
    """The invoke of a press on the message ``170`` in a channel."""
    data = {"id": 3, "outbox": number}
    activity = {
        "type": "invoke", "name": "adaptiveCard/action", "replyToId": "170", "serviceUrl": "https://x",
        "conversation": {"id": f"{GENERAL};messageid=160", "conversationType": "channel", "tenantId": TENANT},
        "from": {"id": "29:mona", "aadObjectId": "aad-mona"}, "recipient": {"id": "28:agora"},
        "value": {"action": {"type": "Action.Execute", "verb": "experts.accept", "data": data}},
    }  # fmt: skip
    return {**activity, **about}


async def test_a_press_says_that_it_arrived_and_as_what(db: str) -> None:
    number = posted()
    await settling.press(pressed(number))
    assert standing() == [("sent", "170")]
    with reading() as session:
        assert session.scalars(select(PostedCard.reference)).one() == "170"


async def test_a_dialog_and_a_press_in_an_old_client_say_it_too(db: str) -> None:
    ours = {"agora": {"route": "answers.write", "id": 3, "outbox": posted()}}
    await settling.press(pressed(0, value={"data": {"msteams": {"type": "task/fetch"}, **ours}}))
    ours["agora"]["outbox"] = posted()
    await settling.press(pressed(0, type="message", value=ours))
    assert [state for state, _ in standing()] == ["sent", "sent"]


async def test_what_was_to_be_changed_since_is_changed_now(db: str) -> None:
    number = posted()
    changed(number, "1"), changed(number, "2")
    await settling.press(pressed(number))
    assert [state for state, _ in standing()] == ["sent", "dropped", "new"]


async def test_what_one_alone_sees_is_settled_from_their_own_chat(db: str) -> None:
    number = posted(only_for="aad-mona")
    own = {"id": "a:mona", "conversationType": "personal", "tenantId": TENANT}
    await settling.press(pressed(number, conversation=own))
    assert standing() == [("sent", "only aad-mona 170")]


@pytest.mark.parametrize("state", ["new", "held", "sent", "failed", "dropped"])
async def test_what_is_known_stays(db: str, state: str) -> None:
    await settling.press(pressed(posted(state)))
    assert standing() == [(state, None)]


async def test_nobody_settles_what_is_elsewhere(db: str) -> None:
    number = posted(conversation="19:other@thread.tacv2")
    await settling.press(pressed(number))
    await settling.press(pressed(number, conversation={"id": "a:mona", "tenantId": TENANT}))
    await settling.press(pressed(number, replyToId=None))
    for wrong in (
        {},
        [],
        {"action": {"verb": "x", "data": {"id": 1, "outbox": "1; drop"}}},
        {"data": {"agora": 1}},
        None,
    ):
        await settling.press(pressed(number, value=wrong))
    assert standing() == [("uncertain", None)]
