"""What stands in which list of tasks, and when it is due on its reader's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy.orm import Session

from models import access
from models.people import Person
from models.places import CHANNEL, Membership, Place
from models.tasks import assignments, feeds, life, lists
from models.tasks.lists import (
    ANY,
    FINISHED_LATELY,
    HERE,
    MINE,
    OTHERS,
    OVERDUE,
    TEAM,
    TODAY,
    UNDATED,
    WAITING,
    WEEK,
    Wanted,
    Where,
)
from models.tasks.tables import Task
from tests.models.colleagues import MONDAY, on_monday, somebody


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with on_monday(database) as session:
        yield session


def make(session: Session, asker: Person, title: str, *people: Person, **about: Any) -> Task:
    task = life.make(session, asker, title=title, people=people or [asker], late=True, **about)
    session.flush()
    return task


def titles(
    session: Session, person: Person, view: str = MINE, when: str = ANY, words: str = "", **more: Any
) -> list[str]:
    found = lists.listed(session, person, Wanted(view, when, words, **more), 50)
    return [one.task.title for one in found]


def channel(session: Session, key: str, *people: Person, closed: bool = False) -> Place:
    place = Place(platform="slack", installation="here", key=key, kind=CHANNEL, name=key, closed=closed)
    session.add(place)
    session.flush()
    session.add_all(Membership(place_id=place.id, person_id=person.id) for person in people)
    session.flush()
    return place


def test_whose_it_is(session: Session) -> None:
    mona, omar, noa = (somebody(session, name) for name in ("mona", "omar", "noa"))
    make(session, mona, "note to self")
    asked = make(session, mona, "both", mona, omar)
    make(session, omar, "for mona", mona)
    assert titles(session, mona) == ["note to self", "both", "for mona"]
    assert titles(session, mona, OTHERS) == ["both"], "what she asked of herself alone is hers"
    assert titles(session, omar) == ["both"] and titles(session, omar, OTHERS) == ["for mona"]
    assert titles(session, noa) == titles(session, noa, TEAM) == []
    part = assignments.own(session, asked, omar)
    assert part is not None
    assignments.decline(session, part, "no time")
    assert titles(session, omar) == [] and titles(session, mona, OTHERS) == ["both"], "nobody does it: hers to see"


def test_a_manager_sees_what_is_not_private_and_may_be_read(session: Session) -> None:
    boss = somebody(session, "boss")
    mona, omar = somebody(session, "mona", manager_id=boss.id), somebody(session, "omar")
    open_place, closed = channel(session, "general", mona, omar), channel(session, "secret", mona, omar, closed=True)
    make(session, omar, "open", mona, place=open_place)
    make(session, omar, "closed", mona, place=closed)
    make(session, omar, "private", mona, place=open_place, private=True)
    make(session, omar, "in their own chats", mona)
    make(session, boss, "asked by boss", mona, private=True)
    make(session, mona, "of another", omar, place=open_place)
    assert titles(session, boss, TEAM) == ["open", "asked by boss"]
    assert lists.leads(session, boss) and not lists.leads(session, mona)
    for view in (MINE, OTHERS, TEAM):
        for one in lists.listed(session, boss, Wanted(view), 50):
            assert access.may(session, boss, "read", one.task)


def test_a_thread_has_what_was_agreed_on_in_it(session: Session) -> None:
    mona, omar, noa = (somebody(session, name) for name in ("mona", "omar", "noa"))
    place = channel(session, "general", mona, omar, noa)
    make(session, mona, "here", omar, place=place, thread="t1")
    make(session, mona, "elsewhere", omar, place=place, thread="t2")
    make(session, mona, "private", omar, place=place, thread="t1", private=True)
    assert titles(session, noa, HERE, where=Where(place, "t1")) == ["here"]
    assert titles(session, omar, HERE, where=Where(place, "t1")) == ["here", "private"]
    assert titles(session, noa, HERE, where=Where(place)) == ["here", "elsewhere"]
    assert titles(session, noa, HERE) == [], "no place, nothing"


@pytest.mark.parametrize(("zone", "week"), [("Pacific/Kiritimati", 3), ("Pacific/Pago_Pago", 2), ("Europe/Rome", 3)])
def test_days_are_those_of_the_reader(session: Session, zone: str, week: int) -> None:
    """Where it is still Sunday at that moment, tomorrow is of the next week."""
    mona = somebody(session, "mona", timezone=zone)
    today = MONDAY.astimezone(mona.zone).replace(hour=23, minute=59)
    for title, due in (("late", MONDAY - timedelta(minutes=1)), ("now", MONDAY), ("today", today),
                       ("tomorrow", today + timedelta(minutes=1)), ("next month", MONDAY + timedelta(days=40)),
                       ("ever", None)):  # fmt: skip
        make(session, mona, title, due_at=due, zone="UTC")
    assert titles(session, mona, when=OVERDUE) == ["late"]
    assert titles(session, mona, when=TODAY) == ["now", "today"]
    assert titles(session, mona, when=WEEK) == ["now", "today", "tomorrow"][:week]
    assert titles(session, mona, when=UNDATED) == ["ever"]
    assert titles(session, mona) == ["late", "now", "today", "tomorrow", "next month", "ever"], "the most urgent first"
    counted = lists.counted(session, mona, Wanted())
    assert counted == {ANY: 6, OVERDUE: 1, TODAY: 2, WEEK: week, WAITING: 0, UNDATED: 1}


@pytest.mark.parametrize(("days", "left"), [([0, 1, 2, 3, 4], 7), ([6, 0, 1, 2, 3], 6), ([], 7)])
def test_a_week_is_that_of_the_reader(days: list[int], left: int) -> None:
    around = lists.days(Person(timezone="Asia/Jerusalem", work_days=days), MONDAY)
    assert around.next_week == datetime(2026, 3, 1, 22, tzinfo=UTC) + timedelta(days=left)
    assert around.of(None) == UNDATED and around.of(around.next_week) == ANY


def test_what_waits_for_others(session: Session) -> None:
    mona, omar = somebody(session, "mona"), somebody(session, "omar")
    first = make(session, omar, "first", omar)
    make(session, mona, "unanswered", omar)
    make(session, mona, "needs another", mona, needs=[])
    life.dependencies.add(session, lists.listed(session, mona, Wanted(words="needs"), 1)[0].task, first)
    stuck = make(session, omar, "stuck", mona)
    part = assignments.own(session, stuck, mona)
    assert part is not None
    assignments.block(session, part, "no key")
    assert titles(session, mona, when=WAITING) == ["needs another", "stuck"]
    assert titles(session, mona, OTHERS, WAITING) == ["unanswered"]
    assert [one.needs for one in lists.listed(session, mona, Wanted(words="needs another"), 9)] == [1]
    assignments.finish(session, assignments.own(session, first, omar))  # type: ignore[arg-type]
    assert titles(session, mona, when=WAITING) == ["stuck"], "what it needed is done"


@pytest.mark.parametrize(
    ("words", "found"),
    [("door", 1), ("DOOR fix", 1), ("@omar", 2), ("Omar door", 1), ("50%", 1), ("%", 1), ("_", 0), ("hinge", 1),
     ("הדלת", 1), ("window door", 0), ("\\", 0), ("' or 1=1 --", 0), (" ".join("abcdefghij" * 9), 0)],
)  # fmt: skip
def test_words_must_stand_in_it_or_name_somebody(session: Session, words: str, found: int) -> None:
    mona, omar = somebody(session, "mona"), somebody(session, "omar")
    make(session, mona, "Fix the door", omar, details="The hinge squeaks, 50% of the time.")
    make(session, mona, "לתקן את הדלת", omar)
    assert len(titles(session, mona, OTHERS, words=words)) == found


def test_what_was_done_lately_and_a_calendar_of_both(session: Session) -> None:
    mona, omar = somebody(session, "mona"), somebody(session, "omar")
    done, other = make(session, omar, "done", mona, due_at=MONDAY), make(session, omar, "open", mona)
    gone = make(session, omar, "dropped", mona)
    before = feeds.version(session, mona)
    assignments.finish(session, assignments.own(session, done, mona))  # type: ignore[arg-type]
    life.drop(session, gone)
    session.flush()
    assert titles(session, mona, when=FINISHED_LATELY) == titles(session, omar, OTHERS, FINISHED_LATELY) == ["done"]
    assert titles(session, mona) == ["open"]
    assert [task.title for task in feeds.theirs(session, mona)] == ["done", "open"]
    after = feeds.version(session, mona)
    assert after != before and after == feeds.version(session, mona)
    life.change(session, other, other.version, title="still open")
    session.flush()
    assert feeds.version(session, mona) != after


def test_only_a_hash_of_an_address_is_kept_and_a_new_one_ends_the_old(session: Session) -> None:
    feeds.use_keys(["new", "old"])
    mona = somebody(session, "mona")
    first = feeds.renew(session, mona)
    secret = feeds.secret_of(first)
    assert secret is not None and len(secret) > 40 and secret not in first.hash
    again = feeds.secret_of(feeds.renew(session, mona))
    assert again is not None and again != secret
    session.commit()  # what reads it writes that down in a transaction of its own
    assert feeds.reader(session, secret) is None
    assert (feeds.reader(session, again) or Person()).id == mona.id
    session.expire_all()
    feed = feeds.feed_of(session, mona)
    assert feed is not None and feed.read_at == MONDAY
    feeds.use_keys(["newer", "new"])
    assert feeds.secret_of(feed) == again, "made with a key that is still there"
    feeds.use_keys(["newest"])
    assert feeds.secret_of(feed) is None and feeds.reader(session, again) is not None
    assert feeds.revoke(session, mona) and not feeds.revoke(session, mona)
    assert feeds.reader(session, again) is None
