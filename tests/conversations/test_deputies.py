"""Somebody stands in for a person: while they are away, or always, and when they leave."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from models.base import reading
from models.experts import EXPIRED, HANDED_BACK, OFFERED, PASSED, WITHDRAWN, Offer
from tests.asking import KEYS, a_topic, asks, change, leaves, the_question
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def offers() -> list[tuple[str, str]]:
    """To whom it was offered, and what became of that."""
    with reading() as session:
        return [(one.person.handle, one.state) for one in session.scalars(select(Offer).order_by(Offer.id))]


def names(someone: Someone, deputy: str, when: str = "away") -> Someone:
    """Say who stands in."""
    someone.uses("home.deputy")
    assert someone.submits(deputy=deputy, when=when).errors == {}
    return someone


def away(someone: Someone) -> None:
    someone.commands("agora", "away until 2026-03-13")


def test_what_would_reach_somebody_absent_goes_to_their_deputy(chat: Chat) -> None:
    mona, omar, tom = chat.slack("mona"), chat.teams("omar"), chat.slack("tom")
    lea = chat.slack("lea", skills=["security"])
    names(omar, "tom")
    assert omar.sees("\u2068Tom\u2069 stands in for you while you are away.")
    assert tom.sees("You stand in for \u2068Omar\u2069 whenever they are away.")
    away(omar)
    asks(chat, mona, a_topic(chat, omar))
    assert offers() == [("tom", OFFERED)] and not lea.sees(KEYS)
    assert tom.sees("Why you: You stand in for \u2068Omar\u2069.")
    assert mona.sees("\u2068Tom\u2069 stands in for \u2068Omar\u2069.")


def test_who_is_there_is_asked_themselves_unless_somebody_always_stands_in(chat: Chat) -> None:
    mona, omar, tom = chat.slack("mona"), chat.teams("omar"), chat.slack("tom")
    names(omar, "tom")
    topic = a_topic(chat, omar)
    asks(chat, mona, topic)
    assert offers() == [("omar", OFFERED)]
    names(omar, "tom", "always")
    mona.says("Where is the other key?", in_="security")
    mona.presses("Ask an expert")
    assert offers()[-1] == ("tom", OFFERED) and tom.sees("Where is the other key?")


def test_what_they_have_goes_to_the_deputy_when_they_go_away_or_leave(chat: Chat) -> None:
    mona, omar, tom, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("tom"), chat.slack("lea")
    names(omar, "tom")
    names(tom, "lea")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    away(omar)
    assert offers() == [("omar", HANDED_BACK), ("tom", OFFERED)]
    tom.presses("Accept")
    leaves(chat, tom)
    assert offers() == [("omar", HANDED_BACK), ("tom", WITHDRAWN), ("lea", OFFERED)]
    assert lea.sees("Why you: You stand in for \u2068Tom\u2069.") and the_question().next_step == "offer_ends"


def test_who_left_with_nobody_named_leaves_it_to_others(chat: Chat) -> None:
    mona, omar, tom = chat.slack("mona"), chat.teams("omar"), chat.slack("tom")
    lea = chat.slack("lea", skills=["security"])
    names(omar, "tom")
    change(tom, active=False)
    asks(chat, mona, a_topic(chat, omar))
    leaves(chat, omar)
    assert offers() == [("omar", WITHDRAWN), ("lea", OFFERED)] and lea.sees(KEYS)


def test_the_manager_of_whoever_leaves_decides_who_answers(chat: Chat) -> None:
    mona, omar, boss, tom = chat.slack("mona"), chat.teams("omar"), chat.teams("boss"), chat.slack("tom")
    chat.slack("lea", skills=["security"])
    change(omar, manager_id=boss.person.id)
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    leaves(chat, omar)
    assert offers() == [("omar", WITHDRAWN), ("boss", OFFERED)]
    assert boss.sees("\u2068Omar\u2069 had this and has left. You were their manager, so you decide")
    assert mona.sees("\u2068Omar\u2069 is not there: \u2068Boss\u2069 decides who answers instead.")
    boss.presses("Pass on to…")
    assert boss.submits(person=str(tom.person.id)).errors == {}
    assert offers()[1:] == [("boss", PASSED), ("tom", OFFERED)]
    assert tom.sees("\u2068Boss\u2069 thinks you know.")


def test_a_manager_who_says_no_or_nothing_leaves_it_to_others(chat: Chat) -> None:
    mona, omar, boss = chat.slack("mona"), chat.teams("omar"), chat.teams("boss")
    lea = chat.slack("lea", skills=["security"])
    change(omar, manager_id=boss.person.id)
    asks(chat, mona, a_topic(chat, omar))
    leaves(chat, omar)
    assert the_question().next_step == "offer_ends"
    chat.passes(hours=5)
    assert offers() == [("omar", WITHDRAWN), ("boss", EXPIRED), ("lea", OFFERED)] and lea.sees(KEYS)


def test_the_manager_of_whoever_is_away_decides_only_if_that_is_for_long(chat: Chat) -> None:
    mona, omar, boss = chat.slack("mona"), chat.teams("omar"), chat.teams("boss")
    chat.slack("lea", skills=["security"])
    change(omar, manager_id=boss.person.id)
    asks(chat, mona, a_topic(chat, omar))
    away(omar)
    assert offers() == [("omar", WITHDRAWN), ("boss", OFFERED)]
    assert boss.sees("\u2068Omar\u2069 had this and is away. You are their manager, so you decide")


def test_an_absence_of_a_day_is_nothing_that_the_manager_decides_on(chat: Chat) -> None:
    mona, omar, boss = chat.slack("mona"), chat.teams("omar"), chat.teams("boss")
    chat.slack("lea", skills=["security"])
    change(omar, manager_id=boss.person.id)
    asks(chat, mona, a_topic(chat, omar))
    omar.commands("agora", "away until 2026-03-03")
    assert offers() == [("omar", WITHDRAWN), ("lea", OFFERED)] and not boss.sees(KEYS)


def test_the_manager_does_not_decide_on_what_they_ask(chat: Chat) -> None:
    boss, omar = chat.teams("boss"), chat.slack("omar")
    chat.slack("lea", skills=["security"])
    change(omar, manager_id=boss.person.id)
    asks(chat, boss, a_topic(chat, omar))
    leaves(chat, omar)
    assert offers() == [("omar", WITHDRAWN), ("lea", OFFERED)]


def test_the_manager_does_not_decide_on_what_they_may_not_read(chat: Chat) -> None:
    boss, omar, mona = chat.teams("boss"), chat.slack("omar"), chat.slack("mona")
    change(omar, manager_id=boss.person.id)
    topic = a_topic(chat, omar)
    lea = chat.slack("lea", skills=["security"])
    chat.channel("vault", mona, omar, lea, closed=True, topic_id=topic.id)
    mona.says(KEYS, in_="vault")
    mona.presses("Ask an expert")
    leaves(chat, omar)
    assert offers() == [("omar", WITHDRAWN), ("lea", OFFERED)] and not boss.sees(KEYS)


def test_deputies_of_deputies_and_circles(chat: Chat) -> None:
    mona, omar, tom = chat.slack("mona"), chat.teams("omar"), chat.slack("tom")
    chat.slack("lea")
    names(omar, "tom", "always")
    names(tom, "lea")
    away(tom)
    topic = a_topic(chat, omar)
    asks(chat, mona, topic)
    assert offers() == [("lea", OFFERED)]  # Tom is away, so it is Lea
    tom.commands("agora", "back")
    names(tom, "omar", "always")
    mona.says("Where is the other key?", in_="security")
    mona.presses("Ask an expert")
    assert offers()[1:] in ([("omar", OFFERED)], [("tom", OFFERED)])  # each stands in for the other: one of them has it


def test_in_a_closed_place_only_who_is_in_it_stands_in(chat: Chat) -> None:
    mona, omar, tom = chat.slack("mona"), chat.slack("omar"), chat.slack("tom")
    lea = chat.slack("lea", skills=["security"])
    names(omar, "tom")
    away(omar)
    topic = a_topic(chat, omar)
    chat.channel("security", mona, omar, closed=True, topic_id=topic.id)
    mona.says(KEYS, in_="security")
    mona.presses("Ask an expert")
    assert offers() == [("lea", OFFERED)] and not tom.sees(KEYS) and lea.sees(KEYS)


def test_a_colleague_passes_it_to_somebody_absent_and_their_deputy_has_it(chat: Chat) -> None:
    mona, omar, lea, tom = chat.slack("mona"), chat.teams("omar"), chat.slack("lea"), chat.slack("tom")
    names(lea, "tom")
    away(lea)
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Pass on to…")
    assert omar.submits(person=str(lea.person.id)).errors == {}
    assert offers() == [("omar", PASSED), ("tom", OFFERED)]
    assert tom.sees("\u2068Omar\u2069 thinks you know.") and tom.sees("You stand in for \u2068Lea\u2069.")


def test_who_was_named_can_refuse_and_nobody_names_themselves_or_strangers(chat: Chat) -> None:
    omar, tom = chat.teams("omar"), chat.slack("tom")
    guest = chat.slack("gus", kind="guest")
    for wrong in ("omar", "nobody", "gus", "0"):
        omar.uses("home.deputy")
        assert "deputy" in omar.submits(deputy=wrong, when="away").errors
    assert "when" in omar.submits(deputy="tom", when="sometimes").errors
    guest.uses("home.deputy")
    assert "deputy" in guest.submits(deputy="tom", when="away").errors
    names(omar, "tom")
    tom.presses("I cannot stand in")
    assert tom.sees("You do not stand in for \u2068Omar\u2069.") and omar.sees("does not stand in for you")
    again = tom.uses("home.no_deputy", omar.person.id)
    assert again.notice is not None and "any more" in again.notice.text
    names(omar, "")
    assert omar.sees("Nobody stands in for you.")
