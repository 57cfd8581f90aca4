"""Who may read what is known of an announcement, and until when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from models import access, base, learning
from models.announcements import knowledge
from models.announcements.questions import faq
from models.announcements.tables import SENT, Announcement, Receipt
from models.answers import Answer
from models.base import now, transaction
from models.knowledge import CURRENT, RETIRED, Entry
from models.people import MASK, Person
from models.places import PRIVATE, Place
from models.questions import Question
from models.search.find import matches

PEOPLE = ("author", "reader", "asker", "other", "admin", "gone")


class Board:
    """An announcement that reached some, and a question about it in the asker's own chat."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.people = {name: Person(handle=name, name=name.title()) for name in PEOPLE}
        self.people["admin"].roles, self.people["gone"].active = ["admin"], False
        session.add_all(self.people.values())
        session.flush()
        self.announcement = Announcement(
            author_id=self.people["author"].id, title="The office moves", text="From March: Harbour Street 5.",
            state=SENT, sent_at=now(), expires_at=now() + timedelta(days=3),
        )  # fmt: skip
        session.add(self.announcement)
        session.flush()
        for name in ("reader", "asker", "gone"):
            of = {"announcement_id": self.announcement.id, "person_id": self.people[name].id}
            session.add(Receipt(language="en", **of))
        place = Place(platform="slack", installation="here", key="d", kind=PRIVATE, name="d", closed=True)
        session.add(place)
        session.flush()
        self.question = Question(
            asker=self.people["asker"], text="Where?", language="en", place=place, audience=[f"place:{place.id}"],
            announcement_id=self.announcement.id,
        )  # fmt: skip
        session.add(self.question)
        knowledge.follow(session, self.announcement)
        session.flush()

    def who(self, verb: str, thing: Entry | Question) -> set[str]:
        """Who may."""
        return {name for name, one in self.people.items() if access.may(self.session, one, verb, thing)}

    @property
    def entry(self) -> Entry:
        """What it says, as knowledge."""
        return knowledge.about(self.session, self.announcement)[0]


@pytest.fixture
def board(database: str) -> Iterator[Board]:
    base.connect(database, pool=2)
    with transaction() as session:
        board = Board(session)
    with transaction() as session:
        session.add_all((board.announcement, board.question, *board.people.values()))
        board.session = session
        yield board
    base.set_clock(None)
    base.disconnect()


def test_who_got_it_may_read_it_and_its_author_what_is_asked(board: Board) -> None:
    assert board.who("read", board.entry) == {"author", "reader", "asker"}
    assert board.who("read", board.question) == {"author", "asker"} and board.who("answer", board.question) == {
        "author"
    }


def test_a_mask_holds_what_it_asked_about_and_nothing_else_of_its_wearer(board: Board) -> None:
    mask = Person(handle="mask", name="Somebody", kind=MASK)
    board.session.add(mask)
    board.session.flush()
    assert not any(key.startswith("announcement:") for key in access.keys_of(board.session, mask))
    board.question.asker_id = mask.id
    board.session.flush()
    assert knowledge.key(board.announcement.id) in access.keys_of(board.session, mask)


def test_it_is_not_found_from_its_end_on_even_before_anything_is_done_about_it(board: Board) -> None:
    held = access.keys_of(board.session, board.people["reader"])
    asked = "When does the office move to Harbour Street?"
    assert [one.entry_id for one in matches(board.session, asked, "en", held)] == [board.entry.id]
    later = now() + timedelta(days=4)
    base.set_clock(lambda: later)
    assert matches(board.session, asked, "en", held) == []
    assert board.entry.state == CURRENT and board.who("read", board.entry) == {"author"}


def answered(board: Board) -> Entry:
    """Its author has answered a question about it."""
    given = Answer(question_id=board.question.id, author_id=board.announcement.author_id, text="There.")
    board.session.add(given)
    board.session.flush()
    given.author = board.people["author"]
    return knowledge.answer(board.session, board.announcement, "Where is it?", given)


@pytest.mark.parametrize(("audience", "stands"), [("everyone", True), ("department:legal", False)])
def test_an_answer_stands_under_it_unless_it_was_made_one_for_few(board: Board, audience: str, stands: bool) -> None:
    entry = answered(board)
    assert faq(board.session, board.announcement) == [entry]
    entry.audience = [audience]
    board.session.flush()
    assert faq(board.session, board.announcement) == ([entry] if stands else [])


def test_of_one_that_is_sent_again_only_the_last_is_known(board: Board) -> None:
    first, was = board.announcement, board.entry
    answered(board)
    again = Announcement(author_id=first.author_id, title=first.title, text=first.text, state=SENT, sent_at=now(),
                         series_id=first.id)  # fmt: skip
    board.session.add(again)
    board.session.flush()
    knowledge.follow(board.session, again)
    assert was.state == RETIRED and first.known and again.known
    entry = knowledge.about(board.session, again)[0]
    assert entry.ends_at is None and entry.next_step == learning.REVIEW
