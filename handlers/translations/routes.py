"""A text of somebody's in the reader's own language: for whoever asks for it, beside the original."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.ai import model, translations
from bot.cards import Reply, T
from bot.jobs import Run
from bot.router import Page, Router
from bot.translatable import KINDS, Source, source_of
from bot.translating import Work, kept, kept_of, work_of
from bot.translation_work import translate
from bot.turn import Turn
from handlers.translations import cards
from models import access, privacy
from models.base import Refusal
from models.facts import Fact
from models.mail import Job, PostedCard
from models.people import Person
from models.places import Place

router = Router()
JOB = "translations.make"
router.refusal(
    not_translated=T("I cannot translate this. The original is all there is."),
    your_language=T("This is in your language already."),
)


def _offer(kind: str) -> None:
    """Let texts of this kind be asked for, and read."""
    router.button(f"translations.{kind}")(_translate(kind))
    router.page(f"/translations/{kind}/{{id}}")(_page(kind))


def _translate(kind: str) -> Callable[[Turn, int], Reply | None]:
    def translate(turn: Turn, id: int) -> Reply | None:
        """Somebody wants to read it in their own language."""
        work = _work(turn.session, kind, id, turn.actor, turn.actor.locale)
        done = kept(turn.session, work)
        if done is not None:
            _show(turn, turn.actor, work, turn.place, turn.inbound.thread, turn.inbound.actor)
            return None
        turn.job(JOB, table=kind, id=id, person=turn.actor.id, language=turn.actor.locale, place=turn.place.id,
                 thread=turn.inbound.thread, account=turn.inbound.actor)  # fmt: skip
        return Reply(notice=T("One moment: the translation will appear here."))

    return translate


def _page(kind: str) -> Callable[[Session, Person, int], Page]:
    def whole(session: Session, person: Person, id: int) -> Page:
        """The whole of what is kept, for who may read what it is of."""
        done = kept_of(session, kind, id, person)
        if done is None:
            raise Refusal("not_found")
        return cards.page(done)

    return whole


for kind in KINDS:
    _offer(kind)


@router.job(JOB, quick=True)
def make(run: Run) -> dict[str, Any]:
    """Ask the model for each part that is not there, once: ``args`` say for whom, and what."""
    translate(run, lambda session, lock: _still(session, run.args, lock=lock), run.args["person"])
    return {}


@router.result(JOB)
def came(turn: Turn, job_id: int, result: dict[str, Any]) -> None:
    """Show it to whoever asked, if they may still read what it is of."""
    args = turn.session.get_one(Job, job_id).args
    person, place = turn.session.get_one(Person, args["person"]), turn.session.get_one(Place, args["place"])
    if person.active:
        _show(turn, person, _still(turn.session, args), place, args["thread"], args["account"])


@router.fact("question.changed")
@router.fact("answer.edited")
@router.fact("entry.changed")
@router.fact("announcement.changed")
@router.fact("announcement.recalled")
@router.fact("task.changed")
@router.fact("task.listed")
@router.fact("decision.reasoned")
def changed(turn: Turn, fact: Fact) -> None:
    """What was translated says something else now: who was shown that sees the original, and may ask again."""
    turn.withdraw(f"{fact.entity}:{fact.entity_id}:translated")


@router.fact("decision.voted")
def voted(turn: Turn, fact: Fact) -> None:
    """Whoever has their say again says it otherwise."""
    if fact.data.get("again"):
        changed(turn, fact)


@router.fact("person.erased")
def erased(turn: Turn, fact: Fact) -> None:
    """What they asked and said is read nowhere any more, in no language."""
    abouts = [f"{about}:translated" for about in privacy.written_in(turn.session, fact.entity_id)]
    for about in set(turn.session.scalars(select(PostedCard.about).where(PostedCard.about.in_(abouts)))):
        turn.withdraw(about)


def _work(session: Session, kind: str, id: int, person: Person, language: str, *, lock: bool = False) -> Work:
    """What there is to do. ``Refusal`` where it may not be read, or need not or cannot be translated."""
    source, asked = source_of(session, kind, id, person, lock=lock), model.current()
    if language == source.language:
        raise Refusal("your_language")
    if asked is None or not translations.can(language) or source.speaks_to_models:
        raise Refusal("not_translated")
    work = work_of(source, language, asked)
    if not work.parts:
        raise Refusal("not_translated")
    return work


def _still(session: Session, args: dict[str, Any], *, lock: bool = False) -> Work | None:
    """The same, as it is now; ``None`` where there is nothing to do any more."""
    person = session.get_one(Person, args["person"])
    try:
        return _work(session, args["table"], args["id"], person, args["language"], lock=lock)
    except Refusal:
        return None


def _show(turn: Turn, person: Person, work: Work | None, place: Place, thread: str | None, account: str | None) -> None:
    done = kept(turn.session, work) if work is not None else None
    card = cards.none() if done is None else cards.translated(done)
    about = None if done is None else _about(done.source)
    alone = None if access.is_own_chat(place) else person
    turn.post(place, card, about=about, thread=thread, only_for=alone, account=account if alone else None)


def _about(source: Source) -> str:
    """What the message is about: the text that it is of."""
    return f"{source.about}:translated"
