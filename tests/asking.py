"""A question of the topic "security" on its way to a person."""

from __future__ import annotations

from sqlalchemy import select

from bot.inbound import SYSTEM, Inbound
from bot.routing import tell
from bot.turn import Turn
from models.base import reading, transaction
from models.knowledge import Topic
from models.people import Person
from models.questions import Question
from tests.chat import Chat, Someone

KEYS = "How do I rotate the signing keys?"


def a_topic(chat: Chat, owner: Someone, strategy: str = "one", deputy: Someone | None = None) -> Topic:
    """The topic "security"."""
    topic = chat.topic("security", owner)
    with transaction() as session:
        topic = session.get_one(Topic, topic.id)
        topic.strategy, topic.deputy_id = strategy, deputy.person.id if deputy else None
    return topic


def asks(chat: Chat, mona: Someone, topic: Topic, *others: Someone, text: str = KEYS) -> str:
    """Mona asks in a channel of the topic, finds nothing, and wants an expert; the message's id."""
    chat.channel("security", mona, *others, topic_id=topic.id)
    asked = mona.says(text, in_="security")
    mona.presses("Ask an expert")
    return asked


def the_question() -> Question:
    """The only question there is."""
    with reading() as session:
        return session.scalars(select(Question)).one()


def change(someone: Someone, **values: object) -> None:
    """Change a person, as an administrator would."""
    with transaction() as session:
        person = session.get_one(Person, someone.person.id)
        for name, value in values.items():
            setattr(person, name, value)


def leaves(chat: Chat, someone: Someone) -> None:
    """Make somebody inactive, as the list of people does."""
    with transaction() as session:
        person = session.get_one(Person, someone.person.id)
        person.active = False
        turn = Turn(session, Inbound(SYSTEM, SYSTEM, "people", "timer"), chat.new_id(), None)
        turn.emit("person.left", person)
        tell(chat.runtime.router, turn)
    chat.work()
