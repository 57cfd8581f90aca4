"""The ways into the knowledge store: writing, verifying, changing, searching, following."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from bot.cards import Card, Reply, T
from bot.inbound import Inbound
from bot.router import Router
from bot.turn import Turn
from handlers.knowledge import (
    actions,
    audiences,
    cards,
    drafting,
    duplicates,
    forms,
    leaving,
    pages,
    sharing,
    steps,
    suggesting,
    telling,
)
from models import access, history
from models.base import Refusal
from models.history import Editing
from models.knowledge import MERGED, Entry, Topic
from models.learning import Content, content_of
from models.merging import leads_to
from models.places import Place
from models.search.asking import says_nothing
from models.search.find import find
from models.search.language import detect

router = Router()
for part in (drafting, duplicates, leaving, pages, sharing, steps, suggesting, telling):
    router.include(part.router)
router.refusal(
    not_draft=T("This draft is settled already."),
    not_current=T("This entry is not current, so that cannot be done with it. Restore it first."),
    not_verifiable=T("This entry is not current any more. Restore it first."),
    not_restorable=T("There is nothing to restore: this entry was not refused, retired or withdrawn."),
    choose_audience=T("It was asked in private. Press “Choose who may read it” first."),
    unknown_audience=T("Choose from the list who may read it: only those that you belong to yourself are there."),
    unknown_language=T("Choose a language from the list."),
    unknown_revision=T("Choose a revision from the list."),
    secret_in_title=T("The title seems to hold a password or a key. Everybody sees titles: take it out."),
    nothing_to_change=T("It reads like that already."),
    no_date=T("That is not a date. Write it as year-month-day, such as 2030-01-31."),
    date_out_of_range=T("Choose a day after today, within ten years."),
    form_too_old=T("This form is too old. Copy your text, open the form again and put it in there."),
    unknown_entry=T("Write the number of an entry, such as /know 12, or /know alone to write a new one."),
)
_FOUND = 8


@router.command("know", T("/know: write what you know; /know 12: change the entry with this number"), opens="bare")
def know(turn: Turn) -> Reply | None:
    """Without anything the form to write; with a number what may be done with that entry."""
    said = turn.inbound.text.strip().lstrip("#")
    if not said:
        return new(turn, 0)
    if not (said.isascii() and said.isdecimal() and len(said) < 18):
        raise Refusal("unknown_entry")
    return manage(turn, int(said))


@router.command("find", T("/find words: search what is written, only you see it"), opens="bare")
def search(turn: Turn) -> Reply | None:
    """``/find`` with words searches; without any opens the form."""
    said = turn.inbound.text.strip()
    if not said:
        return turn.open(forms.find())
    turn.whisper(_found(turn, said[:300]))
    return None


@router.button("knowledge.search")
def search_form(turn: Turn, id: int) -> Reply:
    """The search, from the home."""
    return turn.open(forms.find())


@router.form("knowledge.find")
def found(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """What to look for was filled in: the results are in the person's own chat."""
    words = forms.text(values, "words", 300)
    turn.send(turn.actor, _found(turn, words))
    return None if turn.private else Reply(notice=T("I have sent you what I found."))


@router.seeks("command", "find")
def sought_by_command(session: Session, inbound: Inbound) -> list[str]:
    """What ``/find`` looks for."""
    return [inbound.text.strip()[:300]]


@router.seeks("form", "knowledge.find")
def sought_by_form(session: Session, inbound: Inbound) -> list[str]:
    """What the form looks for."""
    return [str(inbound.values.get("words", "")).strip()]


@router.button("knowledge.new")
def new(turn: Turn, id: int) -> Reply:
    """The form to write an entry."""
    turn.require("write", "entry")
    return turn.open(forms.new(turn.session, turn.actor))


@router.shortcut("knowledge.from_message", T("Save as knowledge"), opens="form")
def from_message(turn: Turn) -> Reply:
    """Any message becomes an entry, for those who could read it, unless its writer chooses otherwise."""
    turn.require("read", turn.place)
    turn.require("write", "entry")
    readers = access.thread_audience(turn.place)
    return turn.open(forms.new(turn.session, turn.actor, turn.place.id, turn.inbound.text[: forms.BODY], readers))


@router.form("knowledge.write")
def write(turn: Turn, place_id: int, values: dict[str, Any]) -> Reply | None:
    """An entry was written."""
    turn.require("write", "entry")
    place = turn.session.get(Place, place_id) if place_id else None
    readers: list[str] = []
    if place is not None:
        turn.require("read", place)
        readers = access.thread_audience(place)
    before = Content("", "", turn.actor.locale, None, tuple(readers)) if readers else None
    actions.do_write(turn, forms.read(turn.session, turn.actor, values, before))
    return None


@router.button("knowledge.manage")
def manage(turn: Turn, entry_id: int) -> Reply | None:
    """An entry, with all that this person may do with it."""
    entry = turn.fetch(Entry, leads_to(turn.session, entry_id), to="read")
    verbs = ("verify", "edit", "refuse", "retire", "restore")
    may = frozenset(verb for verb in verbs if access.may(turn.session, turn.actor, verb, entry))
    audience = audiences.in_words(turn.session, entry.audience, turn.keys)
    turn.whisper(cards.manager(entry, audience, may, turn.actor))
    return None


@router.button("knowledge.edit")
def edit(turn: Turn, entry_id: int) -> Reply:
    """The form of an entry, as it reads now."""
    entry = turn.fetch(Entry, leads_to(turn.session, entry_id), to="edit")
    editing = history.begin(turn.session, entry, turn.actor)
    publishes = access.may(turn.session, turn.actor, "verify", entry)
    return turn.open(forms.edit(turn.session, turn.actor, entry, editing, publishes))


@router.form("knowledge.edit")
def edited(turn: Turn, editing_id: int, values: dict[str, Any]) -> Reply | None:
    """The form was sent. Whatever is refused is said in the form: what was written in it is not lost."""
    editing = turn.session.get(Editing, editing_id, with_for_update=True)
    if editing is None or editing.person_id != turn.actor.id:
        raise Refusal("form_too_old", field="body")
    try:
        entry = turn.fetch(Entry, editing.entry_id, to="edit")
    except Refusal as refusal:
        raise Refusal(refusal.code, field="body", **refusal.facts) from refusal
    if entry.state == MERGED:
        raise Refusal("not_current", field="body")
    return actions.do_edit(turn, entry, editing, forms.read(turn.session, turn.actor, values, content_of(entry)))


@router.button("knowledge.verify")
def verify(turn: Turn, entry_id: int) -> Reply | None:
    """A draft, or an entry, is true."""
    actions.do_verify(turn, turn.fetch(Entry, entry_id, to="verify"))
    return None


@router.button("knowledge.refuse")
def refuse_form(turn: Turn, entry_id: int) -> Reply:
    """Why it is refused is asked first."""
    return turn.open(forms.refuse(turn.fetch(Entry, entry_id, to="refuse")))


@router.form("knowledge.refuse")
def refuse(turn: Turn, entry_id: int, values: dict[str, Any]) -> Reply | None:
    """A draft is refused."""
    reason = forms.text(values, "reason", forms.REASON)
    actions.do_refuse(turn, turn.fetch(Entry, entry_id, to="refuse"), reason)
    return None


@router.button("knowledge.retire")
def retire_form(turn: Turn, entry_id: int) -> Reply:
    """Why it goes is asked first."""
    return turn.open(forms.retire(turn.fetch(Entry, entry_id, to="retire")))


@router.form("knowledge.retire")
def retire(turn: Turn, entry_id: int, values: dict[str, Any]) -> Reply | None:
    """An entry goes."""
    reason = forms.text(values, "reason", forms.REASON, required=False)
    actions.do_retire(turn, turn.fetch(Entry, entry_id, to="retire"), forms.is_wrong(values), reason)
    return None


@router.button("knowledge.restore")
def restore(turn: Turn, entry_id: int) -> Reply | None:
    """A refusal or a retirement is taken back."""
    actions.do_restore(turn, turn.fetch(Entry, entry_id, to="restore"))
    return None


@router.button("knowledge.go_back")
def go_back_form(turn: Turn, entry_id: int) -> Reply:
    """Which older revision is asked first."""
    entry = turn.fetch(Entry, entry_id, to="verify")
    revisions = history.revisions(turn.session, entry)
    return turn.open(forms.older(entry, history.readable(turn.session, turn.actor, entry, revisions)))


@router.form("knowledge.go_back")
def go_back(turn: Turn, entry_id: int, values: dict[str, Any]) -> Reply | None:
    """An older revision becomes the newest."""
    entry = turn.fetch(Entry, entry_id, to="verify")
    number = str(values.get("revision", ""))
    if not (number.isascii() and number.isdecimal() and len(number) < 9):
        raise Refusal("unknown_revision", field="revision")
    found = history.revision(turn.session, entry, int(number))
    if not history.readable(turn.session, turn.actor, entry, [found]):
        raise Refusal("unknown_revision", field="revision")
    actions.do_go_back(turn, entry, int(number), forms.is_wrong(values))
    return None


@router.button("knowledge.follow")
def follow(turn: Turn, topic_id: int) -> Reply | None:
    """Follow a topic, or stop."""
    topic = turn.session.get(Topic, topic_id)
    if topic is None:
        raise Refusal("not_found")
    if actions.do_follow(turn, topic):
        return Reply(notice=T("You follow this topic. What is new in it stands on your home."))
    return Reply(notice=T("You do not follow this topic any more."))


def _found(turn: Turn, words: str) -> Card:
    """What is written about ``words``: nothing where there is nothing in them to look for, for something is always
    nearest."""
    if says_nothing(words):
        return cards.found(words, (), turn.actor)
    hits = find(turn.session, words, _language(turn, words), turn.keys, _FOUND, turn.vectors(words))
    return cards.found(words, hits, turn.actor)


def _language(turn: Turn, words: str) -> str:
    return detect(words, turn.actor.locale)
