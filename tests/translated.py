"""A fake model that translates, and what is kept and read of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from bot.cards import Link, Markdown
from models.base import reading
from models.derived import DerivedText
from models.people import Person
from tests.chat import Chat, Someone

NOTE = "Translated by a model, and not checked."
NONE = "I cannot translate this."


def told(*texts: str) -> str:
    return json.dumps({"texts": texts})


def says(**pieces: str) -> Callable[[dict[str, Any]], str]:
    """A model that knows these pieces, by how they begin; what it does not know it leaves as it is."""

    def translate(asked: dict[str, Any]) -> str:
        known = {begin.replace("_", " "): said for begin, said in pieces.items()}
        return told(
            *(next((known[each] for each in known if piece.startswith(each)), piece) for piece in asked["texts"])
        )

    return translate


def rows() -> int:
    with reading() as session:
        return session.scalar(select(func.count()).select_from(DerivedText)) or 0


def offer(
    chat: Chat, question: str = "Quanti giorni di ferie ho, @lea? Vedi HR-204 e https://acme.example/ferie."
) -> tuple[Someone, Someone]:
    """Somebody asks in Italian, and an expert who reads English is asked."""
    mona, omar = chat.slack("mona", locale="it"), chat.teams("omar")
    topic = chat.topic("ferie", omar)
    chat.channel("aiuto", mona, topic_id=topic.id)
    mona.says(question, in_="aiuto")
    mona.presses("Ask an expert")
    return mona, omar


def page(chat: Chat, who: Someone, path: str) -> str:
    """What stands on a page, and where its links lead."""
    found = chat.runtime.router.page_at(path)
    assert found is not None
    with reading() as session:
        shown = found[0](session, session.get_one(Person, who.person.id), **found[1])
    return " ".join(
        each.text if isinstance(each, Markdown) else each.path if isinstance(each, Link) else str(each)
        for each in shown.elements
    )
