"""What people gave to others, written as rows: a year of it in a test."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from models import recognition
from models.answers import ACCEPTED, Answer
from models.base import reading, transaction
from models.knowledge import CURRENT, Entry
from models.people import MASK, Person
from models.places import Place
from models.questions import Question
from models.recognition import gave
from models.thanks import thank
from tests.chat import Chat, Someone


def solved(asker: Someone, at: datetime, text: str = "", entry: Entry | None = None) -> Question:
    """A question that ``asker`` asked in their own chat, and that is settled since then."""
    with transaction() as session:
        key = asker.own_chat if asker.person.kind != MASK else asker.handle
        place = session.scalars(select(Place).where(Place.key == key)).one()
        question = Question(asker_id=asker.person.id, text=text or f"Who knows {at.isoformat()}?", language="en",
                            place=place, audience=[f"place:{place.id}"], created_at=at)  # fmt: skip
        session.add(question)
        session.flush()
        question.solve(entry.id if entry else None)
        question.changed_at = at
    return question


def accepted(author: Someone, asker: Someone, at: datetime, text: str = "") -> Answer:
    """An answer of ``author`` that solved a question of ``asker``."""
    question = solved(asker, at, text)
    with transaction() as session:
        given = Answer(question_id=question.id, author_id=author.person.id, text="So.", state=ACCEPTED, created_at=at,
                       accepted_at=at)  # fmt: skip
        session.add(given)
    return given


def thanked(given: Answer, at: datetime) -> None:
    """Whoever asked says thanks for it."""
    with transaction() as session:
        question = session.get_one(Question, given.question_id)
        to = session.get_one(Person, given.author_id)
        thank(session, question, question.asker, to, "Thank you!").at = at


def wrote(chat: Chat, author: Someone, title: str, **about: object) -> Entry:
    """A current entry of ``author``."""
    return chat.knows(title, f"{title}: so.", author_id=author.person.id, owner_id=author.person.id, state=CURRENT,
                      **about)  # fmt: skip


def points(someone: Someone) -> int | None:
    """Their points; ``None`` where they are not added up."""
    with reading() as session:
        found = gave(session, session.get_one(Person, someone.person.id))
    return found.points if found else None


def often(someone: Someone) -> dict[str, int]:
    """How often they gave, by kind, whether or not it counts: what their home says, and their page."""
    with reading() as session:
        person = session.get_one(Person, someone.person.id)
        found, at_home = gave(session, person), recognition.often(session, person)
    assert (found is None) == (at_home is None) and (found is None or dict(found.often) == at_home)
    return dict(at_home or {})
