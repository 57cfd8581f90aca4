"""Finding a person who knows, as askers and experts see it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from models import access
from models.access import may
from models.base import now, reading, transaction
from models.experts import set_away
from models.files import File, keep
from models.people import Person
from models.questions import OPEN, Question
from tests.asking import KEYS, a_topic, asks, the_question
from tests.chat import Chat

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)


@pytest.fixture(autouse=True)
def monday_morning(chat: Chat) -> None:
    """Everybody works from nine to five in UTC; it is ten."""
    chat.at(MONDAY)


def test_an_expert_on_teams_answers_an_asker_on_slack(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    assert omar.sees(KEYS) and omar.sees("You look after this topic.")
    omar.presses("Accept")
    assert mona.sees("\u2068Omar\u2069 has your question and answers by")
    omar.presses("Answer")
    omar.submits(text="Run the *rotate* job.")
    assert mona.sees("Run the *rotate* job.") and mona.sees("\u2068Omar\u2069 has answered.")


def test_the_deadline_is_told_in_working_hours_of_the_expert(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar", timezone="Asia/Jerusalem", work_days=[6, 0, 1, 2, 3])
    chat.at(datetime(2026, 3, 5, 14, tzinfo=UTC))  # Thursday, 16:00 in Jerusalem: one hour left until Sunday
    asks(chat, mona, a_topic(chat, omar))
    assert the_question().next_at == datetime(2026, 3, 8, 10, tzinfo=UTC)  # Sunday 9:00 and three hours


def test_everybody_reads_the_deadline_in_their_own_language_and_time(chat: Chat) -> None:
    mona, omar = chat.slack("mona", timezone="America/New_York"), chat.teams("omar", locale="it", timezone="Asia/Dubai")
    asks(chat, mona, a_topic(chat, omar))
    assert omar.sees("03/03/26, 10:00") and mona.sees("3/3/26, 1:00")


def test_whoever_declines_is_followed_by_the_next(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Decline")
    assert "words" in omar.submits(reason="other").errors
    omar.presses("Decline")
    omar.submits(reason="time")
    assert omar.sees("You declined this question.")
    assert lea.sees(KEYS) and lea.sees("You said that you know about")
    assert mona.sees("I have asked \u2068Lea\u2069")


def test_a_bad_reason_is_refused_and_nothing_is_lost(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Decline")
    assert "reason" in omar.submits(reason="<script>").errors
    omar.presses("Decline")
    assert "person" in omar.submits(reason="other_person", person="9" * 30).errors
    omar.presses("Accept")
    assert mona.sees("\u2068Omar\u2069 has your question")


def test_a_question_is_passed_on_to_who_knows(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    asks(chat, mona, a_topic(chat, omar))
    assert omar.presses("Pass on to…").form is not None
    assert str(mona.person.id) not in [option.value for option in omar.reply.form.inputs[0].options]  # type: ignore[union-attr]
    omar.submits(person=str(lea.person.id), words="She set it up.")
    assert lea.sees("\u2068Omar\u2069 thinks you know.") and lea.sees("She set it up.")
    assert mona.sees("I have asked \u2068Lea\u2069")


def test_it_cannot_be_passed_to_the_asker_or_who_is_away(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    asks(chat, mona, a_topic(chat, omar))
    with transaction() as session:
        set_away(session, session.get_one(Person, lea.person.id), now(), now() + timedelta(days=3))
    for other in (mona, lea, omar):
        omar.presses("Pass on to…")
        assert "person" in omar.submits(person=str(other.person.id)).errors


def test_the_asker_replies_by_form_and_in_their_own_chat(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = a_topic(chat, omar)
    mona.says(KEYS)
    mona.presses("Ask an expert")
    mona.submits(topic=str(topic.id))
    omar.presses("Ask back")
    omar.submits(text="Which environment?")
    mona.says("production")
    assert omar.sees("production")
    omar.presses("Ask back")
    omar.submits(text="Since when?")
    mona.presses("Reply")
    assert "text" in mona.submits(text=" ").errors
    mona.presses("Reply")
    mona.submits(text="since Friday")
    assert omar.sees("since Friday")


def test_an_expert_answers_below_the_card_in_their_own_chat(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    card = next(m for m in omar.messages() if KEYS in m.text)
    omar.says("Run the *rotate* job.", thread=card.id)
    assert mona.sees("Run the *rotate* job.") and omar.sees("You answered")


def test_only_who_accepted_answers_by_writing_in_the_thread(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.slack("omar"), chat.slack("lea")
    asked = asks(chat, mona, a_topic(chat, omar), omar, lea)
    lea.says("I would like to know too", in_="security", thread=asked, mention=False)
    assert the_question().state == "offered"
    omar.presses("Accept")
    omar.says("Run the *rotate* job.", in_="security", thread=asked, mention=False)
    assert the_question().state == "answered"


def test_a_group_is_asked_at_once_and_the_first_has_it(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    asks(chat, mona, a_topic(chat, omar, "group", deputy=lea))
    assert mona.sees("I have asked 2 people who may know")
    before = lea.messages()[-1]
    omar.presses("Accept")
    assert "\u2068Omar\u2069 has it." in before.text
    assert lea.sees("has it.") and not before.buttons


def test_the_second_who_presses_accept_hears_who_has_it(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea")
    asks(chat, mona, a_topic(chat, omar, "group", deputy=lea))
    offer = next(button for button in lea.messages()[-1].buttons if button.label.text == "Accept")
    omar.presses("Accept")
    notice = lea._event("button", None, route=offer.route, id=offer.id).notice
    assert notice is not None and notice.text.startswith("{name} has it already")
    assert omar._event("button", None, route=offer.route, id=offer.id).notice is not None  # not his offer


def test_an_expert_hands_it_back(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    omar.presses("Hand back")
    assert lea.sees(KEYS) and omar.sees("You handed this question back.")


def test_who_is_away_or_full_is_not_asked(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    lea, tom = chat.slack("lea", skills=["security"]), chat.slack("tom", skills=["security"], quota=0)
    with transaction() as session:
        set_away(session, session.get_one(Person, omar.person.id), now(), now() + timedelta(days=3))
    asks(chat, mona, a_topic(chat, omar))
    assert lea.sees(KEYS) and not omar.sees(KEYS) and not tom.sees(KEYS)


def test_who_answered_such_questions_before_comes_first(chat: Chat) -> None:
    mona, omar, lea = chat.slack("mona"), chat.teams("omar"), chat.slack("lea", skills=["security"])
    topic = a_topic(chat, omar)
    chat.channel("help", mona, topic_id=topic.id)
    for text in (KEYS, "Where are the certificates kept?"):
        mona.says(text, in_="help")
        mona.presses("Ask an expert")
        if omar.sees(text):
            omar.presses("Pass on to…")
            omar.submits(person=str(lea.person.id))
        lea.presses("Answer")
        lea.submits(text="In the vault.")
    mona.says("Who renews the badge printer's signing keys?", in_="help")
    mona.presses("Ask an expert")
    assert lea.sees("badge printer") and lea.sees("You answered 2 questions on \u2068Security\u2069, last in")


def test_the_expert_sees_what_the_asker_was_shown_if_they_may_read_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona", department="hr"), chat.teams("omar")
    topic = a_topic(chat, omar)
    chat.knows("Rotating the signing keys of the phone system", "Signing keys: rotate in the phone menu.")
    chat.knows("Rotating HR signing keys", "Signing keys of HR: rotate in the vault.", audience=["department:hr"])
    chat.channel("security", mona, topic_id=topic.id)
    mona.says(KEYS, in_="security")
    mona.presses("Not what I meant")
    mona.presses("Ask an expert")
    assert omar.sees("it is not what they meant") and omar.sees("phone system") and not omar.sees("HR signing")


def test_the_asker_withdraws_and_the_expert_is_told(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Accept")
    mona.presses("Withdraw the question")
    assert mona.sees("has withdrawn the question") and omar.sees("This question is settled.")
    mona.presses("Reopen")
    assert the_question().state == OPEN and the_question().next_step == "ask_asker"


def test_a_question_of_a_closed_place_says_who_sees_it(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = a_topic(chat, omar)
    chat.channel("secret", mona, closed=True, topic_id=topic.id)
    mona.says(KEYS, in_="secret")
    mona.presses("Ask an expert")
    assert mona.sees("Besides those who are here, they see your question.")
    omar.presses("Decline")
    omar.submits(reason="topic")
    with reading() as session:
        reader = session.get_one(Person, omar.person.id)
        assert not access.may(session, reader, "read", session.scalars(select(Question)).one())


def test_who_answers_has_one_card_of_it_which_follows_the_answer(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    asks(chat, mona, a_topic(chat, omar))
    omar.presses("Answer")
    omar.submits(text="Run the *rotate* job.")
    assert omar.screen().count("You answered") == 1 and len(omar.messages()) == 1
    omar.presses("Edit")
    omar.submits(text="Run the *rotate* job twice.")
    assert omar.sees("job twice.") and len(omar.messages()) == 1
    omar.presses("Add another answer")
    omar.submits(text="Or ask Lea.")
    assert omar.screen().count("You answered") == 2 and omar.sees("job twice.")


def test_what_is_attached_to_a_question_stands_on_its_offer(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    topic = a_topic(chat, omar)
    chat.channel("security", mona, topic_id=topic.id)
    with transaction() as session:
        file = keep(session, session.get_one(Person, mona.person.id), "error.txt", b"it says no")
    mona._event("message", "security", text=KEYS, message=chat.new_id(), mentioned=True, files=(file.id,))
    mona.presses("Ask an expert")
    assert omar.sees("error.txt")
    with reading() as session:
        assert may(session, session.get_one(Person, omar.person.id), "read", session.get_one(File, file.id))
