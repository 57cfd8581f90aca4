"""The ways in which a decision is begun: the command, a message of a thread, one that is to be decided again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.cards import Reply, T, User
from bot.filled import Errors
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from bot.weekdays import with_weekday
from handlers.decisions import forms, refusals, showing
from models.base import Refusal, now
from models.decisions import counting, life, voices
from models.decisions import forms as opened
from models.decisions.life import Wanted
from models.decisions.tables import OPEN, Decision, DecisionForm
from models.places import PRIVATE, Place, places_of
from models.questions import in_thread

router = Router()
_CLOSES = "closes_at"  # among what was filled in: when it closes, as that was understood
_PLACES = 90  # platforms list a hundred


@router.command("decide", T("/decide: let people decide together; /decide which day: what is to be decided"), "form")
def decide(turn: Turn) -> Reply:
    """The form; words are what is to be decided."""
    turn.require("begin", "decision")
    said = " ".join(turn.inbound.text.split())[: forms.TITLE]
    return _open(turn, None if turn.private else turn.place, turn.inbound.thread, title=said)


@router.shortcut("decisions.from_message", T("Let us decide"), opens="form")
def from_message(turn: Turn) -> Reply:
    """A message leads to a decision, in its thread."""
    turn.require("begin", "decision")
    turn.require("read", turn.place)
    heard = turn.inbound
    said = " ".join(heard.text.split())
    fits = len(said) <= forms.TITLE
    values = {"title": said} if fits else {"details": heard.text.strip()[: forms.ROOM]}
    place = None if turn.private else turn.place
    return _open(turn, place, (heard.thread or heard.message) if place else None, heard.message, **values)


@router.button("decisions.new")
def new(turn: Turn, id: int) -> Reply:
    """The form, from one's home."""
    turn.require("begin", "decision")
    return _open(turn, None, None)


@router.button("decisions.again")
def again(turn: Turn, decision_id: int) -> Reply:
    """What was decided is to be decided again, in the same place."""
    decision = turn.fetch(Decision, decision_id, to="edit")
    if decision.state == OPEN:
        raise Refusal("decision_open")
    form = opened.begin(turn.session, turn.actor, decision.place, decision.thread, decision.message, decision)
    named = [person for person in voices.named(turn.session, decision) if person.active]
    values = forms.values_of(decision, counting.options(turn.session, decision), named)
    return _form(turn, form, values | _filled(form))


@router.form("decisions.begin")
def begun(turn: Turn, form_id: int, values: dict[str, Any]) -> Reply | None:
    """The form was sent. What cannot be taken is kept, and said at its field; when it closes is shown before it
    counts."""
    turn.require("begin", "decision")
    form = opened.find(turn.session, form_id, turn.actor)
    if form.decision_id is not None:  # sent twice
        return None
    kept = {name: without_secrets(turn, said).text for name, said in values.items() if isinstance(said, str)}
    wanted, errors = forms.read(turn.session, turn.actor, values)
    place = _place(turn, form, values, errors)
    if wanted is None or place is None or errors:
        opened.keep(form, kept)
        return Reply(errors={name: refusals.said(refusal) for name, refusal in errors.items()})
    closes_at = _shown(form, kept["until"])
    if closes_at is None:
        opened.keep(form, {**kept, _CLOSES: wanted.closes_at.isoformat()})
        return _form(turn, form, kept)
    _begin(turn, form, replace(wanted, closes_at=closes_at), place)
    elsewhere = turn.inbound.conversation != place.key
    return Reply(notice=T("I have asked in {place}.", place=User(place.name))) if elsewhere else None


def _begin(turn: Turn, form: DecisionForm, wanted: Wanted, place: Place) -> None:
    kept = without_secrets(turn, wanted.details)
    wanted = replace(wanted, details=kept.text)
    replaces = turn.session.get(Decision, form.replaces_id) if form.replaces_id else None
    question = in_thread(turn.session, place, form.thread)
    decision = life.begin(turn.session, turn.actor, wanted, place, form.thread, form.message, replaces,
                          question.id if question is not None else None)  # fmt: skip
    opened.taken(turn.session, form, decision)
    turn.emit("decision.begun", decision, mode=decision.mode, anonymous=decision.anonymous,
              replaces=decision.replaces_id)  # fmt: skip
    showing.begin(turn, decision)


def _open(turn: Turn, place: Place | None, thread: str | None, message: str | None = None, **values: str) -> Reply:
    form = opened.begin(turn.session, turn.actor, place, thread, message)
    said = {name: value for name, value in values.items() if value}
    return _form(turn, form, {**_filled(form), **said})


def _form(turn: Turn, form: DecisionForm, values: Mapping[str, str]) -> Reply:
    """It is there to be filled in, or looked at once more."""
    places = _places(turn) if form.place_id is None else ()
    closes_at = _shown(form, values.get("until"))
    until = with_weekday(closes_at, turn.actor.zone) if closes_at is not None else None
    return turn.open(forms.begin(form, values, places, until))


def _shown(form: DecisionForm, words: str | None) -> datetime | None:
    """When it closes, as these words were understood and shown; none where they were not, or that is past."""
    if _CLOSES not in form.filled or form.filled.get("until") != words:
        return None
    at = datetime.fromisoformat(form.filled[_CLOSES])
    return at if at > now() else None


def _filled(form: DecisionForm) -> dict[str, str]:
    return {name: str(value) for name, value in form.filled.items()}


def _places(turn: Turn) -> Sequence[Place]:
    """Where they could ask, from their own chat."""
    found = [place for place in places_of(turn.session, turn.actor) if place.kind != PRIVATE][:_PLACES]
    if not found:
        raise Refusal("nowhere_to_decide")
    return found


def _place(turn: Turn, form: DecisionForm, values: dict[str, Any], errors: Errors) -> Place | None:
    """Where it is decided: where the form was opened, else as chosen in it."""
    if form.place_id is not None:
        place = turn.session.get_one(Place, form.place_id)
        turn.require("read", place)
        return place
    said = str(values.get("place", ""))
    found = next((place for place in _places(turn) if str(place.id) == said), None)
    if found is None:
        errors["place"] = Refusal("choose_place")
    return found
