"""What readers say of an answer by a platform's thumbs is kept for whoever looks at how good answers are."""

from __future__ import annotations

from sqlalchemy import select

from models.base import reading
from models.facts import Fact
from tests.chat import Chat, Someone


def judged() -> list[tuple[int, str]]:
    with reading() as session:
        facts = session.scalars(select(Fact).where(Fact.verb == "question.judged").order_by(Fact.id))
        return [(fact.data["value"], fact.data["words"]) for fact in facts]


def thumbs(chat: Chat, someone: Someone, name: str, words: str, message: str | None = None) -> None:
    shown = someone.messages()[-1]
    values = {"added": True, "feedback": words}
    chat.happens(someone.inbound("reaction", message=message or shown.id, text=name, values=values))


def test_thumbs_below_an_answer_are_kept_with_what_was_said_beside_them(chat: Chat) -> None:
    mona = chat.teams("mona")
    chat.knows("Parking", "Park on level two. The code of the gate is on the intranet.")
    mona.says("Where can I park?")
    thumbs(chat, mona, "+1", '{"feedbackText":"just right"}')
    thumbs(chat, mona, "-1", "")
    assert judged() == [(1, '{"feedbackText":"just right"}'), (-1, "")]
    assert len(mona.messages()) == 1, "nothing else follows from it"


def test_thumbs_below_anything_else_are_nothing(chat: Chat) -> None:
    mona = chat.teams("mona")
    chat.knows("Parking", "Park on level two. The code of the gate is on the intranet.")
    mona.says("Where can I park?")
    thumbs(chat, mona, "heart", "")
    thumbs(chat, mona, "+1", "", "another")
    assert judged() == []
