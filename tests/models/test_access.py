"""The table of who may do what: each row names a thing, a verb, and exactly who may."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TypeVar

import pytest
from sqlalchemy.orm import Session

from models import access, base
from models.answers import Answer
from models.base import Base, Refusal, now, transaction
from models.decisions import life
from models.decisions.life import Wanted
from models.decisions.tables import ONE, Decision
from models.files import File, attach, keep
from models.knowledge import Topic
from models.people import Person
from models.places import CHANNEL, Membership, Place
from models.questions import Question
from models.rules import RULES

DAY = timedelta(days=1)
PEOPLE = ("asker", "author", "member", "outside", "owner", "admin", "gone")
"""The asker and the author of the answer, a member of the closed channel, somebody who is not in it, the owner of the
topic and an admin, who are not in it either, and a member who has left the company."""

TABLE = {
    ("question", "read"): "asker author member",
    ("question", "answer"): "asker author member",
    ("question", "follow"): "asker author member",
    ("question", "reopen"): "asker",
    ("question", "merge"): "asker",
    ("answer", "read"): "asker author member",
    ("answer", "accept"): "asker",
    ("answer", "vote"): "asker author member",
    ("answer", "comment"): "asker author member",
    ("answer", "edit"): "author",
    ("answer", "share"): "asker",
    ("private answer", "read"): "asker author",
    ("private answer", "accept"): "asker",
    ("private answer", "vote"): "asker author",
    ("private answer", "comment"): "asker author",
    ("private answer", "edit"): "author",
    ("private answer", "share"): "asker",
    ("decision", "read"): "asker author member",
    ("decision", "vote"): "asker author member",
    ("decision", "propose"): "asker author member",
    ("decision", "decide"): "asker author",
    ("decision", "edit"): "asker author",
    ("file of the question", "read"): "asker author member",
    ("file of the answer", "read"): "asker author member",
    ("file of the private answer", "read"): "asker author",
    ("file of nothing", "read"): "asker",
}


Thing = TypeVar("Thing", bound=Base)


class Board:
    """A closed channel with a question, two answers, and a file of each."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.people = {name: self._add(Person(handle=name, name=name.title())) for name in PEOPLE}
        self.people["admin"].roles = ["admin"]
        self.people["gone"].active = False
        topic = self._add(Topic(key="keys", names={"en": "Keys"}, owner_id=self.people["owner"].id))
        place = self._add(Place(platform="slack", installation="here", key="b", kind=CHANNEL, name="b", closed=True))
        for name in ("asker", "author", "member", "gone"):
            self._add(Membership(place_id=place.id, person_id=self.people[name].id))
        self.things: dict[str, Base] = {}
        question = self._question(place, topic)
        self._answer(question, private=False)
        self._answer(question, private=True)
        self.things["decision"] = self._decision(place)
        self.things["file of nothing"] = keep(session, self.people["asker"], "a.txt", b"a")

    def _question(self, place: Place, topic: Topic) -> Question:
        question = Question(asker=self.people["asker"], text="Where?", language="en", place=place, topic=topic,
                            audience=access.thread_audience(place))  # fmt: skip
        self.things["question"] = self._add(question)
        self.things["file of the question"] = self._file("asker", question)
        return question

    def _decision(self, place: Place) -> Decision:
        """The author of the answer decides it."""
        wanted = Wanted("Where?", ("Here", "There"), "en", now() + DAY, mode=ONE, people=(self.people["author"],))
        return life.begin(self.session, self.people["asker"], wanted, place)

    def _answer(self, question: Question, private: bool) -> None:
        name = "private answer" if private else "answer"
        answer = self._add(Answer(question=question, author=self.people["author"], text="There.", private=private))
        self.things[name] = answer
        self.things[f"file of the {name}"] = self._file("author", answer)

    def _file(self, owner: str, holder: Question | Answer) -> File:
        file = keep(self.session, self.people[owner], "a.txt", b"a")
        return attach(self.session, self.people[owner], [file.id], holder)[0]

    def _add(self, thing: Thing) -> Thing:
        self.session.add(thing)
        self.session.flush()
        return thing


@pytest.fixture
def board(database: str) -> Iterator[Board]:
    """The board on a fresh database."""
    base.connect(database, pool=2)
    with transaction() as session:
        yield Board(session)
    base.disconnect()


def test_who_may_do_what(board: Board) -> None:
    found = {
        (name, verb): " ".join(
            handle
            for handle, person in board.people.items()
            if access.may(board.session, person, verb, board.things[name])
        )
        for name, verb in TABLE
    }
    assert found == TABLE


def test_the_table_leaves_no_verb_of_an_answer_or_a_file_out() -> None:
    for name in ("answer", "file"):
        assert set(RULES[name]) == {verb for thing, verb in TABLE if thing.startswith(name)}


def test_what_one_may_not_read_does_not_exist(board: Board) -> None:
    for handle, code in (("member", "not_allowed"), ("outside", "not_found"), ("gone", "not_found")):
        with pytest.raises(Refusal, match=code):
            access.require(board.session, board.people[handle], "accept", board.things["answer"])
    with pytest.raises(Refusal, match="not_found"):
        access.require(board.session, board.people["member"], "accept", board.things["private answer"])
