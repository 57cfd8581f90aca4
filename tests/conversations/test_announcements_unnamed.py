"""Questions about an announcement without a name: only where so many got it that this hides anybody."""

from __future__ import annotations

from sqlalchemy import select

from models.base import reading, transaction
from models.company import set_setting
from models.questions import Question
from tests.announced import announced
from tests.chat import Chat

WHERE = "Is there a canteen nearby for lunch?"


def askers() -> list[int]:
    with reading() as session:
        return list(session.scalars(select(Question.asker_id)))


def test_whom_no_crowd_hides_is_told_so_before_they_ask(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    with transaction() as session:
        set_setting(session, "anonymous", True)
    announcement = announced(chat, omar, omar, mona, noa)
    form = mona.uses("announcements.ask", announcement.id).form
    assert form is not None and [each.name for each in form.inputs] == ["text"]
    assert "You can ask only with your name." in str(form.intro)
    assert "would know who asks" in mona.submits(text=WHERE, anonymous="yes").errors["anonymous"].text
    assert askers() == [] and not mona.submits(text=WHERE).errors
    assert askers() == [mona.person.id]
