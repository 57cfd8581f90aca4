"""What conversations about entries have in common."""

from __future__ import annotations

from sqlalchemy import update

from bot import routing
from bot.turn import Turn
from models import learning
from models.base import reading, transaction
from models.knowledge import Entry, Topic
from models.people import Person
from tests.chat import Chat, Someone

RULE = "Bicycles stand in the yard, behind gate 3."


def written(chat: Chat, owner: Someone, **about: object) -> Entry:
    """An entry that its owner verified just now."""
    made = chat.knows("Bicycles", RULE, owner_id=owner.person.id, **about)
    with transaction() as session:
        found = session.get_one(Entry, made.id)
        learning.verify(session, found, session.get_one(Person, owner.person.id))
    return made


def state(entry: Entry) -> Entry:
    with reading() as session:
        return session.get_one(Entry, entry.id)


def own(someone: Someone) -> str:
    return "\n".join(m.text for m in someone.messages() if m.conversation == someone.own_chat)


def edits(someone: Someone, entry: Entry, **changes: str) -> None:
    someone._event("button", None, route="knowledge.edit", id=entry.id)
    someone.submits(**filled(entry, **changes))


def filled(entry: Entry, **changes: str) -> dict[str, str]:
    now_ = state(entry)
    sent = {"title": now_.title, "body": now_.body, "topic": "0", "language": "en", "audience": "as_is"}
    return {**sent, "review_on": "", "reason": "", "wrong": "no", **changes}


def tells(chat: Chat, by: Someone, verb: str, kind: type[Person] | type[Topic], id: int) -> None:
    """The administration tells that something happened."""
    with transaction() as session:
        turn = Turn(session, by.inbound("command", None), "test", session.get_one(Person, by.person.id))
        turn.emit(verb, session.get_one(kind, id))
        routing.tell(chat.runtime.router, turn)
    chat.passes(minutes=1)


def leaves(chat: Chat, someone: Someone, by: Someone) -> None:
    """They are deactivated."""
    with transaction() as session:
        session.execute(update(Person).where(Person.id == someone.person.id).values(active=False))
    tells(chat, by, "person.left", Person, someone.person.id)
