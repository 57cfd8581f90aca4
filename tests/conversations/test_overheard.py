"""What is said beside Agora: of what nothing follows from, nothing is kept."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from models.base import reading
from models.mail import DONE, Inbox
from tests.chat import Chat


def kept(kind: str = "message") -> list[dict[str, Any] | None]:
    """The payloads of what was handled, oldest first."""
    with reading() as session:
        handled = select(Inbox.payload).where(Inbox.kind == kind, Inbox.state == DONE).order_by(Inbox.id)
        return list(session.scalars(handled))


def test_talk_among_people_is_not_kept(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("general", mona)
    mona.says("The canteen has lentils today, and Omar owes me five crowns.", in_="general", mention=False)
    assert kept() == [None] and mona.screen() == ""


def test_what_agora_answers_is_kept_until_it_is_blanked(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("general", mona)
    mona.says("help", in_="general")
    (payload,) = kept()
    assert payload is not None and payload["text"] == "help"


def test_changes_and_reactions_that_concern_nothing_are_not_kept(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("general", mona)
    said = mona.says("Lentils again.", in_="general", mention=False)
    mona.changes(said, "Lentils again, really.", in_="general")
    mona.deletes(said, in_="general")
    chat.happens(mona.inbound("reaction", "general", message=said, text="+1", values={"added": True}))
    assert kept("message_changed") == kept("message_deleted") == kept("reaction") == [None]
