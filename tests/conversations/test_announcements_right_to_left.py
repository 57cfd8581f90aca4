"""An announcement among people who read from right to left: every platform takes all that they see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from handlers.announcements import sending
from tests import rendered
from tests.announcing import became, does, goes, passes
from tests.chat import Chat

MONDAY = datetime(2026, 3, 9, 10, tzinfo=UTC)


def test_every_card_is_taken(chat: Chat) -> None:
    chat.at(MONDAY)
    omar = chat.teams("omar", name="عمر", roles=["admin"], locale="ar")
    boss, mona = chat.slack("boss", locale="he"), chat.slack("mona", name="מונה", locale="he")
    became(mona, manager_id=boss.person.id)
    announcement = goes(chat, omar, text="ננתק את **החשמל** ביום שני.", acknowledge_by=MONDAY + timedelta(days=1))
    mona.commands("missed")
    mona.presses("It does not work for me")
    mona.submits(text="אני עובדת מהבית.")
    mona.presses("I have a question")
    mona.submits(text="כמה זמן זה יימשך?")
    for _ in range(3):
        passes(chat, days=1)
    assert omar.sees("אני עובדת מהבית.") and omar.sees("כמה זמן זה יימשך?"), "they stand on the desk"
    assert boss.sees("מונה"), "who has not confirmed it"
    does(chat, sending.recall, announcement)
    shown = [message for someone in (omar, boss, mona) for message in someone.messages()]
    assert len(shown) > 6 and {message.reader.direction for message in shown} == {"rtl"}
    for message in shown:
        rendered.shown(message.card, message.reader)
