"""What readers say to an announcement: that they got it, or why it does not work for them."""

from __future__ import annotations

from datetime import timedelta

from models.announcements.tables import RECALLED
from models.base import now
from tests.announced import also_on, announced, becomes, receipt, told
from tests.chat import Chat


def test_got_it_changes_every_copy_of_the_reader_and_nobody_elses(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.teams("noa", locale="it")
    mona_on_teams = also_on(chat, mona, "teams")
    announcement = announced(chat, omar, mona, noa)
    assert mona.sees("Harbour Street 5") and mona_on_teams.sees("Harbour Street 5")
    mona.presses("Got it")
    assert mona.sees("✓ You have confirmed this.") and mona_on_teams.sees("✓ You have confirmed this.")
    assert not noa.sees("confirmed") and receipt(announcement, noa).acknowledged_at is None
    first = receipt(announcement, mona).acknowledged_at
    assert "already" in told(mona.uses("announcements.got", announcement.id))
    assert receipt(announcement, mona).acknowledged_at == first is not None


def test_who_cannot_answer_is_told_why(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    announcement = announced(chat, omar, mona)
    assert "was not sent to you" in told(noa.uses("announcements.got", announcement.id))
    assert "your own announcement" in told(omar.uses("announcements.got", announcement.id))
    assert "does not exist" in told(mona.uses("announcements.got", 999))
    becomes(chat, announcement, expires_at=now() - timedelta(minutes=1))
    assert "This announcement is over." in told(mona.presses("Got it"))
    becomes(chat, announcement, "announcement.recalled", state=RECALLED, expires_at=None)
    assert "taken this back" in told(mona.presses("Got it")) and receipt(announcement, mona).acknowledged_at is None


def test_an_objection_is_replied_to_in_private_and_can_be_taken_back(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    announcement = announced(chat, omar, mona, noa)
    mona.presses("It does not work for me")
    assert mona.submits(text="   ").errors and mona.submits(text="x" * 5000).errors
    mona.submits(text="I cannot climb the *stairs* there.")
    assert receipt(announcement, mona).objection == "I cannot climb the *stairs* there."
    assert mona.sees("You said that it does not work for you.")
    assert not noa.uses("announcements.reply", announcement.id).form
    omar.uses("announcements.reply", announcement.id)
    omar.submits(person=str(noa.person.id), text="No.")
    assert receipt(announcement, mona).reply is None
    omar.submits(person=str(mona.person.id), text="There is a lift, on the left.")
    assert mona.sees("There is a lift, on the left.") and not noa.sees("lift")
    mona.presses("It works for me now")
    assert receipt(announcement, mona).objected_at is None and not mona.sees("You said that it does not work")
    assert not omar.uses("announcements.reply", announcement.id).form
