"""Decisions where something goes wrong: a channel that is gone, people who act at once, what comes too late."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Text, cast, delete, select

from bot.texts import Reader, say
from models.base import Refusal, now, reading, transaction
from models.decisions import counting, steps, voices
from models.decisions.counting import TIE, TOO_FEW, outcome
from models.decisions.tables import DECIDED, WITHDRAWN, Decision, DecisionForm, DecisionOption, Voice
from models.mail import Inbox, Outbox, Timer
from models.people import MASK, Person
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
LUNCH = {"title": "Where do we eat?", "options": "Falafel\nSushi", "until": "in 3 days"}
VOTES = st.dictionaries(st.integers(1, 10), st.integers(0, 5), max_size=10)


@pytest.fixture(autouse=True)
def monday_morning(request: pytest.FixtureRequest) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    if "chat" in request.fixturenames:
        request.getfixturevalue("chat").at(MONDAY)


def begun(chat: Chat, asker: Someone, **values: str) -> int:
    asker.commands("decide", in_="lunch")
    assert not asker.agrees(**{**LUNCH, **values}).errors
    with reading() as session:
        return session.scalars(select(Decision.id).order_by(Decision.id.desc())).first() or 0


def decision(number: int) -> Decision:
    with reading() as session:
        return session.get_one(Decision, number)


@given(VOTES, st.integers(1, 20))
def test_what_has_the_most_is_chosen_and_nothing_else(votes: dict[int, int], least: int) -> None:
    people = sum(votes.values())
    found = outcome(votes, people, least)
    most = max(votes.values(), default=0)
    first = [option for option, number in votes.items() if number == most and most]
    if people < least or not first:
        assert found == (counting.Outcome(None, TOO_FEW))
    elif len(first) > 1:
        assert found == counting.Outcome(None, TIE)
    else:
        assert found.chosen == first[0]


def test_what_a_closed_channel_does_not_take_reaches_who_asked(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    chat.platforms["slack"].closed.add("lunch")
    number = begun(chat, mona)
    chat.work()
    assert mona.sees("I could not post this in") and mona.sees("Where do we eat?")
    mona.presses("Have your say")
    mona.submits(choice="2")
    chat.passes(days=5)
    chat.work()
    assert decision(number).state == DECIDED and mona.sees("Decided: \u2068Sushi")


def test_of_those_who_choose_at_once_each_counts_once(chat: Chat) -> None:
    people = [chat.slack(f"voter{n}") for n in range(6)]
    chat.channel("lunch", *people)
    number = begun(chat, people[0], anonymous="yes")

    def choose(person: int) -> bool:
        try:
            with transaction() as session:
                found = session.get(Decision, number, with_for_update=True)
                assert found is not None
                voices.say(session, found, session.get_one(Person, person), 1)
        except Refusal:
            return False
        return True

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(choose, [someone.person.id for someone in people] * 2))
    assert sum(done) == 6
    with reading() as session:
        assert session.get_one(DecisionOption, (number, 1)).votes == 6
        assert len(session.scalars(select(Voice)).all()) == 6


def test_what_comes_after_it_was_closed_is_told_and_changes_nothing(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    number = begun(chat, mona)
    for someone in (mona, omar):
        someone.uses("decisions.say", number)
        someone.submits(choice="1")
    omar.uses("decisions.say", number)
    mona.presses("Close it now")
    assert decision(number).state == DECIDED
    assert "decided already" in omar.submits(choice="2").errors["choice"].text
    mona.uses("decisions.close", number)
    assert "decided already" in say(mona.reply.notice, Reader())
    mona.uses("decisions.extend", number)
    assert mona.reply.form is None
    before = len(omar.messages())
    chat.passes(days=5)
    assert len(omar.messages()) == before and decision(number).chosen == 1
    mona.uses("decisions.withdraw", number)
    assert decision(number).state == WITHDRAWN
    omar.uses("decisions.say", number)
    assert "withdrawn" in say(omar.reply.notice, Reader())


def test_others_can_neither_end_nor_change_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    guest = chat.slack("gino", kind="guest")
    number = begun(chat, mona)
    for route in ("close", "withdraw", "extend", "hand_to", "explain", "again", "decide"):
        assert omar.uses(f"decisions.{route}", number).form is None, route
        assert guest.uses(f"decisions.{route}", number).form is None, route
    assert guest.uses("decisions.say", number).form is None and guest.uses("decisions.more", number).form is None
    assert not guest.sees("Where do we eat?")
    guest.commands("decide", in_="lunch")
    assert guest.reply.form is None and decision(number).state == "open"


def test_an_anonymous_one_of_two_decides_nothing(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    number = begun(chat, mona, anonymous="yes")
    for someone in (mona, omar):
        someone.uses("decisions.say", number)
        someone.submits(choice="1")
    mona.presses("Close it now")
    assert decision(number).state == "undecided" and omar.sees("2 people took part, and 3 were needed.")


def test_an_anonymous_one_that_was_counted_begins_anew(chat: Chat) -> None:
    """Nobody who comes later can be told from the difference."""
    people = [chat.slack(f"voter{n}") for n in range(6)]
    chat.channel("lunch", *people)
    mona, *_ = people
    number = begun(chat, mona, anonymous="yes")
    for someone, choice in zip(people, "112211", strict=True):
        someone.uses("decisions.say", number)
        if someone is not people[-1] and someone is not people[-2]:
            someone.submits(choice=choice)
    chat.passes(days=5)
    assert decision(number).state == "undecided" and not people[1].sees("The third: 2")
    assert not any(button.label.text == "Give it more time" for each in mona.messages() for button in each.buttons)
    mona.uses("decisions.extend", number)
    assert "Decide it again" in mona.submits(until="tomorrow").errors["until"].text
    mona.presses("Decide again")
    mona.agrees(**LUNCH, anonymous="yes")
    with reading() as session:
        again = session.scalars(select(Decision).order_by(Decision.id.desc())).first()
    assert again is not None and again.replaces_id == number and again.anonymous


def test_nobody_has_a_say_once_the_time_is_over(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    number = begun(chat, mona, mode="one", people="@omar")
    chat.passes(days=4)
    mona.uses("decisions.say", number)
    assert mona.reply.form is None and "is over" in say(mona.reply.notice, Reader())
    mona.uses("decisions.close", number)
    assert "decides this" in say(mona.reply.notice, Reader())


def test_one_whose_step_failed_for_good_tries_it_again(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    number = begun(chat, mona)
    with transaction() as session:
        session.execute(delete(Timer))
    chat.passes(days=5)
    assert decision(number).state == "open"
    with transaction() as session:
        assert steps.wake_sleepers(session, now()) == 1 and steps.wake_sleepers(session, now()) == 0
    chat.passes(seconds=1)
    assert decision(number).state == "undecided"


def test_where_members_are_not_known_only_those_who_spoke_are_counted(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, members_known=False)
    number = begun(chat, mona)
    assert mona.sees("0 people have had their say.")
    omar.uses("decisions.say", number)
    omar.submits(choice="2")
    assert mona.sees("1 person has had their say.")
    mona.uses("decisions.close", number)
    assert decision(number).state == DECIDED


def test_who_left_after_their_say_leaves_nobody_uncounted(chat: Chat) -> None:
    mona, omar, noa = chat.slack("mona"), chat.slack("omar"), chat.slack("noa")
    chat.channel("lunch", mona, omar, noa)
    for mode in ({"mode": "named", "people": "@mona, @omar, @noa"}, {}):
        number = begun(chat, mona, **mode)
        for someone in (omar, mona):
            someone.uses("decisions.say", number)
            someone.submits(choice="1")
        with transaction() as session:
            session.get_one(Person, omar.person.id).active = False
        with reading() as session:
            counted = counting.count(session, session.get_one(Decision, number))
        assert (counted.people, counted.asked, counted.complete) == (2, 3, False)
        with transaction() as session:
            session.get_one(Person, omar.person.id).active = True


def test_who_decides_is_shown_nothing_that_more_time_would_tell_apart(chat: Chat) -> None:
    """However many were to take part: where one person decides, none need to, and what was heard is heard."""
    people = [chat.slack(f"voter{n}") for n in range(7)]
    chat.channel("lunch", *people)
    mona, decider, *voters = people
    number = begun(chat, mona, anonymous="yes", mode="one", people=f"@{decider.handle}", quorum="7")
    for someone in voters:
        someone.uses("decisions.say", number)
        someone.submits(choice="1")
    chat.passes(days=4)
    assert decider.sees("Now it is for you to decide") and decider.sees("Falafel: 5")
    mona.uses("decisions.extend", number)
    assert "Decide it again" in mona.submits(until="tomorrow").errors["until"].text
    with transaction() as session:
        session.get_one(Decision, number).mode, session.get_one(Decision, number).decider_id = "all", None
    with reading() as session:  # its time is over, and it is not counted yet
        found = session.get_one(Decision, number)
        assert not counting.shows_votes(found, counting.count(session, found))


def test_nobody_has_a_second_say_behind_a_mask(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("lunch", mona)
    number = begun(chat, mona)
    with transaction() as session:
        mask = Person(handle="relay:1", name="Somebody", kind=MASK, locale="en")
        session.add(mask)
        session.flush()
        with pytest.raises(Refusal, match="others_decide"):
            voices.say(session, session.get_one(Decision, number), mask, 1)


def test_secrets_stay_neither_in_forms_nor_in_what_was_sent(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.channel("lunch", mona)
    secret = "xoxb-123456789012-123456789012-abcdefghijklmnopqrstuvwx"
    mona.commands("decide", in_="lunch")
    assert mona.submits(**{**LUNCH, "title": f"Is {secret} good?"}).errors["title"]
    assert not mona.agrees(**{**LUNCH, "options": f"Falafel\n{secret}"}).errors
    mona.uses("decisions.say", newest := begun(chat, mona))
    assert newest and not mona.submits(another=f"Take {secret}").errors
    with reading() as session:
        kept = [*session.scalars(select(DecisionForm.filled)), *session.scalars(select(Inbox.payload)),
                *session.scalars(select(DecisionOption.words))]  # fmt: skip
    assert secret not in str(kept)


def test_the_same_people_are_asked_again(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    number = begun(chat, mona, mode="named", people="@omar, @mona")
    chat.passes(days=5)
    mona.uses("decisions.again", number)
    assert mona.reply.form is not None
    (people,) = [each.value for each in mona.reply.form.inputs if each.name == "people"]
    assert sorted(people.split(", ")) == ["@mona", "@omar"]


def test_what_somebody_adds_anonymously_leads_to_nobody(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("lunch", mona, omar)
    number = begun(chat, mona, anonymous="yes", proposals="yes")
    omar.uses("decisions.say", number)
    assert not omar.submits(another="Ramen").errors
    with reading() as session:
        shown = select(Outbox.correlation).where(cast(Outbox.payload, Text).contains("Ramen"))
        heard = set(session.scalars(select(Inbox.correlation)))
        assert {*session.scalars(shown)} and heard.isdisjoint(session.scalars(shown))
