"""Polls of an announcement: one choice, several, a scale; with names, or so that nobody can tell who chose what."""

from __future__ import annotations

from sqlalchemy import Text, cast, select

from models.announcements.polls import polls_of, results
from models.announcements.tables import MULTIPLE, SCALE, SINGLE, Ballot, Poll, Tally
from models.base import now, reading
from models.facts import Fact
from models.mail import Inbox
from tests.announced import announced, becomes
from tests.chat import Chat

FLOOR = {"kind": SINGLE, "words": "Which floor?", "options": ["First", "Second"]}
DAYS = {"kind": MULTIPLE, "words": "Which days?", "options": ["Monday", "Tuesday", "Friday"]}
MOOD = {"kind": SCALE, "words": "How do you find it?", "options": ["bad", "2", "3", "4", "good"]}


def found(poll_id: int) -> tuple[int, tuple[int, ...], bool]:
    with reading() as session:
        one = results(session, session.get_one(Poll, poll_id))
    return one.people, one.votes, one.hidden


def test_each_kind_is_chosen_and_chosen_otherwise(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.teams("noa")
    announcement = announced(chat, omar, mona, noa, polls=({**FLOOR, "open": True}, DAYS, MOOD))
    with reading() as session:
        floor, days, mood = (poll.id for poll in polls_of(session, announcement.id))
    mona.uses("announcements.poll", floor)
    assert mona.submits(choice="").errors and mona.submits(choice="3").errors and mona.submits(choice="x").errors
    mona.submits(choice="2")
    assert mona.sees("✓ You chose: \u2068Second") and mona.sees("1 person took part.") and not noa.sees("took part")
    mona.presses("Choose otherwise")
    assert mona.reply.form is not None and mona.reply.form.inputs[0].value == "2"
    mona.submits(choice="1")
    assert found(floor) == (1, (1, 0), False)
    noa.uses("announcements.poll", days)
    assert noa.submits(option1="no").errors
    noa.submits(option1="yes", option2="no", option3="yes")
    assert noa.sees("You chose: \u2068Monday, Friday") and not noa.sees("took part")
    noa.uses("announcements.poll", mood)
    noa.submits(choice="4")
    assert found(days) == (1, (1, 0, 1), False) and found(mood) == (1, (0, 0, 0, 1, 0), False)
    becomes(chat, announcement, expires_at=now())
    assert mona.uses("announcements.poll", floor).form is None and omar.uses("announcements.poll", floor).form is None


def test_of_an_anonymous_one_nothing_leads_to_what_somebody_chose(chat: Chat) -> None:
    omar = chat.teams("omar")
    people = [chat.slack(f"voter{n}") for n in range(6)]
    announcement = announced(chat, omar, *people, polls=({**FLOOR, "anonymous": True, "open": True},))
    with reading() as session:
        poll = polls_of(session, announcement.id)[0].id
    for n, someone in enumerate(people):
        assert not someone.sees("The result appears") and found(poll)[2] is (n < 5)
        form = someone.uses("announcements.poll", poll).form
        assert form is not None
        someone.submits(choice="1" if n < 4 else "2")
        assert someone.sees("✓ You took part.") and not someone.sees("You chose")
    assert found(poll) == (5, (4, 1), False)  # the sixth is not to be told from it
    assert people[0].sees("The result appears once 5 people took part.") and people[5].sees("4 (80 %)")
    people[0].reply = people[0].chat.happens(
        people[0].inbound("form", route="announcements.poll", id=poll, values={"choice": "2"})
    )
    assert people[0].reply.errors and "took part already" in people[0].reply.errors["choice"].text
    with reading() as session:
        assert {(one.choices, one.at) for one in session.scalars(select(Ballot))} == {(None, None)}
        assert {one.option: one.votes for one in session.scalars(select(Tally))} == {0: 6, 1: 4, 2: 2}
        kept = session.scalars(select(cast(Inbox.payload, Text)).where(Inbox.kind == "form")).all()
        assert not any(kept), kept
        assert not session.scalars(select(Fact).where(Fact.verb == "announcement.voted")).all()
