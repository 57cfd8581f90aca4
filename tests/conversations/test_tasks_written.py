"""Somebody writes a task: in a sentence, a form, or from a message. How it is understood is shown before it counts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import delete, select

from models.base import reading, transaction
from models.places import Membership, Place
from models.tasks import checklist, dependencies
from models.tasks.forms import TaskForm
from models.tasks.tables import Task
from tests.announced import announced
from tests.chat import Chat, Someone
from tests.tasked import asks, standing

SUNDAY = datetime(2026, 11, 22, 13, tzinfo=UTC)
FRIDAY = datetime(2026, 11, 27, 9, tzinfo=UTC)
OWN = {"title": "Fix the door", "until": "Friday 10"}


@pytest.fixture
def mona(chat: Chat) -> Someone:
    """Somebody in Rome who asks."""
    chat.at(SUNDAY)
    return chat.slack("mona", name="Mona Haddad", timezone="Europe/Rome", department="Care")


@pytest.fixture
def tom(chat: Chat) -> Someone:
    """Somebody who is asked, on the other platform."""
    return chat.teams("tom", name="Tom Rossi", department="IT")


def newest() -> Task:
    """The task that was made last."""
    with reading() as session:
        return session.scalars(select(Task).order_by(Task.id.desc()).limit(1)).one()


def none_yet() -> bool:
    """Whether there is no task."""
    with reading() as session:
        return session.scalar(select(Task.id)) is None


def errors(someone: Someone, **values: str) -> dict[str, str]:
    """What the form says to these values, by field."""
    return {field: words.text for field, words in someone.submits(**values).errors.items()}


def test_a_sentence_is_shown_before_it_counts(chat: Chat, mona: Someone, tom: Someone) -> None:
    hall = chat.channel("hall", mona)
    reply = mona.commands("task", "@tom fix the door by Friday 10", in_=hall)
    assert reply.notice is not None
    assert mona.sees("Tom Rossi")
    assert mona.sees("You wrote “\u2068by Friday 10\u2069”.")
    assert none_yet()
    assert not tom.messages()
    mona.presses("Ask them")
    task = newest()
    assert (task.title, task.due_at, task.place_id is not None) == ("fix the door", FRIDAY, True)
    assert standing(task) == {"tom": "asked"}
    assert tom.sees("fix the door")
    assert not mona.sees("Is this right?")


def test_pressed_twice_it_is_made_once(chat: Chat, mona: Someone, tom: Someone) -> None:
    mona.commands("task", "@tom fix the door")
    with reading() as session:
        number = session.scalar(select(TaskForm.id))
    for _ in range(2):
        reply = mona.uses("tasks.confirm", number or 0)
    assert reply.notice is not None
    with reading() as session:
        assert len(session.scalars(select(Task)).all()) == 1


@pytest.mark.parametrize(
    ("locale", "said", "title", "due"),
    [
        ("it", "aggiustare la porta entro venerdì alle 10", "aggiustare la porta", FRIDAY),
        ("he", "לתקן את הדלת עד יום שישי ב-10", "לתקן את הדלת", FRIDAY),
        ("ar", "إصلاح الباب حتى يوم الجمعة الساعة ١٠", "إصلاح الباب", FRIDAY),
        ("en", "water the plants", "water the plants", None),
    ],
)
def test_for_oneself_in_four_languages(chat: Chat, locale: str, said: str, title: str, due: datetime | None) -> None:
    chat.at(SUNDAY)
    someone = chat.slack("sam", locale=locale, timezone="Europe/Rome")
    someone.commands("task", said)
    someone.presses("Make the task")
    task = newest()
    assert (task.title, task.due_at) == (title, due)
    assert standing(task) == {"sam": "accepted"}


def test_full_names_as_platforms_write_mentions(chat: Chat, mona: Someone, tom: Someone) -> None:
    for said in ("@Tom Rossi fix the door", "fix the door tomorrow @Tom Rossi", "Tom Rossi: fix the door"):
        mona.commands("task", said)
        mona.presses("Ask them")
        assert newest().title == "fix the door"
        assert "tom" in standing(newest())
    chat.slack("tom2", name="Tom Rossi")
    mona.commands("task", "@Tom Rossi fix the door")
    assert mona.sees("Several people are called “⁨@Tom Rossi⁩”")


def test_a_series_in_a_sentence(chat: Chat, mona: Someone) -> None:
    mona.commands("task", "send the report every Monday at 10\nTo all of them, tomorrow as well.")
    assert mona.sees("Every week: ⁨Monday⁩")
    assert mona.sees("To all of them, tomorrow as well.")
    mona.presses("Make the task")
    task = newest()
    assert (task.title, task.repeat) == ("send the report", "FREQ=WEEKLY;BYDAY=MO")
    assert task.due_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_whom_nobody_knows(chat: Chat, mona: Someone, tom: Someone) -> None:
    mona.commands("task", "@tim fix the door by Friday")
    assert mona.sees("I know nobody called “\u2068@tim\u2069”. Did you mean: \u2068Tom Rossi (IT, @tom)\u2069?")
    mona.presses("Change…")
    values = {each.name: each.value for each in mona.reply.form.inputs} if mona.reply.form else {}
    assert (values["title"], values["who"], values["until"]) == ("fix the door", "@tim", "by Friday")
    assert errors(mona, **{**values, "who": "tom"}) == {}
    mona.presses("Ask them")
    assert standing(newest()) == {"tom": "asked"}


def test_three_of_one_name_are_told_apart(chat: Chat, mona: Someone, tom: Someone) -> None:
    chat.slack("tom2", name="Tom Rossi", department="Legal")
    chat.slack("tom3", name="Tom Katz")
    mona.commands("task")
    assert list(errors(mona, **OWN, who="Tom")) == ["who"]
    said = mona.reply.errors["who"].args["known"]
    assert said == "Tom Katz (@tom3); Tom Rossi (IT, @tom); Tom Rossi (Legal, @tom2)"
    assert none_yet()


def test_a_form_keeps_what_was_refused(chat: Chat, mona: Someone, tom: Someone) -> None:
    items = "\n".join(f"item {n}" for n in range(200))
    mona.commands("task")
    said = errors(mona, title="Fix the door", who="tom", until="yesterday", checklist=items, often="sometimes",
                  needs="99")  # fmt: skip
    assert set(said) == {"until", "checklist", "often", "needs"}
    assert "past" in said["until"]
    mona.commands("task")
    assert mona.reply.form is not None
    values = {each.name: each.value for each in mona.reply.form.inputs}
    assert (values["who"], values["checklist"], values["until"]) == ("tom", items, "yesterday")
    assert errors(mona, title="Fix the door", who="tom", until="tomorrow", checklist="one\ntwo") == {}
    mona.presses("Ask them")
    with reading() as session:
        task = session.scalars(select(Task)).one()
        assert [each.words for each in checklist.items(session, task)] == ["one", "two"]


def test_a_message_becomes_a_task_in_its_thread(chat: Chat, mona: Someone, tom: Someone) -> None:
    hall = chat.channel("hall", mona, tom)
    message = mona.says("Somebody must call the plumber.\nHis number is on the door.", in_=hall, mention=False)
    mona._event("shortcut", hall, text="Somebody must call the plumber.\nHis number is on the door.",
                route="tasks.from_message", message=message, values={"author": "mona"})  # fmt: skip
    assert mona.reply.form is not None
    values = {each.name: each.value for each in mona.reply.form.inputs}
    assert values["title"] == "Somebody must call the plumber."
    assert errors(mona, **{**values, "who": "me", "seen": "thread"}) == {}
    mona.presses("Make the task")
    task = newest()
    assert (task.thread, task.message, task.private) == (message, message, False)


def test_the_author_of_the_message_is_proposed(chat: Chat, mona: Someone) -> None:
    omar = chat.slack("omar")
    hall = chat.channel("hall", mona, omar)
    mona._event("shortcut", hall, text="I can do it", route="tasks.from_message", message="m1",
                values={"author": "omar"})  # fmt: skip
    assert mona.reply.form is not None
    assert {each.name: each.value for each in mona.reply.form.inputs}["who"] == "@omar"


def test_what_a_question_leads_to_stands_in_its_thread(chat: Chat, mona: Someone, tom: Someone) -> None:
    omar = chat.slack("omar")
    hall = chat.channel("hall", mona)
    message = mona.says("Where is the key of the shed?", in_=hall)
    mona.presses("Make a task")
    assert mona.reply.form is not None
    assert errors(mona, title="Find the key", who="omar", seen="thread") == {}
    mona.presses("Ask them")
    task = newest()
    assert (task.question_id is not None, task.thread, task.place_id is not None) == (True, message, True)
    assert standing(task) == {"omar": "asked"}
    assert omar.sees("Find the key")
    assert tom.uses("tasks.from_question", task.question_id or 0).form is not None
    assert errors(tom, title="Buy another key") == {}
    tom.presses("Make the task")
    assert (newest().title, newest().question_id) == ("Buy another key", task.question_id)


def test_what_an_announcement_leads_to(chat: Chat, mona: Someone, tom: Someone) -> None:
    announced(chat, tom, mona)
    mona.presses("Got it")
    mona.presses("Make a task")
    assert mona.reply.form is not None
    assert mona.reply.form.inputs[0].value == "We move to Harbour Street"
    assert errors(mona, title="Pack my desk", until="end of the month") == {}
    mona.presses("Make the task")
    task = newest()
    assert (task.announcement_id is not None, task.audience, task.due_at) == (
        True, [], datetime(2026, 11, 30, 16, tzinfo=UTC))  # fmt: skip


def test_where_agora_was_removed_the_task_is_made_all_the_same(chat: Chat, mona: Someone, tom: Someone) -> None:
    hall = chat.channel("hall", mona)
    mona.commands("task", "@tom fix the door", in_=hall)
    with transaction() as session:
        place = session.scalars(select(Place).where(Place.key == "hall")).one()
        session.execute(delete(Membership).where(Membership.place_id == place.id))
        session.delete(place)
    mona.presses("Ask them")
    assert newest().place_id is None
    mona._event("shortcut", "hall", text="Fix the roof", route="tasks.from_message", message="m2")
    assert mona.reply.form is not None
    assert "I am not in that conversation" in str(mona.reply.form.intro)


def test_changing_it_shows_another_date_first(chat: Chat, mona: Someone, tom: Someone) -> None:
    task = asks(chat, mona, tom, due_at=FRIDAY)
    mona.presses("Change…")
    assert mona.reply.form is not None
    values = {each.name: each.value for each in mona.reply.form.inputs}
    assert values["until"] == "2026-11-27 10:00"
    assert errors(mona, **{**values, "title": "Fix both doors"}) == {}
    assert newest().title == "Fix both doors"
    mona.presses("Change…")
    assert errors(mona, **{**values, "title": "Fix both doors", "until": "next Monday"}) == {}
    assert newest().due_at == FRIDAY
    mona.presses("Save it so")
    assert newest().due_at == datetime(2026, 11, 23, 16, tzinfo=UTC)
    assert newest().id == task.id


def test_two_who_change_it_at_once_lose_nothing(chat: Chat, mona: Someone, tom: Someone) -> None:
    asks(chat, mona, tom)
    mona.presses("Change…")
    form, on = mona.reply.form, mona.on
    assert form is not None
    values = {each.name: each.value for each in form.inputs}
    mona.presses("Change…")
    assert errors(mona, **{**values, "title": "Mend the door"}) == {}
    mona.reply, mona.on = type(mona.reply)(form=form), on
    assert "task_changed" not in errors(mona, **{**values, "title": "Paint the door"})
    assert newest().title == "Mend the door"
    assert errors(mona, **{**values, "title": "Paint the door"}) == {}
    assert newest().title == "Paint the door"


def test_what_must_be_done_first_never_in_a_circle(chat: Chat, mona: Someone, tom: Someone) -> None:
    roof = asks(chat, mona, tom, title="Build the roof")
    mona.commands("task")
    assert errors(mona, title="Paint it", needs="build roof") == {}
    mona.presses("Make the task")
    paint = newest()
    with reading() as session:
        assert [each.id for each in dependencies.needed_by(session, session.get_one(Task, paint.id))] == [roof.id]
    mona.uses("tasks.change", roof.id)
    assert mona.reply.form is not None
    values = {each.name: each.value for each in mona.reply.form.inputs}
    assert set(errors(mona, **{**values, "needs": str(paint.id)})) == {"needs"}


def test_what_is_discarded_is_gone(chat: Chat, mona: Someone) -> None:
    mona.commands("task", "water the plants tomorrow")
    mona.presses("Discard")
    with reading() as session:
        assert [(each.filled, each.meant) for each in session.scalars(select(TaskForm))] == [(None, None)]
    assert none_yet()


def test_whose_date_passed_before_they_said_yes(chat: Chat, mona: Someone) -> None:
    mona.commands("task", "water the plants tomorrow")
    chat.passes(days=3)
    mona.presses("Make the task")
    assert mona.sees("is past already")
    assert none_yet()
    mona.presses("Change…")
    assert errors(mona, title="Water the plants", until="tomorrow") == {}
    mona.presses("Make the task")
    assert newest().title == "Water the plants"


def test_guests_ask_nothing_of_others(chat: Chat) -> None:
    gus = chat.slack("gus", kind="guest")
    assert gus.commands("task", "do my work").notice is not None
    assert none_yet()
