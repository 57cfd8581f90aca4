"""Whoever is asked to do something accepts, declines, or proposes something else; whoever asked decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from models.people import GUEST
from models.tasks.tables import ANYONE, DONE
from tests.chat import Chat, Someone
from tests.tasked import asks, refused, standing, task_of

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def in_hall(someone: Someone) -> list[str]:
    return [message.text for message in someone.messages() if message.conversation == "hall"]


def test_whoever_is_asked_accepts_and_does_it_and_the_thread_hears_one_line_of_each(chat: Chat) -> None:
    chat.at(MONDAY)
    mona, tom = chat.slack("mona"), chat.slack("tom")
    chat.channel("hall", mona, tom)
    task = asks(chat, mona, tom, in_="hall", due_at=FRIDAY)
    assert tom.sees("asks you to do this:") and mona.sees("You asked \u2068Tom\u2069 to do this.")
    tom.presses("I will do it")
    assert standing(task) == {"tom": "accepted"}
    assert len(in_hall(tom)) == 2 and "\u2068Tom\u2069 does “\u2068Fix the door\u2069”." in in_hall(tom)[1]
    tom.presses("Done")
    assert task_of(task).state == DONE
    assert len(in_hall(tom)) == 3 and "has done" in in_hall(tom)[0] and "has done" in in_hall(tom)[2]
    assert not mona.sees("asks you") and mona.sees("has done this for you")


def test_whoever_declines_says_why_to_whoever_asked_alone_who_asks_somebody_else(chat: Chat) -> None:
    chat.at(MONDAY)
    mona, tom, lea = chat.slack("mona"), chat.teams("tom"), chat.slack("lea")
    chat.channel("hall", mona, lea)
    task = asks(chat, mona, tom, in_="hall")
    tom.presses("Decline…")
    assert tom.submits(reason="  ").errors["reason"].text.startswith("Write a few words")
    assert not tom.submits(reason="My arm is broken").errors
    assert mona.sees("My arm is broken") and "arm" not in "".join(in_hall(lea)) and "cannot do" in in_hall(lea)[-1]
    mona.presses("Ask somebody else…")
    assert mona.submits(who="nobody at all").errors["who"]
    assert not mona.submits(who="lea").errors
    assert standing(task) == {"tom": "declined", "lea": "asked"} and lea.sees("asks you to do this")


def test_another_date_counts_once_whoever_asked_agrees(chat: Chat) -> None:
    chat.at(MONDAY)
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    chat.channel("hall", mona, tom)
    task = asks(chat, mona, tom, lea, in_="hall", due_at=FRIDAY)
    tom.presses("Propose something else…")
    for values in ({}, {"when": "yesterday 9:00"}, {"when": "some day"}, {"when": "tomorrow", "who": "lea"}):
        assert tom.submits(**values).errors
    tom.submits(when="2026-03-10 12:00", reason="The parts come on Monday")
    assert task_of(task).due_at == FRIDAY and mona.sees("The parts come on Monday")
    mona.presses("Agree")
    assert task_of(task).due_at == datetime(2026, 3, 10, 12, tzinfo=UTC)
    assert standing(task) == {"tom": "accepted", "lea": "asked"}
    assert "is now to be done by" in in_hall(tom)[-1] and lea.sees("is now to be done by")
    mona.uses("tasks.agree", 1)
    assert refused(mona) == "This has been decided already."


def test_whoever_asked_may_keep_it_as_it_was_or_ask_whom_they_propose(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = asks(chat, mona, tom)
    tom.presses("Propose something else…")
    assert tom.submits(who="tom").errors["who"]
    tom.submits(who="lea", reason="She has the key")
    assert mona.sees("says that \u2068Lea\u2069 should do it: \u2068She has the key") and not lea.messages()
    mona.presses("Keep it as it was")
    assert standing(task) == {"tom": "asked"} and tom.sees("would like to keep it as it was")
    tom.presses("Propose something else…")
    tom.submits(who="lea")
    mona.presses("Agree")
    assert standing(task) == {"tom": "released", "lea": "asked"}
    assert lea.sees("asks you to take this over") and tom.sees("\u2068Lea\u2069 is asked instead of you.")
    tom.uses("tasks.done", task.id)
    assert refused(tom) == "{name} is asked instead of you."
    lea.presses("I will do it")
    assert tom.sees("\u2068Lea\u2069 has it now")


def test_of_anyone_the_first_who_accepts_has_it_and_the_others_see_who(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    task = asks(chat, mona, tom, lea, mona, mode=ANYONE)
    assert standing(task) == {"tom": "asked", "lea": "asked"} and tom.sees("asks whether one of you does this")
    lea.presses("I will do it")
    assert standing(task) == {"tom": "released", "lea": "accepted"}
    assert tom.sees("\u2068Lea\u2069 has it now. Thank you for being there.") and mona.sees("\u2068Lea\u2069 does “")
    for route in ("tasks.accept", "tasks.done"):
        tom.uses(route, task.id)
        assert refused(tom) == "{name} has it now. Thank you for being there."


def test_of_anyone_who_declines_while_others_are_asked_leaves_it_to_them(chat: Chat) -> None:
    mona, tom, lea = chat.slack("mona"), chat.slack("tom"), chat.teams("lea")
    chat.channel("hall", mona)
    asks(chat, mona, tom, lea, mode=ANYONE, in_="hall")
    for someone, said in ((tom, "Others are still asked."), (lea, "decides how it goes on.")):
        someone.presses("Decline…")
        someone.submits(reason="No time")
        assert in_hall(mona)[-1].endswith(said)


def test_what_one_asks_of_oneself_is_accepted_at_once_and_nobody_else_hears_of_it(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    task = asks(chat, mona, mona)
    assert standing(task) == {"mona": "accepted"} and len(mona.messages()) == 1 and not tom.messages()
    mona.presses("Done")
    assert task_of(task).state == DONE and mona.sees("You have done this.")
    mona.presses("Not done after all")
    assert standing(task) == {"mona": "accepted"} and task_of(task).state == "open"


@pytest.mark.parametrize("route", ["accept", "decline", "propose", "done", "block", "unblock", "hand_over", "undone",
                                   "reopen", "comment", "checklist", "drop", "show"])  # fmt: skip
def test_whoever_has_nothing_to_do_with_it_can_do_nothing_with_it(chat: Chat, route: str) -> None:
    mona, tom, eve = chat.slack("mona"), chat.slack("tom"), chat.slack("eve", kind=GUEST)
    task = asks(chat, mona, tom, private=True)
    assert eve.uses(f"tasks.{route}", task.id).form is None
    assert standing(task) == {"tom": "asked"} and not eve.sees("Fix the door")


def test_a_private_one_leaves_nothing_in_the_thread(chat: Chat) -> None:
    mona, tom = chat.slack("mona"), chat.slack("tom")
    chat.channel("hall", mona, tom)
    task = asks(chat, mona, tom, in_="hall", private=True, due_at=datetime(2030, 3, 2, 10, tzinfo=UTC))
    tom.presses("I will do it")
    tom.presses("Done")
    assert not in_hall(tom) and mona.sees("has done") and task_of(task).audience == []
