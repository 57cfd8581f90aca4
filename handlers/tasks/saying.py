"""What is said of a task in a line: who does it, how far they are, and what just happened."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from bot.cards import Moment, T, User, Words
from bot.mentions import mention, named
from bot.shorten import shortened
from handlers.tasks import repeats as repeating
from models.people import Person
from models.tasks.tables import (
    ACCEPTED,
    ANYONE,
    ASKED,
    DECLINED,
    DONE,
    DROPPED,
    FINISHED,
    LIVE,
    PROPOSED,
    RELEASED,
    Assignment,
    Task,
)

_NAMED = 3
REASON = COMMENT = 300  # characters of them that are shown


def people(several: Sequence[Person], mentioned: bool = False) -> Words:
    """Their names, one after the other; of many the first few, and how many there are."""
    said = [mention(each) if mentioned else named(each) for each in several[:_NAMED]]
    if len(several) > _NAMED:
        others = len(several) - _NAMED + 1
        first = _joined(said[:-1])
        return T("{names} and {n} other", "{names} and {n} others", names=first, n=others)
    if len(said) < 2:
        return said[0] if said else T("nobody")
    return T("{first} and {second}", first=_joined(said[:-1]), second=said[-1])


def _joined(said: Sequence[Words]) -> Words:
    words = said[0]
    for each in said[1:]:
        words = T("{first}, {second}", first=words, second=each)
    return words


def title(task: Task) -> User:
    """What is to be done, in a few words of the asker."""
    return User(shortened(task.title, 80))


def due(task: Task, zone: str | None = None) -> Words:
    """Until when, on the reader's clock, or on that of ``zone`` where many read it."""
    return Moment(task.due_at, zone=zone) if task.due_at is not None else T("No date")


def standing(assignment: Assignment, reasons: bool) -> Words:
    """How far somebody is, in a line that names them; with their ``reasons``, for whoever asked."""
    name = named(assignment.person)
    if assignment.state in LIVE and assignment.blocked_because and not reasons:
        return T("{name} cannot go on now", name=name)
    if assignment.state in LIVE and assignment.blocked_because:
        return T("{name} cannot go on: {reason}", name=name, reason=User(shortened(assignment.blocked_because, REASON)))
    if assignment.state == PROPOSED:
        return proposal(assignment) if reasons else T("{name} proposed something else", name=name)
    if assignment.state == DECLINED and assignment.reason and reasons:
        return T("{name} declined: {reason}", name=name, reason=User(shortened(assignment.reason, REASON)))
    lines: Mapping[str, T] = {
        ASKED: T("{name} was asked, and has not answered yet", name=name),
        ACCEPTED: T("{name} does it", name=name),
        DECLINED: T("{name} declined", name=name),
        FINISHED: T("{name} has done it", name=name),
        RELEASED: T("{name} does not need to do it any more", name=name),
    }
    return lines[assignment.state]


def proposal(assignment: Assignment) -> Words:
    """What somebody proposes instead."""
    name, reason = named(assignment.person), User(shortened(assignment.reason or "", REASON))
    if assignment.proposed is not None:
        other = named(assignment.proposed)
        if assignment.reason:
            return T("{name} says that {other} should do it: {reason}", name=name, other=other, reason=reason)
        return T("{name} says that {other} should do it", name=name, other=other)
    at = Moment(assignment.proposed_at or assignment.asked_at)
    if assignment.reason:
        return T("{name} would do it by {moment}: {reason}", name=name, moment=at, reason=reason)
    return T("{name} would do it by {moment}", name=name, moment=at)


def to_asker(task: Task, found: Sequence[Assignment]) -> Words:
    """How it stands, for whoever asked."""
    if task.state == DONE:
        doers = [each.person for each in found if each.state == FINISHED]
        return T("{names} has done this for you.", "{names} have done this for you.", names=people(doers),
                 n=len(doers)) if doers else T("This is done.")  # fmt: skip
    if task.state == DROPPED:
        return T("You do not want this any more.")
    live = [each.person for each in found if each.state in LIVE]
    if not live:
        return T("Nobody does this now. Ask somebody else, or drop it.")
    taken = [each.state for each in found if each.state in LIVE]
    if set(taken) == {ACCEPTED}:
        return T("{names} does this for you.", "{names} do this for you.", names=people(live), n=len(live))
    if task.mode == ANYONE and len(live) > 1:
        return T("You asked whether anyone of them does this: {names}", names=people(live))
    return T("You asked {names} to do this.", names=people(live))


def to_assignee(task: Task, mine: Assignment, found: Sequence[Assignment], via: Person | None) -> Words:
    """How it stands, for whoever was asked."""
    asker = mention(task.asker)
    own = task.asker_id == mine.person_id
    if mine.state == RELEASED or (task.state != DROPPED and mine.state == DECLINED):
        return _not_theirs(mine, found)
    if task.state == DROPPED:
        return T("You do not want this any more.") if own else T("{name} does not need this any more.", name=asker)
    if task.state == DONE or mine.state == FINISHED:
        return T("You have done this.") if mine.state == FINISHED else T("This is done.")
    if mine.state == PROPOSED:
        return T("You proposed something else. {name} decides.", name=asker)
    if mine.state == ACCEPTED:
        return T("You want to do this.") if own else T("You do this for {name}.", name=asker)
    if via is not None and via.id != task.asker_id:
        return T("{via} asks you to take this over. It is for {name}.", via=mention(via), name=asker)
    if task.mode == ANYONE and sum(each.state in LIVE for each in found) > 1:
        return T("{name} asks whether one of you does this:", name=asker)
    return T("{name} asks you to do this:", name=asker)


def _not_theirs(mine: Assignment, found: Sequence[Assignment]) -> Words:
    if mine.state == DECLINED:
        return T("You declined this.")
    others, do_it = instead_of(mine, found)
    if do_it:
        return T("{names} has it now. Thank you for being there.", "{names} have it now. Thank you for being there.",
                 names=people(others), n=len(others))  # fmt: skip
    if others:
        return T("{names} is asked instead of you.", "{names} are asked instead of you.",
                 names=people(others), n=len(others))  # fmt: skip
    return T("You do not need to do this any more.")


def instead_of(mine: Assignment, found: Sequence[Assignment]) -> tuple[list[Person], bool]:
    """Who has it instead, and whether they do it: where nobody has said so yet, those who are asked."""
    others = [each for each in found if each.state in (*LIVE, FINISHED) and each.id != mine.id]
    doing = [each for each in others if each.state in (ACCEPTED, FINISHED)]
    return [each.person for each in doing or others], bool(doing)


def to_all(task: Task, found: Sequence[Assignment]) -> Words:
    """How it stands, for all in the thread."""
    asker = named(task.asker)
    if task.state == DROPPED:
        return T("{name} does not need this any more.", name=asker)
    if task.state == DONE:
        doers = [each.person for each in found if each.state == FINISHED]
        return T("{names} has done this.", "{names} have done this.", names=people(doers),
                 n=len(doers)) if doers else T("This is done.")  # fmt: skip
    live = [each.person for each in found if each.state in LIVE]
    if not live:
        return T("Nobody does this now.")
    if [each.id for each in live] == [task.asker_id]:
        return T("{name} wants to do this.", name=asker)
    if {each.state for each in found if each.state in LIVE} == {ACCEPTED}:
        return T("{names} does this for {asker}.", "{names} do this for {asker}.", names=people(live), n=len(live),
                 asker=asker)  # fmt: skip
    if task.mode == ANYONE and len(live) > 1:
        return T("{name} asks whether one of them does this: {names}", name=asker, names=people(live, mentioned=True))
    return T("{name} asked {names} to do this.", name=asker, names=people(live, mentioned=True))


def moved(task: Task, before: datetime | None, zone: str | None = None) -> Words:
    """That its date is another one."""
    if task.due_at is None:
        return T("“{title}” has no date any more.", title=title(task))
    now_at = Moment(task.due_at, zone=zone)
    if before is None:
        return T("“{title}” is to be done by {moment}.", title=title(task), moment=now_at)
    return T("“{title}” is now to be done by {moment}; it was {before}.", title=title(task), moment=now_at,
             before=Moment(before, zone=zone))  # fmt: skip


def repeats(task: Task) -> Words:
    """How often it is to be done again."""
    return repeating.said(task.repeat or "")
