"""From an accepted answer to a draft, and what becomes of the draft when the answer changes."""

from __future__ import annotations

from sqlalchemy import select

from bot.router import Router
from bot.turn import Turn
from handlers.knowledge import actions, attachments
from handlers.knowledge.titles import title_of
from models import access, learning
from models.announcements import knowledge
from models.announcements.tables import OUT, Announcement
from models.answers import Answer
from models.facts import Fact
from models.history import revisions
from models.knowledge import DRAFT, Entry
from models.learning import Content
from models.questions import Question
from models.repeated import copies
from models.search.language import detect

router = Router()


@router.fact("answer.accepted")
@router.fact("answer.shared")
def accepted(turn: Turn, fact: Fact) -> None:
    """The asker said that it solved the question: it may solve the next one's too."""
    answer = turn.session.get(Answer, fact.entity_id)
    if answer is not None and answer.accepted and not answer.private and not _is_kept(turn, answer):
        question = turn.session.get_one(Question, answer.question_id)
        entry = learning.draft(
            turn.session, content(question, answer), answer.author, question_id=question.id, answer_id=answer.id
        )
        _belongs(turn, entry, question)
        attachments.take_along(turn.session, answer, entry)
        turn.emit("entry.drafted", entry, answer_id=answer.id)


@router.fact("answer.edited")
def edited(turn: Turn, fact: Fact) -> None:
    """A draft that nobody touched follows its answer."""
    answer = turn.session.get(Answer, fact.entity_id)
    entry = _draft_of(turn, answer) if answer else None
    if answer is None or entry is None or not _untouched(turn, entry):
        return
    question = turn.session.get_one(Question, answer.question_id)
    if learning.change(turn.session, entry, content(question, answer), answer.author, "answer edited"):
        turn.emit("entry.changed", entry, revision=entry.revision, wrong=False)


@router.fact("answer.unaccepted")
def unaccepted(turn: Turn, fact: Fact) -> None:
    """It did not solve the question after all: a draft that nobody touched goes with it."""
    answer = turn.session.get(Answer, fact.entity_id)
    entry = _draft_of(turn, answer) if answer else None
    if entry is not None and _untouched(turn, entry):
        turn.withdraw(actions.draft_about(entry))
        turn.session.delete(entry)


def content(question: Question, answer: Answer) -> Content:
    """What the draft says, and to whom: those who read the thread. Who asked is not said; what they asked is quoted
    where the title does not say all of it."""
    named = title_of(question.text)
    rest = "\n".join(question.more) if question.text.strip() == named else question.whole
    asked = "\n".join(f"> {line}".rstrip() for line in rest.splitlines())
    return Content(
        title=named,
        body=f"{asked}\n\n{answer.text}" if asked else answer.text,
        language=detect(answer.text, question.language),
        topic_id=question.topic_id,
        audience=_readers(question),
    )


def _belongs(turn: Turn, entry: Entry, question: Question) -> None:
    """What was asked about an announcement is for those who got that, as long as it holds; its author looks after
    it."""
    about = turn.session.get(Announcement, question.announcement_id) if question.announcement_id else None
    if about is not None and about.state in OUT and not knowledge.is_over(about):
        knowledge.belong(entry, about)
        entry.owner_id = entry.owner_id or about.author_id


def _readers(question: Question) -> tuple[str, ...]:
    """Those who read the thread: when it was asked, and still now where the channel was closed meanwhile; of what was
    asked about an announcement those who got that."""
    if question.announcement_id is not None:
        return (knowledge.key(question.announcement_id),)
    today = access.thread_audience(question.place)
    return tuple(key for key in question.audience if key in today) or tuple(question.audience)


def _draft_of(turn: Turn, answer: Answer) -> Entry | None:
    return turn.session.scalars(select(Entry).where(Entry.answer_id == answer.id)).one_or_none()


def _is_kept(turn: Turn, answer: Answer) -> bool:
    """Whether there is an entry of it, or of the same that was given to somebody else."""
    same = [each.id for each in copies(turn.session, answer) if each.text == answer.text]
    return turn.session.scalar(select(Entry.id).where(Entry.answer_id.in_([answer.id, *same])).limit(1)) is not None


def _untouched(turn: Turn, entry: Entry) -> bool:
    """Whether nobody but its author, by editing the answer, has changed the draft."""
    if entry.state != DRAFT:
        return False
    return all(one.author_id == entry.author_id for one in revisions(turn.session, entry))
