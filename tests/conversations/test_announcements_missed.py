"""The news for those who missed it: asked for in chat, on their home, in digests; looked up, and below links."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bot.gateway import UNFURL
from handlers.announcements import sending
from models.base import now, reading
from models.people import Person
from tests.alike import home
from tests.announcing import became, does, goes, passes
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 8, tzinfo=UTC)
ADMIN = {"roles": ["admin"]}


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    chat.at(MONDAY)


def last(someone: Someone) -> str:
    """The newest message that they see."""
    return someone.messages()[-1].text.translate(dict.fromkeys((0x2068, 0x2069)))


def test_what_did_i_miss(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    goes(chat, omar, title="We move")
    goes(chat, omar, title="New canteen", acknowledge_by=now() + timedelta(days=3), urgent=True)
    mona.commands("missed")
    said = last(mona)
    assert "2 announcements wait for you to read or confirm them." in said and "urgent, from Omar" in said
    assert said.index("New canteen") < said.index("We move"), "urgent first"
    mona.presses("Got it")
    mona.says("What did I miss?")
    assert "1 announcement waits for you to read or confirm it." in last(mona) and "New canteen" not in last(mona)
    mona.presses("Got it")
    mona.says("What did I miss?")
    assert "You have missed nothing." in last(mona) and "We move" in last(mona), "what came last is there"


def test_a_list_says_what_is_left_once_something_on_it_is_confirmed(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    for title in ("We move", "New canteen"):
        goes(chat, omar, title=title)
    mona.says("What did I miss?")
    shown = len(mona.messages())
    mona.presses("Got it")
    assert "1 announcement waits" in last(mona) and "New canteen" not in last(mona)
    mona.presses("Got it")
    assert "You have missed nothing." in last(mona) and len(mona.messages()) == shown


@pytest.mark.parametrize(
    ("locale", "words"),
    [("en", "what did I miss?"), ("it", "Cosa mi sono perso?"), ("ar", "ماذا فاتني؟"), ("he", "מה פספסתי?")],
)
def test_it_is_asked_in_plain_words_in_ones_own_chat(chat: Chat, locale: str, words: str) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.teams("mona", locale=locale)
    goes(chat, omar, title="Umzug")
    mona.says(words)
    assert "Umzug" in last(mona) and "/announcements" not in last(mona)
    channel = chat.channel("general", mona)
    before = len(mona.messages())
    mona.says(words, in_=channel, mention=False)
    assert len(mona.messages()) == before, "elsewhere it is talk"


def test_what_is_over_or_taken_back_disappears(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    goes(chat, omar, title="Lunch today", expires_at=now() + timedelta(hours=5))
    wrong = goes(chat, omar, title="Free cake")
    assert "Lunch today" in home(chat, mona) and "Free cake" in home(chat, mona)
    does(chat, sending.recall, wrong)
    assert "Lunch today" in home(chat, mona) and "Free cake" not in home(chat, mona)
    passes(chat, hours=6)
    assert "Announcements" not in home(chat, mona)
    mona.commands("missed")
    assert "You have missed nothing." in last(mona) and "Lunch" not in last(mona)


def test_it_stands_in_the_digest_until_it_was_seen(chat: Chat) -> None:
    omar, mona = chat.teams("omar", **ADMIN), chat.slack("mona")
    became(mona, digest="daily")
    goes(chat, omar, title="We move")
    passes(chat, hours=1.1)
    assert "This is new for you" in last(mona) and "We move" in last(mona)
    passes(chat, days=1)
    assert sum("This is new for you" in message.text for message in mona.messages()) == 1, "it was told once"


def test_leaders_are_told_once_a_week_and_can_say_no(chat: Chat) -> None:
    omar, boss = chat.teams("omar", **ADMIN), chat.slack("boss", roles=["manager"])
    mona = chat.slack("mona")
    goes(chat, omar, title="We move")
    mona.presses("Got it")
    passes(chat, minutes=1)
    passes(chat, days=7, hours=2)
    assert "What was announced, and what came of it" in last(boss)
    assert "We move" in last(omar) and "Got it: 1 of 3 (33 %)" in last(omar)
    assert "We move" in last(boss) and "Got it" not in last(boss), "so few that each could be made out"
    assert not mona.sees("What was announced")
    boss.presses("Send me no more of these")
    goes(chat, omar, title="We move again")
    passes(chat, minutes=1)
    passes(chat, days=8)
    assert sum("What was announced" in message.text for message in boss.messages()) == 1
    assert "You are not told once a week" in home(chat, boss)
    boss.uses("announcements.briefing", 1)
    assert "You are not told once a week" not in home(chat, boss)


def test_a_link_shows_it_only_where_everybody_got_it(chat: Chat) -> None:
    omar, mona = chat.slack("omar", department="Sales", **ADMIN), chat.slack("mona", department="Sales")
    announcement = goes(chat, omar, audience={"key": "department:sales"}, title="Sales only")
    link = f"https://agora.example.com/announcements/{announcement.id}"

    def shown(*people: Someone, name: str, closed: bool) -> bool:
        channel = chat.channel(name, *people, closed=closed)
        chat.platforms["slack"].unfurled.clear()
        links = [[link, f"/announcements/{announcement.id}"]]
        chat.happens(mona.inbound(UNFURL, channel, message="m", values={"links": links}))
        return link in chat.platforms["slack"].unfurled

    assert shown(mona, omar, name="sales", closed=True)
    assert shown(mona, omar, name="open", closed=False), "all that there are got it"
    gus = chat.slack("gus")
    assert not shown(mona, omar, name="still-open", closed=False)
    assert not shown(mona, gus, name="mixed", closed=True)


def test_it_is_looked_up_and_asked_for_by_who_got_it_alone(chat: Chat) -> None:
    omar, mona = chat.slack("omar", department="Sales", **ADMIN), chat.slack("mona", department="Sales")
    gus = chat.slack("gus")
    goes(chat, omar, audience={"key": "department:sales"}, title="The harbour office opens",
         text="From March on the harbour office is open to everybody in sales.")  # fmt: skip
    look = chat.runtime.router.searches["announcements"]
    with reading() as session:
        hits = look(session, session.get_one(Person, mona.person.id), "harbour office", {})
        assert [hit.title.text for hit in hits] == ["The harbour office opens"]  # type: ignore[union-attr]
        assert not look(session, session.get_one(Person, gus.person.id), "harbour office", {})
    mona.says("What was announced about the harbour office?")
    assert mona.sees("From March on the harbour office")
    gus.says("What was announced about the harbour office?")
    assert not gus.sees("From March on the harbour office")


def test_the_weekly_digest_of_a_leader_has_it_too(chat: Chat) -> None:
    omar, boss = chat.teams("omar", **ADMIN), chat.slack("boss", roles=["manager"])
    became(boss, digest="weekly")
    goes(chat, omar, title="We move")
    boss.presses("Got it")
    passes(chat, hours=1.1)
    passes(chat, days=7)
    digests = [message.text for message in boss.messages() if "This is new for you" in message.text]
    assert len(digests) == 1 and "What was announced, and what came of it" in digests[0]
    assert sum("What was announced" in message.text for message in boss.messages()) == 1, "told once, not twice"
