"""Agora offers to make a task of what somebody plainly said that they will do; rather nothing than too much."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select, update

from handlers.tasks.agreed import agreed
from models.base import reading, transaction
from models.people import Person
from models.places import Place
from models.tasks.tables import Suggestion, Task
from tests.chat import Chat, Someone

SUNDAY = datetime(2026, 11, 22, 13, tzinfo=UTC)
SAID = "Thanks! I'll send the signed contract to Tom by Friday."
OFFER = "Shall I make a task of this?"

PLAINLY = {
    "en": [SAID, "OK, I will fix the printer tomorrow.", "I'm going to write the report by the end of the month",
           "Sure. I’ll call the supplier on Monday at 10."],
    "it": ["Lo faccio io, mando il file entro domani", "Manderò il contratto a Tom entro venerdì.",
           "Va bene! Invierò le foto domani mattina", "Preparerò le slide per lunedì"],
    "he": ["אני אשלח את הקובץ עד מחר", "בסדר. אני אתקן את המדפסת ביום שני", "אני אכתוב את הדוח עד סוף החודש"],
    "ar": ["سأرسل الملف الموقع غداً", "حسنا. سأكتب التقرير قبل نهاية الشهر", "سوف أصلح الطابعة يوم الاثنين"],
}  # fmt: skip
NOT_PLAINLY = {
    "en": ["Will you send the file by Friday?", "I'll be away until Friday.", "I'll see you tomorrow at 10",
           "I might send the file by Friday.", "If Tom agrees, I'll send the file by Friday.",
           "I won't send it by Friday",
           "Tom will send the file by Friday.", "I sent the file on Friday.", "I'll send the file.",
           "> I'll send the signed file by Friday", "He said: “I'll send the file by Friday”",
           "I'll never do this again by Friday", "Could I send the file tomorrow?", "I'll think about it tomorrow"],
    "it": ["Manderai il contratto entro venerdì?", "Sarò via fino a venerdì", "Se posso, manderò il file domani",
           "Forse manderò il contratto entro venerdì", "Non manderò il contratto entro venerdì",
           "Ho mandato il file ieri",
           "Però venerdì il negozio è chiuso"],
    "he": ["אתה תשלח את הקובץ עד מחר?", "אני לא אשלח את הקובץ עד מחר", "אולי אני אשלח את הקובץ מחר",
           "אני אהיה בחופש עד יום שני", "שלחתי את הקובץ אתמול", "אם אפשר, אני אשלח את הקובץ מחר"],
    "ar": ["هل سترسل الملف غداً؟", "لن أرسل الملف غداً", "ربما سأرسل الملف الموقع غداً", "سأكون في إجازة حتى يوم الاثنين",
           "أرسلت الملف أمس", "إذا وافق سأرسل الملف الموقع غداً"],
}  # fmt: skip


@pytest.fixture
def mona(chat: Chat) -> Someone:
    """Somebody in a channel where tasks may be suggested."""
    chat.at(SUNDAY)
    someone = chat.slack("mona", timezone="Europe/Rome")
    chat.channel("hall", someone, chat.slack("tom"))
    with transaction() as session:
        session.execute(update(Place).where(Place.key == "hall").values(suggests=True))
    return someone


def offers() -> list[Suggestion]:
    """What was offered."""
    with reading() as session:
        return list(session.scalars(select(Suggestion)))


@pytest.mark.parametrize("locale", PLAINLY)
def test_what_is_plainly_agreed_on(chat: Chat, locale: str) -> None:
    chat.at(SUNDAY)
    with transaction() as session:
        session.add(Person(handle="sam", name="Sam", locale=locale, timezone="Europe/Rome"))
    with reading() as session:
        someone = session.scalars(select(Person).where(Person.handle == "sam")).one()
        assert [said for said in PLAINLY[locale] if agreed(said, someone) is None] == []
        assert [said for said in NOT_PLAINLY[locale] if agreed(said, someone) is not None] == []


def test_offered_once_to_its_author_alone(chat: Chat, mona: Someone) -> None:
    tom = next(Someone(chat, person, "slack") for person in _people() if person.handle == "tom")
    message = mona.says(SAID, in_="hall", mention=False)
    assert mona.sees(OFFER)
    assert not tom.sees(OFFER)
    chat.happens(mona.inbound("message", "hall", text=SAID, message=message))
    assert len(offers()) == 1
    mona.presses("Make a task")
    assert mona.reply.form is not None
    values = {each.name: each.value for each in mona.reply.form.inputs}
    assert (values["title"], values["until"]) == ("I'll send the signed contract to Tom", "by Friday")
    assert not mona.submits(**{**values, "title": "Send the contract to Tom"}).errors
    mona.presses("Make the task")
    with reading() as session:
        task = session.scalars(select(Task)).one()
    assert (task.title, task.message, task.due_at) == ("Send the contract to Tom", message,
                                                       datetime(2026, 11, 27, 16, tzinfo=UTC))  # fmt: skip
    assert offers()[0].task_id == task.id


def test_who_does_not_want_it(chat: Chat, mona: Someone) -> None:
    mona.says(SAID, in_="hall", mention=False)
    mona.presses("No")
    assert offers()[0].dismissed_at is not None
    mona.says("I will fix the printer tomorrow", in_="hall", mention=False)
    mona.presses("Never suggest this")
    mona.says("I will write the report tomorrow", in_="hall", mention=False)
    assert len(offers()) == 2
    mona.presses("Suggest them after all")
    mona.says("I will write the report tomorrow", in_="hall", mention=False)
    assert len(offers()) == 3


def test_nobody_is_asked_unless_the_channel_lets_it(chat: Chat, mona: Someone) -> None:
    chat.channel("yard", mona)
    mona.says(SAID, in_="yard", mention=False)
    assert offers() == []
    with reading() as session:
        place = session.scalars(select(Place).where(Place.key == "yard")).one()
    mona.uses("places.settings", place.id)
    assert not mona.submits(answers="mentioned", locale="en", suggests="yes").errors
    mona.says(SAID, in_="yard", mention=False)
    assert len(offers()) == 1


def _people() -> list[Person]:
    with reading() as session:
        return list(session.scalars(select(Person)))
