"""What the demo company announces: one long ago, with what people asked; one that goes out as soon as it is loaded."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from handlers.demo import model
from models.announcements import knowledge, progress
from models.announcements.tables import SCHEDULED, SENT, Announcement, AnnouncementText, Poll, Receipt
from models.answers import ACCEPTED, Answer
from models.base import now
from models.knowledge import Topic
from models.mail import Timer
from models.people import EMPLOYEE, Person
from models.places import PRIVATE, Place
from models.questions import Question

DUE = "announcements.due"
_A_DAY = timedelta(days=1)


def announce(session: Session, one: model.Announced, people: dict[str, Person], topics: dict[str, Topic]) -> None:
    """Write one announcement of the files."""
    at = now() - timedelta(days=one.days_ago or 0)
    author, first = people[one.author], one.texts[one.language]
    announcement = Announcement(
        author_id=author.id, title=first.title, text=first.text, language=one.language, audience={"key": "everyone"},
        topic_id=topics[one.topic].id if one.topic else None, acknowledge_by=at + one.confirm * _A_DAY,
        expires_at=at + one.ends * _A_DAY, created_at=at - _A_DAY, changed_at=at,
    )  # fmt: skip
    session.add(announcement)
    session.flush()
    for language, text in one.texts.items():
        if language != one.language:
            polls = {"1": one.poll.spoken[language]} if one.poll is not None and language in one.poll.spoken else {}
            session.add(AnnouncementText(
                announcement_id=announcement.id, language=language, title=text.title, text=text.text, polls=polls,
                checked_by_id=author.id, checked_at=at,
            ))  # fmt: skip
    if one.poll is not None:
        session.add(Poll(announcement_id=announcement.id, position=1, kind=one.poll.kind, words=one.poll.words,
                         options=list(one.poll.options)))  # fmt: skip
    session.flush()
    if one.days_ago is None:
        _goes_out(session, announcement, at)
    else:
        _went_out(session, announcement, one, people, at)


def _goes_out(session: Session, announcement: Announcement, at: datetime) -> None:
    """As it would for anybody: its time has come."""
    announcement.state, announcement.send_at = SCHEDULED, at
    session.add(Timer(schedule=f"announcement:{announcement.id}", slot=at.isoformat(), route=DUE, due_at=at,
                      args={"announcement_id": announcement.id}, correlation="demo"))  # fmt: skip


def _went_out(
    session: Session, announcement: Announcement, one: model.Announced, people: dict[str, Person], at: datetime
) -> None:
    """Its readers have had it for long; what they asked is answered."""
    announcement.state, announcement.sent_at = SENT, at
    for handle, person in people.items():
        if person.kind == EMPLOYEE:
            language = person.locale if person.locale in one.texts else one.language
            session.add(Receipt(
                announcement_id=announcement.id, person_id=person.id, language=language, added_at=at, seen_at=at,
                acknowledged_at=at + _A_DAY if handle in one.confirmed else None,
            ))  # fmt: skip
    session.flush()
    knowledge.follow(session, announcement)
    for asked in one.asked:
        _answered(session, announcement, asked, people[asked.asker], at + _A_DAY)
    progress.count(session, announcement)


def _answered(session: Session, announcement: Announcement, asked: model.Asked, asker: Person, at: datetime) -> None:
    place = session.scalars(select(Place).where(Place.kind == PRIVATE, Place.key == f"dm:{asker.handle}")).first()
    if place is None:
        return
    question = Question(
        asker_id=asker.id, text=asked.text, language=asked.language, place_id=place.id, thread=None,
        audience=[f"person:{asker.id}"], topic_id=announcement.topic_id,
        announcement_id=announcement.id, created_at=at, changed_at=at,
    )  # fmt: skip
    session.add(question)
    session.flush()
    receipt = session.get_one(Receipt, (announcement.id, asker.id))
    receipt.asked_at = at
    given = Answer(question_id=question.id, author_id=announcement.author_id, text=asked.answer,
                   language=asked.language, state=ACCEPTED, created_at=at, accepted_at=at)  # fmt: skip
    session.add(given)
    session.flush()
    question.solve(knowledge.answer(session, announcement, asked.text, given).id)
    question.changed_at = at
