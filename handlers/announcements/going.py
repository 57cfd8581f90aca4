"""From a draft to its readers: sending, approving, undoing, discarding and taking back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.cards import Reply, T
from bot.filled import text
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import draft_cards, drafts, forms, sending
from models.announcements import authors, life
from models.announcements.tables import DRAFT, PROPOSED, Announcement
from models.base import Refusal
from models.facts import Fact

router = Router()
UNDO = timedelta(seconds=30)
"""How long what was to go out at once waits: one sees one's mistakes when it is gone."""


@router.button("announcements.send")
def send(turn: Turn, announcement_id: int) -> Reply | None:
    """It goes out: in a moment, in which that can be undone, or at its time. What is urgent does not wait."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    if announcement.state == PROPOSED:
        raise Refusal("announcement_proposed")
    at_once = announcement.send_at is None
    life.allowed(turn.session, announcement)
    if at_once and not announcement.urgent:
        announcement.send_at, announcement.local = turn.now + UNDO, False
    sending.release(turn, announcement)
    drafts.show(turn, announcement, undo=at_once)
    return None


@router.button("announcements.undo")
def undo(turn: Turn, announcement_id: int) -> Reply | None:
    """It does not go out after all."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    life.take_back(announcement)
    announcement.send_at = None
    drafts.show(turn, announcement)
    return None


@router.button("announcements.back")
def back(turn: Turn, announcement_id: int) -> Reply | None:
    """What is planned, or waits to be approved, is a draft again."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    proposed = announcement.state == PROPOSED
    life.take_back(announcement)
    if proposed:
        turn.edit(drafts.approval(announcement), draft_cards.decided(announcement, turn.actor, False))
    drafts.show(turn, announcement)
    return None


@router.button("announcements.discard")
def discard(turn: Turn, announcement_id: int) -> Reply | None:
    """It will never go out."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    life.cancel(announcement)
    turn.emit("announcement.cancelled", announcement)
    turn.edit(drafts.approval(announcement), draft_cards.decided(announcement, turn.actor, False))
    drafts.show(turn, announcement)
    return None


@router.button("announcements.propose")
def propose(turn: Turn, announcement_id: int) -> Reply | None:
    """Whoever must approve it is asked."""
    announcement = turn.fetch(Announcement, announcement_id, to="edit")
    approver = authors.may_reach(turn.session, announcement.author, announcement.audience, announcement.urgent)
    if approver is None:
        return send(turn, announcement_id)
    life.propose(turn.session, announcement, approver)
    turn.session.flush()
    turn.session.refresh(announcement, ["approver"])
    turn.emit("announcement.proposed", announcement, approver_id=approver.id)
    card = draft_cards.approval(announcement, drafts.reach(turn, announcement), drafts.extras(turn, announcement))
    turn.send(approver, card, drafts.approval(announcement))
    drafts.show(turn, announcement)
    return None


@router.button("announcements.approve")
def approve(turn: Turn, announcement_id: int) -> Reply | None:
    """Whoever was asked agrees."""
    announcement = turn.fetch(Announcement, announcement_id, to="approve")
    if not drafts.is_newest(turn, drafts.approval(announcement)):
        raise Refusal("announcement_draft")
    life.approve(turn.session, announcement)
    turn.emit("announcement.approved", announcement)
    turn.edit(drafts.approval(announcement), draft_cards.decided(announcement, turn.actor, True))
    turn.send(announcement.author, draft_cards.told_approved(announcement, turn.actor))
    sending.release(turn, announcement)
    drafts.refresh(turn, announcement)
    return None


@router.button("announcements.refuse")
def refuse_form(turn: Turn, announcement_id: int) -> Reply:
    """What should change is asked first."""
    announcement = turn.fetch(Announcement, announcement_id, to="approve")
    if announcement.state != PROPOSED:
        raise Refusal(f"announcement_{announcement.state}")
    return turn.open(forms.refuse(announcement))


@router.form("announcements.refuse")
def refuse(turn: Turn, announcement_id: int, values: dict[str, Any]) -> Reply | None:
    """Whoever was asked wants changes."""
    announcement = turn.fetch(Announcement, announcement_id, to="approve")
    life.refuse(announcement, text(values, "reason", forms.REASON))
    turn.emit("announcement.refused", announcement)
    turn.edit(drafts.approval(announcement), draft_cards.decided(announcement, turn.actor, False))
    turn.send(announcement.author, draft_cards.told_refused(announcement, turn.actor))
    drafts.refresh(turn, announcement)
    return None


@router.button("announcements.recall")
def recall(turn: Turn, announcement_id: int) -> Reply | None:
    """It is taken back from everybody who has it."""
    announcement = turn.fetch(Announcement, announcement_id, to="recall")
    sending.recall(turn, announcement)
    drafts.refresh(turn, announcement)
    return Reply(notice=T("It is being taken back: everybody who has it sees that."))


@router.fact("announcement.sent")
def begun(turn: Turn, fact: Fact) -> None:
    """It went out: nothing can be done on the card of its draft any more."""
    drafts.refresh(turn, turn.session.get_one(Announcement, fact.entity_id))


@router.fact("announcement.refused")
def kept_back(turn: Turn, fact: Fact) -> None:
    """It did not go out: it is a draft again, with what is in its way."""
    announcement = turn.session.get_one(Announcement, fact.entity_id)
    if announcement.state == DRAFT:
        drafts.refresh(turn, announcement)
