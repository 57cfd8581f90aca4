"""What people did is known at once to whoever chooses whom to ask: answers, thanks, declines, referrals."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from models import base
from models.answers import Answer, Vote
from models.base import now
from models.candidates import be_fair, candidates
from models.expertise import follow, tables
from models.expertise.follow import Follower
from models.expertise.history import Asked
from models.experts import DECLINED, EXPIRED, PASSED, Offer
from models.joins import JOINED, Joining
from models.knowledge import Topic
from models.people import Person
from models.places import CHANNEL, Place
from models.questions import Question
from tests.models.colleagues import MONDAY, on_monday, somebody

Ask = Callable[..., Question]


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    with on_monday(database, pool=3) as session:
        yield session
    be_fair(10)


@pytest.fixture
def ask(session: Session) -> Ask:
    """Makes questions, answered where somebody is named."""
    place = Place(platform="slack", installation="here", key="help", kind=CHANNEL, name="help")
    topic = Topic(key="security", names={"en": "Security"})
    session.add_all([place, topic])
    mona = somebody(session, "mona")

    def made(text: str, by: Person | None = None, on_topic: bool = True, **about: Any) -> Question:
        question = Question(asker=mona, text=text, language="en", place=place, topic=topic if on_topic else None,
                            audience=["everyone"])  # fmt: skip
        session.add(question)
        session.flush()
        if by is not None:
            session.add(Answer(question_id=question.id, author_id=by.id, text="So.", **about))
        session.commit()
        return question

    return made


def names(session: Session, question: Question) -> list[str]:
    return [one.person.handle for one in candidates(session, question)]


def offered(session: Session, question: Question, person: Person, **about: Any) -> None:
    session.add(Offer(question=question, person=person, reasons=[{"why": "skill"}], until=now(), **about))
    session.commit()


def test_an_answer_counts_for_the_very_next_question_once_it_is_committed(session: Session, ask: Ask) -> None:
    omar, question = somebody(session, "omar"), ask("Where is the vault?")
    waiting = ask("How do I open it?")
    session.add(Answer(question_id=waiting.id, author=omar, text="With the key."))
    session.flush()
    assert names(session, question) == []
    session.commit()
    assert [(one.person.handle, one.reasons) for one in candidates(session, question)] == [
        ("omar", [{"why": "answered", "n": 1, "last": "2026-03-02", "topic": question.topic_id}])
    ]


def test_a_private_answer_tells_nobody_who_knows(session: Session, ask: Ask) -> None:
    ask("How do I open the vault?", somebody(session, "omar"), private=True)
    assert names(session, ask("Where is the door?")) == []


def test_another_process_and_one_that_reads_page_by_page_know_the_same(session: Session, ask: Ask) -> None:
    people = [somebody(session, f"person{number}") for number in range(5)]
    for number in range(30):
        ask(f"Question {number} on door {number % 7}?", people[number % 4 % (1 + number % 5)])
    at_once, by_pages = Follower(), Follower(small=3)
    at_once.catch_up(session)
    by_pages.catch_up(session)
    by_pages.wait()
    asked = Asked.of("Which door?", MONDAY)
    assert at_once.ranker.weights.lessons > 10
    assert at_once.ranker.scores(asked).tolist() == pytest.approx(by_pages.ranker.scores(asked).tolist())


def test_what_was_accepted_or_helped_counts_more(session: Session, ask: Ask) -> None:
    omar, lea = somebody(session, "omar"), somebody(session, "lea")
    question = ask("Where is the door?")
    ask("One?", lea)
    ask("Two?", omar)
    before = {one.person.handle: one.score for one in candidates(session, question)}
    answer = session.query(Answer).filter_by(author_id=lea.id).one()
    answer.accept()
    session.add(Vote(answer_id=answer.id, person_id=omar.id))
    session.commit()
    after = {one.person.handle: one.score for one in candidates(session, question)}
    assert after["lea"] > before["lea"] and after["lea"] - before["lea"] > after["omar"] - before["omar"]


def test_not_my_topic_lowers_and_ask_them_instead_raises(session: Session, ask: Ask) -> None:
    first, second, third = (somebody(session, name, skills=["security"]) for name in ("first", "second", "third"))
    offered(session, ask("One?"), first, state=DECLINED, reason="topic", ended_at=now())
    passed = ask("Two?")
    offered(session, passed, second, state=PASSED, ended_at=now())
    offered(session, passed, third, by_id=second.id)
    found = candidates(session, ask("Three?"))
    assert [one.person.handle for one in found] == ["third", "second", "first"]
    assert {"why": "referred", "n": 1, "last": "2026-03-02", "by_id": second.id} in found[0].reasons


def test_who_moved_on_is_not_asked_for_what_they_did_before(session: Session, ask: Ask) -> None:
    omar = somebody(session, "omar", skills=["security"])
    ask("One?", omar)
    declined = ask("Two?")
    offered(session, declined, omar, state=DECLINED, reason="moved", ended_at=now() + timedelta(hours=1))
    assert names(session, ask("Three?")) == []
    ask("Four?", omar, created_at=now() + timedelta(days=1))
    base.set_clock(lambda: MONDAY + timedelta(days=1))
    assert names(session, ask("Five?")) == ["omar"]


def test_who_lets_offers_pass_comes_later(session: Session, ask: Ask) -> None:
    slow, quick = (somebody(session, name, skills=["security"]) for name in ("slow", "quick"))
    for number in range(3):
        offered(session, ask(f"Question {number}?"), slow, state=EXPIRED, ended_at=now())
        offered(session, ask(f"Other {number}?"), quick, state="answered", ended_at=now())
    assert names(session, ask("Who knows?")) == ["quick", "slow"]


def test_the_company_chooses_how_evenly_people_are_asked(session: Session, ask: Ask) -> None:
    best, other = somebody(session, "best", skills=["security"]), somebody(session, "other", skills=["security"])
    ask("Before?", best)
    for number in range(9):
        offered(session, ask(f"Question {number}?"), best, state="answered", ended_at=now())
    question = ask("Who knows?")
    be_fair(0)
    assert names(session, question) == ["best", "other"]
    be_fair(100)
    assert names(session, question) == ["other", "best"]
    assert other.id != best.id


def test_who_answers_in_the_language_comes_first(session: Session, ask: Ask) -> None:
    anna, bruno = (somebody(session, name, skills=["security"], locale="it") for name in ("anna", "bruno"))
    for number, language in enumerate(("it", "en")):
        ask(f"Question {number}?", (anna, bruno)[number], on_topic=False, language=language)
    assert names(session, ask("Who knows?")) == ["bruno", "anna"]


def test_in_a_company_that_answers_much_who_is_active_is_asked_where_nobody_else_speaks(
    session: Session, ask: Ask
) -> None:
    omar = somebody(session, "omar")
    for number in range(60):
        ask(f"Matter {number}?", omar if number % 2 else somebody(session, f"other{number}"), on_topic=False)
    found = candidates(session, ask("Something new altogether?", on_topic=False))
    assert [(one.person.handle, one.reasons[0]["why"]) for one in found] == [("omar", "active")]
    assert follow.follower().ranker.history.questions == 60


def test_what_was_known_of_an_account_is_known_of_the_person_it_was_joined_to(session: Session, ask: Ask) -> None:
    omar, other = somebody(session, "omar"), somebody(session, "omar-on-teams")
    ask("One?", omar)
    ask("Two?", other)
    question = ask("Three?")
    assert names(session, question) == ["omar", "omar-on-teams"]
    session.execute(update(Answer).where(Answer.author_id == other.id).values(author_id=omar.id))
    other.active = False
    account, theirs = omar.accounts[0], other.accounts[0]
    session.add(Joining(asked_by_id=omar.id, account_id=account.id, other_id=other.id, other_account_id=theirs.id,
                        state=JOINED, kept_id=omar.id, left_id=other.id))  # fmt: skip
    session.commit()
    assert [(one.person.handle, one.reasons[0]["n"]) for one in candidates(session, question)] == [("omar", 2)]


def scores(session: Session, one: Follower, question: Question) -> dict[str, float]:
    """What the ranker of a process says of each person."""
    one.catch_up(session)
    found = one.ranker.scores(Asked.of(question.whole, question.created_at, question.topic_id)).tolist()
    people = [session.get_one(Person, number).handle for number in one.ranker.history.people]  # type: ignore[call-overload]
    return dict(zip(people, found, strict=True))


def test_what_does_not_hold_any_more_is_forgotten_by_every_process_at_once(session: Session, ask: Ask) -> None:
    omar, lea = somebody(session, "omar"), somebody(session, "lea")
    first = ask("Where is the door of the vault?", omar)
    second, third = ask("How do I open it?", omar), ask("Who has the key?", lea)
    good, other = (session.query(Answer).filter_by(question_id=each.id).one() for each in (first, second))
    good.accept()
    session.add(Vote(answer_id=good.id, person_id=lea.id))
    session.commit()
    one, another = Follower(), Follower()
    question = ask("Which door?")
    before = scores(session, one, question)
    assert scores(session, another, question) == before
    session.query(Vote).delete()
    good.unaccept()
    session.commit()
    less = scores(session, one, question)
    assert less["omar"] < before["omar"] and less["lea"] == pytest.approx(before["lea"], abs=0.2)
    session.delete(other)
    session.flush()
    assert scores(session, one, question) == less  # it may yet be taken back
    session.commit()
    gone = scores(session, one, question)
    assert gone["omar"] < less["omar"] and one.ranker.history.answered == [1, 1]
    fresh = Follower()
    assert scores(session, fresh, question) == pytest.approx(gone, abs=0.35)  # it has one question less to go by
    assert scores(session, another, question) == pytest.approx(gone)
    good.private = True
    session.commit()
    assert names(session, question) == ["lea"]
    good.private, good.shareable = False, True
    session.commit()
    assert sorted(names(session, question)) == ["lea", "omar"] and third.id


def test_who_looks_seldom_begins_anew(session: Session, ask: Ask) -> None:
    omar = somebody(session, "omar")
    ask("Where is the door?", omar)
    one = Follower()
    one.catch_up(session)
    session.query(Answer).delete()
    session.commit()
    base.set_clock(lambda: MONDAY + timedelta(days=9))
    tables.purge(session)
    session.commit()
    one.catch_up(session)
    assert one.ranker.history.people == []
