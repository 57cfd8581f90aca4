"""Questions about an announcement: those that ask the same together, waiting for its author, and those with answers.

Questions are put together across languages when they are asked (``Question.repeats_id``), whoever asked them wherever:
the author reads them all. ``repeats_id`` of a question that was told apart is its own number.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.orm import Session

from models.access import EVERYONE
from models.announcements import knowledge
from models.announcements.tables import Announcement
from models.base import Refusal
from models.knowledge import CURRENT, Entry
from models.people import Person
from models.questions import MERGED, OPEN, QUESTIONS, UNANSWERED, Question
from models.repeated import Repeated
from models.search import meaning
from models.search.find import alike
from models.search.follow import follower
from models.search.pool import Space, Vector
from models.steps import ASK_ASKER, CLOSE

SHOWN = 50
"""So many questions of those that ask the same are at hand; the others are answered with them all the same."""
ALIKE = 0.8
"""By words alone, two questions ask the same where one covers this share of the other."""
_FIRST = func.coalesce(Question.repeats_id, Question.id)


def asked(announcement_id: int) -> str:
    """The key by which questions about one announcement are compared: nobody holds it (``models.search.documents``)."""
    return f"asked:{announcement_id}"


def like(session: Session, question: Question, text: str, vectors: Mapping[Space, Vector]) -> int | None:
    """The first of those that ask what ``question`` asks, with ``text``, about its announcement, in whatever language;
    ``None`` where nobody did."""
    about, but = question.announcement_id or 0, question.id or 0
    shares = alike(session, text, [asked(about)], but)  # what was not encoded yet is compared by words
    same = meaning.asked_alike(session, follower().index, about, question.language, vectors, but) if vectors else []
    same += [id for id, share in shares.items() if share >= ALIKE]
    of = (Question.announcement_id == about) & (Question.state != MERGED)
    rows = session.execute(select(Question.id, _FIRST).where(Question.id.in_(same), of)).all()
    firsts: dict[int, int] = {id: first for id, first in rows}  # noqa: C416 rows are no tuples to mypy
    return next((firsts[id] for id in same if id in firsts), None)


def _waits() -> ColumnElement[bool]:
    """Not answered, and not with its asker alone."""
    with_asker = (Question.state == OPEN) & Question.next_step.in_((ASK_ASKER, CLOSE))
    return Question.state.in_(UNANSWERED) & ~with_asker


def open_clusters(session: Session, announcement: Announcement, limit: int = 20) -> list[Repeated]:
    """What waits for an answer, what most people ask first."""
    return _found(session, Question.announcement_id == announcement.id, limit)


def count_open(session: Session, announcement: Announcement) -> tuple[int, int]:
    """How many such clusters there are, and how many questions in them."""
    of = (Question.announcement_id == announcement.id) & _waits()
    row = session.execute(select(func.count(func.distinct(_FIRST)), func.count()).where(of)).one()
    return int(row[0]), int(row[1])


def cluster(session: Session, first: int, *, lock: bool = False) -> Repeated:
    """Those that ask what question ``first`` does; with a ``lock`` they stay as they are to the end of the transaction.
    ``Refusal("repeated_settled")`` where nobody waits."""
    found = _cluster(session, first)
    if found and lock:
        for question in found[0].questions:
            QUESTIONS.locked(session, question.id)
        found = _cluster(session, first)
    if not found:
        raise Refusal("repeated_settled")
    return found[0]


def rest(session: Session, first: int, announcement_id: int, upto: int, limit: int) -> list[Question]:
    """The next that ask the same and wait, of those that were asked up to then; locked."""
    of = (Question.announcement_id == announcement_id) & (first == _FIRST) & (Question.id <= upto) & _waits()
    ids = session.scalars(select(Question.id).where(of).order_by(Question.id).limit(limit)).all()
    locked = (QUESTIONS.locked(session, id) for id in ids)
    return [one for one in locked if one is not None and one.state in UNANSWERED]


def leads(session: Session, question: Question) -> bool:
    """Whether it is the first of those that ask the same and wait: others are asked for all of them by it alone."""
    of = (Question.announcement_id == question.announcement_id) & _FIRST.in_([first_of(question)]) & _waits()
    return session.scalar(select(func.min(Question.id)).where(of)) in (None, question.id)


def how_many(session: Session, question: Question) -> int:
    """How many people wait for an answer to this about the announcement; 0 where it is about none."""
    if question.announcement_id is None:
        return 0
    of = (Question.announcement_id == question.announcement_id) & _FIRST.in_([first_of(question)]) & _waits()
    return session.scalar(select(func.count(func.distinct(Question.asker_id))).where(of)) or 0


def first_of(question: Question) -> int:
    """The number by which those that ask the same are known."""
    return question.repeats_id or question.id


def apart(session: Session, found: Repeated, ids: Sequence[int]) -> None:
    """These ask something else: each for itself from now on, whatever is asked later."""
    left = [one.id for one in found.questions if one.id not in ids]
    session.execute(update(Question).where(Question.id.in_(ids)).values(repeats_id=Question.id))
    if left and found.id in ids:
        _lead(session, found, left[0], ids)


def join(session: Session, found: Repeated, other: Repeated) -> None:
    """They ask what ``other`` does, all of them."""
    session.execute(update(Question).where(_FIRST.in_([found.id]), _same(found)).values(repeats_id=other.id))


def faq(session: Session, announcement: Announcement) -> list[Entry]:
    """The answered questions about it that everybody may read who got it: as title and text, oldest first."""
    return list(session.scalars(select(Entry).where(_answered(announcement)).order_by(Entry.id)))


def faq_count(session: Session, announcement: Announcement) -> int:
    """How many those are."""
    return session.scalar(select(func.count()).select_from(Entry).where(_answered(announcement))) or 0


def _answered(announcement: Announcement) -> ColumnElement[bool]:
    current = (Entry.state == CURRENT) & Entry.question_id.is_not(None)
    keys = [knowledge.key(announcement.id), EVERYONE]  # not where somebody narrowed it since
    return and_(Entry.announcement_id == announcement.id, current, Entry.audience.overlap(keys))


def _cluster(session: Session, first: int) -> list[Repeated]:
    question = session.get(Question, first)
    if question is None or question.announcement_id is None:
        return []
    return _found(session, (Question.announcement_id == question.announcement_id) & (first == _FIRST), 1)


def _found(session: Session, which: ColumnElement[bool], limit: int) -> list[Repeated]:
    people = func.count(func.distinct(Question.asker_id))
    ids = func.array_agg(Question.id)
    query = select(_FIRST, ids, people).where(which, _waits()).group_by(_FIRST)
    rows = session.execute(query.order_by(people.desc(), func.max(Question.id).desc()).limit(limit)).all()
    wanted = [id for _, numbers, _ in rows for id in sorted(numbers)[:SHOWN]]
    known = {one.id: one for one in session.scalars(select(Question).where(Question.id.in_(wanted)))} if wanted else {}
    return [Repeated(first, tuple(known[id] for id in sorted(numbers)[:SHOWN]), n) for first, numbers, n in rows]


def _lead(session: Session, found: Repeated, first: int, but: Sequence[int]) -> None:
    """The one by whose number they were known is gone: they are known by another."""
    session.execute(
        update(Question).where(_FIRST.in_([found.id]), _same(found), Question.id.not_in(but)).values(repeats_id=first)
    )


def _same(found: Repeated) -> ColumnElement[bool]:
    return or_(Question.id == found.id, Question.repeats_id == found.id)


def author_of(session: Session, question: Question) -> Person | None:
    """Who announced what it is about, if they are still there and it is not their own question."""
    about = session.get(Announcement, question.announcement_id) if question.announcement_id else None
    if about is None or not about.author.active or about.author_id == question.asker_id:
        return None
    return about.author
