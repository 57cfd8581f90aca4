"""Why an announcement does not work for somebody, and what its author replies: what both see of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Card, Element, Form, Input, Link, Markdown, Option, T, Text, User, Words
from bot.mentions import mention, named
from bot.shorten import shortened
from models.announcements.tables import Announcement, Receipt
from models.base import Refusal
from models.people import Person

MOST = 2000  # characters
_LISTED = 95  # a select has at most 100 choices: see handlers/knowledge/audiences.py
_SHOWN = 3

Objections = Sequence[tuple[Receipt, Person]]


def check(values: dict[str, Any]) -> str:
    """What was written; refused where that is nothing, or too much."""
    text = str(values.get("text", "")).replace("\0", "").strip()
    if not text:
        raise Refusal("empty_text", field="text")
    if len(text) > MOST:
        raise Refusal("too_long", field="text", most=MOST)
    return text


def author(announcement: Announcement) -> Words:
    """Who announced it."""
    return named(announcement.author)


def objections(session: Session, announcement: Announcement, limit: int = _LISTED) -> Objections:
    """For whom it does not work, who waits for a reply first, then the latest."""
    query = select(Receipt, Person).join(Person, Person.id == Receipt.person_id)
    query = query.where(Receipt.announcement_id == announcement.id, Receipt.objected_at.is_not(None))
    ordered = query.order_by(Receipt.replied_at.is_not(None), Receipt.objected_at.desc()).limit(limit)
    return [(receipt, person) for receipt, person in session.execute(ordered)]


def waiting(session: Session, announcement: Announcement) -> Objections:
    """Those who have no reply yet."""
    return [pair for pair in objections(session, announcement) if pair[0].replied_at is None and pair[1].active]


def form(announcement: Announcement, receipt: Receipt) -> Form:
    """The form in which a reader says why."""
    hint = T("{name} reads it, with your name; nobody else does.", name=author(announcement))
    text = Input("text", T("Why does it not work for you?"), "text", receipt.objection or "", hint, limit=MOST)
    intro = (Text(User(announcement.title), subtle=True),)
    return Form(T("It does not work"), "announcements.object", announcement.id, (text,), T("Send"), intro)


def reply_form(announcement: Announcement, found: Objections) -> Form:
    """The form in which the author replies to one of them."""
    options = tuple(
        Option(
            str(person.id), T("{name}: {text}", name=named(person), text=User(shortened(receipt.objection or "", 40)))
        )
        for receipt, person in found
    )
    whom = Input("person", T("To whom?"), "select", options[0].value if len(options) == 1 else "", options=options)
    text = Input("text", T("Your reply"), "text", hint=T("It goes to them alone."), limit=MOST)
    quoted = tuple(line for receipt, person in found[:_SHOWN] for line in _line(receipt, person, MOST))
    return Form(T("Reply"), "announcements.reply", announcement.id, (whom, text), T("Send"), quoted)


def told(announcement: Announcement, receipt: Receipt, by: Person) -> Card:
    """The reply, in the reader's own chat: they may go on with a question."""
    words = T("{name} replies to what you said of “{title}”:", name=mention(by), title=User(announcement.title))
    quoted = Text(User(shortened(receipt.objection or "", 300)), subtle=True)
    more = Button(T("I have a question"), "announcements.ask", announcement.id, opens="form")
    back = Button(T("It works for me now"), "announcements.unobject", announcement.id)
    return Card(words, (Text(words), quoted, Markdown(receipt.reply or ""), Actions((more, back))))


def on_desk(session: Session, announcement: Announcement) -> tuple[Element, ...]:
    """The latest of those who wait for a reply, for its author."""
    found = waiting(session, announcement)
    if not found:
        return ()
    lines = [line for receipt, person in found[:_SHOWN] for line in _line(receipt, person, 300)]
    reply = Button(T("Reply"), "announcements.reply", announcement.id, opens="form")
    link = Link(T("All that was asked and said"), f"/announcements/{announcement.id}/said")
    return (Text(T("It does not work for:")), *lines, link, Actions((reply,)))


def listed(session: Session, announcement: Announcement) -> tuple[Element, ...]:
    """All of them, with what was replied."""
    elements: list[Element] = []
    for receipt, person in objections(session, announcement, 500):
        elements += _line(receipt, person, MOST)
        if receipt.reply is not None:
            elements.append(Text(T("You replied: {text}", text=User(receipt.reply)), subtle=True))
    return tuple(elements)


def _line(receipt: Receipt, person: Person, most: int) -> tuple[Element, ...]:
    return (Text(T("{name}: {text}", name=named(person), text=User(shortened(receipt.objection or "", most)))),)
