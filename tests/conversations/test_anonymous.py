"""Asking without one's name: answered, asked back, solved; and nothing that is kept leads to who asked."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from sqlalchemy import Text, cast, func, select

from models import access, base, masks
from models.base import Base, now
from models.company import set_setting
from models.facts import Fact
from models.knowledge import Entry
from models.mail import Inbox, Outbox, PostedCard
from models.people import Account, Person
from models.questions import Question
from tests.chat import Chat, Someone

NAME = "Xanthippe"


def company(chat: Chat) -> tuple[Someone, Someone, Someone]:
    """Somebody who will ask anonymously, an expert on another platform, and an admin who allowed it."""
    asker = chat.slack("xanthippe", name=NAME, department="hr")
    omar, ada = chat.teams("omar"), chat.slack("ada", roles=["admin"])
    chat.topic("pay", omar)
    with base.transaction() as session:
        set_setting(session, "anonymous", True)
    return asker, omar, ada


def asks(asker: Someone, text: str) -> None:
    """Ask by the form, without a name."""
    asker.commands("ask")
    asker.submits(text=text, anonymous="yes")


def expert_is_asked(asker: Someone) -> None:
    """Press the button; choose the topic if a form asks for it."""
    asker.presses("Ask an expert")
    if asker.reply.form is not None:
        field = asker.reply.form.inputs[0]
        asker.submits(**{field.name: next(o.value for o in field.options if o.value)})


def test_the_whole_loop_without_a_name(chat: Chat) -> None:
    asker, omar, ada = company(chat)
    asks(asker, "Why was my bonus cut?")
    assert asker.sees("You asked without your name:")
    expert_is_asked(asker)
    assert omar.sees("Why was my bonus cut?")
    omar.presses("Answer")
    omar.submits(text="Because of the new rule, see §4.")
    assert asker.sees("see §4")
    asker.presses("This solved it")
    assert asker.sees("✓ Solved") or asker.sees("solved it")
    for other in (omar, ada):
        assert NAME not in other.screen() and "xanthippe" not in other.screen()


def test_the_expert_asks_back_and_the_asker_answers(chat: Chat) -> None:
    asker, omar, _ = company(chat)
    asks(asker, "Why was my bonus cut?")
    expert_is_asked(asker)
    omar.presses("Ask back")
    omar.submits(text="Which year do you mean?")
    assert asker.sees("Which year do you mean?")
    asker.presses("Reply")
    asker.submits(text="Last year.")
    assert omar.sees("Last year.")
    assert NAME not in omar.screen()


def test_nothing_that_is_kept_leads_from_the_question_to_who_asked(chat: Chat) -> None:
    asker, omar, _ = company(chat)
    asks(asker, "Why was my bonus cut?")
    expert_is_asked(asker)
    omar.presses("Answer")
    omar.submits(text="See §4.")
    asker.presses("This solved it")
    with base.reading() as session:
        question = session.scalars(select(Question)).one()
        assert question.asker_id != asker.person.id
        assert asker.person.id not in session.scalars(select(Fact.actor_id)).all()
        own = (Inbox.conversation == "dm:xanthippe") & (Inbox.kind.in_(("button", "form")))
        kept = session.execute(select(Inbox.payload, Inbox.reply, Inbox.correlation).where(own)).all()
        assert kept and all(row.payload is None for row in kept)
        assert not {row.correlation for row in kept} & set(session.scalars(select(Outbox.correlation)))
        assert not {row.correlation for row in kept} & set(session.scalars(select(Fact.correlation)))
        assert not session.scalars(select(PostedCard).where(PostedCard.conversation == "dm:xanthippe")).all()
        for table in Base.metadata.sorted_tables:
            row = func.concat_ws(" ", *(cast(column, Text) for column in table.columns))
            both = select(func.count()).select_from(table).where(row.icontains("bonus"), row.icontains("xanthippe"))
            assert session.scalar(both) == 0, table.name


def test_the_logs_name_nobody(chat: Chat, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    asker, _, _ = company(chat)
    caplog.set_level(logging.DEBUG)
    asks(asker, "Why was my bonus cut?")
    expert_is_asked(asker)
    said = capsys.readouterr().out.casefold() + caplog.text.casefold()
    assert "xanthippe" not in said and "bonus" not in said


def test_what_only_the_asker_may_read_is_not_used(chat: Chat) -> None:
    """An answer from it would tell which department asks."""
    asker, _, _ = company(chat)
    chat.knows("Bonus rules", "The bonus was cut because of rule nine.", audience=["department:hr"])
    asks(asker, "Why was the bonus cut?")
    assert not asker.sees("rule nine")


def test_it_is_refused_where_the_company_does_not_allow_it_and_nothing_is_lost(chat: Chat) -> None:
    asker, _, _ = company(chat)
    with base.transaction() as session:
        set_setting(session, "anonymous", False)
    asker.commands("ask")
    assert [field.name for field in asker.reply.form.inputs] == ["text"]  # type: ignore[union-attr]
    assert asker.submits(text="Why?", anonymous="yes").errors
    with base.reading() as session:
        assert session.scalars(select(Question)).all() == []


def test_nobody_else_acts_behind_the_mask(chat: Chat) -> None:
    asker, omar, _ = company(chat)
    asks(asker, "Why was my bonus cut?")
    with base.reading() as session:
        question_id = session.scalars(select(Question.id)).one()
    assert omar.uses("questions.solved", question_id).notice is not None
    asker.uses("questions.solved", question_id)  # not on a message that the mask was sent
    with base.reading() as session:
        assert session.get_one(Question, question_id).state == "open"


def test_the_asker_finds_it_on_their_home_and_others_do_not(chat: Chat) -> None:
    from handlers.privacy.home import asked_anonymously

    asker, omar, _ = company(chat)
    asks(asker, "Why was my bonus cut?")
    with base.reading() as session:
        assert asked_anonymously(session, session.get_one(Person, asker.person.id))
        assert not asked_anonymously(session, session.get_one(Person, omar.person.id))
        question = session.scalars(select(Question)).one()
        assert access.may(session, session.get_one(Person, asker.person.id), "read", question)


def test_the_seal_is_destroyed_a_week_after_the_end(chat: Chat) -> None:
    asker, _, _ = company(chat)
    chat.knows("Bonus rules", "The bonus was cut because of rule nine.")
    asks(asker, "Why was the bonus cut?")
    asker.presses("This solved it")
    with base.transaction() as session:
        assert masks.forget(session) == 0
    later = now() + timedelta(days=8)
    chat.at(later)
    with base.transaction() as session:
        assert masks.forget(session) == 1
        mask = session.scalars(select(Question)).one().asker
        assert masks.behind(session, mask.id) is None


def test_a_draft_from_it_names_no_asker_and_is_for_nobody_yet(chat: Chat) -> None:
    asker, omar, _ = company(chat)
    asks(asker, "Why was my bonus cut?")
    expert_is_asked(asker)
    omar.presses("Answer")
    omar.submits(text="See §4.")
    asker.presses("This solved it")
    with base.reading() as session:
        draft = session.scalars(select(Entry)).one()
        assert access.EVERYONE not in draft.audience
        assert NAME not in draft.body


def test_who_asked_without_a_name_and_was_joined_goes_on_behind_the_mask(chat: Chat) -> None:
    asker, omar, _ = company(chat)
    asks(asker, "Why was my bonus cut?")
    expert_is_asked(asker)
    other = chat.teams("x2", name="X. Two", email="x@acme.example", roles=["admin"])  # who stays
    other.commands("accounts")
    other.presses("I am somewhere else too")
    code = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", other.screen())[-1]
    asker.commands("accounts", code)
    asker.presses("Yes, that is me")
    other.presses("Yes, that is me")
    with base.reading() as session:
        assert (
            session.scalars(select(Person.handle).join(Account).where(Account.external == asker.handle)).one() == "x2"
        )
    omar.presses("Answer")
    omar.submits(text="Because of the new rule, see §4.")
    there = chat.platforms["slack"].shown.values()
    shown, solved = [(each, button) for each in there for button in each.buttons
                     if each.conversation == asker.own_chat and button.label.text == "This solved it"][-1]  # fmt: skip
    chat.happens(asker.inbound("button", route=solved.route, id=solved.id, message=shown.id))
    with base.reading() as session:
        question = session.scalars(select(Question)).one()
        assert (question.state, question.asker.kind) == ("solved", "mask")
        kept = session.scalars(select(Person).where(Person.handle == "x2")).one()
        assert access.may(session, kept, "read", question)
        assert [mask.id for mask in masks.of(session, kept)] == [question.asker_id]
    assert "X. Two" not in omar.screen() and NAME not in omar.screen()
