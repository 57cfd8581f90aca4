"""The languages of an announcement: its author writes each, or checks what a model drafted; what nobody has checked is
not sent, unless its author allowed that."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from bot.ai import model, translations
from bot.cards import Card, Reply, T
from bot.jobs import Run
from bot.router import Router
from bot.translatable import source_of
from bot.translating import Work, kept, work_of
from bot.translation_work import translate
from bot.turn import Turn
from handlers.announcements import drafts, language_cards, language_forms, refusals, sending
from models import access
from models.announcements import opened, texts
from models.announcements.opened import Opened
from models.announcements.polls import polls_of
from models.announcements.tables import DRAFT, OUT, RECALLED, Announcement, AnnouncementText
from models.announcements.texts import Wording
from models.base import Refusal
from models.mail import Job
from models.people import LOCALES, Person

router = Router()
JOB = "announcements.translate"


def about(announcement: Announcement) -> str:
    """What the card is about on which its languages stand."""
    return f"announcement-languages:{announcement.id}"


@router.button("announcements.languages")
def languages(turn: Turn, announcement_id: int) -> Reply | None:
    """Which languages are there, and who checked them."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    turn.whisper(_card(turn.session, announcement), about(announcement))
    return None


def _open(language: str) -> Callable[[Turn, int], Reply]:
    def write(turn: Turn, announcement_id: int) -> Reply:
        """What it says in this language, to be written or checked."""
        announcement = turn.fetch(Announcement, announcement_id, to="edit")
        opening = opened.begin(turn.session, turn.actor, f"language.{language}", announcement)
        opening.version = _version(announcement)
        found = turn.session.get(AnnouncementText, (announcement.id, language))
        polls = polls_of(turn.session, announcement.id)
        return turn.open(language_forms.form(announcement, language, found, opening, polls))

    return write


def _written(language: str) -> Callable[[Turn, int, dict[str, Any]], Reply | None]:
    def written(turn: Turn, opened_id: int, values: dict[str, Any]) -> Reply | None:
        """Whoever sends the form says that it is right."""
        opening = opened.find(turn.session, opened_id, turn.actor, f"language.{language}")
        if opening.announcement_id is None:
            raise Refusal("form_too_old")
        announcement = turn.fetch(Announcement, opening.announcement_id, to="edit")
        if announcement.state == RECALLED or language == announcement.language:
            raise Refusal("not_translated", field="text")
        try:
            said = language_forms.read(values, language, polls_of(turn.session, announcement.id))
            _expect(opening, announcement)
        except Refusal as refusal:
            opened.keep(opening, values)
            opening.version = _version(announcement)
            return turn.errors(**{refusal.field or "text": refusals.said(refusal)})
        drafts.withdrawn(turn, announcement)
        texts.put(turn.session, announcement, said, turn.actor)
        opening.filled = None
        _changed(turn, announcement, language)
        return None

    return written


for code in LOCALES:
    router.button(f"announcements.language.{code}")(_open(code))
    router.form(f"announcements.language.{code}")(_written(code))


@router.button("announcements.draft_languages")
def draft(turn: Turn, announcement_id: int) -> Reply | None:
    """A model is to draft what is missing."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    if model.current() is None:
        raise Refusal("not_translated")
    for each in _all(turn.session, announcement):
        if not each.text and translations.can(each.language):
            turn.job(JOB, announcement=announcement.id, person=turn.actor.id, language=each.language)
    return Reply(notice=T("One moment: the drafts will appear here, for you to check."))


@router.job(JOB, quick=True)
def make(run: Run) -> dict[str, Any]:
    """Ask the model: ``args`` say for whom, and for what."""
    translate(run, lambda session, lock: _still(session, run.args, lock=lock), run.args["person"])
    return {}


@router.result(JOB)
def came(turn: Turn, job_id: int, result: dict[str, Any]) -> None:
    """Keep what the model wrote, unchecked, where nobody wrote something better meanwhile."""
    args = turn.session.get_one(Job, job_id).args
    work = _still(turn.session, args, lock=True)
    done = kept(turn.session, work) if work is not None else None
    announcement = turn.session.get(Announcement, args["announcement"])
    if announcement is None or announcement.state == RECALLED or (announcement.unseen and announcement.state != DRAFT):
        return  # what nobody has looked at is added to nothing that is on its way
    if done is None:
        person = turn.session.get_one(Person, args["person"])
        turn.send(person, language_cards.not_drafted(announcement, args["language"]))
        return
    said = language_forms.drafted(done, polls_of(turn.session, announcement.id))
    texts.put(turn.session, announcement, said, None)
    _changed(turn, announcement, args["language"])


def _version(announcement: Announcement) -> int:
    """Goes up with every change, before it goes out and after."""
    return announcement.version + announcement.revision


def _expect(opening: Opened, announcement: Announcement) -> None:
    """A translation is of the text that stood beside it."""
    if opening.version != _version(announcement):
        raise Refusal("original_changed", field="text")


def _still(session: Session, args: dict[str, Any], *, lock: bool = False) -> Work | None:
    """What there is to translate, if whoever asked may still change it."""
    person, asked = session.get_one(Person, args["person"]), model.current()
    announcement = session.get(Announcement, args["announcement"])
    if announcement is None or asked is None or not access.may(session, person, "edit", announcement):
        return None
    source = source_of(session, "announcement", announcement.id, person, lock=lock)
    if source.language == args["language"] or source.speaks_to_models or not translations.can(args["language"]):
        return None
    work = work_of(language_forms.with_polls(source, polls_of(session, announcement.id)), args["language"], asked)
    return work if work.parts else None


def _changed(turn: Turn, announcement: Announcement, language: str) -> None:
    """Where it stands shows it; who has it in this language already sees it there."""
    turn.edit(about(announcement), _card(turn.session, announcement))
    if announcement.state in OUT:
        sending.edited(turn, announcement, {"language": language})
    else:
        drafts.refresh(turn, announcement)


def _all(session: Session, announcement: Announcement) -> list[Wording]:
    """Every language but the author's: what is not there has no text."""
    found = {each.language: texts.wording(announcement, each) for each in texts.texts(session, announcement)}
    codes = dict.fromkeys((*LOCALES, *found))
    return [found.get(code) or Wording(code, "", "") for code in codes if code != announcement.language]


def _card(session: Session, announcement: Announcement) -> Card:
    return language_cards.wordings(announcement, _all(session, announcement), model.current() is not None)
