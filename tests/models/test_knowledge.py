"""What may become of entries: whatever is done, search finds exactly those that are current, and nobody reads more."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from models import base, learning
from models.base import Refusal, now, reading, transaction
from models.history import ADDED, REMOVED, SAME, begin, difference, overtaken, revisions
from models.knowledge import CURRENT, DRAFT, REFUSED, RETIRED, VANISHED, WITHDRAWN, Entry, Passage, Topic, parts_of
from models.learning import Content
from models.mail import Timer
from models.people import Account, Person
from models.search.find import find

AUDIENCE = ("department:hr",)


@pytest.fixture
def people(database: str) -> Iterator[list[int]]:
    """An owner, a deputy and an admin, whom one can reach."""
    base.connect(database, pool=2)
    with transaction() as session:
        made = [Person(handle=name, name=name, roles=roles) for name, roles in PEOPLE]
        for person in made:
            person.accounts = [
                Account(platform="web", installation="x", external=person.handle, private=f"dm:{person.handle}")
            ]
        session.add_all(made)
        session.flush()
        ids = [person.id for person in made]
    yield ids
    base.set_clock(None)
    base.disconnect()


PEOPLE: list[tuple[str, list[str]]] = [("owner", []), ("deputy", []), ("admin", ["admin"])]


def a_draft(session: Session, ids: list[int], body: str = "Behind gate 3.") -> Entry:
    topic = session.scalars(select(Topic)).first()
    if topic is None:
        topic = Topic(key="office", names={"en": "Office"}, owner_id=ids[0], deputy_id=ids[1])
        session.add(topic)
        session.flush()
    return learning.draft(session, Content("Bicycles", body, "en", topic.id, AUDIENCE), None)


def passages(session: Session, entry: Entry) -> list[Passage]:
    return list(session.scalars(select(Passage).where(Passage.entry_id == entry.id).order_by(Passage.position)))


def waiting(session: Session, entry: Entry) -> list[Timer]:
    return list(session.scalars(select(Timer).where(Timer.schedule == entry.about, Timer.fired_at.is_(None))))


STEPS = st.lists(
    st.sampled_from(["change", "verify", "refuse", "retire", "withdraw", "restore", "doubt", "review", "ask", "next"]),
    max_size=12,
)


def act(session: Session, entry: Entry, step: str, n: int, by: Person) -> None:
    match step:
        case "change":
            learning.change(session, entry, Content(f"T{n}", f"Body {n}.", "it", entry.topic_id, AUDIENCE), by, "")
        case "verify":
            learning.verify(session, entry, by)
        case "restore":
            learning.restore(session, entry, by)
        case "doubt":
            learning.doubt(entry)
        case "review":
            learning.plan_review(session, entry)
        case "ask" | "next":
            learning.ask(session, entry, next_one=step == "next")
        case _:
            {"refuse": learning.refuse, "retire": learning.retire, "withdraw": learning.withdraw}[step](session, entry)


@given(STEPS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_is_done_search_finds_what_is_current(people: list[int], steps: list[str]) -> None:
    with transaction() as session:
        entry, by = a_draft(session, people), session.get_one(Person, people[0])
        for n, step in enumerate(steps):
            if step == "review" and entry.state != CURRENT:
                continue
            with suppress(Refusal):
                act(session, entry, step, n, by)
            session.flush()
            found = passages(session, entry)
            assert [one.text for one in found] == ([entry.body] if entry.state == CURRENT else [])
            assert all(one.audience == list(AUDIENCE) and one.language == entry.language for one in found)
            assert entry.audience == list(AUDIENCE)
            assert len(waiting(session, entry)) == (entry.next_step is not None)
            assert entry.state != DRAFT or entry.next_at is not None
            assert entry.next_step is None or learning.is_due(entry)
            assert [one.number for one in revisions(session, entry)] == list(range(entry.revision, 0, -1))
            assert revisions(session, entry)[0].body == entry.body


@pytest.mark.parametrize(
    ("states", "step"),
    [
        ((CURRENT, REFUSED, RETIRED, WITHDRAWN, VANISHED), "refuse"),
        ((DRAFT, REFUSED, RETIRED, WITHDRAWN, VANISHED), "retire"),
        ((DRAFT, REFUSED, RETIRED, WITHDRAWN, VANISHED), "withdraw"),
        ((REFUSED, RETIRED, WITHDRAWN, VANISHED), "verify"),
        ((CURRENT, DRAFT, VANISHED), "restore"),
        ((DRAFT, REFUSED, RETIRED, WITHDRAWN, VANISHED), "doubt"),
    ],
)
def test_what_makes_no_sense_is_refused(people: list[int], states: tuple[str, ...], step: str) -> None:
    with transaction() as session:
        by = session.get_one(Person, people[0])
        entry = a_draft(session, people)
        for state in states:
            entry.state = state
            with pytest.raises(Refusal):
                act(session, entry, step, 0, by)


def test_a_draft_without_a_next_step_cannot_be_stored(people: list[int]) -> None:
    with pytest.raises(IntegrityError), transaction() as session:
        entry = a_draft(session, people)
        entry.next_step = entry.next_at = None


def test_one_answer_makes_one_entry(people: list[int]) -> None:
    content = Content("A", "B", "en", None, AUDIENCE)
    with pytest.raises(IntegrityError), transaction() as session:
        learning.draft(session, content, None, answer_id=7)
        learning.draft(session, content, None, answer_id=7)


def test_who_has_a_draft_goes_round_among_those_who_can_be_reached(people: list[int]) -> None:
    with transaction() as session:
        entry = a_draft(session, people)
        asked = [learning.ask(session, entry, next_one=bool(n)) for n in range(4)]
        assert [one.id for one in asked if one] == [*people, people[0]]
        session.get_one(Person, people[0]).active = False
        assert learning.ask(session, entry) is session.get_one(Person, people[1])
        for id in people:
            session.get_one(Person, id).active = False
        session.flush()
        assert learning.ask(session, entry) is None and entry.asked_of_id is None


def test_a_draft_that_moves_to_another_topic_is_for_its_owner(people: list[int]) -> None:
    with transaction() as session:
        entry, by = a_draft(session, people), session.get_one(Person, people[2])
        other = Topic(key="garden", names={"en": "Garden"}, owner_id=people[1])
        session.add(other)
        session.flush()
        learning.ask(session, entry)
        learning.change(session, entry, Content("T", "B", "en", other.id, AUDIENCE), by, "")
        assert entry.asked_of_id is None and entry.next_step == learning.OFFER
        assert learning.ask(session, entry) is session.get_one(Person, people[1])


def test_a_review_falls_on_the_owners_morning(people: list[int]) -> None:
    with transaction() as session:
        entry, by = a_draft(session, people), session.get_one(Person, people[0])
        by.timezone = "Asia/Tokyo"
        entry.owner_id = by.id
        learning.verify(session, entry, by, now().date() + timedelta(days=30))
        assert entry.next_at is not None and entry.next_at.astimezone(by.zone).hour == by.work_from.hour


def test_a_long_body_is_found_by_the_part_that_answers(people: list[int]) -> None:
    body = "\n\n".join(f"## Chapter {n}\n\n" + f"Filler {n} of the chapter. " * 60 for n in range(20))
    body += "\n\n## Zebras\n\nZebras are fed at noon by the keeper in the yard."
    with transaction() as session:
        entry, by = a_draft(session, people, body), session.get_one(Person, people[0])
        learning.verify(session, entry, by)
        assert len(passages(session, entry)) == len(parts_of(body)) > 10
    with reading() as session:  # what is not committed is not found
        hit = find(session, "When are zebras fed?", "en", list(AUDIENCE))[0]
        assert "noon" in hit.passage.text and "Zebras" in hit.passage.heading
        assert find(session, "When are zebras fed?", "en", ["everyone"]) == []


def test_what_nobody_confirmed_comes_after_what_is_as_good(people: list[int]) -> None:
    with transaction() as session:
        by = session.get_one(Person, people[0])
        first, second = a_draft(session, people), a_draft(session, people)
        for entry in (first, second):
            learning.verify(session, entry, by)
        learning.doubt(first)
        ids = [second.id, first.id]
    with reading() as session:
        found = find(session, "bicycles behind the gate", "en", list(AUDIENCE))
        assert [hit.entry.id for hit in found] == ids


def test_an_edit_that_was_overtaken_is_told_once(people: list[int]) -> None:
    with transaction() as session:
        entry, by = a_draft(session, people), session.get_one(Person, people[0])
        mine = begin(session, entry, by)
        assert overtaken(session, mine, entry) is None
        learning.change(session, entry, Content("T", "B", "en", entry.topic_id, AUDIENCE), by, "")
        newer = overtaken(session, mine, entry)
        assert newer is not None and newer.number == entry.revision == 2
        assert overtaken(session, mine, entry) is None


@given(st.text(alphabet="ab \n.é\u05d0", max_size=60), st.text(alphabet="ab \n.é\u05d0", max_size=60))
def test_a_difference_holds_both_texts(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(text for kind, text in pieces if kind != ADDED) == before
    assert "".join(text for kind, text in pieces if kind != REMOVED) == after
    assert before != after or all(kind == SAME for kind, _ in pieces)


def test_a_difference_marks_words() -> None:
    assert difference("behind gate 3, left", "behind gate 4, left") == [
        (SAME, "behind gate"), (REMOVED, " 3"), (ADDED, " 4"), (SAME, ", left"),
    ]  # fmt: skip


def test_hostile_texts_are_compared_in_no_time() -> None:
    many, other = "a b\n" * 10_000, "b a\n" * 10_000
    pieces = difference(many, other)
    assert "".join(text for kind, text in pieces if kind != ADDED) == many
