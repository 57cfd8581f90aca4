"""What a reader presses while all copies are being changed, or taken back: it counts or is refused, and the copy says
the newest in the end, whichever of the two comes last."""

from __future__ import annotations

import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import timedelta
from typing import Any

from sqlalchemy import select, text, update

from bot import jobs
from handlers.announcements import responses, sending, work
from models.announcements import life, reach
from models.announcements.tables import Announcement
from models.base import now, reading, transaction
from models.mail import BULK, HELD, NEW, USUAL, Job, Outbox
from models.people import Person
from tests.announced import told
from tests.announcing import KINDS, a_turn, goes, receipts
from tests.announcing import work as do_jobs
from tests.chat import Chat, Someone

ADMIN = {"roles": ["admin"]}
SAID = "You said that it does not work for you."
CONFIRMED = "✓ You have confirmed this."


def changed(chat: Chat, announcement: Announcement) -> None:
    """Its author changes it: the job that changes the copies waits."""
    with transaction() as session:
        row = session.get_one(Announcement, announcement.id, with_for_update=True)
        before = life.edit_sent(session, row, row.author, text="To **Dock Road**.")
        sending.edited(a_turn(chat, session), row, before)


def step(chat: Chat) -> None:
    """Do the oldest job, and deliver nothing."""
    with transaction() as session:
        run = jobs.take(session, "test", KINDS)
        assert run is not None
        kind = session.get_one(Job, run.id).kind
    jobs.perform(chat.runtime.router, run, kind, "test")


def confirms(chat: Chat, session: Any, someone: Someone, announcement: Announcement) -> None:
    """Somebody presses: what they did is not committed yet."""
    turn = a_turn(chat, session)
    turn._actor = session.get_one(Person, someone.person.id)
    responses.got(turn, announcement.id)


def waits_for_another(doing: Future[Any]) -> None:
    """Until the database makes somebody wait for a lock; what failed meanwhile says why."""
    found = text(
        "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    )
    last = time.monotonic() + 10
    while time.monotonic() < last:
        with reading() as session:
            if session.scalar(found):
                return
        if doing.done():
            doing.result()
        time.sleep(0.01)
    raise AssertionError("nobody waited")


def test_what_is_pressed_before_a_change_arrives_shows_both_ahead_of_the_others(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar)
    changed(chat, announcement)
    step(chat)
    assert mona.sees("Harbour Street")
    mona.presses("Got it")
    assert mona.sees("Dock Road") and mona.sees(CONFIRMED)
    assert omar.sees("Dock Road") and not omar.sees(CONFIRMED)
    with reading() as session:
        sent = select(Outbox.operation, Outbox.urgency).where(Outbox.conversation == mona.own_chat)
        assert session.execute(sent.order_by(Outbox.id)).all() == [("post", BULK), ("edit", USUAL)]


def test_what_comes_back_to_wait_does_not_undo_that_it_was_taken_back(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar)
    with transaction() as session:
        confirms(chat, session, mona, announcement)
    edit = (Outbox.conversation == mona.own_chat) & (Outbox.operation == "edit") & (Outbox.urgency == USUAL)
    in_hand = {"state": HELD, "holder": "another", "lease_until": now() + timedelta(seconds=30)}
    came_back = {"state": NEW, "holder": None, "lease_until": None, "not_before": now() + timedelta(seconds=5)}
    with transaction() as session:
        session.execute(update(Outbox).where(edit).values(in_hand))
        sending.recall(a_turn(chat, session), session.get_one(Announcement, announcement.id, with_for_update=True))
    step(chat)
    with transaction() as session:
        session.execute(update(Outbox).where(edit).values(came_back))
    chat.work()
    assert mona.sees("has taken back")
    chat.passes(seconds=10)
    assert mona.sees("has taken back") and not mona.sees("Harbour Street")


def test_a_reminder_on_its_way_says_what_was_said_meanwhile(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar)
    with transaction() as session:
        a_turn(chat, session).job(work.DELIVER, announcement_id=announcement.id, remind=1)
    step(chat)
    mona.presses("It does not work for me")
    mona.submits(text="I cannot climb the stairs.")
    assert [SAID in each.text for each in mona.messages()] == [True, True]


def test_a_change_knows_what_was_pressed_just_before(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar)
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            confirms(chat, session, mona, announcement)
            changed(chat, announcement)
            job = pool.submit(step, chat)
            waits_for_another(job)
        job.result(10)
    chat.work()
    assert mona.sees("Dock Road") and mona.sees(CONFIRMED)


def test_what_is_pressed_while_it_is_taken_back_is_refused(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    announcement = goes(chat, omar)
    with ThreadPoolExecutor(1) as pool:
        with transaction() as session:
            row = session.get_one(Announcement, announcement.id, with_for_update=True)
            sending.recall(a_turn(chat, session), row)
            assert len(reach.copies(session, row, 0, 10)) == 2
            pressed = pool.submit(mona.presses, "Got it")
            waits_for_another(pressed)
        assert "taken this back" in told(pressed.result(10))
    do_jobs(chat)
    assert mona.sees("has taken back") and not mona.sees("Harbour Street")
    assert receipts(announcement)["mona"].acknowledged_at is None
