"""Doing what was agreed on: done or not, what keeps somebody from it, who takes it over, and what is said of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.base import reading
from models.tasks import checklist
from models.tasks.tables import DONE, DROPPED, OPEN, Task
from tests.chat import Chat, Someone
from tests.tasked import asks, refused, standing, task_of

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def in_hall(someone: Someone) -> list[str]:
    return [message.text for message in someone.messages() if message.conversation == "hall"]


def accepted(chat: Chat, *people: Someone, by: Someone, **about: object) -> Task:
    task = asks(chat, by, *people, **about)  # type: ignore[arg-type]
    for someone in people:
        someone.uses("tasks.accept", task.id)
    return task


def items_of(task: Task) -> list[str]:
    with reading() as session:
        return [item.words for item in checklist.items(session, task)]


def test_it_is_done_when_everybody_has_done_their_part(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = accepted(chat, tom, lea, by=mona)
    tom.presses("Done")
    assert task_of(task).state == OPEN and standing(task) == {"tom": "finished", "lea": "accepted"}
    tom.uses("tasks.hand_over", task.id)
    assert refused(tom) == "You have done your part already."
    lea.presses("Done")
    assert task_of(task).state == DONE and mona.sees("have done “")
    tom.uses("tasks.undone", task.id)
    assert task_of(task).state == OPEN and standing(task) == {"tom": "accepted", "lea": "finished"}
    assert mona.sees("is to be done after all")


def test_whoever_asked_reads_what_keeps_somebody_from_it_and_when_they_go_on(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    accepted(chat, tom, by=mona)
    tom.presses("I cannot go on…")
    assert tom.submits(reason="").errors["reason"]
    tom.submits(reason="No screws left")
    assert mona.sees("No screws left")
    tom.presses("I can go on")
    assert mona.sees("goes on with") and not tom.sees("I can go on")


def test_it_goes_to_somebody_else_who_is_asked_or_back_with_a_reason(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = accepted(chat, tom, by=mona)
    tom.presses("Hand over…")
    assert tom.submits(who="tom").errors["who"] and tom.submits(who="").errors["reason"]
    tom.submits(who="lea")
    assert standing(task) == {"tom": "released", "lea": "asked"}
    assert lea.sees("asks you to take this over. It is for") and mona.sees("instead of")
    tom.uses("tasks.done", task.id)
    assert refused(tom) == "{name} is asked instead of you." and task_of(task).state == OPEN
    lea.presses("I will do it")
    lea.presses("Hand over…")
    lea.submits(reason="I am on leave")
    assert standing(task)["lea"] == "declined" and mona.sees("I am on leave")


def test_what_is_said_reaches_whoever_asked_and_whoever_does_it_once(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    accepted(chat, tom, lea, by=mona)
    before = {each.handle: len(each.messages()) for each in (mona, tom, lea)}
    tom.presses("Comment…")
    assert tom.submits(text=" ").errors["text"] and tom.submits(text="x" * 3001).errors["text"]
    tom.submits(text="Which door? My password is Tr0ub4dor&3, by the way")
    assert {each.handle: len(each.messages()) - before[each.handle] for each in (mona, tom, lea)} == {
        "mona": 1, "tom": 0, "lea": 1}  # fmt: skip
    assert mona.sees("Which door?") and lea.sees("Which door?") and not mona.sees("Tr0ub4dor&3")


def test_items_are_ticked_off_on_the_card_and_two_hundred_of_them_are_too_many(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = accepted(chat, tom, by=mona, checklist_lines=["Buy a lock", "Drill"])
    tom.presses("☐ {item}")
    assert mona.sees("☑ \u2068Buy a lock") and mona.sees("Checklist: 1 of 2 are done")
    tom.presses("Not yet: {item}")
    assert not mona.sees("☑")
    tom.presses("Change the checklist…")
    many = "\n".join(f"- Item {n}" for n in range(200))
    refused = tom.submits(checklist=many)
    assert refused.errors["checklist"].args == {"n": 200, "most": 50}
    tom.submits(checklist="Buy a lock\n\n* Paint")
    assert items_of(task) == ["Buy a lock", "Paint"]


def test_of_two_who_change_the_checklist_at_once_the_second_is_told_and_loses_nothing(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = accepted(chat, tom, lea, by=mona, checklist_lines=["Buy a lock"])
    for someone in (mona, tom, lea):
        someone.uses("tasks.change" if someone is mona else "tasks.checklist", task.id)
    assert not tom.submits(checklist="Buy a lock\nDrill").errors
    assert lea.submits(checklist="Buy a lock\nPaint").errors["checklist"].text.startswith("Somebody changed this")
    assert mona.reply.form is not None
    opened = {each.name: each.value for each in mona.reply.form.inputs}
    mona.submits(**{**opened, "title": "Fix both doors"})
    assert items_of(task) == ["Buy a lock", "Drill"] and task_of(task).title == "Fix both doors"
    lea.uses("tasks.checklist", task.id)
    assert lea.reply.form is not None and lea.reply.form.inputs[0].value == "Buy a lock\nPaint"
    lea.submits(checklist="Buy a lock\nDrill\nPaint")
    assert items_of(task) == ["Buy a lock", "Drill", "Paint"]


def test_what_waits_for_another_one_says_so_and_is_told_when_that_is_done(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    chat.channel("hall", mona, tom)
    paint = accepted(chat, lea, by=mona, title="Paint the door", in_="hall")
    hang = accepted(chat, tom, by=mona, title="Hang the door", needs=[paint.id])
    assert tom.sees("First this must be done: “\u2068Paint the door")
    tom.presses("Done")
    assert refused(tom) == "“{title}” must be done first." and task_of(hang).state == OPEN
    lea.presses("Done")
    assert tom.sees("Nothing else needs to be done before “\u2068Hang the door")
    tom.presses("Done")
    assert task_of(hang).state == DONE


def test_whoever_asked_drops_it_and_wants_it_after_all(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    chat.channel("hall", mona)
    task = asks(chat, mona, tom, lea, in_="hall")
    lea.presses("I will do it")
    mona.presses("Drop…")
    mona.submits(reason="The door is gone")
    assert task_of(task).state == DROPPED and standing(task) == {"tom": "released", "lea": "accepted"}
    assert tom.sees("The door is gone") and lea.sees("The door is gone") and "does not need" in in_hall(mona)[-1]
    lea.uses("tasks.done", task.id)
    assert refused(lea).startswith("This is not wanted any more")
    mona.presses("It is wanted after all")
    assert task_of(task).state == OPEN and standing(task) == {"tom": "asked", "lea": "accepted"}


def test_whoever_asked_looks_again_at_who_does_it(chat: Chat) -> None:
    mona, tom, lea, noa = chat.slack("mona"), chat.slack("tom"), chat.teams("lea"), chat.slack("noa")
    task = accepted(chat, tom, by=mona)
    mona.presses("Who does it…")
    assert mona.submits(instead="0", who="").errors["who"] and mona.submits(instead="x", who="lea").errors["instead"]
    mona.submits(instead="0", who="lea")
    assert standing(task) == {"tom": "accepted", "lea": "asked"} and lea.sees("asks you to do this")
    mona.presses("Who does it…")
    mona.submits(instead=str(tom.person.id), who="noa")
    assert standing(task) == {"tom": "released", "lea": "asked", "noa": "asked"} and tom.sees("instead of")
    mona.presses("Who does it…")
    mona.submits(instead=str(lea.person.id), who="")
    assert standing(task)["lea"] == "released" and lea.sees("You do not need to do “")
    assert noa.sees("asks you to do this")


def test_whoever_asked_says_that_all_of_it_is_done(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = asks(chat, mona, tom, lea)
    lea.presses("I will do it")
    mona.presses("It is done")
    assert task_of(task).state == DONE and standing(task) == {"tom": "released", "lea": "finished"}
    assert lea.sees("“\u2068Fix the door\u2069” is done.")
    mona.presses("Not done after all")
    assert standing(task) == {"tom": "released", "lea": "accepted"}


def test_one_of_two_who_press_at_once_wins_and_the_other_is_told(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = accepted(chat, tom, by=mona)
    tom.presses("Hand over…")
    form = tom.reply.form
    tom.uses("tasks.done", task.id)
    tom.reply = type(tom.reply)(form=form)
    assert [words.text for words in tom.submits(who="lea").errors.values()] == ["This is done already."]
    assert standing(task) == {"tom": "finished"} and task_of(task).state == DONE and not lea.messages()


def test_in_a_channel_that_takes_nothing_any_more_it_stands_with_its_people(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    chat.channel("hall", mona, tom)
    chat.platforms["slack"].closed.add("hall")
    task = asks(chat, mona, tom, in_="hall")
    assert mona.sees("I could not post this in \u2068hall\u2069") and tom.sees("asks you to do this")
    tom.presses("I will do it")
    assert standing(task) == {"tom": "accepted"}
