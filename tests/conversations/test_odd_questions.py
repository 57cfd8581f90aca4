"""What nobody expects to be asked: each gets a sensible answer, no error, and soon."""

from __future__ import annotations

import time

import pytest
from sqlalchemy import func, select

from models.base import reading
from models.mail import FAILED, Inbox
from models.questions import Question
from tests.chat import Chat, Someone
from tests.models.test_asking import JAVA, PYTHON

ODD = [
    "x" * 40_000,
    "how do I reset my badge? " * 1600,
    "休暇はどうやって申請しますか",
    "Как подать заявление на отпуск?",
    "'; drop table question; --",
    "select * from person where '1'='1'",
    "a & b | !c <-> (d:*)",
    "\u202eegdab ym teser I od woH\u202c\u0007\u001b[31m",
    "איך \u2067מאפסים\u2066 תג\u200f?\u200e",
    "كيف أعيد\u202b البطاقة؟",
    "<script>alert(1)</script> {{7*7}} %s %(name)s {name} ${x}",
    "<!channel> @everyone <at>all</at> help",
    JAVA,
]


def asked(someone: Someone, text: str) -> float:
    """How long Agora worked on it, in seconds of this process: others keep the machine busy."""
    before, started = len(someone.messages()), time.process_time()
    someone.says(text)
    seconds = time.process_time() - started
    assert len(someone.messages()) > before, "nothing was said to it"
    return seconds


def failed() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(Inbox).where(Inbox.state == FAILED)) or 0


def questions() -> list[Question]:
    with reading() as session:
        return list(session.scalars(select(Question).order_by(Question.id)))


@pytest.mark.parametrize("platform", ["slack", "teams"])
def test_whatever_is_asked_is_answered_at_once(chat: Chat, platform: str) -> None:
    chat.knows("Reset a badge", "To reset a badge, hold it to the reader at gate 3.")
    mona = getattr(chat, platform)("mona")
    asked(mona, "How do I reset my badge?")
    for text in ODD:
        assert asked(mona, text) < 1, text[:40]
    assert failed() == 0 and not mona.sees("Something went wrong") and not mona.sees("\u202e")
    assert all("\u202e" not in each.text and "\x07" not in each.text for each in questions())


def test_too_much_is_said_to_be_too_much(chat: Chat) -> None:
    mona = chat.slack("mona")
    mona.says("badge " * 7000)
    assert mona.sees("at most 40,000 characters") and questions() == []


@pytest.mark.parametrize("text", ["🤔", "👍👍", "…", "what is the", "che cosa è?", "ماذا", "מה זה?", "\u202e"])
def test_what_asks_nothing_is_asked_back(chat: Chat, text: str) -> None:
    mona = chat.teams("mona")
    mona.says(text)
    assert mona.sees("What would you like to know?") and questions() == []


def test_in_a_channel_where_nobody_spoke_to_agora_nothing_is_said(chat: Chat) -> None:
    mona = chat.slack("mona")
    place = chat.channel("help", mona, answers="always")
    mona.says("🤔", in_=place, mention=False)
    assert mona.messages() == [] and questions() == []


def test_of_a_stack_trace_the_error_finds_the_answer(chat: Chat) -> None:
    chat.knows("Disk quota", "When the disk quota of /srv/data is exceeded, delete old exports, then start it again.")
    chat.knows("Portal", "The portal is run by the web team. portal.load loads line after line: app, jobs, nightly.")
    mona = chat.slack("mona")
    mona.says(PYTHON.replace("The nightly import fails, what now?", "What now?"))
    assert mona.sees("delete old exports")
    assert "line 41" in questions()[0].text  # who answers it sees all of it
