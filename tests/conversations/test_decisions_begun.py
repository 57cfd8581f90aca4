"""How a decision begins: what is asked is looked at before it counts."""

from __future__ import annotations

from datetime import UTC, datetime

from bot.texts import Reader, say
from tests.chat import Chat
from tests.conversations.test_decisions_made import FLOOR, newest


def test_when_it_closes_is_shown_as_it_was_understood_before_it_counts(chat: Chat) -> None:
    mona, omar = chat.slack("mona", locale="it", timezone="Europe/Rome"), chat.teams("omar")
    chat.channel("move", mona, omar)
    chat.at(datetime(2026, 3, 4, 9, tzinfo=UTC))  # a Wednesday
    mona.commands("decide", in_="move")
    mona.submits(**{**FLOOR, "until": "venerdì alle 17"})
    form = mona.reply.form
    assert form is not None and form.inputs[4].value == "venerdì alle 17" and not omar.sees("Which floor")
    shown = say(form.intro[0].words, Reader("it", "Europe/Rome"))  # type: ignore[union-attr]
    assert "venerdì" in shown and "06/03/26" in shown and "17:00" in shown
    mona.submits(**{**FLOOR, "until": "fra 2 ore"})
    assert mona.reply.form is not None and newest() is None, "another moment is shown, too"
    chat.passes(minutes=5)
    mona.submits(**{**FLOOR, "until": "fra 2 ore"})
    assert newest().closes_at == datetime(2026, 3, 4, 11, tzinfo=UTC), "what was shown is what counts"
    mona.commands("decide", in_="move")
    mona.submits(**{**FLOOR, "until": "fra 2 ore"})
    chat.passes(hours=3)
    mona.submits(**{**FLOOR, "until": "fra 2 ore"})
    assert mona.reply.form is not None, "what was shown is past"
