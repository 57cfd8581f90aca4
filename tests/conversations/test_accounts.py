"""One person on two platforms: both accounts say so, and either may take it back."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import select

from models import base, joining, privacy
from models.base import transaction
from models.erasing import erase
from models.facts import Fact
from models.joins import Joining
from models.people import Account, Person, own_chat
from models.questions import Question
from tests.asking import a_topic, asks
from tests.chat import Chat, Someone

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


def code_of(someone: Someone) -> str:
    """The newest code that they were shown."""
    found = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", someone.screen())
    assert found
    return str(found[-1])


def asked(chat: Chat, **about: Any) -> tuple[Someone, Someone]:
    """Mona on Slack has a code; somebody on Teams has not entered it yet."""
    mona, other = chat.slack("mona", email="mona@acme.example"), chat.teams("m-ahlberg", name="M. Ahlberg", **about)
    mona.commands("accounts")
    mona.presses("I am somewhere else too")
    return mona, other


def joined(chat: Chat, **about: Any) -> tuple[Someone, Someone]:
    mona, other = asked(chat, **about)
    other.commands("accounts", code_of(mona))
    other.presses("Yes, that is me")
    mona.presses("Yes, that is me")
    return mona, other


def reads(someone: Someone, words: str) -> bool:
    """Whether ``words`` stand in the own chat of their account, whoever they are by now."""
    shown = someone.chat.platforms[someone.platform].shown.values()
    return any(words in message.text for message in shown if message.conversation == someone.own_chat)


def verbs() -> list[str]:
    with base.reading() as session:
        found = session.scalars(select(Fact.verb).where(Fact.entity == "person").order_by(Fact.id)).all()
    return [verb for verb in found if verb.startswith(("person.join", "person.parted"))]


def behind(someone: Someone) -> str:
    """The handle of who acts by their account."""
    with base.reading() as session:
        return session.scalars(
            select(Person.handle).join(Account).where(Account.external == someone.handle)
        ).one()  # fmt: skip


def test_both_say_so_and_are_one(chat: Chat) -> None:
    mona, other = joined(chat)
    assert behind(other) == behind(mona) == "mona"
    assert reads(mona, "Your accounts are one person now") and reads(other, "Your accounts are one person now")
    assert verbs() == ["person.join_code", "person.join_entered", "person.join_agreed", "person.joined"]


def test_the_form_does_the_same(chat: Chat) -> None:
    mona, other = asked(chat)
    other.uses("accounts.enter")
    other.submits(code=f" {code_of(mona).lower().replace('-', ' ')} ")
    assert other.sees("Are you \u2068Mona\u2069 on Slack too?")
    other.presses("Yes, that is me")
    assert mona.sees("Are you \u2068M. Ahlberg\u2069 on Microsoft Teams too?")


def test_one_of_them_alone_joins_nothing(chat: Chat) -> None:
    mona, other = asked(chat)
    other.commands("accounts", code_of(mona))
    assert behind(other) == "m-ahlberg"
    other.presses("Yes, that is me")
    assert behind(other) == "m-ahlberg"
    mona.presses("No, that is not me")
    assert behind(other) == "m-ahlberg" and mona.sees("Nothing was joined")
    assert verbs()[-1] == "person.join_refused"


def test_a_code_works_once_and_for_ten_minutes(chat: Chat) -> None:
    mona, other = asked(chat)
    code = code_of(mona)
    late = chat.teams("late")
    other.commands("accounts", code)
    late.commands("accounts", code)
    assert late.sees("That code is wrong, used, or older than ten minutes") or late.reply.notice is not None
    assert not late.sees("Are you \u2068Mona\u2069")
    mona.uses("accounts.code")
    chat.passes(minutes=11)
    late.commands("accounts", code_of(mona))
    assert not late.sees("Are you \u2068Mona\u2069")


def test_a_new_code_ends_the_one_before(chat: Chat) -> None:
    mona, other = asked(chat)
    first = code_of(mona)
    mona.uses("accounts.code")
    other.commands("accounts", first)
    assert not other.sees("Are you \u2068Mona\u2069")


def test_yes_comes_too_late_after_an_hour(chat: Chat) -> None:
    mona, other = asked(chat)
    other.commands("accounts", code_of(mona))
    other.presses("Yes, that is me")
    chat.passes(minutes=61)
    mona.presses("Yes, that is me")
    assert behind(other) == "m-ahlberg" and mona.reply.notice is not None


def test_nobody_guesses(chat: Chat) -> None:
    mona, other = asked(chat)
    for n in range(5):
        other.uses("accounts.enter")
        assert "code" in other.submits(code=f"AAAA-AAA{n + 2}").errors
    other.uses("accounts.enter")
    assert "too many" in other.submits(code=code_of(mona)).errors["code"].text
    assert not other.sees("Are you \u2068Mona\u2069")
    assert verbs().count("person.join_failed") == 5
    chat.passes(minutes=61)
    mona.uses("accounts.code")
    other.commands("accounts", code_of(mona))
    assert other.sees("Are you \u2068Mona\u2069 on Slack too?")


def test_nobody_asks_for_codes_without_end(chat: Chat) -> None:
    mona, _ = asked(chat)
    for _ in range(4):
        mona.uses("accounts.code")
    assert mona.uses("accounts.code").notice is not None
    with base.reading() as session:
        assert len(session.scalars(select(Joining)).all()) == 5


def test_a_third_one_cannot_say_it_for_them(chat: Chat) -> None:
    mona, other = asked(chat)
    mallory = chat.slack("mallory")
    other.commands("accounts", code_of(mona))
    with base.reading() as session:
        number = session.scalars(select(Joining.id)).one()
    for route in ("accounts.yes", "accounts.no", "accounts.undo"):
        assert mallory.uses(route, number).notice is not None
    assert mona.uses("accounts.yes", number).notice is not None  # it is the other one's turn
    other.presses("Yes, that is me")
    assert other.uses("accounts.yes", number).notice is not None
    assert behind(other) == "m-ahlberg"


def test_my_own_code_joins_nobody(chat: Chat) -> None:
    mona, _ = asked(chat)
    mona.uses("accounts.enter")
    assert "your own" in mona.submits(code=code_of(mona)).errors["code"].text


def test_what_was_asked_before_goes_on_with_them(chat: Chat) -> None:
    chat.at(MONDAY)
    mona, other = asked(chat)
    omar = chat.slack("omar")
    asks(chat, other, a_topic(chat, omar))
    other.commands("accounts", code_of(mona))
    other.presses("Yes, that is me")
    mona.presses("Yes, that is me")
    omar.presses("Accept")
    omar.presses("Answer")
    omar.submits(text="Run the *rotate* job.")
    with base.reading() as session:
        assert session.scalars(select(Person.handle).where(~Person.active)).all() == ["m-ahlberg"]
        assert session.scalars(select(Person.handle).join(Question, Question.asker_id == Person.id)).all() == ["mona"]
    assert mona.says("thanks") and the_answer_reached(other)


def the_answer_reached(someone: Someone) -> bool:
    shown = someone.chat.platforms[someone.platform].shown.values()
    return any("Run the *rotate* job." in message.text for message in shown)


def test_apart_again_each_has_what_they_had(chat: Chat) -> None:
    mona, other = asked(chat)
    before = other.says("Where is the canteen in Rome?")
    other.commands("accounts", code_of(mona))
    other.presses("Yes, that is me")
    mona.presses("Yes, that is me")
    together = other.says("Who waters the plants?")
    mona.uses("accounts.undo", _number())
    assert {behind(mona), behind(other)} == {"mona", "m-ahlberg"}
    assert reads(mona, "two people again") and reads(other, "two people again")
    asker = _asker_of(before), _asker_of(together)
    assert asker[0] == "m-ahlberg" and asker[1] == _kept()
    assert verbs()[-1] == "person.parted"


def _number() -> int:
    with base.reading() as session:
        return session.scalars(select(Joining.id)).one()


def _kept() -> str:
    with base.reading() as session:
        return session.scalars(select(Person.handle).join(Joining, Joining.kept_id == Person.id)).one()


def _asker_of(message: str) -> str:
    with base.reading() as session:
        return session.scalars(
            select(Person.handle).join(Question, Question.asker_id == Person.id).where(Question.message == message)
        ).one()  # fmt: skip


def test_roles_come_along_and_go_again(chat: Chat) -> None:
    _, other = joined(chat, roles=["manager"])
    with base.reading() as session:
        roles = session.scalars(select(Person.roles).where(Person.active)).all()
    assert roles == [["manager"]]
    other.uses("accounts.undo", _number())
    with base.reading() as session:
        found = {row.handle: row.roles for row in session.execute(select(Person.handle, Person.roles))}
    assert found == {"mona": [], "m-ahlberg": ["manager"]}


@pytest.mark.parametrize("kind", ["guest", "outsider"])
def test_the_account_of_a_guest_becomes_the_employees(chat: Chat, kind: str) -> None:
    mona, other = joined(chat, kind=kind, roles=[])
    assert behind(other) == behind(mona) == "mona"


def test_who_is_erased_is_erased_on_both(chat: Chat) -> None:
    joined(chat)
    with transaction() as session:
        mona = session.scalars(select(Person).where(Person.active)).one()
        exported = privacy.export(session, mona)
        assert {row["handle"] for row in exported["person"]} == {"mona", "m-ahlberg"}
        erase(session, mona)
    with base.reading() as session:
        assert set(session.scalars(select(Person.name))) == {privacy.FORMER}
        assert not session.scalars(select(Account)).all() and not session.scalars(select(Joining)).all()


def test_who_cannot_be_reached_on_one_is_written_to_on_the_other(chat: Chat) -> None:
    mona, other = joined(chat)
    assert own_chat_of("mona") == ("slack", "here", mona.own_chat)
    with transaction() as session:
        joining.lost(session, "slack", "here", mona.own_chat, "deactivated")
    assert own_chat_of("mona") == ("teams", "here", other.own_chat)
    with transaction() as session:
        joining.lost(session, "teams", "here", other.own_chat, "removed")
    assert own_chat_of("mona") == ("slack", "here", mona.own_chat)  # and whoever asks why nothing arrives is told


def own_chat_of(handle: str) -> Any:
    with base.reading() as session:
        return own_chat(session, session.scalars(select(Person).where(Person.handle == handle)).one())


def test_one_chooses_where_to_be_written_to(chat: Chat) -> None:
    mona, _ = joined(chat)
    mona.commands("accounts")
    assert mona.sees("What I bring you by myself comes on")
    with transaction() as session:
        person = session.scalars(select(Person).join(Account).where(Account.external == "mona")).one()
        before, mine = own_chat(session, person), person.accounts[0].id
    label = "Write to me on {platform}"
    mona.presses(label)
    assert mona.sees("From now on I write to you on")
    with transaction() as session:
        now = own_chat(session, session.get_one(Person, person.id))
    assert before is not None and now is not None and before.platform != now.platform
    stranger = chat.slack("stranger")
    assert stranger.uses("accounts.prefer", mine).notice is not None
