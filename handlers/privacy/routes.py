"""``/privacy``: everything about me, and being erased."""

from __future__ import annotations

from datetime import timedelta
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from sqlalchemy import select

from bot.cards import Reply, T, simple
from bot.router import Router
from bot.turn import Turn
from handlers.privacy import cards
from handlers.privacy.home import asked_anonymously
from models import erasing, files, privacy
from models.base import Refusal, now
from models.facts import Fact
from models.people import Person, with_role
from models.questions import Question

_ASKED, _REFUSED = "person.erasure_asked", "person.erasure_refused"
_AGAIN = timedelta(days=1)
"""Whoever asks again within this time has pressed twice; later the administrators are reminded."""

router = Router()
router.refusal(
    nobody_to_erase=T("There is no administrator who could do that. Ask whoever runs Agora."),
    not_yourself=T("An administrator cannot erase themselves. Another one can."),
    erased_already=T("They are erased already."),
    erasure_settled=T("This is settled already."),
)
router.home(15)(asked_anonymously)


@router.command("privacy", T("/privacy: what I hold of you, as a file, or erased"))
def overview(turn: Turn) -> Reply | None:
    """What is held, and what can be done."""
    turn.whisper(cards.overview())
    return None


@router.button("privacy.export")
def export(turn: Turn, id: int) -> Reply | None:
    """Everything about me, as a file that only I can open."""
    name = f"agora-{turn.actor.handle}.json"
    packed = BytesIO()
    with ZipFile(packed, "w", ZIP_DEFLATED) as archive:
        archive.writestr(name, orjson.dumps(privacy.export(turn.session, turn.actor), option=orjson.OPT_INDENT_2))
    file = files.keep(turn.session, turn.actor, f"{name}.zip", packed.getvalue())
    turn.session.flush()
    turn.emit("person.exported", turn.actor)
    turn.send(turn.actor, cards.exported(file.path))
    return Reply(notice=T("Everything about you is in our own chat now."))


@router.button("privacy.ask")
def ask(turn: Turn, id: int) -> Reply | None:
    """I want to be erased: the admins are asked."""
    admins = [admin for admin in with_role(turn.session, "admin") if admin.id != turn.actor.id]
    if not admins:
        raise Refusal("nobody_to_erase")
    waiting = _waiting(turn, turn.actor)
    if waiting is None or now() - waiting.at > _AGAIN:
        for admin in admins:
            turn.send(admin, cards.asked(turn.actor), about=_about(turn.actor.id))
        turn.emit(_ASKED, turn.actor)
    return Reply(notice=T("The administrators were asked. You hear from them here."))


@router.button("privacy.erase")
def erase(turn: Turn, person_id: int) -> Reply | None:
    """An admin erases somebody, everywhere."""
    turn.require("administer", "company")
    person = _person(turn, person_id)
    if person.id == turn.actor.id:
        raise Refusal("not_yourself")
    person.active = False
    turn.emit("person.left", person)
    turn.emit("person.erasing", person)
    return None


@router.fact("person.erasing")
def after_all_have_let_go(turn: Turn, fact: Fact) -> None:
    """Once their work has passed to others, nothing of the person is left."""
    person = turn.session.get_one(Person, fact.entity_id)
    for question in turn.session.scalars(select(Question).where(Question.asker_id == person.id)):
        turn.withdraw(question.about)
    kept = erasing.erase(turn.session, person)
    turn.emit("person.erased", person, kept=kept)
    turn.edit(_about(person.id), cards.erased(kept))


@router.button("privacy.keep")
def keep(turn: Turn, person_id: int) -> Reply | None:
    """An admin does not agree; the person is told."""
    turn.require("administer", "company")
    person = _person(turn, person_id)
    if _waiting(turn, person) is None:
        raise Refusal("erasure_settled")
    turn.send(person, cards.refused())
    turn.emit(_REFUSED, person)
    turn.edit(_about(person_id), simple(T("Not erased.")))
    return None


def _waiting(turn: Turn, person: Person) -> Fact | None:
    """That they asked to be erased, where no administrator has decided on it yet."""
    last = turn.session.scalars(
        select(Fact)
        .where(Fact.entity == "person", Fact.entity_id == person.id, Fact.verb.in_((_ASKED, _REFUSED)))
        .order_by(Fact.id.desc())
        .limit(1)
    ).first()
    return last if last is not None and last.verb == _ASKED else None


def _person(turn: Turn, person_id: int) -> Person:
    person = turn.session.get(Person, person_id, with_for_update=True)
    if person is None:
        raise Refusal("not_found")
    if person.name == privacy.FORMER and not person.active:
        raise Refusal("erased_already")
    return person


def _about(person_id: int) -> str:
    return f"person:{person_id}:erase"
