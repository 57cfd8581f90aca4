"""Joining two people who are one: every step is a fact, and both are told."""

from __future__ import annotations

from bot.cards import Card
from bot.turn import Turn
from handlers.accounts import cards
from models import joins
from models.base import Refusal
from models.joining import find_account
from models.joins import Joining
from models.people import Account, Person
from models.places import place_at

FAILED = "person.join_failed"


def own_account(turn: Turn) -> Account:
    """The account by which the actor acts; a refusal where there is none of their own, as on masks."""
    heard = turn.inbound
    account = find_account(turn.session, heard.platform, heard.installation, heard.actor or "")
    if account is None or account.person_id != turn.actor.id:
        raise Refusal("join_over")
    return account


def do_code(turn: Turn) -> None:
    """A new code, for the actor's eyes."""
    _one_at_a_time(turn)
    code = joins.new_code(turn.session, turn.actor, own_account(turn))
    turn.emit("person.join_code", turn.actor)
    turn.whisper(cards.code(code))


def do_enter(turn: Turn, code: str) -> bool:
    """The actor entered a code: they are asked whether that is them; whether it was one. A wrong one is counted."""
    _one_at_a_time(turn)
    if not joins.tries_left(turn.session, turn.actor, FAILED):
        raise Refusal("too_many_tries", field="code")
    joining = joins.enter(turn.session, turn.actor, own_account(turn), code)
    if joining is None:
        turn.emit(FAILED, turn.actor)
        return False
    asked_by = turn.session.get_one(Person, joining.asked_by_id)
    account = turn.session.get_one(Account, joining.account_id)
    turn.emit("person.join_entered", turn.actor, other=asked_by.id)
    turn.whisper(cards.is_it_you(joining, asked_by, account))
    return True


def do_yes(turn: Turn, joining: Joining) -> None:
    """First who entered the code, then who made it."""
    if turn.actor.id == joining.other_id:
        _agreed(turn, joining)
    else:
        _confirmed(turn, joining)


def _agreed(turn: Turn, joining: Joining) -> None:
    joining.agree(turn.actor)
    theirs = turn.session.get_one(Account, joining.account_id)
    _tell(turn, theirs, cards.is_it_you(joining, turn.actor, own_account(turn)))
    turn.emit("person.join_agreed", turn.actor, other=joining.asked_by_id)
    turn.replace(cards.waiting(theirs))


def _confirmed(turn: Turn, joining: Joining) -> None:
    kept = joining.confirm(turn.session, turn.actor)
    left = turn.session.get_one(Person, joining.left_id)
    turn.replace(cards.joined(joining, left))
    _tell(turn, turn.session.get_one(Account, joining.other_account_id), cards.joined(joining, left))
    turn.emit("person.joined", kept, left=left.id, roles=joining.moved["roles"])


def do_no(turn: Turn, joining: Joining) -> None:
    """It is not them."""
    joining.refuse(turn.actor)
    turn.emit("person.join_refused", turn.actor, other=joining.asked_by_id)
    turn.replace(cards.refused())


def do_undo(turn: Turn, joining: Joining) -> None:
    """They are two again; both are told."""
    left = joining.undo(turn.session, turn.actor)
    turn.emit("person.parted", turn.actor, other=left.id)
    turn.send(turn.actor, cards.apart(left))
    turn.send(left, cards.apart(turn.actor))


def _one_at_a_time(turn: Turn) -> None:
    """Whoever tries many codes at once gets no more tries by that."""
    turn.session.get(Person, turn.actor.id, with_for_update=True)


def _tell(turn: Turn, account: Account, card: Card) -> None:
    """In that account's own chat, and nowhere else."""
    place = place_at(turn.session, account.platform, account.installation, account.private or "")
    if place is None:
        raise Refusal("join_no_chat", platform=cards.platform(account))
    turn.post(place, card, only_for=turn.session.get_one(Person, account.person_id))
