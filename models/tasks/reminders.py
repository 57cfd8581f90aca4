"""What comes next for whoever was asked to do a task, and when, if nobody does anything: pure, from what is known.

Whoever is asked is reminded after a working day, and after another one; then it goes back to whoever asked, who is
asked ever less often. Whoever accepted is reminded a day before the date and on it, and once it is over; on their next
working day whoever asked hears of it. All of it in the working hours of whoever is told: what would come at another
time comes when they last began to work before it, or, once it is late, when they next do.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime, time, timedelta

from models.hours import Span, add_working, began_last, hours_a_day, is_working, next_working, working_between
from models.people import Person
from models.recurring import at as at_clock
from models.steps import growing
from models.tasks.tables import ACCEPTED, ASKED, OPEN, PROPOSED, Assignment, Task

Step = tuple[str, datetime]

REMIND_ASKED = "remind_asked"  # asked: they said nothing
BACK = "back"  # asked, and reminded: back to whoever asked
KEEP_ASKING = "keep_asking"  # the same, again
REMIND_ASKER = "remind_asker"  # proposed: whoever asked has to decide
BEFORE = "before"  # accepted: the date comes near
DUE = "due"  # accepted: it is the day, or the hour
OVERDUE = "overdue"  # accepted: the date is over
AGAIN = "again"  # accepted: they wanted to be reminded now
TELL_ASKER = "tell_asker"  # accepted: the date is over, and whoever asked should know

TO_ASKER = frozenset({BACK, KEEP_ASKING, REMIND_ASKER, TELL_ASKER})
"""What is said to whoever asked; everything else is said to the assignee."""
FAMILIES = {
    ASKED: frozenset({REMIND_ASKED, BACK, KEEP_ASKING}),
    PROPOSED: frozenset({REMIND_ASKER}),
    ACCEPTED: frozenset({BEFORE, DUE, OVERDUE, AGAIN, TELL_ASKER}),
}
"""The steps of each state."""

ASKED_TWICE = 2  # reminders before it goes back
_DAY = timedelta(days=1)
_SHORT = timedelta(hours=2)  # who has less than that needs no reminder before the date
_GRACE = timedelta(hours=1)  # who was told that it is due now may just be finishing it
_SOON = timedelta(days=14)  # a date that is nearer than that may want faster reminders
_AWAY = timedelta(days=3)  # a weekend and a day: whoever is silent for longer leaves the asker waiting
_MOMENT = timedelta(minutes=1)
_QUARTER = 4
_LEAST = 0.5  # hours


def next_step(
    task: Task, assignment: Assignment, person: Person, absences: Sequence[Span], now: datetime, done: bool = False
) -> Step | None:
    """What comes next for ``person``, who is away then; ``None`` where nothing does. What is planned already stays as
    it is, unless it is ``done`` or does not fit any more."""
    if task.state != OPEN or assignment.state not in FAMILIES:
        return None
    if assignment.state == ACCEPTED:
        return _of_accepted(task, assignment, person, absences, now, done)
    if not done and assignment.next_step in FAMILIES[assignment.state] and assignment.next_at is not None:
        return assignment.next_step, assignment.next_at
    if assignment.state == PROPOSED:
        return REMIND_ASKER, next_working(task.asker, now + growing(assignment.reminders + 1))
    return _of_asked(task, assignment, person, absences, now)


def schedule(task: Task, assignment: Assignment, person: Person, absences: Sequence[Span]) -> list[Step]:
    """Everything that is to be said of a task that ``person`` accepted, in order."""
    since = assignment.answered_at or assignment.asked_at
    steps = list(_told_asker(task, person, absences))
    if assignment.blocked_because is None:
        steps += _told_assignee(task, person, absences, since)
    until = assignment.snoozed_until
    if until is not None:
        steps = [step for step in steps if step[0] in TO_ASKER or step[1] >= until]
        again = next_working(person, until, absences)
        steps += [] if any(at == again and step not in TO_ASKER for step, at in steps) else [(AGAIN, again)]
    taken = {at for step, at in steps if step not in TO_ASKER}
    return sorted(((step, _free(at, taken) if step in TO_ASKER else at) for step, at in steps), key=lambda it: it[1])


def _free(at: datetime, taken: Collection[datetime]) -> datetime:
    """``at``, or a moment after it: of two steps at one moment the second would be passed over."""
    return _free(at + _MOMENT, taken) if at in taken else at


def _of_accepted(
    task: Task, assignment: Assignment, person: Person, absences: Sequence[Span], now: datetime, done: bool
) -> Step | None:
    found = schedule(task, assignment, person, absences)
    ahead = next((step for step in found if step[1] > now), None)
    planned, waits = assignment.next_step, assignment.next_at
    if planned is None or waits is None:
        return ahead
    if done:
        return _passed_over(task, person, absences, found, now, planned, waits) or ahead
    late = any(step == planned and at <= now for step, at in found)
    return (planned, waits) if late and (ahead is None or waits < ahead[1]) else ahead


def _passed_over(
    task: Task, person: Person, absences: Sequence[Span], found: Sequence[Step], now: datetime, done: str, at: datetime
) -> Step | None:
    """What came due, while nobody served it, after the step that is done now, for the other of the two: the assignee
    and whoever asked are each told how it stands, once."""
    since = next((moment for step, moment in found if step == done and moment <= now), at)
    missed = [step for step, moment in found if since < moment <= now and (step in TO_ASKER) != (done in TO_ASKER)]
    if not missed:
        return None
    told = next_working(task.asker, now) if missed[-1] in TO_ASKER else next_working(person, now, absences)
    return missed[-1], told


def _of_asked(task: Task, assignment: Assignment, person: Person, absences: Sequence[Span], now: datetime) -> Step:
    back = assignment.reminders - ASKED_TWICE
    if back > 0:
        return KEEP_ASKING, next_working(task.asker, now + growing(back))
    hours = _patience(task, person, now)
    there, usual = add_working(person, now, hours, absences), add_working(person, now, hours)
    if back == 0 or there - usual > _AWAY:
        return BACK, next_working(task.asker, usual)
    return REMIND_ASKED, there if is_working(person, there, absences) else next_working(person, there, absences)


def _patience(task: Task, person: Person, now: datetime) -> float:
    """For how many working hours nobody asks again: a day of them, or less where the date is near."""
    day = hours_a_day(person)
    if task.due_at is None or task.due_at - now > _SOON:
        return day
    return max(_LEAST, min(day, working_between(person, now, task.due_at) / _QUARTER))


def _told_assignee(task: Task, person: Person, absences: Sequence[Span], since: datetime) -> Iterator[Step]:
    due = task.due_at
    if due is None:
        return
    on_the_day = _at_work(person, due, absences, since)
    before = _at_work(person, _day_before(person, due), absences, since)
    if before is None and due - since > _SHORT:
        before = _at_work(person, since + (due - since) / 2, absences, since)
    if before is not None and since < before < (on_the_day or due):
        yield BEFORE, before
    if on_the_day is not None:
        yield DUE, on_the_day
    yield OVERDUE, next_working(person, due + _GRACE, absences)


def _told_asker(task: Task, person: Person, absences: Sequence[Span]) -> Iterator[Step]:
    """On their working day after the assignee was told; who asked it of themselves knows."""
    if task.due_at is None or task.asker_id == person.id:
        return
    told = next_working(person, task.due_at + _GRACE, absences)
    after = told if told - task.due_at < _AWAY else task.due_at
    zone = task.asker.zone
    tomorrow = after.astimezone(zone).date() + _DAY
    yield TELL_ASKER, next_working(task.asker, at_clock(datetime.combine(tomorrow, time()), zone))


def _at_work(person: Person, moment: datetime, absences: Sequence[Span], since: datetime) -> datetime | None:
    """``moment`` if they work then, else when they last began to before it; ``None`` where that was not after
    ``since``."""
    if moment <= since:
        return None
    return moment if is_working(person, moment, absences) else began_last(person, since, moment, absences)


def _day_before(person: Person, due: datetime) -> datetime:
    """The same hour of the day before, on their clock."""
    return at_clock(due.astimezone(person.zone).replace(tzinfo=None, fold=0) - _DAY, person.zone)
