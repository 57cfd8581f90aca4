"""Taking part in the polls of an announcement."""

from __future__ import annotations

from typing import Any

from bot.cards import Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.announcements import copies, desk, poll_cards, responses
from models.announcements.polls import ballot, vote
from models.announcements.responding import addressed
from models.announcements.tables import MULTIPLE, Poll
from models.announcements.texts import best, in_words, wordings
from models.base import Refusal

router = Router()
router.refusal(
    nothing_chosen=T("Choose something first, or close the form."),
    one_choice=T("Choose one of them."),
    unknown_choice=T("That cannot be chosen here. Choose one of those that are shown."),
    voted_already=T(
        "You took part already. This poll is anonymous: I do not know what you chose, so I cannot change it."
    ),
)

_SAID = {**router.refusals, **responses.router.refusals, "not_found": T("This poll is not there any more.")}


@router.button("announcements.poll")
def choose(turn: Turn, poll_id: int) -> Reply:
    """A reader wants to take part, or to choose otherwise."""
    poll = turn.session.get(Poll, poll_id)
    if poll is None:
        raise Refusal("not_found")
    announcement, _ = addressed(turn.session, turn.actor, poll.announcement_id)
    before = ballot(turn.session, poll, turn.actor)
    if before is not None and poll.anonymous:
        raise Refusal("voted_already")
    wording = best(wordings(turn.session, announcement), announcement, turn.actor.locale)
    return turn.open(poll_cards.form(in_words(poll, wording), (before.choices or ()) if before is not None else ()))


@router.form("announcements.poll")
def chosen(turn: Turn, poll_id: int, values: dict[str, Any]) -> Reply | None:
    """They chose. Of an anonymous poll not even the event is kept that says what, be it counted or not."""
    poll = turn.session.get(Poll, poll_id)
    if poll is None:
        raise Refusal("not_found")
    turn.unlinked = turn.unlinked or poll.anonymous
    try:
        announcement, receipt = addressed(turn.session, turn.actor, poll.announcement_id)
        again = vote(turn.session, poll, turn.actor, poll_cards.chosen(poll, values))
    except Refusal as refusal:
        field = "option1" if poll.kind == MULTIPLE else poll_cards.SINGLE_FIELD
        return turn.errors(**{field: _SAID[refusal.code]})
    turn.session.flush()
    if poll.anonymous:  # nothing is recorded of it: when somebody chose would tell what
        desk.plan(turn, announcement)
    else:
        turn.emit("announcement.voted", announcement, poll_id=poll.id, again=again)
    copies.show(turn, announcement, receipt)
    return Reply(notice=T("Thank you. It is counted."))
