"""What Agora itself does for an announcement, and failed for good, is done once more: nothing is lost by it."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from bot.clock import fire_due
from handlers.announcements import sending
from models.announcements import life, retrying
from models.announcements.tables import SCHEDULED, Announcement
from models.base import now, transaction
from models.mail import FAILED, NEW, Inbox, Job
from tests.announcing import a_turn, goes, kept
from tests.announcing import work as do_jobs
from tests.chat import Chat

ADMIN = {"roles": ["admin"]}


def again() -> int:
    with transaction() as session:
        return retrying.retry(session, now())


def test_what_was_to_go_out_when_its_timer_failed_goes_out_an_hour_later(chat: Chat) -> None:
    chat.at(now())
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar, send_at=now() + timedelta(hours=2))
    chat.at(now() + timedelta(hours=2, minutes=1))
    assert fire_due("test") == 1
    with transaction() as session:
        session.execute(update(Inbox).where(Inbox.kind == "timer").values(state=FAILED, done_at=now(), attempts=9))
    chat.work()
    assert kept(announcement).state == SCHEDULED and not mona.sees("Harbour Street")
    assert again() == 1 and again() == 0
    chat.work()
    do_jobs(chat)
    assert mona.sees("Harbour Street")


def test_copies_say_that_it_was_taken_back_although_the_job_failed(chat: Chat) -> None:
    chat.at(now())
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar)
    with transaction() as session:
        sending.recall(a_turn(chat, session), session.get_one(Announcement, announcement.id, with_for_update=True))
        session.flush()
        session.execute(update(Job).where(Job.state == NEW).values(state=FAILED, attempts=3))
    do_jobs(chat)
    assert mona.sees("Harbour Street")
    assert again() == 1
    do_jobs(chat)
    assert mona.sees("has taken back") and not mona.sees("Harbour Street")


def test_what_fails_for_a_day_is_left_to_an_administrator(chat: Chat) -> None:
    chat.at(now())
    announcement = goes(chat, chat.teams("omar", **ADMIN))
    with transaction() as session:
        row = session.get_one(Announcement, announcement.id, with_for_update=True)
        sending.edited(a_turn(chat, session), row, life.edit_sent(session, row, row.author, text="To Dock Road."))
        session.flush()
        session.execute(update(Job).where(Job.state == NEW).values(state=FAILED))
    chat.at(now() + timedelta(days=1, minutes=1))
    assert again() == 0
