"""A short answer by a model, where there is one: written after the passages are shown, and put above them.

Nobody waits for it. The job that asks is a row of the turn that shows the passages; its result changes their card,
unless something else became of the question meanwhile. A model is asked once for the same question and passages: also
where the process dies that asked, since nobody knows whether that call was paid for.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from bot import metrics, paid, streams
from bot.ai import answers, model
from bot.ai.distrust import speaks_to_models
from bot.ai.grounding import Source
from bot.cards import Card
from bot.jobs import Run
from bot.router import Router
from bot.streams import Stream
from bot.turn import Turn
from handlers.questions import cards
from handlers.questions.answering import Found, worth_joining
from models import access, written
from models.base import now
from models.knowledge import Passage
from models.mail import Job
from models.questions import QUESTIONS, Question
from models.search.find import Hit
from models.secrets import masked
from models.servings import served
from models.written import Written

router = Router()
JOB = "questions.write"
LATEST = timedelta(minutes=5)  # after that nobody looks at the card any more


@dataclass(frozen=True)
class _Brief:
    """What the model is to be asked, and how it is counted."""

    question: Question
    found: Found
    sources: Mapping[int, Source]
    digest: bytes
    call: paid.Call
    card: Card
    """What is shown until the answer comes."""


def answer(turn: Turn, question: Question, found: Found) -> Written | None:
    """What a model wrote from what is shown. Where it has not yet, it is asked, and its answer comes later."""
    asked = model.current()
    if asked is None or not _sources(question, found.openly):
        return None
    kept = written.find(turn.session, _digest(question, found.openly, asked))
    metrics.model_answer("asked" if kept is None else "cached")
    if kept is None:
        shown = [[hit.passage.id, hit.score, hit.confidence] for hit in found.openly]
        before = found.before.id if found.before else None
        turn.job(JOB, question=question.id, shown=shown, sure=found.sure, before=before, at=now().timestamp(),
                 stands=_stands(question))  # fmt: skip
    return kept


@router.job(JOB, quick=True)
def write(run: Run) -> dict[str, Any]:
    """Ask the model. ``args``: the question, what is shown for it, and how it stands."""
    asked = model.current()
    if run.checkpoint.get("asking"):
        return {"streamed": True}  # perhaps: whoever died may have come so far
    if asked is None or now().timestamp() - run.args["at"] > LATEST.total_seconds():
        return {}
    with run.step(asking=True) as session:
        brief = _brief(session, run.args, asked)
    return {} if brief is None else _ask(run, brief, asked)


def _ask(run: Run, brief: _Brief, asked: model.Model) -> dict[str, Any]:
    """Each sentence is shown as soon as it is supported, where that can be done."""
    reading = answers.Reading(brief.question.language, brief.sources)
    stream = Stream(brief.question.about, brief.card)

    def hear(piece: str) -> None:
        if reading.add(piece):
            stream.show(cards.answer(brief.question, brief.found, reading.written))

    try:
        said = model.ask(asked, answers.PURPOSE, brief.call.prompt, hear)
    except model.ModelFailed as failed:
        if not failed.charged:
            _settle(run, brief, 0)
        return {"streamed": stream.shown}
    finally:
        run.stopping = lambda: False  # what is paid for is kept
    answer = reading.end()
    metrics.model_sentences(len(answer.sentences), reading.dropped)
    _settle(run, brief, said.read + said.written, answer)
    return {"digest": brief.digest.hex(), "streamed": stream.shown}


@router.result(JOB)
def came(turn: Turn, job_id: int, result: dict[str, Any]) -> None:
    """The answer is there: above the passages, if they still stand. They and who may read them are looked at again."""
    args = turn.session.get_one(Job, job_id).args
    question = QUESTIONS.locked(turn.session, args["question"])
    if question is None or args["stands"] != _stands(question):
        if question is not None and result.get("streamed"):
            streams.show_again(turn, question.about)
        return
    found = _found(turn.session, question, args)
    kept = written.find(turn.session, bytes.fromhex(result.get("digest", "")))
    if kept is not None and len(found.openly) == len(args["shown"]):
        turn.edit(question.about, cards.answer(question, found, kept))
    elif result.get("streamed"):  # the beginning of an answer that did not come, or does not hold any more
        turn.edit(question.about, cards.answer(question, found))


def _brief(session: Session, args: Mapping[str, Any], asked: model.Model) -> _Brief | None:
    """``None`` where it is not wanted any more, or nothing is left of the budget."""
    question = session.get(Question, args["question"])
    found = _found(session, question, args) if question and args["stands"] == _stands(question) else None
    if question is None or found is None or len(found.openly) < len(args["shown"]):
        metrics.model_answer("changed")
        return None
    sources = _sources(question, found.openly)
    prompt = answers.prompt(masked(question.whole).text, question.language, sources)
    call = paid.reserve(session, question.asker, answers.PURPOSE, prompt)
    if call is None:
        return None
    return _Brief(question, found, sources, _digest(question, found.openly, asked), call, cards.answer(question, found))


def _settle(run: Run, brief: _Brief, tokens: int, answer: Written | None = None) -> None:
    """Count what it took, and keep what came of it."""
    with run.step() as session:
        paid.settle(session, brief.call, tokens)
        if answer is not None:
            written.keep(session, brief.digest, [hit.passage.id for hit in brief.found.openly], answer)


def _sources(question: Question, hits: Sequence[Hit]) -> dict[int, Source]:
    """What the model may read, by its number on the card: in the question's language, since what is in another cannot
    be checked; and without what speaks to models."""
    return {
        number: Source(f"{hit.entry.title}\n{hit.passage.heading}", masked(hit.passage.text).text, hit.entry.language)
        for number, hit in enumerate(hits, 1)
        if hit.entry.language == question.language
        and not speaks_to_models(f"{hit.entry.title}\n{hit.passage.heading}\n{hit.passage.text}")
    }


def _found(session: Session, question: Question, args: Mapping[str, Any]) -> Found:
    """What was shown, as far as it may still be shown there."""
    shown = ((session.get(Passage, id), score, confidence) for id, score, confidence in args["shown"])
    dismissed = {serving.entry_id for serving in served(session, question) if serving.helped is False}
    keys = set(access.keys_in(session, question.place))
    hits = tuple(
        Hit(each.entry, each, score, confidence)
        for each, score, confidence in shown
        if each is not None
        and each.entry_id not in dismissed
        and keys & set(each.entry.audience)
        and access.may(session, question.asker, "read", each.entry)
    )
    before = session.get(Question, args["before"]) if args["before"] else None
    if before is not None and not (keys & set(before.audience) and worth_joining(before, question)):
        before = None
    return Found(hits, (), before, question.topic_id, args["sure"], frozenset(hit.entry.id for hit in hits))


def _stands(question: Question) -> list[Any]:
    """What changes when something becomes of a question. Its text only as a digest: what a job was given is kept."""
    text = hashlib.sha256(question.whole.encode()).hexdigest()
    return [question.state, question.step_number, len(question.more), text]


def _digest(question: Question, hits: Sequence[Hit], asked: model.Model) -> bytes:
    return written.digest_of(question.whole, question.language, hits, asked.name)
