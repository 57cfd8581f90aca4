"""What is asked about an announcement: its author answers those who ask the same together, and parts or joins them."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.ai import named
from bot.cards import Element, Heading, Reply, T, User, Words
from bot.router import Page, Router
from bot.turn import Turn
from handlers.announcements import cluster_cards as cards
from handlers.announcements import objecting, spreading
from models import access
from models.announcements import knowledge
from models.announcements.questions import apart, cluster, join, open_clusters
from models.announcements.tables import OUT, Announcement
from models.base import Refusal
from models.people import Person
from models.questions import Question
from models.repeated import Repeated

router = Router()
router.refusal(
    same_questions=T("These are together already. Choose others."),
    all_apart=T("Leave at least one of them, or close the form."),
)
_ON_DESK = 3


def on_desk(session: Session, announcement: Announcement) -> tuple[Element, ...]:
    """What waits for its author: the questions that most ask, and those for whom it does not work."""
    found = open_clusters(session, announcement, _ON_DESK + 1)
    lines = [line for one in found[:_ON_DESK] for line in cards.lines(one, _label(session, one, announcement.author))]
    more = cards.more(announcement) if len(found) > _ON_DESK else ()
    return (*lines, *more, *objecting.on_desk(session, announcement))


@router.page("/announcements/{id}/said")
def said(session: Session, person: Person, id: int) -> Page:
    """Everything that waits for an answer, in full, and for whom it does not work: for whoever looks after it."""
    announcement = session.get(Announcement, id)
    if announcement is None or not access.may(session, person, "oversee", announcement):
        raise Refusal("not_found")
    elements: list[Element] = []
    for found in open_clusters(session, announcement, 200):
        elements += cards.listed(found, _label(session, found, person))
    objected = objecting.listed(session, announcement)
    if objected:
        elements += [Heading(T("It does not work for:")), *objected]
    return Page(User(announcement.title), tuple(elements) or cards.nothing())


@router.button("announcements.answer")
def answer(turn: Turn, first: int) -> Reply:
    """One answer for all who ask the same."""
    announcement, found = _theirs(turn, first)
    label = named.kept(turn.session, found, turn.actor.locale)
    return turn.open(cards.answer_form(announcement, found, label or found.questions[0].text))


@router.form("announcements.answer")
def answered(turn: Turn, first: int, values: dict[str, Any]) -> Reply | None:
    """Each gets it in their own thread; unless it is for them alone, everybody finds it who got the announcement."""
    text, private = cards.check(values, "text"), values.get("readers") == "private"
    title = "" if private else cards.check(values, "title")
    announcement, found = _theirs(turn, first, lock=True)
    given = spreading.give(turn, found.questions[0], text, private=private)
    if not private and announcement.state in OUT and not knowledge.is_over(announcement):
        turn.emit("entry.announced", knowledge.answer(turn.session, announcement, title, given))
    spreading.spread(turn, given, found.id)
    turn.emit("announcement.answered", announcement, question_id=found.id, people=found.people)
    turn.send(turn.actor, cards.sent(found.people, private))
    return None


@router.button("announcements.sort")
def sort(turn: Turn, first: int) -> Reply:
    """The author says which of them ask something else, or that they ask what others do."""
    announcement, found = _theirs(turn, first)
    others = [each for each in open_clusters(turn.session, announcement, 50) if each.id != found.id]
    labels = [(each, _label(turn.session, each, turn.actor)) for each in others]
    return turn.open(cards.sort_form(found, labels))


@router.form("announcements.sort")
def sorted_(turn: Turn, first: int, values: dict[str, Any]) -> Reply | None:
    """Parted, or joined."""
    announcement, found = _theirs(turn, first, lock=True)
    other = str(values.get("other", ""))
    gone = [one.id for one in found.questions if str(one.id) == str(values.get("apart", ""))]
    if other.isdecimal() and len(other) <= 18:
        _, into = _theirs(turn, int(other), lock=True)
        if into.id == found.id or into.questions[0].announcement_id != announcement.id:
            raise Refusal("same_questions", field="other")
        join(turn.session, found, into)
    elif gone:
        if len(found.questions) == len(gone):
            raise Refusal("all_apart", field="apart")
        apart(turn.session, found, gone)
    turn.emit("announcement.sorted", announcement, question_id=found.id)
    return Reply(notice=T("They are sorted anew."))


def _theirs(turn: Turn, first: int, *, lock: bool = False) -> tuple[Announcement, Repeated]:
    """What is asked about an announcement that the actor looks after."""
    question = turn.session.get(Question, first)
    if question is None or question.announcement_id is None:
        raise Refusal("not_found")
    announcement = turn.session.get_one(Announcement, question.announcement_id)
    turn.require("oversee", announcement)
    return announcement, cluster(turn.session, first, lock=lock)


def _label(session: Session, found: Repeated, person: Person) -> Words:
    return User(named.kept(session, found, person.locale) or cards.shortly(found))
