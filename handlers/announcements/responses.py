"""What readers say to an announcement, each for themselves: that they got it, or why it does not work for them."""

from __future__ import annotations

from typing import Any

from bot.cards import Moment, Reply, T
from bot.router import Router
from bot.secrecy import without_secrets
from bot.turn import Turn
from handlers.announcements import copies, objecting
from models.announcements.responding import addressed, confirmed_as
from models.announcements.tables import OUT, Announcement, Receipt
from models.base import Refusal
from models.facts import Fact

router = Router()
router.refusal(
    own_announcement=T("This is your own announcement. Whoever it reaches can press this."),
    not_addressed=T("This was not sent to you, or you are not among those any more whom it is for."),
    announcement_taken_back=T("Its author has taken this back. There is nothing to be said to it any more."),
    announcement_over=T("This announcement is over. If something is unclear, ask me in a message of your own."),
    not_objected=T("You did not say that it does not work for you, so there is nothing to take back."),
    nobody_to_reply=T("Nobody waits for a reply: they were all replied to, or took it back."),
)


@router.button("announcements.got")
def got(turn: Turn, announcement_id: int) -> Reply | None:
    """A reader confirms that they have read it."""
    announcement, receipt = addressed(turn.session, turn.actor, announcement_id)
    if receipt.acknowledged_at is not None:
        copies.show(turn, announcement, receipt)
        when = Moment(receipt.acknowledged_at)
        return Reply(notice=T("You have confirmed this already, on {moment}. Thank you!", moment=when))
    receipt.acknowledged_at = turn.now
    turn.emit("announcement.acknowledged", announcement)
    copies.show(turn, announcement, receipt)
    return Reply(notice=T("Thank you. You have confirmed it."))


@router.fact("person.joined")
def one_of_two(turn: Turn, fact: Fact) -> None:
    """What one of their accounts has confirmed nobody asks the other for."""
    for number in confirmed_as(turn.session, fact.entity_id, int(fact.data["left"])):
        announcement = turn.session.get_one(Announcement, number)
        receipt = turn.session.get_one(Receipt, (number, fact.entity_id), populate_existing=True)
        if announcement.state in OUT:
            copies.show(turn, announcement, receipt)


@router.button("announcements.object")
def object_to(turn: Turn, announcement_id: int) -> Reply:
    """It does not work for a reader: the form that asks why."""
    announcement, receipt = addressed(turn.session, turn.actor, announcement_id)
    return turn.open(objecting.form(announcement, receipt))


@router.form("announcements.object")
def objected(turn: Turn, announcement_id: int, values: dict[str, Any]) -> Reply | None:
    """Why it does not work for them: its author reads that, with their name."""
    announcement, receipt = addressed(turn.session, turn.actor, announcement_id)
    reason = without_secrets(turn, objecting.check(values)).text
    receipt.objected_at, receipt.objection = turn.now, reason
    receipt.reply = receipt.replied_at = None
    _say(turn, "announcement.objected", announcement, receipt)
    return Reply(notice=T("Thank you. {name} will read this.", name=objecting.author(announcement)))


@router.button("announcements.unobject")
def withdrawn(turn: Turn, announcement_id: int) -> Reply | None:
    """They take it back."""
    announcement, receipt = addressed(turn.session, turn.actor, announcement_id)
    if receipt.objected_at is None:
        raise Refusal("not_objected")
    receipt.objected_at = receipt.objection = receipt.reply = receipt.replied_at = None
    _say(turn, "announcement.unobjected", announcement, receipt)
    return Reply(notice=T("You have taken it back."))


@router.button("announcements.reply")
def reply(turn: Turn, announcement_id: int) -> Reply:
    """The author replies to somebody for whom it does not work."""
    announcement = turn.fetch(Announcement, announcement_id, to="oversee")
    waiting = objecting.waiting(turn.session, announcement)
    if not waiting:
        raise Refusal("nobody_to_reply")
    return turn.open(objecting.reply_form(announcement, waiting))


@router.form("announcements.reply")
def replied(turn: Turn, announcement_id: int, values: dict[str, Any]) -> Reply | None:
    """The reply goes to them alone."""
    announcement = turn.fetch(Announcement, announcement_id, to="oversee")
    chosen = str(values.get("person", ""))
    found = {str(person.id): (receipt, person) for receipt, person in objecting.waiting(turn.session, announcement)}
    if chosen not in found:
        raise Refusal("nobody_to_reply", field="person")
    receipt, person = found[chosen]
    receipt.reply, receipt.replied_at = objecting.check(values), turn.now
    turn.send(person, objecting.told(announcement, receipt, turn.actor))
    turn.emit("announcement.replied", announcement, person_id=person.id)
    return Reply(notice=T("Your reply went to them alone."))


def _say(turn: Turn, verb: str, announcement: Announcement, receipt: Receipt) -> None:
    turn.session.flush()
    turn.emit(verb, announcement)
    copies.show(turn, announcement, receipt)
