"""An announcement that went out, as its sending leaves it behind: for tests of what comes back."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from bot.cards import Reply, to_json
from bot.inbound import SYSTEM, Inbound
from bot.routing import tell
from bot.turn import Turn
from handlers.announcements import cards
from models.announcements.polls import polls_of
from models.announcements.tables import SENT, Announcement, Poll, Receipt
from models.announcements.texts import best, wordings
from models.base import now, reading, transaction
from models.people import Account, Person
from models.places import PRIVATE, Membership, Place
from tests.chat import Chat, Someone

TEXT = "From **1 March** the office is at Harbour Street 5. The old one closes on the Friday before."


def announced(
    chat: Chat, author: Someone, *readers: Someone, polls: tuple[dict[str, Any], ...] = (), **about: Any
) -> Announcement:
    """``author`` announced the move of the office, and each of ``readers`` has it in their own chat."""
    audience = {"people": [someone.person.id for someone in readers]}
    values = {"title": "We move to Harbour Street", "text": TEXT, "state": SENT, "sent_at": now(), **about}
    with transaction() as session:
        announcement = Announcement(author_id=author.person.id, audience=audience, **values)
        session.add(announcement)
        session.flush()
        for position, poll in enumerate(polls):
            session.add(Poll(announcement_id=announcement.id, position=position, **poll))
        session.flush()
        turn = Turn(session, Inbound(SYSTEM, SYSTEM, "announcements", "timer"), chat.new_id(), None)
        for someone in readers:
            receive(turn, announcement, someone)
        happened(chat, turn, "announcement.sent", announcement)
    chat.work()
    return announcement


def receive(turn: Turn, announcement: Announcement, someone: Someone) -> None:
    """Their copies: one in each of their own chats."""
    session = turn.session
    person = session.get_one(Person, someone.person.id)
    wording = best(wordings(session, announcement), announcement, person.locale)
    session.add(Receipt(announcement_id=announcement.id, person_id=person.id, language=wording.language))
    session.flush()
    card = cards.reader(announcement, wording, locale=person.locale, polls=polls_of(session, announcement.id))
    for account in session.scalars(select(Account).where(Account.person_id == person.id)):
        where = (account.platform, account.installation, account.private or "")
        payload = {"card": to_json(card), "thread": None, "person_id": person.id}
        turn._out("post", *where, payload, announcement.about)


def happened(chat: Chat, turn: Turn, verb: str, announcement: Announcement) -> None:
    """Something became of it."""
    turn.session.flush()
    turn.emit(verb, announcement)
    tell(chat.runtime.router, turn)


def becomes(chat: Chat, announcement: Announcement, verb: str = "announcement.changed", **values: Any) -> None:
    """Change it, and let everybody hear of that."""
    with transaction() as session:
        row = session.get_one(Announcement, announcement.id)
        for name, value in values.items():
            setattr(row, name, value)
        turn = Turn(session, Inbound(SYSTEM, SYSTEM, "announcements", "timer"), chat.new_id(), None)
        happened(chat, turn, verb, row)
    chat.work()


def told(reply: Reply) -> str:
    """What was said to who pressed."""
    return reply.notice.text if reply.notice is not None else ""


def receipt(announcement: Announcement, someone: Someone) -> Receipt:
    """What somebody said to it."""
    with reading() as session:
        return session.get_one(Receipt, (announcement.id, someone.person.id))


def also_on(chat: Chat, someone: Someone, platform: str) -> Someone:
    """The same person on another platform, too."""
    with transaction() as session:
        person = session.get_one(Person, someone.person.id)
        key = f"dm:{someone.handle}"
        session.add(Account(person_id=person.id, platform=platform, installation="here", external=someone.handle,
                            private=key))  # fmt: skip
        place = Place(platform=platform, installation="here", key=key, kind=PRIVATE, name=person.name, closed=True,
                      locale=person.locale)  # fmt: skip
        session.add(place)
        session.flush()
        session.add(Membership(place_id=place.id, person_id=person.id))
    return Someone(chat, someone.person, platform)
