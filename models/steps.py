"""The next step of every question that is not over: what Agora does if nobody does anything, and when.

A question names its step and the moment; the timer that wakes it is written with the row (``models.questions``), so
that the two cannot part. Every new step has a new number: a timer with another number than the question's is stale.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import orjson
from sqlalchemy import Connection
from sqlalchemy import text as sql
from sqlalchemy.orm import Session

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
REMIND_AUTHOR = "remind_author"  # open, about an announcement, and with its author: remind them
LEAVE_AUTHOR = "leave_author"  # the author was reminded and said nothing: on to others
WITH_AUTHOR = (REMIND_AUTHOR, LEAVE_AUTHOR)

ASKER_HAS = timedelta(days=3)  # long enough for a weekend, soon enough to remember why one asked
CLOSES_AFTER = timedelta(days=7)  # a week after the reminder: an absence of a few days loses nothing
LONGEST_WAIT = timedelta(days=14)  # the last resort is never left alone for longer

# A step is done in the transaction that plans the next. Where it failed for good there is none: do it again.
_AGAIN = sql("""
with asleep as (
  update question set step_number = step_number + 1, next_at = :now
  where next_at < :since
    and not exists (select from timer where schedule = 'question:' || question.id and fired_at is null)
  returning id, step_number
)
insert into timer (schedule, slot, route, args, due_at, correlation)
select 'question:' || id, step_number, :route, jsonb_build_object('question_id', id, 'number', step_number), :now,
  'question:' || id
from asleep
returning id
""")


_FORGET = sql("delete from timer where schedule = :schedule and fired_at is null")
_REPLACE = sql(f"""
with gone as ({_FORGET.text})
insert into timer (schedule, slot, route, args, due_at, correlation)
values (:schedule, :slot, :route, cast(:args as jsonb), :due_at, :schedule)
""")  # noqa: S608 the text is our own


def timed(rows: str) -> str:
    """What writes the timers of the questions ``rows``: to stand in the statement that writes these."""
    return f"""
insert into timer (schedule, slot, route, args, due_at, correlation)
select 'question:' || id, step_number, '{ROUTE}', jsonb_build_object('question_id', id, 'number', step_number), next_at,
  'question:' || id
from {rows} where next_at is not null"""  # noqa: S608 the text is our own


FORGOTTEN = "delete from timer where schedule = 'question:' || %(id)s and fired_at is null"
"""What removes the timer that waited for the question ``id`` before: to stand there, too."""


def growing(tries: int) -> timedelta:
    """How long to wait after the ``tries``-th attempt (from 1) that moved nobody: a day, two, four, up to two weeks."""
    return min(timedelta(days=2 ** min(tries - 1, 6)), LONGEST_WAIT)


def wake_sleepers(session: Session, moment: datetime) -> int:
    """Let every question whose next step was due an hour before ``moment`` and never ended try it again; how many."""
    values = {"now": moment, "since": moment - timedelta(hours=1), "route": ROUTE}
    return len(session.execute(_AGAIN, values).all())


def set_timer(connection: Connection, question_id: int, number: int, step: str | None, at: datetime | None) -> None:
    """Replace the timer that waits for this question, or remove it where there is no next step."""
    schedule = f"question:{question_id}"
    if step is None:
        connection.execute(_FORGET, {"schedule": schedule})
        return
    args = orjson.dumps({"question_id": question_id, "number": number}).decode()
    values = {"schedule": schedule, "slot": str(number), "route": ROUTE, "args": args, "due_at": at}
    connection.execute(_REPLACE, values)
