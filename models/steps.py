"""The next step of every question that is not over: what Agora does if nobody does anything, and when.

A question names its step and the moment; the timer that wakes it is written with the row (``models.questions``), so
that the two cannot part. Every new step has a new number: a timer with another number than the question's is stale.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection, delete, insert

from models.mail import Timer

ROUTE = "experts.next"

ASK_ASKER = "ask_asker"  # open: ask the asker whether it is still open
SEEK = "seek"  # open: nobody could be asked; look again
OFFER_ENDS = "offer_ends"  # offered: on to the next
NUDGE = "nudge"  # offered to the last resort: remind them, again and again
REMIND_EXPERT = "remind_expert"  # accepted: once, before the deadline
HAND_ON = "hand_on"  # accepted: the deadline is over, on to the next
REMIND_ASKER = "remind_asker"  # the expert asked back: remind the asker
ASK_ACCEPT = "ask_accept"  # answered: ask the asker whether that was it
CLOSE = "close"  # the asker was asked and said nothing: close kindly

ASKER_HAS = timedelta(days=3)  # long enough for a weekend, soon enough to remember why one asked
CLOSES_AFTER = timedelta(days=7)  # a week after the reminder: an absence of a few days loses nothing
LONGEST_WAIT = timedelta(days=14)  # the last resort is never left alone for longer


def growing(tries: int) -> timedelta:
    """How long to wait after the ``tries``-th attempt (from 1) that moved nobody: a day, two, four, up to two weeks."""
    return min(timedelta(days=2 ** min(tries - 1, 6)), LONGEST_WAIT)


def set_timer(connection: Connection, question_id: int, number: int, step: str | None, at: object) -> None:
    """Replace the timer that waits for this question, or remove it where there is no next step."""
    schedule = f"question:{question_id}"
    connection.execute(delete(Timer).where(Timer.schedule == schedule, Timer.fired_at.is_(None)))
    if step is None:
        return
    connection.execute(
        insert(Timer).values(
            schedule=schedule, slot=str(number), route=ROUTE, args={"question_id": question_id, "number": number},
            due_at=at, correlation=schedule,
        )
    )  # fmt: skip
