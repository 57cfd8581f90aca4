"""A title and a summary for an entry, by a model, for whoever may change it: a suggestion that they put into the form,
edit and save, or leave. Made of nothing but the entry, so everybody who may read that may read it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot import paid
from bot.ai import model, suggestions
from bot.ai.distrust import speaks_to_models
from bot.ai.grounding import Source
from bot.ai.suggestions import Suggestion
from bot.cards import Reply, T
from bot.jobs import Run
from bot.router import Router
from bot.shorten import shortened
from bot.turn import Turn
from handlers.knowledge import forms
from handlers.knowledge import suggestion_cards as cards
from models import access, derived, history
from models.base import Refusal
from models.facts import Fact
from models.knowledge import Entry
from models.learning import Content, content_of
from models.mail import Job
from models.merging import leads_to
from models.people import Person
from models.places import Place
from models.secrets import masked

router = Router()
JOB = "knowledge.suggest"
_WORTH_A_SUMMARY = 2  # times as long as its summary: a text that is shorter says it itself
router.refusal(not_suggested=T("I cannot suggest anything for this. Write the title and the text as you see fit."))


@router.button(JOB)
def suggest(turn: Turn, entry_id: int) -> Reply | None:
    """Whoever looks after an entry wants a title and a summary for it."""
    entry, asked = turn.fetch(Entry, leads_to(turn.session, entry_id), to="edit"), model.current()
    if asked is None or speaks_to_models(f"{entry.title}\n{entry.body}"):
        raise Refusal("not_suggested")
    kept = _kept(turn.session, entry)
    if kept is not None:
        _show(turn, turn.actor, entry, turn.place, turn.inbound.thread, turn.inbound.actor)
        return None
    turn.job(JOB, entry=entry.id, person=turn.actor.id, place=turn.place.id, thread=turn.inbound.thread,
             account=turn.inbound.actor)  # fmt: skip
    return Reply(notice=T("One moment: the suggestion will appear here."))


@router.job(JOB, quick=True)
def ask(run: Run) -> dict[str, Any]:
    """Ask the model, once: ``args`` say for whom, and about what."""
    asked = model.current()
    if asked is None or run.checkpoint.get("asking"):
        return {}
    with run.step(asking=True) as session:
        person, entry = session.get_one(Person, run.args["person"]), _still(session, run.args)
        source = _source(entry) if entry else None
        call = paid.reserve(session, person, suggestions.PURPOSE, suggestions.prompt(source)) if source else None
    if source is None or call is None:
        return {}
    reply, tokens = paid.ask(asked, call)
    found = suggestions.checked(reply, source)
    run.stopping = lambda: False  # what is paid for is kept
    with run.step() as session:
        paid.settle(session, call, tokens)
        entry = _still(session, run.args, lock=True)
        if reply and entry is not None and _source(entry) == source:
            derived.keep(session, _digest(entry, asked), "entry", entry.id, [found.title, *found.summary])
    return {}


@router.result(JOB)
def came(turn: Turn, job_id: int, result: dict[str, Any]) -> None:
    """Show it to whoever asked, if they may still change the entry."""
    args = turn.session.get_one(Job, job_id).args
    person, entry = turn.session.get_one(Person, args["person"]), _still(turn.session, args)
    if entry is not None:
        _show(turn, person, entry, turn.session.get_one(Place, args["place"]), args["thread"], args["account"])


@router.button("knowledge.take_suggestion")
def take(turn: Turn, entry_id: int) -> Reply:
    """The entry's form with what was suggested filled in; as it reads now where that was of another text."""
    entry = turn.fetch(Entry, leads_to(turn.session, entry_id), to="edit")
    editing = history.begin(turn.session, entry, turn.actor)
    publishes = access.may(turn.session, turn.actor, "verify", entry)
    content = _filled_in(entry, _kept(turn.session, entry) or Suggestion("", ()))
    return turn.open(forms.edit(turn.session, turn.actor, entry, editing, publishes, content))


@router.fact("entry.changed")
def changed(turn: Turn, fact: Fact) -> None:
    """It was of what the entry said before."""
    turn.withdraw(_about(fact.entity_id))


def _filled_in(entry: Entry, suggestion: Suggestion) -> Content:
    before, summary = content_of(entry), " ".join(suggestion.summary)
    body = f"{summary}\n\n{before.body}" if summary else before.body
    return Content(suggestion.title or before.title, body, before.language, before.topic_id, before.audience)


def _show(turn: Turn, person: Person, entry: Entry, place: Place, thread: str | None, account: str | None) -> None:
    kept = _kept(turn.session, entry)
    card = cards.suggested(entry, kept) if kept else cards.none()
    alone = None if access.is_own_chat(place) else person
    about = _about(entry.id) if kept else None
    turn.post(place, card, about=about, thread=thread, only_for=alone, account=account if alone else None)


def _still(session: Session, args: dict[str, Any], *, lock: bool = False) -> Entry | None:
    """The entry, if whoever asked may still change it."""
    person = session.get_one(Person, args["person"])
    locked = {"read": True} if lock else None
    entry = session.get(Entry, args["entry"], with_for_update=locked, populate_existing=lock)
    return entry if entry is not None and access.may(session, person, "edit", entry) else None


def _source(entry: Entry) -> Source:
    """What the model may read of it, without its secrets."""
    return Source(masked(entry.title).text, masked(shortened(entry.body, suggestions.MOST)).text, entry.language)


def _kept(session: Session, entry: Entry) -> Suggestion | None:
    """What is kept for the entry as it reads now: perhaps that there is nothing to suggest."""
    asked = model.current()
    digest = _digest(entry, asked) if asked is not None else b""
    found = derived.find(session, [digest]).get(digest)
    if found is None:
        return None
    short = sum(map(len, found[1:])) * _WORTH_A_SUMMARY > len(entry.body)
    return Suggestion(found[0], () if short else tuple(found[1:]))


def _digest(entry: Entry, asked: model.Model) -> bytes:
    source = _source(entry)
    return derived.digest_of(
        "entry", entry.id, suggestions.PURPOSE, entry.language, asked.name, [source.title, source.text]
    )


def _about(entry_id: int) -> str:
    return f"entry:{entry_id}:suggested"
