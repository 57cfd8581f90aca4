"""What only some may know of a task stays with them, whatever anybody presses, and nobody undoes what others do."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from handlers.tasks import exporting
from models.base import reading, transaction
from models.people import GUEST, Person
from models.tasks import assignments, handing, life
from models.tasks.tables import ANYONE, DONE, OPEN, Task
from tests.asking import change
from tests.asking import leaves as leaves_for_good
from tests.chat import Chat, Someone
from tests.conversations.test_erasing import erase, found
from tests.tasked import asks, refused, standing, task_of


def leaves(someone: Someone) -> None:
    with transaction() as session:
        session.get_one(Person, someone.person.id).active = False


def test_what_must_be_done_first_is_named_to_those_who_may_know_of_it(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    secret = asks(chat, mona, mona, title="Let somebody go", private=True)
    task = asks(chat, mona, tom, title="Order lunch", needs=[secret.id])
    assert mona.sees("First this must be done: “\u2068Let somebody go") and not tom.sees("Let somebody go")
    tom.presses("I will do it")
    tom.uses("tasks.done", task.id)
    assert refused(tom).startswith("Another task") and task_of(task).state == OPEN
    mona.uses("tasks.done", secret.id)
    tom.uses("tasks.done", task.id)
    assert task_of(task).state == DONE


def test_what_is_said_about_a_task_is_not_for_all_who_may_read_it(chat: Chat) -> None:
    mona, tom, eve = chat.slack("mona"), chat.slack("tom"), chat.slack("eve")
    chat.channel("hall", mona, tom, eve)
    task = asks(chat, mona, tom, in_="hall", checklist_lines=["Buy a lock"])
    tom.presses("I will do it")
    tom.presses("Comment…")
    tom.submits(text="My doctor forbids ladders")
    eve.uses("tasks.show", task.id)
    assert eve.sees("Buy a lock") and not eve.sees("doctor")
    eve.uses("tasks.comment", task.id)
    eve.submits(text="I have a ladder")
    eve.uses("tasks.show", task.id)
    assert eve.sees("I have a ladder") and not eve.sees("doctor") and mona.sees("I have a ladder")


def test_why_somebody_hands_it_over_is_for_whoever_asked(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = asks(chat, mona, tom)
    tom.presses("I will do it")
    tom.presses("Hand over…")
    tom.submits(who="lea", reason="My arm is broken")
    assert mona.sees("My arm is broken") and not lea.sees("arm") and standing(task)["lea"] == "asked"


def test_why_somebody_cannot_go_on_stands_in_the_file_of_whoever_asked_alone(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.slack("lea")
    asks(chat, mona, tom, lea)
    tom.presses("I will do it")
    tom.presses("I cannot go on…")
    tom.submits(reason="My arm is broken")
    with reading() as session:
        told = {each.handle: "arm" in str(list(exporting._rows(session, each.person))) for each in (mona, tom, lea)}
    assert told == {"mona": True, "tom": True, "lea": False}


def test_done_pressed_twice_by_whoever_asked_leaves_the_parts_of_others(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, mona, tom)
    mona.uses("tasks.done", task.id)
    mona.uses("tasks.done", task.id)
    assert refused(mona) == "You have done your part already."
    assert task_of(task).state == OPEN and standing(task) == {"mona": "finished", "tom": "asked"}
    tom.uses("tasks.over", task.id)
    assert task_of(task).state == OPEN
    mona.presses("It is done")
    assert task_of(task).state == DONE


def test_whoever_has_it_of_anyone_keeps_it_when_one_more_is_asked(chat: Chat) -> None:
    mona, tom, lea, noa = chat.slack("mona"), chat.slack("tom"), chat.slack("lea"), chat.slack("noa")
    task = asks(chat, mona, tom, lea, mode=ANYONE)
    tom.presses("I will do it")
    mona.presses("Who does it…")
    mona.submits(instead="0", who="noa")
    noa.presses("I will do it")
    assert standing(task) == {"tom": "accepted", "lea": "released", "noa": "accepted"}
    noa.presses("Done")
    assert task_of(task).state == DONE and standing(task) == {"tom": "released", "lea": "released", "noa": "finished"}


def test_what_was_dropped_can_be_wanted_again_though_somebody_left(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.slack("lea")
    task = asks(chat, mona, tom, lea)
    lea.presses("I will do it")
    mona.presses("Drop…")
    mona.submits(reason="")
    leaves(tom)
    leaves(lea)
    mona.presses("It is wanted after all")
    assert task_of(task).state == OPEN and standing(task) == {"tom": "released", "lea": "released"}
    assert mona.sees("Nobody does this now.")


def test_a_text_that_is_no_sentence_is_not_searched_for_moments(chat: Chat) -> None:
    mona = chat.slack("mona")
    mona.commands("task", "by " * 5000)
    assert not _made() and mona.sees("by by by") and not mona.sees("You wrote")


def test_guests_do_not_get_to_know_colleagues_by_trying_names(chat: Chat) -> None:
    mona, eve = chat.slack("mona"), chat.slack("eve", kind=GUEST)
    change(chat.slack("tom"), name="Tom Rossi")
    change(chat.slack("tommy"), name="Tom Bianchi")
    task = asks(chat, mona, eve)
    eve.uses("tasks.hand_over", task.id)
    for words in ("Tom", "Tomm", "Rosso"):
        assert eve.submits(who=words).errors["who"].text.startswith("I know nobody called")
    assert not eve.submits(who="@tommy").errors and standing(task)["tommy"] == "asked"


def test_it_is_done_when_whoever_is_left_was_done_before(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.slack("lea")
    tom.uses("home.deputy")
    tom.submits(deputy="lea", when="away")
    task = asks(chat, mona, tom, lea)
    lea.presses("I will do it")
    lea.presses("Done")
    leaves_for_good(chat, tom)
    assert standing(task) == {"tom": "released", "lea": "finished"} and task_of(task).state == DONE
    assert mona.sees("has done “")


def test_whoever_asked_very_much_leaves_all_of_it_to_somebody(chat: Chat) -> None:
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(mona, manager_id=boss.person.id)
    with transaction() as session:
        asker, person = session.get_one(Person, mona.person.id), session.get_one(Person, tom.person.id)
        for number in range(handing.MOST + 5):
            secret = life.make(session, asker, title=f"Secret {number}", people=[person], private=True)
            assignments.accept(session, assignments.of(session, secret)[0])
        for number in range(handing.MOST + 5):
            life.make(session, asker, title=f"Job {number}", people=[person])
    leaves_for_good(chat, mona)
    chat.passes(seconds=1)
    with reading() as session:
        assert session.query(Task).where(Task.asker_id == boss.person.id).count() == handing.MOST + 5


def test_a_manager_decides_on_nothing_else_of_who_is_away(chat: Chat) -> None:
    chat.at(datetime(2026, 3, 2, 10, tzinfo=UTC))
    mona, tom, boss = chat.slack("mona"), chat.slack("tom"), chat.slack("boss")
    change(tom, manager_id=boss.person.id)
    due = asks(chat, mona, tom, due_at=datetime(2026, 3, 5, 10, tzinfo=UTC))
    later = asks(chat, mona, tom)
    tom.commands("agora", "away until 2026-03-08")
    chat.passes(seconds=1)
    assert boss.sees("Who gets it?")
    with reading() as session:
        numbers = {task.id: assignments.of(session, task)[0].id for task in (due, later)}
    boss.uses("tasks.give_back", numbers[later.id])
    assert standing(later) == {"tom": "asked"}
    tom.commands("agora", "back")
    boss.uses("tasks.give_back", numbers[due.id])
    assert standing(due) == {"tom": "asked"}


def test_nobody_reads_what_somebody_wrote_who_was_erased(chat: Chat) -> None:
    mona, tom, root = chat.slack("mona"), chat.slack("tom"), chat.slack("root", roles=["admin"])
    chat.channel("hall", mona, tom)
    task = asks(chat, mona, tom, in_="hall")
    comment, reason = (
        {"text": "My doctor forbids ladders of any kind"},
        {"reason": "No screws are left in town"},
    )
    chat.happens(tom.inbound("form", "hall", route="tasks.comment", id=task.id, values=comment))
    chat.happens(tom.inbound("form", "hall", route="tasks.block", id=task.id, values=reason))
    assert mona.sees("doctor") and mona.sees("screws")
    erase(tom, root)
    assert not mona.sees("doctor") and not mona.sees("screws")
    assert not found("doctor", "screws")


def test_a_date_that_passed_before_it_was_decided_on_is_none(chat: Chat) -> None:
    monday = datetime(2026, 3, 2, 10, tzinfo=UTC)
    chat.at(monday)
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, tom)
    tom.presses("Propose something else…")
    tom.submits(when="2026-03-03 12:00")
    chat.at(monday + timedelta(days=3))
    mona.presses("Agree")
    assert refused(mona).startswith("{moment} is past already") and standing(task) == {"tom": "proposed"}
    mona.presses("Keep it as it was")
    assert standing(task) == {"tom": "asked"} and task_of(task).due_at is None


def _made() -> int:
    with reading() as session:
        return session.query(Task).count()


def test_what_one_notes_for_oneself_is_nobody_elses(chat: Chat) -> None:
    mona = chat.slack("mona")
    mona.commands("task")
    assert not mona.submits(title="Fix the door", until="tomorrow 10").errors
    mona.presses("Make the task")
    with reading() as session:
        assert session.scalars(select(Task.private)).one()
