"""How far search by meaning is, and why it goes by words alone where it does: for those who administer Agora."""

from __future__ import annotations

import math

from sqlalchemy.orm import Session

from bot import encoding_progress
from bot.ai import encoders
from bot.cards import Element, T, Text
from bot.router import Router
from models import access, vectors
from models.people import Person
from models.vectors import Progress

router = Router()
FEW = 20  # texts that wait are encoded in a moment: not worth a word
_FAILED = {
    "key": T("Search goes by words alone: the settings name a model for embeddings, but no key for it."),
    "missing": T("Search goes by words alone: there is no encoder for this machine."),
    "refused": T("Search goes by words alone: the server of the embeddings refuses the key or the model."),
    "spent": T("Search goes by words alone: all that may be encoded today is used up. It goes on at midnight UTC."),
    "garbage": T("Search goes by words alone: what the server of the embeddings answers is of no use."),
    "begins": T("Search goes by words alone until all titles are encoded."),
}
_AWAY = T("Search goes by words alone: the server of the embeddings does not answer in time.")


@router.home(91)
def section(session: Session, person: Person) -> tuple[Element, ...]:
    """Below what else an admin sees; nothing where all is well."""
    return lines(session, person)


def lines(session: Session, person: Person) -> tuple[Element, ...]:
    """What ``person`` is told of it, if anything."""
    if not access.may(session, person, "administer", "company"):
        return ()
    reason = encoders.current().failure
    why = () if reason is None else (_FAILED.get(reason, _AWAY),)
    return tuple(Text(words, subtle=True) for words in (*why, *_progress(session)))


def _progress(session: Session) -> tuple[T, ...]:
    wanted = [each.key for each in encoders.current().wanted()]
    found = [each for each in vectors.progress(session, wanted) if each.waits >= FEW]
    return tuple(_how_far(each, encoding_progress.left(each.space)) for each in found[:1])


def _how_far(progress: Progress, seconds: float | None) -> T:
    counts = {"done": progress.all - progress.waits, "all": progress.all}
    if seconds is None:
        return T("{done} of {all} texts are searched by meaning so far.", **counts)
    minutes = max(1, math.ceil(seconds / 60))
    if minutes <= 90:
        return T("{done} of {all} texts are searched by meaning so far, about {n} minute left.",
                 "{done} of {all} texts are searched by meaning so far, about {n} minutes left.",
                 n=minutes, **counts)  # fmt: skip
    return T("{done} of {all} texts are searched by meaning so far, about {n} hour left.",
             "{done} of {all} texts are searched by meaning so far, about {n} hours left.",
             n=round(minutes / 60), **counts)  # fmt: skip
