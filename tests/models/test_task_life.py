"""The life of a task: what may become of it, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from models import access, base
from models.base import Refusal, now, transaction
from models.facts import Fact
from models.mail import Timer
from models.people import GUEST, OUTSIDER, Person
from models.places import CHANNEL, Membership, Place
from models.tasks import assignments, checklist, dependencies, life, reading

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
FRIDAY = MONDAY + timedelta(days=4)


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    base.connect(database, pool=4)
    base.set_clock(lambda: MONDAY)
    with transaction() as session:
        yield session
    base.set_clock(None)
    base.disconnect()


def person(session: Session, handle: str, **about: object) -> Person:
    found = Person(handle=handle, name=handle.title(), **about)
    session.add(found)
    session.flush()
    return found


def refused(code: str, act: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as caught:
        act()
    assert caught.value.code == code
    return caught.value


def test_whoever_has_yet_to_answer_has_a_next_step_with_its_timer_and_nobody_else(session: Session) -> None:
    mona, tom = person(session, "mona"), person(session, "tom")
    task = life.make(session, mona, title="  Fix\nthe door ", people=[tom, tom])
    assert task.title == "Fix the door" and task.zone == "UTC" and task.mode == "each"
    asked = assignments.own(session, task, tom)
    assert asked is not None and asked.next_step is not None
    waiting = select(Timer).where(Timer.schedule == f"assignment:{asked.id}", Timer.fired_at.is_(None))
    assert [timer.args["number"] for timer in session.scalars(waiting)] == [asked.step_number]
    assignments.decline(session, asked, "no time")
    session.flush()
    assert not session.scalars(waiting).all()


@pytest.mark.parametrize(
    ("code", "field", "about"),
    [
        ("empty_text", "title", {"title": " \n "}),
        ("text_too_long", "title", {"title": "x" * 151}),
        ("text_too_long", "details", {"details": "x" * 9001}),
        ("nobody_asked", "who", {"people": []}),
        ("moment_past", "due_at", {"due_at": MONDAY}),
        ("repeat_needs_date", "repeat", {"repeat": "FREQ=DAILY"}),
        ("unknown_repeat", "repeat", {"repeat": "FREQ=SECONDLY", "due_at": FRIDAY}),
        ("unknown_task", "needs", {"needs": [10**6]}),
        ("too_many_items", "checklist", {"checklist_lines": ["x"] * 200}),
    ],
)
def test_what_cannot_be_asked_is_refused(session: Session, code: str, field: str, about: dict[str, object]) -> None:
    mona = person(session, "mona")
    values: dict[str, object] = {"title": "Fix the door", "people": [mona], **about}
    found = refused(code, lambda: life.make(session, mona, **values))  # type: ignore[arg-type]
    assert found.field == field


def test_outsiders_are_asked_nothing_and_guests_ask_nothing(session: Session) -> None:
    mona, eve = person(session, "mona"), person(session, "eve", kind=OUTSIDER)
    guest, gone = person(session, "guest", kind=GUEST), person(session, "gone", active=False)
    for other in (eve, gone):
        refused("cannot_be_asked", lambda other=other: life.make(session, mona, title="x", people=[other]))  # type: ignore[misc]
    refused("not_allowed", lambda: life.make(session, guest, title="x", people=[mona]))
    task = life.make(session, mona, title="x", people=[guest])
    assert [each.handle for each in reading.involved(session, task)] == ["mona", "guest"]


def test_two_who_change_the_same_of_it_are_told_and_different_things_both_count(session: Session) -> None:
    mona = person(session, "mona")
    task = life.make(session, mona, title="Fix the door", people=[mona], due_at=FRIDAY)
    before = life.change(session, task, 1, title="Fix both doors")
    session.add(Fact(verb="task.changed", entity="task", entity_id=task.id, correlation="c",
                     data={"version": task.version, "before": before}))  # fmt: skip
    session.flush()
    assert before == {"title": "Fix the door"} and task.version == 2
    assert refused("task_changed", lambda: life.change(session, task, 1, title="Fix it")).field == "title"
    assert life.change(session, task, 1, title="Fix the door", priority="high") == {"priority": "normal"}
    assert task.title == "Fix both doors" and task.version == 3
    refused("moment_past", lambda: life.change(session, task, 3, due_at=MONDAY))
    assert task.due_at == FRIDAY and task.version == 3


def test_nothing_waits_for_itself_however_long_the_way_round(session: Session) -> None:
    mona = person(session, "mona")
    tasks = [life.make(session, mona, title=f"Task {n}", people=[mona]) for n in range(4)]
    for first, second in pairwise(tasks):
        dependencies.add(session, second, first)
    found = refused("task_circle", lambda: dependencies.add(session, tasks[0], tasks[3]))
    assert found.facts == {"title": "Task 3"}
    refused("task_circle", lambda: dependencies.add(session, tasks[0], tasks[0]))
    dependencies.remove(session, tasks[2], tasks[1])
    dependencies.add(session, tasks[0], tasks[3])
    assert [each.title for each in dependencies.open_needs(session, tasks[0])] == ["Task 3"]


def test_what_is_ticked_stays_ticked_when_the_list_is_written_anew(session: Session) -> None:
    mona = person(session, "mona")
    task = life.make(session, mona, title="Move", people=[mona], checklist_lines=["Pack", "Load"])
    checklist.tick(checklist.items(session, task)[0], mona)
    lines = checklist.lines_of("☐ Load\n- Pack\n\n* Drive")
    assert life.change(session, task, task.version, checklist=lines) == {"checklist": ["Pack", "Load"]}
    assert [(each.words, each.done_at is not None) for each in checklist.items(session, task)] == [
        ("Load", False), ("Pack", True), ("Drive", False)]  # fmt: skip
    assert life.change(session, task, task.version, checklist=["Load", "Pack", "Drive"]) == {}
    refused("too_many_items", lambda: checklist.lines_of("\n".join("x" * 200)))


def test_whoever_was_handed_it_and_gives_it_back_is_asked_again_in_the_same_row(session: Session) -> None:
    mona, tom, lea = (person(session, handle) for handle in ("mona", "tom", "lea"))
    task = life.make(session, mona, title="x", people=[tom])
    first = assignments.own(session, task, tom)
    assert first is not None
    second = assignments.hand_over(session, first, lea)
    assert second.via_id == tom.id
    refused("task_theirs_already", lambda: assignments.hand_over(session, second, lea))
    third = assignments.hand_over(session, second, tom, by=lea)
    assert third is first and third.state == "asked" and third.via_id == lea.id and third.reason is None
    refused("task_was_released", lambda: assignments.accept(session, second))


def test_a_date_that_was_agreed_on_plans_everybody_anew(session: Session) -> None:
    mona, tom = person(session, "mona"), person(session, "tom")
    task = life.make(session, mona, title="x", people=[tom], due_at=FRIDAY)
    asked = assignments.own(session, task, tom)
    assert asked is not None
    assignments.accept(session, asked)
    session.flush()
    planned = asked.next_at
    assignments.propose_date(session, asked, FRIDAY + timedelta(days=7))
    assert assignments.agree(session, asked) is asked
    session.flush()
    assert planned is not None and asked.next_at is not None and asked.next_at > planned
    assert task.due_at == FRIDAY + timedelta(days=7) and now() == MONDAY


@pytest.mark.parametrize(
    ("verb", "private", "may"),
    [
        ("read", False, "mona tom member"),
        ("comment", False, "mona tom member"),
        ("work", False, "mona tom"),
        ("edit", False, "mona"),
        ("answer", False, "tom"),
        ("read", True, "mona tom"),
        ("comment", True, "mona tom"),
    ],
)
def test_who_may_do_what_with_it(session: Session, verb: str, private: bool, may: str) -> None:
    people = {handle: person(session, handle) for handle in ("mona", "tom", "member", "outside", "gone")}
    place = Place(platform="slack", installation="here", key="b", kind=CHANNEL, name="b", closed=True)
    session.add(place)
    session.flush()
    session.add_all(
        Membership(place_id=place.id, person_id=people[handle].id) for handle in people if handle != "outside"
    )
    people["gone"].active, people["gone"].roles = False, ["admin"]
    people["outside"].roles = ["admin", "manager"]
    task = life.make(session, people["mona"], title="x", people=[people["tom"]], place=place, private=private)
    assert [handle for handle, each in people.items() if access.may(session, each, verb, task)] == may.split()
