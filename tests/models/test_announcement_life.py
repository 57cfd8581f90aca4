"""The life of an announcement: whatever is tried in whatever order, it only goes ways that there are, and what two
people write into one draft is lost by neither."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from models import base
from models.announcements import life
from models.announcements.tables import (
    CANCELLED,
    DRAFT,
    PROPOSED,
    RECALLED,
    SCHEDULED,
    SENDING,
    SENT,
    Announcement,
    Authorship,
)
from models.base import Refusal
from models.facts import Fact
from models.people import Person

NOW = datetime(2026, 3, 9, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
WAYS = {
    (DRAFT, PROPOSED), (DRAFT, SCHEDULED), (DRAFT, SENDING), (DRAFT, CANCELLED), (PROPOSED, DRAFT),
    (PROPOSED, SCHEDULED), (PROPOSED, SENDING), (PROPOSED, CANCELLED), (SCHEDULED, DRAFT), (SCHEDULED, CANCELLED),
    (SENDING, SENT), (SENDING, RECALLED), (SENT, RECALLED),
}  # fmt: skip


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """Somebody who needs an approver, one, and a reader."""
    base.connect(database, pool=2)
    base.set_clock(lambda: NOW)
    with base.transaction() as session:
        boss, omar = Person(handle="boss", name="Boss", roles=["manager"]), Person(handle="omar", name="Omar")
        session.add_all((boss, omar))
        session.flush()
        grant = Authorship(person_id=omar.id, audience={"key": "everyone"}, approver_id=boss.id)
        session.add(grant)
        session.flush()
        yield session
    base.set_clock(None)
    base.disconnect()


def a_draft(session: Session, **fields: Any) -> Announcement:
    omar = session.query(Person).filter_by(handle="omar").one()
    values = {"title": "We move", "text": "Soon.", "audience": {"key": "everyone"}, **fields}
    found = life.draft(session, omar, **values)
    session.refresh(found)
    return found


STEPS: dict[str, Callable[[Session, Announcement], Any]] = {
    "change": lambda session, it: life.change(session, it, it.version, text=it.text + "."),
    "empty": lambda session, it: life.change(session, it, it.version, title=""),
    "later": lambda session, it: life.change(session, it, it.version, send_at=NOW + HOUR),
    "past": lambda session, it: life.change(session, it, it.version, send_at=NOW - HOUR),
    "propose": lambda session, it: life.propose(session, it, session.query(Person).filter_by(handle="boss").one()),
    "approve": lambda session, it: life.approve(session, it),
    "refuse": lambda _, it: life.refuse(it, "Too long."),
    "refuse silently": lambda _, it: life.refuse(it, " "),
    "schedule": lambda session, it: life.schedule(session, it),
    "send": lambda session, it: life.send_now(session, it),
    "take back": lambda _, it: life.take_back(it),
    "sent": lambda _, it: life.sent(it),
    "cancel": lambda _, it: life.cancel(it),
    "recall": lambda _, it: life.recall(it),
    "edit": lambda session, it: life.edit_sent(session, it, it.approver or it.author, text=it.text + "!"),
}


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.sampled_from(sorted(STEPS)), min_size=3, max_size=12))
def test_it_only_goes_ways_that_there_are(session: Session, steps: list[str]) -> None:
    with session.begin_nested() as savepoint:
        it = a_draft(session)
        for step in steps:
            before, version, revision = it.state, it.version, it.revision
            try:
                STEPS[step](session, it)
            except Refusal:
                assert (it.state, it.version, it.revision) == (before, version, revision), step
            assert it.state == before or (before, it.state) in WAYS, f"{step}: {before} to {it.state}"
            assert it.version >= version and it.revision >= revision
            assert it.approved_at is None or it.state != DRAFT, "what was approved was another text"
            if it.state in (SCHEDULED, SENDING, SENT):
                assert it.approved_at is not None and it.title and it.text, "nothing goes out that was not approved"
        savepoint.rollback()


@pytest.mark.parametrize(("fields", "code", "field"), [
    ({"title": " "}, "announcement_without_title", "title"),
    ({"text": ""}, "announcement_without_text", "text"),
    ({"audience": {}}, "audience_nobody", "audience"),
    ({"audience": {"key": "department:none"}}, "audience_nobody", "audience"),
    ({"send_at": NOW - HOUR}, "send_in_the_past", "send_at"),
    ({"send_at": NOW + HOUR, "expires_at": NOW + HOUR}, "expires_too_early", "expires_at"),
    ({"expires_at": NOW - HOUR}, "expires_too_early", "expires_at"),
    ({"send_at": NOW + HOUR, "acknowledge_by": NOW + HOUR}, "acknowledge_too_early", "acknowledge_by"),
    ({"expires_at": NOW + HOUR, "acknowledge_by": NOW + 2 * HOUR}, "acknowledge_too_late", "acknowledge_by"),
    ({"repeat": "FREQ=NEVER"}, "unknown_rule", "repeat"),
])  # fmt: skip
def test_what_does_not_fit_is_refused_at_its_field(
    session: Session, fields: dict[str, Any], code: str, field: str
) -> None:
    with pytest.raises(Refusal) as refused:
        life.check(session, a_draft(session, **fields))
    assert (refused.value.code, refused.value.field) == (code, field)


def changes(session: Session, it: Announcement, version: int, **fields: Any) -> None:
    """Change it, as somebody does who saw ``version``, with the fact that tells the next."""
    before = life.change(session, it, version, **fields)
    data = {"version": it.version, "before": before}
    session.add(Fact(verb="announcement.drafted", entity="announcement", entity_id=it.id, data=data, correlation="x"))
    session.flush()


def test_two_who_change_one_draft_lose_nothing(session: Session) -> None:
    it = a_draft(session)
    both = {"title": it.title, "text": it.text, "send_at": None, "urgent": False}
    changes(session, it, 1, **{**both, "text": "Tomorrow.", "send_at": NOW + HOUR})
    changes(session, it, 1, **{**both, "title": "We really move", "urgent": True})
    assert (it.title, it.text, it.send_at, it.urgent) == ("We really move", "Tomorrow.", NOW + HOUR, True)
    with pytest.raises(Refusal) as refused:
        life.change(session, it, 1, **{**both, "text": "On Monday."})
    assert (refused.value.code, refused.value.field, it.text) == ("draft_changed", "text", "Tomorrow.")
    assert life.change(session, it, 1, **{**both, "text": "Tomorrow."}) == {}
    changes(session, it, it.version, text="On Monday.")
    assert it.text == "On Monday."


def test_who_needed_an_approver_does_not_change_it_alone_afterwards(session: Session) -> None:
    it = a_draft(session)
    boss = session.query(Person).filter_by(handle="boss").one()
    with pytest.raises(Refusal, match="needs_approval"):
        life.send_now(session, it)
    life.propose(session, it, boss)
    life.approve(session, it)
    session.refresh(it, ["approver"])
    life.send_now(session, it)
    with pytest.raises(Refusal, match="approver_edits"):
        life.edit_sent(session, it, it.author, text="Something else.")
    assert life.edit_sent(session, it, boss, text="Later.") == {"text": "Soon."} and it.revision == 1
