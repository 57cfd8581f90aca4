"""A passage in the reader's own language, where there is a model: for whoever asks for it, beside the original."""

from __future__ import annotations

import hashlib
from typing import Any

import orjson

from bot import metrics
from bot.ai import model, translations
from bot.ai.distrust import speaks_to_models
from bot.cards import Card, Link, Reply, T, Text, User
from bot.jobs import Run
from bot.router import Router
from bot.turn import Turn
from models import access, budgets, written
from models.base import Refusal
from models.knowledge import Entry, Passage
from models.mail import Job
from models.people import MASK, Person
from models.places import Place
from models.search.analysis import plain
from models.secrets import masked
from models.written import Sentence, Written

router = Router()
JOB = "questions.translate"
router.refusal(
    not_translated=T("I cannot translate this. The original is all there is."),
    your_language=T("This is in your language already."),
)


@router.button(JOB)
def translate(turn: Turn, passage_id: int) -> Reply | None:
    """Somebody wants to read a passage in their own language."""
    passage = turn.session.get(Passage, passage_id)
    if passage is None:
        raise Refusal("not_found")
    turn.fetch(Entry, passage.entry_id, to="read")
    asked, language = model.current(), turn.actor.locale
    if language == passage.language:
        raise Refusal("your_language")
    if asked is None or not translations.can(language) or speaks_to_models(f"{passage.heading}\n{passage.text}"):
        raise Refusal("not_translated")
    kept = written.find(turn.session, _digest(passage, language, asked))
    if kept is not None:
        turn.whisper(_card(passage, kept))
        return None
    turn.job(JOB, passage=passage.id, person=turn.actor.id, language=language, place=turn.place.id,
             thread=turn.inbound.thread, account=turn.inbound.actor)  # fmt: skip
    return Reply(notice=T("One moment: the translation will appear here."))


@router.job(JOB, quick=True)
def ask(run: Run) -> dict[str, Any]:
    """Ask the model, once: ``args`` say for whom, and what."""
    asked = model.current()
    if asked is None or run.checkpoint.get("asking"):
        return {}
    with run.step(asking=True) as session:
        passage, person = session.get(Passage, run.args["passage"]), session.get_one(Person, run.args["person"])
        if passage is None or not access.may(session, person, "read", passage.entry):
            return {}
        original = masked(plain(passage.text)).text
        prompt = translations.prompt(original, run.args["language"])
        who = budgets.MASKED if person.kind == MASK else person.id
        day = budgets.reserve(session, model.limits(), who, translations.PURPOSE, prompt.estimate)
        digest = _digest(passage, run.args["language"], asked)
    if day is None:
        metrics.model_answer("budget")
        return {}
    used, said = 0, None
    try:
        said = model.ask(asked, translations.PURPOSE, prompt)
        used = said.read + said.written
    except model.ModelFailed as failed:
        used = prompt.estimate if failed.charged else 0
    run.stopping = lambda: False  # what is paid for is kept
    sentences = translations.checked(said.text, original, run.args["language"]) if said else []
    with run.step() as session:
        budgets.settle(session, day, who, translations.PURPOSE, used - prompt.estimate)
        if sentences:
            text = tuple(Sentence(each, (1,)) for each in sentences)
            written.keep(session, digest, [run.args["passage"]], Written(text, run.args["language"]))
    return {"digest": digest.hex()} if sentences else {}


@router.result(JOB)
def came(turn: Turn, job_id: int, result: dict[str, Any]) -> None:
    """Show it to whoever asked, if they may still read the passage."""
    args = turn.session.get_one(Job, job_id).args
    person = turn.session.get_one(Person, args["person"])
    passage = turn.session.get(Passage, args["passage"])
    kept = written.find(turn.session, bytes.fromhex(result.get("digest", "")))
    if passage is not None and kept is not None and access.may(turn.session, person, "read", passage.entry):
        card = _card(passage, kept)
    else:
        card = Card(T("I cannot translate this. The original is all there is."))
    place = turn.session.get_one(Place, args["place"])
    alone = None if access.is_own_chat(place) else person
    turn.post(place, card, thread=args["thread"], only_for=alone, account=args["account"] if alone else None)


def _card(passage: Passage, kept: Written) -> Card:
    summary = T("Translation of “{title}”", title=User(passage.entry.title))
    return Card(
        summary,
        (
            Text(summary, subtle=True),
            Text(User(" ".join(each.text for each in kept.sentences))),
            Text(T("Translated by a model, and not checked. What counts is the original."), subtle=True),
            Link(T("See the original"), f"/entries/{passage.entry_id}"),
        ),
        by_model=True,
    )


def _digest(passage: Passage, language: str, asked: model.Model) -> bytes:
    what = ["translation", passage.id, passage.text, sorted(passage.audience), language, asked.name]
    return hashlib.sha256(orjson.dumps(what)).digest()
