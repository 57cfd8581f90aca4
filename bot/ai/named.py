"""What a model called that which several ask: kept, and read by whoever sees them together."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.ai import labels, model
from models import derived
from models.repeated import Repeated


def kept(session: Session, found: Repeated, language: str) -> str | None:
    """A name made of just these questions, in this language; ``None`` where there is none, or no model."""
    asked = model.current()
    if asked is None:
        return None
    key = digest(found, language, asked)
    names = derived.find(session, [key])
    return names[key][0] if key in names else None


def digest(found: Repeated, language: str, asked: model.Model) -> bytes:
    """What a name depends on: the questions as they read, the language, the model."""
    texts = [f"{each.id} {each.whole}" for each in found.questions]
    return derived.digest_of("question", found.id, labels.PURPOSE, language, asked.name, texts)
