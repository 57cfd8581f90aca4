"""What several people ask and nobody has answered: whoever looks after the topic sees it, and answers all at once."""

from __future__ import annotations

import json

from sqlalchemy import func, select

from models.answers import Answer
from models.base import reading, transaction
from models.derived import DerivedText
from models.knowledge import Entry
from models.questions import Question
from tests.alike import home, shown
from tests.chat import Chat, Someone
from tests.modelled import Asks, work

ASKED = "How do I connect the coffee machine to the network?"
ANSWER = "Press **Menu** for five seconds, then choose the network."


def several(chat: Chat) -> tuple[Someone, Someone, Someone]:
    """Mona and Noa ask the same in two channels of a topic that Omar looks after."""
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    topic = chat.topic("kitchen", omar)
    for name in ("kitchen", "help"):
        chat.channel(name, mona, noa, topic_id=topic.id)
    mona.says(ASKED, in_="kitchen")
    noa.says("How do I connect the coffee machine with the network", in_="help")
    return omar, mona, noa


def first() -> Question:
    with reading() as session:
        return session.scalars(select(Question).order_by(Question.id)).first() or Question()


def count(kind: type[Answer] | type[Entry] | type[DerivedText]) -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(kind)) or 0


def test_one_answer_reaches_all_who_asked(chat: Chat) -> None:
    omar, mona, noa = several(chat)
    assert "2 people asked, and nobody has answered." in home(chat, omar) and ASKED in home(chat, omar)
    page = shown(chat, omar, f"/repeated/{first().id}")
    assert "Mona\u2069 asked on" in page and "Noa\u2069 asked on" in page
    omar.uses("answers.together", first().id)
    omar.submits(text=ANSWER)
    assert mona.screen().count("for five seconds") == 2 == noa.screen().count("for five seconds")  # both read both
    assert omar.sees("Your answer went to 2 people.") and omar.screen().count("You answered") == 1
    assert "asked, and nobody has answered" not in home(chat, omar)


def test_it_becomes_knowledge_once_and_is_changed_for_all(chat: Chat) -> None:
    omar, mona, noa = several(chat)
    omar.uses("answers.together", first().id)
    omar.submits(text=ANSWER)
    for someone in (mona, noa):
        someone.presses("This solved it")
    assert count(Answer) == 2 and count(Entry) == 1
    omar.presses("Edit")
    omar.submits(text="Ask the reception.")
    assert mona.screen().count("Ask the reception.") == 2  # in both threads, which she may read


def test_nobody_else_sees_it_and_what_nobody_may_read_is_in_no_row(chat: Chat) -> None:
    omar, mona, noa = chat.slack("omar"), chat.slack("mona"), chat.slack("noa")
    topic = chat.topic("kitchen", omar)
    chat.channel("secret", mona, closed=True, topic_id=topic.id)
    chat.channel("kitchen", mona, noa, topic_id=topic.id)
    mona.says(ASKED, in_="secret")
    noa.says(ASKED, in_="kitchen")
    assert "asked, and nobody has answered" not in home(chat, omar)
    mona.says(ASKED, in_="kitchen")
    assert "2 people asked" in home(chat, omar) and "2 people asked" not in home(chat, noa)
    noa.uses("answers.together", first().id)
    assert noa.reply.form is None


def test_what_was_answered_meanwhile_is_said(chat: Chat) -> None:
    omar, _, _ = several(chat)
    omar.uses("answers.together", first().id)
    with transaction() as session:
        session.get_one(Question, first().id).close("withdrawn")
    reply = omar.submits(text=ANSWER)
    assert count(Answer) == 0 and (reply.errors or omar.sees("Somebody has answered meanwhile"))


def test_they_are_parted_and_stay_so(chat: Chat) -> None:
    omar, mona, _ = several(chat)
    omar.uses("answers.apart", first().id)
    assert "nobody has answered" not in home(chat, omar)
    mona.says("Is there oat milk?", in_="kitchen")
    assert "nobody has answered" not in home(chat, omar)


def test_a_model_names_them_and_the_name_goes_with_the_words(chat: Chat, asks: Asks) -> None:
    asks(json.dumps({"label": "Coffee machine and network"}))
    omar, mona, _ = several(chat)
    work(chat)
    assert "Coffee machine and network" in home(chat, omar) and count(DerivedText) == 1
    mona.says("I mean the large one.", in_="kitchen", thread=first().thread)
    work(chat)
    with transaction() as session:
        session.get_one(Question, first().id).text = "Another one"
    assert count(DerivedText) == 0


def test_a_name_that_says_more_is_not_shown(chat: Chat, asks: Asks) -> None:
    asks(json.dumps({"label": "Call 555 1234 or see https://evil.example"}))
    omar, _, _ = several(chat)
    work(chat)
    assert "evil" not in home(chat, omar) and ASKED in home(chat, omar)
