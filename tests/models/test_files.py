"""Files: what they are by their bytes, what is refused, and who may read them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy.orm import Session

from models import access, base
from models.answers import Answer
from models.base import Refusal, transaction
from models.files import (
    LONGEST_NAME,
    MOST_AT_ONCE,
    MOST_BYTES,
    UNKNOWN,
    attach,
    content_of,
    files_of,
    keep,
    posted,
    safe_name,
    sniffed,
)
from models.people import Person
from models.places import CHANNEL, Membership, Place
from models.questions import Question

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 20
WEBP = b"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0"


@pytest.fixture
def session(database: str) -> Iterator[Session]:
    """A session on a fresh database."""
    base.connect(database, pool=2)
    with transaction() as opened:
        yield opened
    base.disconnect()


@pytest.mark.parametrize(
    ("content", "media_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0rest", "image/jpeg"),
        (b"GIF89a..", "image/gif"),
        (WEBP, "image/webp"),
        (b"RIFF\x24\0\0\0WAVEfmt ", UNKNOWN),
        (b"%PDF-1.7", "application/pdf"),
        (b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "text/plain"),
        (b"<html><script>alert(1)</script>", "text/plain"),
        ("نص عربي".encode(), "text/plain"),
        (b"\0\1\2", UNKNOWN),
        (b"\xff\xfe\xfa", UNKNOWN),
        (b"a" * 4095 + "é".encode(), "text/plain"),
    ],
)
def test_bytes_say_what_a_file_is(content: bytes, media_type: str) -> None:
    assert sniffed(content) == media_type


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("plan.png", "plan.png"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Users\\x\\a.txt", "a.txt"),
        ("invoice\u202egnp.exe", "invoicegnp.exe"),
        ("a\r\nb\0.txt", "ab.txt"),
        ("...", "file"),
        ("", "file"),
        ("دليل.pdf", "دليل.pdf"),
        ("x" * 300 + ".pdf", "x" * (LONGEST_NAME - 4) + ".pdf"),
    ],
)
def test_names_cannot_act_or_mislead(name: str, kept: str) -> None:
    assert safe_name(name) == kept


def test_a_name_says_nothing_about_the_type(session: Session) -> None:
    mona = person(session, "mona")
    file = keep(session, mona, "holiday.png", b"<script>alert(1)</script>")
    assert (file.media_type, file.is_picture) == ("text/plain", False)
    assert content_of(session, file) == b"<script>alert(1)</script>"


def test_empty_and_oversized_files_are_refused(session: Session) -> None:
    mona = person(session, "mona")
    with pytest.raises(Refusal, match="file_empty"):
        keep(session, mona, "a", b"")
    with pytest.raises(Refusal, match="file_too_large"):
        keep(session, mona, "a", b"x" * (MOST_BYTES + 1))
    assert keep(session, mona, "a", b"x" * MOST_BYTES).size == MOST_BYTES


def test_only_ones_own_unattached_files_are_attached(session: Session) -> None:
    mona, omar = person(session, "mona"), person(session, "omar")
    question = ask(session, mona, place(session, "help", [mona, omar]))
    file = keep(session, omar, "plan.png", PNG)
    for ids in ([file.id], [999]):
        with pytest.raises(Refusal, match="file_gone"):
            attach(session, mona, ids, question)
    assert attach(session, omar, [file.id, file.id], question) == [file] == files_of(session, question)
    with pytest.raises(Refusal, match="file_gone"):
        attach(session, omar, [file.id], question)
    many = [keep(session, mona, f"{i}.png", PNG).id for i in range(MOST_AT_ONCE + 1)]
    with pytest.raises(Refusal, match="too_many_files"):
        attach(session, mona, many, question)


def test_whoever_reads_what_it_belongs_to_reads_the_file(session: Session) -> None:
    mona, omar, eve = (person(session, name) for name in ("mona", "omar", "eve"))
    board = place(session, "board", [mona, omar], closed=True)
    question = ask(session, mona, board)
    file = keep(session, mona, "plan.png", PNG)
    assert readers(session, file, mona, omar, eve) == {"mona"}
    attach(session, mona, [file.id], question)
    assert readers(session, file, mona, omar, eve) == {"mona", "omar"}
    session.delete(session.get_one(Membership, (board.id, omar.id)))
    session.flush()
    assert readers(session, file, mona, omar, eve) == {"mona"}


def test_a_private_answers_file_is_the_askers(session: Session) -> None:
    mona, omar, lea = (person(session, name) for name in ("mona", "omar", "lea"))
    question = ask(session, mona, place(session, "help", [mona, omar, lea]))
    given = Answer(question=question, question_id=question.id, author=omar, text="See the plan.", private=True)
    session.add(given)
    session.flush()
    file = keep(session, omar, "plan.png", PNG)
    attach(session, omar, [file.id], given)
    assert readers(session, file, mona, omar, lea) == {"mona", "omar"}
    given.private = False
    assert readers(session, file, mona, omar, lea) == {"mona", "omar", "lea"}


def test_what_is_posted_in_a_place_is_read_by_whoever_reads_the_place(session: Session) -> None:
    mona, omar, eve = (person(session, name) for name in ("mona", "omar", "eve"))
    board = place(session, "board", [mona, omar], closed=True)
    file = keep(session, mona, "plan.png", PNG)
    posted(session, mona, [file.id], board)
    assert readers(session, file, mona, omar, eve) == {"mona", "omar"}


def person(session: Session, handle: str) -> Person:
    found = Person(handle=handle, name=handle.title())
    session.add(found)
    session.flush()
    return found


def place(session: Session, key: str, people: list[Person], closed: bool = False) -> Place:
    made = Place(platform="slack", installation="here", key=key, kind=CHANNEL, name=key, closed=closed)
    session.add(made)
    session.flush()
    session.add_all(Membership(place_id=made.id, person_id=each.id) for each in people)
    session.flush()
    return made


def ask(session: Session, asker: Person, where: Place) -> Question:
    asked = Question(asker=asker, text="Where?", language="en", place=where, audience=access.thread_audience(where))
    session.add(asked)
    session.flush()
    return asked


def readers(session: Session, thing: base.Base, *people: Person) -> set[str]:
    return {each.handle for each in people if access.may(session, each, "read", thing)}
