"""Deciding together: what is asked, who has a say, and what comes of it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import Text, cast, select

from bot.texts import Reader, say
from handlers.admin.leaving import announce
from models import erasing
from models.base import reading, transaction
from models.decisions.log import log
from models.decisions.tables import DECIDED, OPEN, UNDECIDED, WITHDRAWN, Decision, DecisionForm, DecisionOption, Voice
from models.facts import Fact
from models.knowledge import Entry, Passage, Revision
from models.mail import Inbox
from models.people import Person
from tests.chat import Chat, Someone

FLOOR = {"title": "Which floor do we take?", "options": "The third\nThe fifth", "until": "in 3 days"}


@pytest.fixture
def people(chat: Chat) -> tuple[Someone, Someone, Someone]:
    chat.at(datetime(2026, 3, 2, 10, tzinfo=UTC))  # a Monday
    mona, omar, noa = chat.slack("mona"), chat.slack("omar"), chat.slack("noa")
    chat.channel("move", mona, omar, noa)
    return mona, omar, noa


def begun(asker: Someone, **values: str) -> Decision:
    asker.commands("decide", in_="move")
    reply = asker.agrees(**{**FLOOR, **values})
    assert not reply.errors, reply.errors
    return newest()


def told(someone: Someone) -> str:
    """What they were told in-band."""
    return say(someone.reply.notice, Reader("en"))


def newest() -> Decision:
    with reading() as session:
        return session.scalars(select(Decision).order_by(Decision.id.desc())).first()  # type: ignore[return-value]


def says(someone: Someone, decision: Decision, choice: str = "", **values: str) -> None:
    someone.uses("decisions.say", decision.id)
    assert not someone.submits(choice=choice, **values).errors


def test_everybody_decides_openly_and_the_result_is_kept(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    decision = begun(mona)
    assert omar.sees("Which floor do we take?") and omar.sees("0 of 3 have had their say.")
    says(omar, decision, "2", reason="It has windows.")
    says(mona, decision, "1")
    assert noa.sees("2 of 3 have had their say.") and noa.sees("Omar")
    omar.presses("Have your say")
    assert omar.reply.form is not None and omar.reply.form.inputs[0].value == "2"
    says(omar, decision, "2", reason="It has windows, and a terrace.")
    mona.uses("decisions.close", decision.id)
    assert "1 person has not had their say." in told(mona) and newest().state == OPEN
    says(noa, decision, "2")
    assert mona.sees("Everybody has had their say")
    mona.presses("Close it now")
    assert newest().state == DECIDED and noa.sees("Decided: \u2068The fifth") and noa.sees("and a terrace.")
    mona.presses("Say why")
    mona.submits(reasons="Two of three want it.")
    assert noa.sees("Two of three want it.")
    with reading() as session:
        entry = session.get_one(Entry, newest().entry_id)
        verbs = session.scalars(select(Fact.verb).where(Fact.entity == "decision").order_by(Fact.id)).all()
    assert entry.title == "Which floor do we take? The fifth" and "Two of three want it." in entry.body
    assert "terrace" in entry.body and entry.audience == newest().audience
    assert verbs[0] == "decision.begun" and verbs[-2:] == ["decision.decided", "decision.reasoned"]


def test_of_an_anonymous_one_nothing_leads_to_what_somebody_chose(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    decision = begun(mona, anonymous="yes")
    for someone, choice in zip(people, "121", strict=True):
        says(someone, decision, choice)
        assert not noa.sees("The third: ") and not noa.sees("The fifth: ")
    assert noa.sees("3 of 3 have had their say.")
    omar.uses("decisions.say", decision.id)
    assert "You took part already." in told(omar)
    omar.reply = chat.happens(omar.inbound("form", route="decisions.say", id=decision.id, values={"choice": "1"}))
    assert "took part already" in omar.reply.errors["choice"].text
    with reading() as session:
        voices = session.scalars(select(Voice).where(Voice.decision_id == decision.id)).all()
        assert {(one.choice, one.reason, one.at, one.voted) for one in voices} == {(None, None, None, True)}
        assert [one.votes for one in session.scalars(select(DecisionOption).order_by("position"))] == [2, 1]
        kept = session.scalars(select(cast(Inbox.payload, Text)).where(Inbox.kind == "form")).all()
        assert not any("choice" in (each or "") for each in kept)
        assert not session.scalars(select(Fact).where(Fact.verb == "decision.voted")).all()
    mona.presses("Close it now")
    assert noa.sees("Decided: \u2068The third") and not noa.sees("The third: ")


def test_what_closes_by_itself_is_counted_and_a_tie_comes_back(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    decision = begun(mona)
    says(mona, decision, "1")
    says(omar, decision, "2")
    chat.passes(days=3)
    assert noa.sees("This closes on")
    chat.passes(days=1)
    assert newest().state == UNDECIDED and mona.sees("how should it go on?")
    assert noa.sees("there was a tie between \u2068The third\u2069 · \u2068The fifth\u2069.")
    mona.presses("Give it more time")
    assert mona.submits(until="yesterday").errors and mona.submits(until="2020-01-01").errors
    assert not mona.submits(until="tomorrow").errors
    assert newest().state == OPEN and noa.sees("to decide: ")
    says(noa, decision, "1")
    chat.passes(days=3)
    assert newest().state == DECIDED and omar.sees("Decided: \u2068The third")


def test_too_few_took_part_and_one_person_decides(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    decision = begun(mona, quorum="2")
    says(omar, decision, "2")
    chat.passes(days=5)
    assert noa.sees("1 person took part, and 2 were needed.")
    mona.presses("Let one person decide")
    assert mona.submits(people="@omar, @noa").errors and mona.submits(people="@nobody-here").errors
    assert not mona.submits(people="@noa").errors
    assert noa.sees("Now it is for you to decide")
    omar.uses("decisions.decide", decision.id)
    assert "decides this. You can have your say" in told(omar)
    noa.presses("Decide")
    assert noa.submits(choice="9").errors and noa.submits(choice="").errors
    noa.submits(choice="1", reasons="It is cheaper.")
    assert newest().state == DECIDED and omar.sees("It is cheaper.") and omar.sees("\u2068Noa\u2069 decided this on")


def test_who_decides_alone_is_reminded_and_then_it_comes_back(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    decision = begun(mona, mode="one", people="@omar")
    says(noa, decision, "2", reason="Windows!")
    chat.passes(days=5)
    assert omar.screen().count("Now it is for you to decide") == 1 and omar.sees("Windows!")
    chat.passes(days=5)
    assert omar.screen().count("Now it is for you to decide") == 2
    chat.passes(days=5)
    assert newest().state == UNDECIDED and mona.sees("Nothing was decided in time.")
    mona.presses("Withdraw it")
    assert newest().state == WITHDRAWN and noa.sees("This need not be decided any more")


def test_those_who_are_named_decide_alone(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    tom = chat.teams("tom", name="Tom Rossi")
    decision = begun(mona, mode="named", people="@omar, Tom Rossi")
    assert tom.sees("Which floor do we take?") and noa.sees("0 of 2 have had their say.")
    noa.uses("decisions.say", decision.id)
    assert "Others were asked to decide this." in told(noa)
    tom.presses("Have your say")
    tom.submits(choice="1", reason="Stairs.")
    chat.passes(days=3)
    assert omar.sees("Your say is still missing") and not tom.sees("still missing") and not noa.sees("still missing")
    chat.passes(days=3)
    assert newest().state == DECIDED and noa.sees("\u2068Tom Rossi\u2069, for \u2068The third\u2069: \u2068Stairs.")


def test_people_may_add_what_can_be_chosen(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    closed = begun(mona)
    chat.happens(noa.inbound("form", route="decisions.say", id=closed.id, values={"another": "The roof"}))
    assert not mona.sees("The roof")
    decision = begun(mona, proposals="yes", title="Where do we eat?")
    says(noa, decision, another="The roof")
    assert mona.sees("The roof") and mona.sees("1 of 3 has had their say.")
    says(omar, decision, another="THE ROOF")
    with reading() as session:
        words = session.scalars(select(DecisionOption.words).where(DecisionOption.decision_id == decision.id)).all()
    assert sorted(words) == ["The fifth", "The roof", "The third"]


def test_a_later_decision_takes_the_place_of_an_earlier(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    first = begun(mona)
    says(mona, first, "1")
    chat.passes(days=5)
    omar.presses("More")
    assert omar.sees("who asked, can close or change it.")
    omar.uses("decisions.again", first.id)
    assert omar.reply.form is None
    mona.presses("More")
    mona.presses("Decide again")
    assert mona.reply.form is not None and "The fifth" in mona.reply.form.inputs[1].value
    mona.agrees(**FLOOR)
    second = newest()
    assert second.replaces_id == first.id
    says(noa, second, "2")
    chat.passes(days=5)
    assert noa.sees("A later decision took its place")
    with reading() as session:
        states = session.scalars(select(Entry.state).order_by(Entry.id)).all()
    assert states == ["retired", "current"]
    mona.uses("decisions.withdraw", second.id)
    with reading() as session:
        assert log(session, session.get_one(Person, mona.person.id), 5) == []  # it brings nothing back


def test_what_was_replaced_meanwhile_is_not_known(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, _ = people
    first = begun(mona)
    mona.uses("decisions.again", first.id)
    assert mona.reply.form is None and "still being decided" in told(mona)
    chat.passes(days=5)
    mona.uses("decisions.again", first.id)
    mona.agrees(**FLOOR)
    says(omar, newest(), "2")
    chat.passes(days=5)
    mona.uses("decisions.hand_to", first.id)
    mona.submits(people="@mona")
    mona.uses("decisions.decide", first.id)
    mona.submits(choice="1")
    with reading() as session:
        assert [entry.title for entry in session.scalars(select(Entry))] == ["Which floor do we take? The fifth"]


def test_who_is_erased_stands_in_nothing_that_is_known(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, noa = people
    decision = begun(mona)
    says(omar, decision, "2", reason="It has windows.\n\nAnd a terrace.")
    says(noa, decision, "2", reason="It is quiet.")
    chat.passes(days=5)
    with transaction() as session:
        for someone in (omar, mona):
            erasing.erase(session, session.get_one(Person, someone.person.id))
    with reading() as session:
        known = " ".join([*session.scalars(select(Entry.body)), *session.scalars(select(Revision.body)),
                          *session.scalars(select(Passage.text))])  # fmt: skip
    assert "It is quiet" in known and "2 people decided this" in known
    assert not any(words in known for words in ("Omar", "Mona", "windows", "terrace"))


def test_what_cannot_be_taken_is_said_at_its_field_and_kept(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, *_ = people
    mona.commands("decide", "Which floor?", in_="move")
    assert mona.reply.form is not None and mona.reply.form.inputs[0].value == "Which floor?"
    lines = "\n".join(str(n) for n in range(11))
    reply = mona.submits(title="", options=lines, mode="named", people="", until="32 May", quorum="many")
    assert set(reply.errors) == {"title", "options", "people", "until", "quorum"}
    reply = mona.submits(title="A", options="one", mode="one", people="@omar, @noa", until="2001-01-01 9:00")
    assert set(reply.errors) == {"options", "people", "until"}
    reply = mona.submits(title="A", options="x\ny", mode="named", people="@omar", anonymous="yes", until="tomorrow")
    assert set(reply.errors) == {"people"} and "fewer than" in reply.errors["people"].text
    mona.commands("decide", in_="move")
    assert mona.reply.form is not None and mona.reply.form.inputs[1].value == "x\ny"
    assert not mona.agrees(**FLOOR).errors
    form = mona.reply.form
    with reading() as session:
        assert session.scalars(select(DecisionForm)).one().decision_id == newest().id
    assert form is None


def test_from_ones_own_chat_one_says_where(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, _ = people
    alone = chat.slack("alone")
    alone.commands("decide")
    assert alone.reply.form is None and "You are in no channel" in told(alone)
    mona.commands("decide", "Where?")
    assert mona.reply.form is not None
    where = mona.reply.form.inputs[0].options[0].value
    assert mona.submits(**FLOOR, place="0").errors
    mona.agrees(**FLOOR, place=where)
    assert omar.sees("Which floor do we take?")


def test_a_message_becomes_one_in_its_thread(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, omar, _ = people
    said = omar.says("Third floor or fifth?", in_="move", mention=False)
    mona._event("shortcut", "move", text="Third floor or fifth?", route="decisions.from_message", message=said)
    assert mona.reply.form is not None and mona.reply.form.inputs[0].value == "Third floor or fifth?"
    mona.agrees(**FLOOR)
    assert newest().thread == said and newest().message == said


def test_when_the_asker_leaves_their_manager_looks_after_it(chat: Chat, people: tuple[Someone, ...]) -> None:
    mona, _, noa = people
    boss = chat.teams("boss")
    with transaction() as session:
        session.get_one(Person, mona.person.id).manager_id = boss.person.id
    decision = begun(mona)
    with transaction() as session:
        session.get_one(Person, mona.person.id).active = False
    with transaction() as session:
        announce(session, session.get_one(Person, mona.person.id), "test")
    chat.passes(minutes=1)
    assert newest().asker_id == boss.person.id and boss.sees("is yours to look after now")
    says(noa, decision, "2")
    chat.passes(days=5)
    assert newest().state == DECIDED and boss.sees("Say why in a few words")
