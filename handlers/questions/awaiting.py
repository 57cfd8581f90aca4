"""Whose message is surely answered, however long that takes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from bot.inbound import Inbound
from bot.router import Router
from models.access import is_own_chat
from models.joining import find_account
from models.places import place_at
from models.questions import in_thread

router = Router()


@router.awaits
def is_answered(session: Session, inbound: Inbound) -> bool:
    """Who writes in their own chat, mentions Agora where it may answer, or goes on in the thread of their question."""
    place = place_at(session, inbound.platform, inbound.installation, inbound.conversation)
    if place is None or is_own_chat(place):
        return place is not None or inbound.mentioned
    question = in_thread(session, place, inbound.thread)
    if question is not None and inbound.text.strip() and _is_by(session, question.asker_id, inbound):
        return True
    return inbound.mentioned and place.answers != "off"


def _is_by(session: Session, person_id: int, inbound: Inbound) -> bool:
    known = find_account(session, inbound.platform, inbound.installation, inbound.actor or "")
    return known is not None and known.person_id == person_id
