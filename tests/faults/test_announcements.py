"""The process is killed (SIGKILL) at every commit of the job that brings an announcement to its readers: another one
goes on, and everybody has it once."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta

import pytest
from sqlalchemy import event, select

from bot import jobs
from bot.clock import fire_due
from handlers import all_routes
from handlers.announcements import sending, work
from models import base
from models.announcements import life
from models.announcements.tables import SENT, Announcement, Receipt
from models.base import reading, transaction
from models.mail import PostedCard
from models.people import Account, Person
from tests import announcing
from tests.announcing import a_turn
from tests.chat import Chat, Someone

EVENING = datetime(2026, 3, 9, 22, tzinfo=UTC)
READERS, STEP = 8, 3
KILLED_AT = (1, 3, 4, 6, 8)
"""Commits of a job of this size: it is taken, has three steps and one more, what was lost, what is due, and its end."""
processes = multiprocessing.get_context("fork")


@pytest.fixture
def chat(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Chat]:
    """A company whose jobs take small steps."""
    monkeypatch.setattr(work, "STEP", STEP)
    base.connect(database, pool=4)
    base.set_clock(lambda: EVENING)
    yield Chat()
    base.set_clock(None)
    base.disconnect()


def company(chat: Chat) -> list[Someone]:
    omar = chat.teams("omar", roles=["admin"])
    people = [chat.slack(f"reader{number}") for number in range(READERS - 2)]
    quiet = chat.slack("quiet", quiet_from=time(21), quiet_to=time(7))
    away = chat.slack("away")
    with transaction() as session:
        session.scalars(select(Account).where(Account.external == "away")).one().unreachable = "blocked"
    return [omar, *people, quiet, away]


def killed(database: str, commit: int) -> None:
    """In a process of its own: take the job, and die at its ``commit``-th commit."""
    base.connect(database, pool=1)
    left = [commit]

    def die(_: object) -> None:
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(base.engine(), "commit", die)
    with transaction() as session:
        run = jobs.take(session, "killed", announcing.KINDS)
    assert run is not None
    jobs.perform(all_routes(), run, work.DELIVER, "killed")
    base.disconnect()


def begun(chat: Chat, omar: Someone) -> Announcement:
    """It is about to go out: only its job has to be done."""
    with transaction() as session:
        author = session.get_one(Person, omar.person.id)
        found = life.draft(session, author, title="We move", text="To Harbour Street.", audience={"key": "everyone"})
        sending.release(a_turn(chat, session), found)
    return found


def test_killed_at_any_commit_it_reaches_everybody_once(chat: Chat, database: str) -> None:
    everybody = company(chat)
    died = 0
    for commit in KILLED_AT:
        base.set_clock(lambda: EVENING)
        announcement = begun(chat, everybody[0])
        base.disconnect()  # nothing of it may be shared with the process that is killed
        process = processes.Process(target=killed, args=(database, commit))
        process.start()
        process.join(60)
        died += process.exitcode == -signal.SIGKILL
        base.connect(database, pool=4)
        base.set_clock(lambda: EVENING + jobs.LEASE + timedelta(seconds=1))
        announcing.work(chat)
        base.set_clock(lambda: EVENING + timedelta(hours=10))
        while fire_due("test") or announcing.work(chat):
            chat.work()
        assert ended(announcement) == {"sent": READERS, "blocked": 1}, f"killed at commit {commit}"
        assert announcing.kept(announcement).state == SENT
    assert died == len(KILLED_AT)
    assert [len(someone.messages()) for someone in everybody] == [len(KILLED_AT)] * READERS + [0]


def ended(announcement: Announcement) -> Counter[str]:
    """What became of everybody's copy; where somebody has two, ``twice``."""
    with reading() as session:
        copies = session.scalars(select(PostedCard).where(PostedCard.about == announcement.about)).all()
        receipts = session.scalars(select(Receipt).where(Receipt.announcement_id == announcement.id)).all()
    states = {each.id: each.state or "waiting" for each in copies}
    found = Counter(each.unreachable or states.get(each.posted_id or 0, "nothing") for each in receipts)
    found += Counter({"twice": len(copies) - len({each.person_id for each in copies})})
    assert all(each.due_at is None for each in receipts)
    return found
