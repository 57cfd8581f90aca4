"""Whoever is asked to do something accepts, declines, or proposes something else; whoever asked decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.tasks.tables import ANYONE, DONE
from tests.chat import Chat
from tests.tasked import asks, standing, task_of

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


def test_whoever_is_asked_accepts_and_does_it_and_the_thread_hears_one_line_of_each(chat: Chat) -> None:
    chat.at(MONDAY)
    mona, tom = chat.slack("mona"), chat.slack("tom")
    chat.channel("hall", mona, tom)
    task = asks(chat, mona, tom, in_="hall", due_at=FRIDAY)
    assert tom.sees("asks you to do this:") and mona.sees("You asked \u2068Tom\u2069 to do this.")
    tom.presses("Accept")
    assert standing(task) == {"tom": "accepted"}
    in_hall = [m.text for m in tom.messages() if m.conversation == "hall"]
    assert len(in_hall) == 2 and "\u2068Tom\u2069 does “\u2068Fix the door\u2069”." in in_hall[1]
    tom.presses("Done")
    assert task_of(task).state == DONE
    in_hall = [m.text for m in tom.messages() if m.conversation == "hall"]
    assert len(in_hall) == 3 and "has done" in in_hall[0] and "has done" in in_hall[2]
    assert not mona.sees("asks you") and mona.sees("has done this for you")
