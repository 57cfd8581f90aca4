"""Somebody's home as a card: what every feature contributes to it, for platforms that show one."""

from __future__ import annotations

from itertools import chain

from sqlalchemy.orm import Session

from bot.cards import Card, Divider, Element, T
from bot.router import Router
from models.people import Person


def home_card(router: Router, session: Session, person: Person) -> Card:
    """All sections that have something to show, with lines between them."""
    sections = [shown for _, section in router.sections if (shown := section(session, person))]
    elements: tuple[Element, ...] = tuple(chain.from_iterable((*shown, Divider()) for shown in sections))
    return Card(T("Your home"), elements[:-1])
