"""Whatever is tried with a task, in whatever order and by whoever at once, it only goes ways that there are."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import base
from models.base import Refusal, now, transaction
from models.people import Person
from models.tasks import assignments, life
from models.tasks.tables import ACCEPTED, ANYONE, DECLINED, DONE, FINISHED, LIVE, OPEN, UNSETTLED, Assignment, Task

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
Act = Callable[[Session, Assignment], object]
LATER = MONDAY + timedelta(days=9)
PEOPLE = ("mona", "tom", "lea", "noa")

PARTS: dict[str, Callable[[Session, Assignment, Person], object]] = {
    "accept": lambda session, part, _: assignments.accept(session, part),
    "decline": lambda session, part, _: assignments.decline(session, part, "no"),
    "propose a date": lambda session, part, _: assignments.propose_date(session, part, LATER),
    "propose a person": lambda session, part, other: assignments.propose_person(session, part, other),
    "agree": lambda session, part, _: assignments.agree(session, part),
    "insist": lambda session, part, _: assignments.insist(session, part),
    "release": lambda session, part, _: assignments.release(session, part),
    "finish": lambda session, part, _: assignments.finish(session, part),
    "unfinish": lambda session, part, _: assignments.unfinish(session, part),
    "block": lambda session, part, _: assignments.block(session, part, "rain"),
    "unblock": lambda session, part, _: assignments.unblock(session, part),
    "hand over": lambda session, part, other: assignments.hand_over(session, part, other),
}
WHOLE: dict[str, Callable[[Session, Task], object]] = {
    "finish all": life.finish,
    "reopen": life.reopen,
    "drop": life.drop,
    "date": lambda session, task: life.change(session, task, task.version, due_at=LATER),
}


@pytest.fixture
def company(database: str) -> Iterator[list[int]]:
    base.connect(database, pool=4)
    base.set_clock(lambda: MONDAY)
    with transaction() as session:
        people = [Person(handle=handle, name=handle.title()) for handle in PEOPLE]
        session.add_all(people)
        session.flush()
        numbers = [person.id for person in people]
    yield numbers
    base.set_clock(None)
    base.disconnect()


def made(session: Session, numbers: list[int], mode: str) -> Task:
    mona, *others = (session.get_one(Person, number) for number in numbers)
    return life.make(
        session, mona, title="Fix the door", people=others[:2], mode=mode, due_at=now() + timedelta(days=3)
    )


def check(task: Task, found: list[Assignment]) -> None:
    """What always holds."""
    states = [each.state for each in found]
    live = [state for state in states if state in LIVE]
    assert task.state == OPEN or not any(state in UNSETTLED for state in states)
    assert task.state != DONE or (not live and task.done_at is not None)
    assert task.state != OPEN or live or FINISHED not in states or DECLINED in states  # then whoever asked decides
    assert task.mode != ANYONE or states.count(ACCEPTED) + states.count(FINISHED) <= 1
    for each in found:
        waits = task.state == OPEN and each.state in UNSETTLED
        assert (each.next_step is not None) or not waits
        assert each.next_step is None or (task.state == OPEN and each.state in LIVE)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    mode=st.sampled_from(["each", ANYONE]),
    tries=st.lists(st.tuples(st.sampled_from([*PARTS, *WHOLE]), st.integers(0, 3), st.integers(0, 3)), max_size=12),
)
def test_it_only_goes_ways_that_there_are(company: list[int], mode: str, tries: list[tuple[str, int, int]]) -> None:
    with transaction() as session:
        task = made(session, company, mode)
        for what, whose, other in tries:
            found = assignments.of(session, task)
            try:
                with session.begin_nested():
                    if what in WHOLE:
                        WHOLE[what](session, task)
                    else:
                        part = found[whose % len(found)]
                        PARTS[what](session, part, session.get_one(Person, company[other]))
            except Refusal:
                session.expire_all()
            session.flush()
            check(task, assignments.of(session, task))


def tried(number: int, act: Act, both: threading.Barrier, told: list[str]) -> None:
    with transaction() as session:
        both.wait(10)
        part = assignments.fetch(session, number)
        assert part is not None
        try:
            act(session, part)
            told.append("")
        except Refusal as refusal:
            told.append(refusal.code)


def at_once(*acts: tuple[int, Act]) -> list[str]:
    """What each was told who did something at the same moment: nothing, or why not."""
    both, told = threading.Barrier(len(acts)), list[str]()
    threads = [threading.Thread(target=tried, args=(number, act, both, told)) for number, act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    return sorted(told)


def states(task: Task) -> list[str]:
    with transaction() as session:
        check(session.get_one(Task, task.id), assignments.of(session, session.get_one(Task, task.id)))
        return sorted(session.scalars(select(Assignment.state).where(Assignment.task_id == task.id)))


def test_one_of_two_who_accept_what_anyone_may_do_has_it(company: list[int]) -> None:
    with transaction() as session:
        task = made(session, company, ANYONE)
        first, second = (each.id for each in assignments.of(session, task))
    accept: Any = assignments.accept
    assert at_once((first, accept), (second, accept)) == ["", "task_was_released"]
    assert states(task) == [ACCEPTED, "released"]


def test_of_done_and_handed_over_at_once_one_counts_and_the_other_is_told(company: list[int]) -> None:
    with transaction() as session:
        mona = session.get_one(Person, company[0])
        task = life.make(session, mona, title="x", people=[session.get_one(Person, company[1])])
        (part,) = (each.id for each in assignments.of(session, task))

    def hand_over(session: Session, part: Assignment) -> object:
        return assignments.hand_over(session, part, session.get_one(Person, company[2]))

    told = at_once((part, assignments.finish), (part, hand_over))
    assert (told, states(task)) in (
        (["", "task_done"], [FINISHED]),
        (["", "task_was_released"], ["asked", "released"]),
    )
