"""The copies of an announcement that one reader has, on whatever platforms: all of them say what they said to it."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.cards import Card, Element, to_json
from bot.gateway import EDIT
from bot.turn import Turn
from handlers.announcements import cards, poll_cards
from models.announcements.polls import ballot, polls_of, results
from models.announcements.questions import faq_count
from models.announcements.tables import Announcement, Poll, Receipt
from models.announcements.texts import best, wordings
from models.files import files_of
from models.people import Person
from models.rows import run

# What they are about is said in the statement, for the index of the cards of announcements.
_COPIES = """
select c.id, c.platform, c.installation, c.conversation from account a
join posted_card c on (c.platform, c.installation, c.conversation) = (a.platform, a.installation, a.private)
where a.person_id = %(person)s and c.about = %(about)s and c.about like 'announcement:%%' order by c.id
"""


def show(turn: Turn, announcement: Announcement, receipt: Receipt) -> int:
    """Let every copy of the actor say what they have said so far; how many copies there are."""
    shown = to_json(card(turn.session, announcement, receipt))
    values = {"person": receipt.person_id, "about": announcement.about}
    copies = run(turn.session, _COPIES, values).fetchall()
    for id, platform, installation, conversation in copies:
        payload = {"card": shown, "posted": id, "person_id": receipt.person_id}
        turn.operate(EDIT, platform, installation, conversation, payload)
    return len(copies)


def card(session: Session, announcement: Announcement, receipt: Receipt) -> Card:
    """The announcement as this one reader sees it, with all that they said."""
    person = session.get_one(Person, receipt.person_id)
    written = wordings(session, announcement)
    wording = written.get(receipt.language) or best(written, announcement, person.locale)
    polls = polls_of(session, announcement.id)
    return cards.reader(
        announcement,
        wording,
        locale=person.locale,
        said=cards.standing(receipt),
        polls=polls,
        picture=next((file for file in files_of(session, announcement) if file.is_picture), None),
        answered=faq_count(session, announcement),
        voted={poll.id: shown for poll in polls if (shown := _voted(session, poll, person))},
    )


def _voted(session: Session, poll: Poll, person: Person) -> tuple[Element, ...]:
    """What stands below a poll once its reader took part in it."""
    given = ballot(session, poll, person)
    if given is None:
        return ()
    return poll_cards.voted(poll, given, results(session, poll) if poll.open else None)
