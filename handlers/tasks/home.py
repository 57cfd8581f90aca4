"""Tasks on everybody's home, and in the summary that comes every morning to whoever wants it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.cards import Actions, Button, Element, Heading, T, Text
from bot.router import Router
from handlers.tasks.lines import line
from handlers.tasks.lists import TITLES, summary
from models.people import EMPLOYEE, GUEST, Person
from models.tasks import lists
from models.tasks.lists import ANY, MINE, OTHERS, OVERDUE, TODAY, WAITING, Line, Wanted
from models.tasks.tables import ASKED

router = Router()
_ON_HOME, _IN_DIGEST = 3, 6


@router.home(12)
def home(session: Session, person: Person) -> tuple[Element, ...]:
    """What is mine, the most urgent of it, and whether what I asked of others hangs."""
    if person.kind not in (EMPLOYEE, GUEST):
        return ()
    mine, others = (lists.counted(session, person, Wanted(view)) for view in (MINE, OTHERS))
    make = Button(T("Make a task"), "tasks.new", 0, opens="form")
    shown: list[Element] = [Heading(TITLES[MINE])]
    if not mine[ANY]:
        shown.append(Text(T("You have no open task. Note one for yourself, or ask somebody."), subtle=True))
    else:
        shown.append(Text(summary(Wanted(), mine), subtle=True))
        shown += _lines(session, person, lists.listed(session, person, Wanted(), _ON_HOME))
    shown += _hanging(others)
    more = (Button(T("All my tasks"), "tasks.mine", 0),) if mine[ANY] else ()
    asked = (Button(TITLES[OTHERS], "tasks.others", 0),) if others[ANY] else ()
    return (*shown, Actions((make, *more, *asked) if person.kind == EMPLOYEE else (*more, *asked)))


@router.digest(12)
def digest(session: Session, person: Person, since: datetime) -> tuple[Element, ...]:
    """What is overdue, due today, or waits for an answer of theirs; and what of others is late."""
    found = lists.listed(session, person, Wanted(), _IN_DIGEST * 2)
    around = lists.days(person)
    now = [one for one in found if around.of(one.task.due_at) in (OVERDUE, TODAY) or _unanswered(one, person)]
    late = lists.counted(session, person, Wanted(OTHERS))[OVERDUE]
    if not now and not late:
        return ()
    rest = Actions((Button(T("All my tasks"), "tasks.mine", 0),))
    shown = _lines(session, person, now[:_IN_DIGEST])
    return (Heading(TITLES[MINE]), *shown, *_hanging({OVERDUE: late, WAITING: 0}), rest)


def _lines(session: Session, person: Person, found: list[Line]) -> list[Element]:
    around = lists.days(person)
    return [part for one in found for part in line(one, person, around)]


def _hanging(counted: dict[str, int]) -> list[Element]:
    """What I asked of others, as far as it needs a look."""
    said = [
        (counted[OVERDUE], T("{n} task that you asked of others is overdue.",
                             "{n} tasks that you asked of others are overdue.", n=counted[OVERDUE])),
        (counted[WAITING], T("{n} task that you asked of others waits for them.",
                             "{n} tasks that you asked of others wait for them.", n=counted[WAITING])),
    ]  # fmt: skip
    return [Text(words, subtle=True) for count, words in said if count]


def _unanswered(one: Line, person: Person) -> bool:
    mine = one.of(person)
    return mine is not None and mine.state == ASKED
