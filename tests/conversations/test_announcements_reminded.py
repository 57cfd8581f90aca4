"""Who has not acknowledged an announcement by its date: a reminder, another platform, their manager; nobody twice."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta

import pytest

from handlers.announcements import sending
from models.announcements import life
from models.base import now
from tests.announced import also_on
from tests.announcing import became, does, goes, passes, receipts
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)
REMINDED = "You have not confirmed this yet."


def reminders(someone: Someone) -> int:
    return sum(REMINDED in message.text for message in someone.messages())


@pytest.fixture
def omar(chat: Chat) -> Someone:
    chat.at(MONDAY)
    return chat.teams("omar", roles=["admin"])


def asked(chat: Chat, omar: Someone, **fields: object):  # type: ignore[no-untyped-def]
    announcement = goes(chat, omar, acknowledge_by=MONDAY + timedelta(days=1), **fields)
    omar.presses("Got it")
    return announcement


def test_first_here_then_elsewhere_then_their_manager(chat: Chat, omar: Someone) -> None:
    boss, mona, noa = chat.slack("boss"), chat.slack("mona"), chat.slack("noa")
    mona_on_teams = also_on(chat, mona, "teams")
    for someone in (mona, noa):
        became(someone, manager_id=boss.person.id)
    asked(chat, omar)
    boss.presses("Got it")
    noa.presses("Got it")
    passes(chat, days=1)
    assert (reminders(mona), reminders(mona_on_teams), reminders(noa), reminders(boss)) == (1, 0, 0, 0)
    passes(chat, days=1)
    assert (reminders(mona), reminders(mona_on_teams)) == (1, 1) and not boss.sees("of your people")
    passes(chat, days=1)
    assert boss.sees("1 of your people has not confirmed") and boss.sees("Mona") and not boss.sees("Noa")
    passes(chat, days=9)
    assert sum("of your people" in each.text for each in boss.messages()) == 1
    assert (reminders(mona), reminders(mona_on_teams)) == (1, 1)


def test_nobody_is_asked_to_confirm_what_they_announced(chat: Chat, omar: Someone) -> None:
    boss, mona = chat.slack("boss"), chat.slack("mona")
    became(omar, manager_id=boss.person.id)
    goes(chat, omar, acknowledge_by=MONDAY + timedelta(days=1))
    omar.commands("missed")
    assert omar.sees("You have missed nothing.")
    boss.presses("Got it")
    passes(chat, days=4)
    assert (reminders(omar), reminders(mona)) == (0, 2) and not boss.sees("of your people")


def test_what_one_account_confirmed_is_asked_of_no_other(chat: Chat, omar: Someone) -> None:
    mona, other = chat.slack("mona"), chat.teams("m-ahlberg")
    announcement = asked(chat, omar)
    other.presses("Got it")
    mona.commands("accounts")
    mona.presses("I am somewhere else too")
    other.commands("accounts", re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", mona.screen())[-1])
    other.presses("Yes, that is me")
    mona.presses("Yes, that is me")
    assert receipts(announcement)["mona"].acknowledged_at is not None
    assert mona.sees("✓ You have confirmed this.")
    passes(chat, days=2.5)
    assert reminders(mona) == reminders(other) == 0


def test_nobody_is_asked_again_after_they_did(chat: Chat, omar: Someone) -> None:
    boss, mona = chat.slack("boss"), chat.slack("mona")
    became(mona, manager_id=boss.person.id)
    asked(chat, omar)
    boss.presses("Got it")
    passes(chat, days=1)
    mona.presses("Got it")
    passes(chat, days=9)
    assert reminders(mona) == 0 and not boss.sees("of your people")  # the reminder says that it was confirmed


def test_a_later_date_makes_the_earlier_timers_stale(chat: Chat, omar: Someone) -> None:
    mona = chat.slack("mona")
    announcement = asked(chat, omar)
    later = MONDAY + timedelta(days=3)
    does(chat, lambda turn, it: sending.edited(
        turn, it, life.edit_sent(turn.session, it, it.author, acknowledge_by=later)), announcement)  # fmt: skip
    passes(chat, days=2)
    assert reminders(mona) == 0
    passes(chat, days=1)
    assert reminders(mona) == 1


@pytest.mark.parametrize("what", ["recalled", "expired"])
def test_what_holds_no_more_reminds_nobody(chat: Chat, omar: Someone, what: str) -> None:
    mona = chat.slack("mona")
    expires = MONDAY + timedelta(days=1, minutes=1)
    announcement = asked(chat, omar, expires_at=expires if what == "expired" else None)
    if what == "recalled":
        does(chat, sending.recall, announcement)
    passes(chat, days=1, hours=1)
    passes(chat, days=9)
    assert reminders(mona) == 0 and receipts(announcement)["mona"].reminders == 0
    assert now() > expires


def test_a_reminder_waits_for_the_end_of_quiet_hours(chat: Chat, omar: Someone) -> None:
    noa, mona = chat.slack("noa"), chat.slack("mona", quiet_from=time(9), quiet_to=time(15))
    chat.at(MONDAY + timedelta(hours=6))
    goes(chat, omar, acknowledge_by=MONDAY + timedelta(days=1))
    passes(chat, hours=18)
    assert (reminders(noa), reminders(mona)) == (1, 0)
    passes(chat, hours=5.1)
    assert reminders(mona) == 1
