"""How far an announcement is: everybody in one state, whatever became of their copy."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy.orm import Session

from models import base
from models.announcements import progress, reading
from models.announcements.figures import Counted, by_group, figures, over_time, silent
from models.announcements.progress import LATEST, SOONEST, Progress
from models.announcements.tables import SENT, Announcement, Receipt
from models.base import now, transaction
from models.mail import PostedCard
from models.people import Person

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    base.connect(database, pool=2)
    base.set_clock(lambda: NOON)
    with transaction() as opened:
        yield opened
    base.set_clock(None)
    base.disconnect()


@pytest.fixture
def one(session: Session) -> Announcement:
    author = Person(handle="omar", name="Omar")
    session.add(author)
    session.flush()
    announcement = Announcement(author_id=author.id, title="We move", state=SENT, sent_at=NOON)
    session.add(announcement)
    session.flush()
    return announcement


def reader(session: Session, one: Announcement, state: str | None = SENT, **about: Any) -> Person:
    """Somebody for whom it is, whose copy ended like that (``"none"``: there is none)."""
    number = (session.info.get("readers") or 0) + 1
    session.info["readers"] = number
    named = {key: about.pop(key) for key in ("department", "name") if key in about}
    person = Person(handle=f"r{number}", **{"name": f"Reader {number}", **named})
    session.add(person)
    session.flush()
    card = None
    if state != "none":
        card = PostedCard(about=one.about, outbox_id=number, platform="slack", installation="here",
                          conversation=person.handle, person_id=person.id, state=state, ended_at=NOON)  # fmt: skip
        session.add(card)
        session.flush()
    receipt = Receipt(announcement_id=one.id, person_id=person.id, posted_id=card.id if card else None,
                      **{"language": "en", **about})  # fmt: skip
    session.add(receipt)
    session.flush()
    return person


def test_everybody_is_in_exactly_one_state(session: Session, one: Announcement) -> None:
    reader(session, one)
    reader(session, one, None)
    reader(session, one, "none")
    reader(session, one, "none", due_at=NOON + timedelta(hours=3))
    reader(session, one, "uncertain")
    reader(session, one, "failed")
    reader(session, one, "none", unreachable="no_chat")
    reader(session, one, "failed", unreachable="left")
    found = figures(session, one)
    assert (found.people, found.sent, found.waiting, found.later, found.uncertain) == (8, 1, 3, 1, 1)
    assert found.unreachable == {"failed": 1, "no_chat": 1, "left": 1} and found.next_at == NOON + timedelta(hours=3)
    assert found.sent + found.waiting + found.uncertain + found.lost == found.people
    assert (found.on_their_way, found.ended) == (2, 5)


def test_who_answered_has_it(session: Session, one: Announcement) -> None:
    reader(session, one, "uncertain", acknowledged_at=NOON)
    reader(session, one, "failed", asked_at=NOON)
    reader(session, one, None, objected_at=NOON)
    reader(session, one, "none", seen_at=NOON, unreachable="left")
    found = figures(session, one)
    assert found == type(found)(people=4, sent=4, seen=4, acknowledged=1, asked=1, objected=1)


def test_a_reminder_on_its_way_takes_nothing_back(session: Session, one: Announcement) -> None:
    reader(session, one, SENT, due_at=NOON + timedelta(days=1))
    found = figures(session, one)
    assert (found.sent, found.waiting, found.later, found.next_at) == (1, 0, 0, None)


def test_by_department_however_it_is_written_and_by_language(session: Session, one: Announcement) -> None:
    for department in ("Sales", " sales", "SALES", "", None):
        reader(session, one, department=department, language="it" if department else "en", acknowledged_at=NOON)
    departments, languages = by_group(session, one)
    people = {name and name.casefold(): each.people for name, each in departments.items()}
    assert people == {"sales": 3, None: 2} and set(languages) == {"it", "en"}
    assert languages["it"] == Counted(3, 3, 3, 3)


def test_over_time_it_only_grows_in_the_hours_of_the_reader(session: Session, one: Announcement) -> None:
    for minutes in (10, 50, 70, 26 * 60):
        reader(session, one, SENT, acknowledged_at=NOON + timedelta(minutes=minutes))
    found = over_time(session, one, ZoneInfo("Asia/Kolkata"), by_day=False)
    assert [(at.strftime("%d %H:%M"), each.sent, each.acknowledged) for at, each in found.items()] == [
        ("02 17:00", 4, 1), ("02 18:00", 4, 3), ("03 19:00", 4, 4)]  # fmt: skip
    days = over_time(session, one, ZoneInfo("Asia/Kolkata"), by_day=True)
    assert [each.acknowledged for each in days.values()] == [3, 4]


def test_who_is_silent_is_named_until_they_say_it(session: Session, one: Announcement) -> None:
    reader(session, one, name="Zoe", seen_at=NOON)
    reader(session, one, name="Ada", unreachable="left", state="none")
    reader(session, one, acknowledged_at=NOON)
    assert [(each.name, each.sent, each.unreachable) for each in silent(session, one, 9)] == [
        ("Ada", False, "left"), ("Zoe", True, None)]  # fmt: skip
    assert len(silent(session, one, 1)) == 1


def test_how_long_it_takes_still(session: Session, one: Announcement) -> None:
    for _ in range(10):
        reader(session, one, None)
    row, _ = progress.count(session, one)
    assert row.left is None and row.every == SOONEST
    base.set_clock(lambda: NOON + timedelta(seconds=10))
    for _ in range(5):
        reader(session, one)
    row, found = progress.count(session, one)
    assert (found.ended, row.rate, row.left) == (5, 0.5, 20.0)
    base.set_clock(lambda: NOON + timedelta(seconds=20))
    changed = row.changed_at
    row, _ = progress.count(session, one)
    assert row.rate == 0.25 and row.changed_at == changed < row.at == now()


def test_what_takes_long_to_count_is_counted_seldom() -> None:
    assert [Progress(took=took).every for took in (0.0, 0.09, 0.11, 1.0, 60.0)] == [5, 5, 10, 50, LATEST]


def test_what_was_missed_is_urgent_first_and_ends(session: Session, one: Announcement) -> None:
    person = reader(session, one)
    urgent = Announcement(author_id=one.author_id, title="Fire drill", state=SENT, sent_at=NOON - timedelta(days=2),
                          urgent=True, expires_at=NOON + timedelta(hours=1))  # fmt: skip
    session.add(urgent)
    session.flush()
    session.add(Receipt(announcement_id=urgent.id, person_id=person.id, language="en"))
    session.flush()
    assert [each.announcement.title for each in reading.missed(session, person, 9)] == ["Fire drill", "We move"]
    base.set_clock(lambda: NOON + timedelta(hours=2))
    assert [each.announcement.title for each in reading.missed(session, person, 9)] == ["We move"]
    session.get_one(Receipt, (one.id, person.id)).seen_at = NOON
    session.flush()
    assert reading.missed(session, person, 9) == [] and len(reading.mine(session, person, 9)) == 1
    one.acknowledge_by = NOON + timedelta(days=1)
    session.flush()
    assert [each.to_confirm for each in reading.missed(session, person, 9)] == [True], "seen, and not confirmed"
