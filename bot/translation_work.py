"""The work of a job that translates: what is missing of a text is asked for part by part, and kept."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from bot import paid
from bot.ai import model, translations
from bot.jobs import Run
from bot.translating import Work
from models import derived
from models.people import Person

Still = Callable[[Session, bool], Work | None]
"""What there is to do as things stand now, under a lock on the text where asked for; ``None`` where nothing is."""


def translate(run: Run, still: Still, person_id: int) -> None:
    """Ask the model for each part that is not there, once; it counts for this person."""
    asked = model.current()
    number: int = run.checkpoint.get("asking", 0)  # what was asked for and is not there was perhaps paid for
    parts = number + 1
    while asked is not None and number < parts:
        with run.step(asking=number + 1) as session:
            work = still(session, False)
            parts = len(work.parts) if work else 0
            call = _reserve(session, person_id, work, number) if work and number < parts else None
        if work is not None and call is not None:
            _ask(run, still, asked, work, call, number)
        number += 1


def _reserve(session: Session, person_id: int, work: Work, number: int) -> paid.Call | None:
    """The call for a part; ``None`` where it is there, or too little is left."""
    if derived.find(session, [work.digests[number]]):
        return None
    prompt = translations.prompt(work.parts[number], work.language)
    return paid.reserve(session, session.get_one(Person, person_id), translations.PURPOSE, prompt)


def _ask(run: Run, still: Still, asked: model.Model, work: Work, call: paid.Call, number: int) -> None:
    """Ask for a part, and keep it if the source still reads as it did."""
    reply, tokens = paid.ask(asked, call)
    pieces = translations.checked(reply, work.parts[number], work.language) if reply else []
    stopping, run.stopping = run.stopping, lambda: False  # what is paid for is kept
    with run.step() as session:
        paid.settle(session, call, tokens)
        now = still(session, True) if pieces else None
        if now is not None and work.digests[number] in now.digests:
            derived.keep(session, work.digests[number], work.source.kind, work.source.id, pieces)
    run.stopping = stopping
