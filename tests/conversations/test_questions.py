"""Asking and being answered, as people do it."""

from __future__ import annotations

from sqlalchemy import select

from models.base import reading, transaction
from models.people import Person
from models.questions import Question
from tests.chat import Chat

VPN = "To reset the VPN, open the Connect app, choose *Reset profile* and sign in again with your badge number."


def test_a_mention_is_answered_in_its_thread_with_its_source(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Resetting the VPN", VPN, author_id=omar.person.id)
    asked = mona.says("How do I reset the VPN?", in_="help")
    shown = omar.messages()[-1]
    assert "Reset profile" in shown.text and "by \u2068Omar\u2069" in shown.text
    assert shown.thread == asked


def test_nothing_good_enough_is_said_plainly_and_a_person_is_asked(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = chat.topic("security", omar)
    chat.channel("security", mona, topic_id=topic.id)
    mona.says("How do I rotate the signing keys?", in_="security")
    assert mona.sees("I have found nothing that answers this.")
    mona.presses("Ask an expert")
    assert mona.sees("I have asked Omar") or mona.sees("I have asked \u2068Omar\u2069")
    assert omar.sees("How do I rotate the signing keys?")
    omar.presses("Answer")
    omar.submits(text="Run the *rotate* job in the vault.")
    assert mona.sees("Run the *rotate* job in the vault.")
    assert omar.sees("You answered")
    mona.presses("This solved it")
    assert mona.sees("✓ Solved")


def test_what_not_everybody_there_may_read_goes_to_the_asker_alone(chat: Chat) -> None:
    mona, omar = chat.slack("mona", department="hr"), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Salary bands", "Salary bands for engineers start at 41,000.", audience=["department:hr"])
    mona.says("What are the salary bands for engineers?", in_="help")
    assert mona.sees("start at 41,000")
    assert not omar.sees("41,000")


def test_not_what_i_meant_shows_the_next_best_then_says_so(chat: Chat) -> None:
    mona = chat.slack("mona")
    chat.knows("Resetting the VPN", VPN)
    mona.says("reset VPN")
    mona.presses("Not what I meant")
    assert mona.sees("I have nothing else on this")


def test_a_follow_up_in_the_thread_needs_no_mention(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Holiday in Italy", "Employees in Italy have 26 days of holiday.")
    chat.knows("Holiday in Israel", "Employees in Israel have 18 days of holiday.")
    asked = mona.says("How many days of holiday in Italy?", in_="help")
    before = len(mona.messages())
    omar.says("I wonder too", in_="help", thread=asked, mention=False)
    assert len(mona.messages()) == before
    mona.says("and in Israel?", in_="help", thread=asked, mention=False)
    assert "18 days" in mona.messages()[-1].text


def test_asked_before_is_offered_first_and_can_be_joined(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    topic = chat.topic("office", omar)
    chat.channel("help", mona, lea, omar, topic_id=topic.id)
    mona.says("Where can I park my bicycle?", in_="help")
    mona.presses("Ask an expert")
    lea.says("where can I park a bicycle", in_="help")
    assert lea.sees("asked this before")
    lea.presses("Join that thread")
    omar.presses("Answer")
    omar.submits(text="In the yard, behind gate 3.")
    assert any("behind gate 3" in m.text for m in lea.messages() if m.conversation == "dm:lea")


def test_the_command_and_the_form_answer_in_ones_own_chat(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Resetting the VPN", VPN)
    assert mona.commands("ask", "reset the VPN?", in_="help").notice is not None
    assert "Reset profile" in [m for m in mona.messages() if m.conversation == "dm:mona"][-1].text
    assert not omar.sees("Reset profile")
    assert mona.commands("ask").form is not None
    assert "text" in mona.submits(text="   ").errors


def test_only_the_asker_may_settle_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Resetting the VPN", VPN)
    mona.says("How do I reset the VPN?", in_="help")
    assert omar.presses("This solved it").notice is not None
    assert not mona.sees("✓ Solved")


def test_solved_by_what_was_shown_in_private_tells_nobody_else_of_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona", department="hr"), chat.slack("omar")
    chat.channel("help", mona, omar)
    bands = "Salary bands for engineers start at 41,000."
    entry = chat.knows("Project Falcon", bands, audience=["department:hr"])
    mona.says("What are the salary bands for engineers?", in_="help")
    assert mona.sees("Project Falcon") and not omar.sees("Project Falcon")
    mona.presses("This solved it")
    assert omar.sees("✓ Solved") and not omar.sees("Project Falcon") and not omar.sees("/entries/")
    with reading() as session:
        assert session.scalars(select(Question.solved_by_id)).one() == entry.id, "it has the credit all the same"
    mona.says("What are the salary bands for engineers?")
    mona.presses("This solved it")
    assert "Project Falcon" in mona.messages()[-1].text


def test_any_message_becomes_a_question(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Resetting the VPN", VPN)
    said = omar.says("does anybody know how to reset the VPN?", in_="help", mention=False)
    mona.turns_into_question("does anybody know how to reset the VPN?", said, "help")
    assert mona.messages()[-1].thread == said


def test_what_is_changed_stays_in_the_language_of_its_readers(chat: Chat) -> None:
    mona, omar = chat.slack("mona", locale="it"), chat.teams("omar", locale="he")
    chat.knows("Parking", "Park at gate 3.")
    chat.channel("help", mona, locale="ar")
    mona.says("Where can I park?", in_="help")
    mona.presses("This solved it")
    assert mona.messages()[-1].reader.locale == "ar"
    omar.says("Where can I park?")
    omar.presses("This solved it")
    assert [message.reader.locale for message in omar.messages()] == ["he"] and not omar.sees("Solved")


def test_who_changes_their_language_is_answered_in_it(chat: Chat) -> None:
    mona = chat.slack("mona", locale="it")
    with transaction() as session:
        session.get_one(Person, mona.person.id).locale = "he"
    mona.says("Where can I park?")
    assert mona.messages()[-1].reader.locale == "he"
