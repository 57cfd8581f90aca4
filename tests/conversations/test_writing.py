"""Writing down what one knows, without being asked."""

from __future__ import annotations

from sqlalchemy import select

from models.base import reading
from models.knowledge import CURRENT, DRAFT, Entry
from tests.chat import Chat, Someone


def entry() -> Entry:
    with reading() as session:
        return session.scalars(select(Entry).order_by(Entry.id.desc())).first()  # type: ignore[return-value]


def own(someone: Someone) -> str:
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def test_an_employee_writes_a_draft_and_an_expert_publishes(chat: Chat) -> None:
    mona, lea = chat.slack("mona"), chat.teams("lea", roles=["expert"])
    root = chat.slack("root", roles=["admin"])
    new = {"title": "Parking", "body": "Cars stand behind gate 7.", "topic": "0", "language": "en", "review_on": ""}
    mona.commands("know")
    assert "body" in mona.submits(**{**new, "body": " ", "audience": "everyone"}).errors
    mona.commands("know")
    mona.submits(**new, audience="everyone")
    assert entry().state == DRAFT
    chat.passes(minutes=1)
    assert "gate 7" in own(root)
    lea.commands("know")
    lea.submits(**{**new, "body": "Vans stand behind gate 8."}, audience="everyone")
    assert entry().state == CURRENT and entry().verified_by_id == lea.person.id
    mona.commands("find", "vans")
    assert mona.sees("gate 8")


def test_a_guest_may_not_write(chat: Chat) -> None:
    gil = chat.slack("gil", kind="guest")
    assert gil.commands("know").form is None


def test_a_message_is_saved_for_those_who_could_read_it(chat: Chat) -> None:
    mona, lea, omar = chat.slack("mona"), chat.slack("lea", roles=["expert"]), chat.slack("omar")
    chat.channel("board", mona, lea, closed=True)
    said = mona.says("The yard opens at seven.", in_="board", mention=False)
    lea._event("shortcut", "board", text="The yard opens at seven.", route="knowledge.from_message", message=said)
    form = lea.reply.form
    assert form is not None and form.inputs[1].value == "The yard opens at seven."
    lea.submits(title="Yard hours", body="The yard opens at seven.", topic="0", language="en", audience="as_is")
    omar.commands("find", "yard opens")
    mona.commands("find", "yard opens")
    assert "at seven" in own(mona) and "at seven" not in omar.screen()


def test_bad_dates_and_topics_are_refused_in_the_form(chat: Chat) -> None:
    lea = chat.slack("lea", roles=["expert"])
    new = {"title": "Parking", "body": "Gate 7.", "topic": "0", "language": "en", "audience": "everyone"}
    for wrong in ("tomorrow", "2020-01-01", "9999-12-31"):
        lea.commands("know")
        assert "review_on" in lea.submits(**new, review_on=wrong).errors
    for field, value in (("topic", "77"), ("topic", "²"), ("language", "xx"), ("audience", "person:1")):
        lea.commands("know")
        assert field in lea.submits(**{**new, field: value}).errors
    assert entry() is None


def test_a_password_in_an_entry_is_not_found_and_its_writer_is_told(chat: Chat) -> None:
    lea, mona = chat.teams("lea", roles=["expert"]), chat.slack("mona")
    new = {"title": "Guests' network", "topic": "0", "language": "en", "review_on": "", "audience": "everyone"}
    body = "The network of guests is Acme-Guest, password: Kayitz2026!"
    lea.commands("know")
    assert "title" in lea.submits(**{**new, "title": "Guests' network, password: Kayitz2026!", "body": body}).errors
    lea.submits(**new, body=body)
    assert entry().state == CURRENT and "seems to hold a password" in own(lea)
    mona.says("What is the network of guests?")
    assert mona.sees("Acme-Guest") and not mona.sees("Kayitz2026")
