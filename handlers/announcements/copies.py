"""The copies of an announcement that one reader has, on whatever platforms: all of them say what they said to it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.broadcast import change_waiting
from bot.cards import Card, to_json
from bot.gateway import EDIT
from bot.turn import Turn
from handlers.announcements import cards
from handlers.announcements.readings import Reading
from models.announcements import polls
from models.announcements.tables import Announcement, Receipt
from models.mail import lane_of
from models.people import Person
from models.rows import run

# What they are about is said in the statement, for the index of the cards of announcements.
_COPIES = """
select c.id, c.outbox_id, c.platform, c.installation, c.conversation from account a
join posted_card c on (c.platform, c.installation, c.conversation) = (a.platform, a.installation, a.private)
where a.person_id = %(person)s and c.about = %(about)s and c.about like 'announcement:%%' order by c.id
"""


def show(turn: Turn, announcement: Announcement, receipt: Receipt) -> int:
    """Let every copy of the actor say what they have said so far; how many copies there are."""
    shown = to_json(card(turn.session, announcement, receipt))
    values = {"person": receipt.person_id, "about": announcement.about}
    copies = run(turn.session, _COPIES, values).fetchall()
    for id, outbox, platform, installation, conversation in copies:
        lane = lane_of(platform, installation, conversation)
        if not change_waiting(turn.session, shown, id, outbox, lane):
            payload = {"card": shown, "posted": id, "person_id": receipt.person_id}
            turn.operate(EDIT, platform, installation, conversation, payload)
    return len(copies)


def card(session: Session, announcement: Announcement, receipt: Receipt) -> Card:
    """The announcement as this one reader sees it, with all that they said."""
    person = session.get_one(Person, receipt.person_id)
    ballots = polls.ballots(session, announcement.id, {person.id}).get(person.id, ())
    return Reading(session, announcement).card(person.locale, cards.standing(receipt), ballots=ballots)
