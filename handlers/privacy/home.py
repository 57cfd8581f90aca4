"""What a person asked without their name: only they see it here, since only their seals lead to it.

It stands in no digest, which is a message of Agora's and so a row that would join the two.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Element, Heading, Link, Moment, T, Text, User
from bot.shorten import shortened
from models import masks
from models.people import Person
from models.questions import OVER, Question

SHOWN = 10


def asked_anonymously(session: Session, person: Person) -> tuple[Element, ...]:
    """The open questions of the person's masks, newest first; nothing where there are none."""
    worn = [mask.id for mask in masks.of(session, person)]
    asked = session.scalars(
        select(Question)
        .where(Question.asker_id.in_(worn), Question.state.not_in(OVER))
        .order_by(Question.id.desc())
        .limit(SHOWN)
    ).all()
    lines: list[Element] = []
    for question in asked:
        lines.append(Link(User(shortened(question.text)), f"/questions/{question.id}"))
        lines.append(Text(T("asked on {day}", day=Moment(question.created_at, True)), subtle=True))
    return (Heading(T("Asked without your name")), *lines) if lines else ()
