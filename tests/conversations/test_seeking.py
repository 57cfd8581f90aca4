"""What people look for is encoded before their turn begins, and what they write in the background."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import select

from bot.ai import encoders
from bot.ai.encoder import PATIENCE
from models import base
from models.base import reading, transaction
from models.knowledge import WITHDRAWN, Entry, store_parts
from models.questions import Question
from models.search.tables import Vector
from tests.chat import Chat, Someone
from tests.encoders import FakeEncoder, catch_up, encoding

ASKED = "How do I reset the VPN?"


class Watching(FakeEncoder):
    """It notes how many connections to the database were in use while a question was encoded."""

    in_use = 0

    def queries(self, texts, patience=PATIENCE):
        if patience == PATIENCE:
            self.in_use = max(self.in_use, base.engine().pool.checkedout())
        return super().queries(texts, patience)


@pytest.fixture
def encoder(chat: Chat) -> Iterator[Watching]:
    """One whose space is complete."""
    found = Watching()
    with encoding(found) as worker:
        found.worker = worker
        catch_up(worker)
        found.asked.clear()
        found.in_use = 0
        yield found


@pytest.fixture
def mona(chat: Chat) -> Someone:
    person = chat.slack("mona")
    chat.channel("help", person)
    return person


def test_a_question_is_encoded_once_and_outside_any_transaction(encoder, mona):
    mona.says(ASKED, in_="help")
    assert encoder.asked == [ASKED] and encoder.in_use == 0
    with reading() as session:
        asked = session.scalars(select(Question.id)).one()
    mona.uses("questions.not_meant", asked)
    assert encoder.asked == [ASKED]


def test_what_is_said_beside_agora_is_not_encoded(encoder, mona):
    mona.says("Lunch at one?", in_="help", mention=False)
    assert encoder.asked == []


def test_what_the_asker_adds_is_encoded_alone_and_together(encoder, mona):
    thread = mona.says(ASKED, in_="help")
    mona.says("It is the one of the lab.", in_="help", thread=thread)
    assert set(encoder.asked) == {ASKED, f"{ASKED}\nIt is the one of the lab.", "It is the one of the lab."}


@pytest.mark.parametrize(
    "ask",
    [
        lambda mona: mona.says(ASKED),
        lambda mona: mona.commands("ask", ASKED),
        lambda mona: mona.commands("find", ASKED),
        lambda mona: mona.turns_into_question(ASKED, "m1", "help"),
        lambda mona: (mona.uses("questions.new"), mona.submits(text=ASKED)),
        lambda mona: (mona.uses("knowledge.search"), mona.submits(words=ASKED)),
    ],
)
def test_every_way_to_ask_is_prepared(encoder, mona, ask):
    ask(mona)
    assert ASKED in encoder.asked


def test_signs_are_not_searched_for_though_something_is_always_nearest(chat, encoder, mona):
    chat.knows("Resetting the VPN", "Open the VPN and press Reset.")
    catch_up(encoder.worker)
    mona.commands("find", "vpn")
    assert mona.sees("1 entry about")
    mona.commands("find", "\N{PARTY POPPER}")
    assert mona.sees("Nothing that you may read is written about")


def test_a_password_is_not_given_to_an_encoder(encoder, mona):
    mona.says("My password: Tr0ub4dor&3 does not work, who can help?")
    assert encoder.asked and not any("Tr0ub4dor" in text for text in encoder.asked)


@pytest.mark.parametrize("fails", ["server", "deadline", "spent", "garbage"])
def test_people_notice_nothing_of_an_encoder_that_fails(chat, encoder, mona, fails):
    chat.knows("Resetting the VPN", "To reset the VPN, open the Connect app and choose Reset profile.")
    catch_up(encoder.worker)
    encoder.fails = fails
    mona.says(ASKED, in_="help")
    assert mona.sees("Reset profile")


def test_people_do_not_wait_for_an_encoder_that_is_slow(monkeypatch, chat, encoder, mona):
    chat.knows("Resetting the VPN", "To reset the VPN, open the Connect app and choose Reset profile.")
    monkeypatch.setattr(encoders.current(), "patience", PATIENCE)
    encoder.goes_on.clear()  # it would take for ever
    mona.says(ASKED, in_="help")
    assert mona.sees("Reset profile")
    encoder.goes_on.set()


def stored() -> set[str]:
    with reading() as session:
        return set(session.scalars(select(Vector.kind)))


def test_what_is_written_and_asked_is_encoded_in_the_background_and_goes_with_its_row(chat, encoder, mona):
    entry = chat.knows("Resetting the VPN", "Open the Connect app.")
    mona.says(ASKED, in_="help")
    assert stored() == set()
    catch_up(encoder.worker)
    assert stored() == {"passage", "title", "question"}
    with transaction() as session:
        withdrawn = session.get_one(Entry, entry.id)
        withdrawn.state = WITHDRAWN
        store_parts(session, withdrawn, [])
    assert stored() == {"question"}


def test_erasing_somebody_takes_the_vectors_of_what_they_asked(chat, encoder, mona):
    from models.erasing import erase
    from models.people import Person

    mona.says(ASKED, in_="help")
    catch_up(encoder.worker)
    assert stored() == {"question"}
    with transaction() as session:
        erase(session, session.get_one(Person, mona.person.id))
    assert stored() == set()
    catch_up(encoder.worker)
    assert stored() == set()


def test_no_more_is_read_of_a_message_than_a_question_may_have(encoder: Watching, mona: Someone) -> None:
    mona.says("VPN " * 20_000, in_="help")
    assert [len(text) for text in encoder.asked if len(text) > 10_000] == [40_000]
    assert mona.sees("too long")


def test_a_question_is_answered_by_words_when_the_encoders_are_closed_meanwhile(
    chat: Chat, encoder: Watching, mona: Someone
) -> None:
    chat.knows("Resetting the VPN", "Open the Connect app and choose Reset profile.")
    ours = encoders.current()
    spaces = ours.answering
    ours.close()
    ours.answer_in(spaces)  # as whoever asked an instant before sees it
    mona.says(ASKED, in_="help")
    assert encoder.asked == [] and mona.sees("choose Reset profile")
