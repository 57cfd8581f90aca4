"""``/accounts``: where I talk to Agora, and that I am somewhere else too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import Card, Element, Reply, T
from bot.router import Router
from bot.turn import Turn
from handlers.accounts import actions, cards
from models import joins
from models.base import Refusal
from models.joins import Joining
from models.people import Account, Person, own_chat

router = Router()
router.refusal(
    join_over=T("That is over, or was not meant for you. Write /accounts to begin anew."),
    join_no_chat=T("I do not know your own chat on {platform} yet. Write to me there first, then begin anew."),
    joined_already=T("That code is your own. Enter it on the other platform."),
    too_many_codes=T("You asked for many codes. Wait an hour before you ask for another one."),
    too_many_tries=T("Those were too many wrong codes. Wait an hour, then ask for a new one."),
)


@router.command("accounts", T("/accounts: use me on Slack and Teams as one person"))
def accounts(turn: Turn) -> Reply | None:
    """Where I talk to Agora; with a code, that I am its maker too."""
    code = turn.inbound.text.strip()
    if code:
        return None if actions.do_enter(turn, code) else Reply(notice=_WRONG)
    summary = T("The accounts by which you talk to me.")
    turn.whisper(Card(summary, _overview(turn.session, turn.actor)))
    return None


@router.button("accounts.code")
def code(turn: Turn, id: int) -> Reply | None:
    """A code to enter elsewhere."""
    actions.do_code(turn)
    return None


@router.button("accounts.enter")
def entering(turn: Turn, id: int) -> Reply:
    """The form."""
    return turn.open(cards.form())


@router.form("accounts.enter")
def enter(turn: Turn, id: int, values: dict[str, Any]) -> Reply | None:
    """A code was entered."""
    return None if actions.do_enter(turn, str(values.get("code", ""))) else turn.errors(code=_WRONG)


@router.button("accounts.yes")
def yes(turn: Turn, joining_id: int) -> Reply | None:
    """That is me."""
    actions.do_yes(turn, _fetch(turn, joining_id))
    return None


@router.button("accounts.no")
def no(turn: Turn, joining_id: int) -> Reply | None:
    """That is not me."""
    actions.do_no(turn, _fetch(turn, joining_id))
    return None


@router.button("accounts.undo")
def undo(turn: Turn, joining_id: int) -> Reply | None:
    """We are two."""
    actions.do_undo(turn, _fetch(turn, joining_id))
    return None


@router.button("accounts.prefer")
def prefer(turn: Turn, account_id: int) -> Reply | None:
    """Write to me there."""
    account = turn.session.get(Account, account_id)
    person = turn.actor
    if account is None or account.person_id != person.id or account.private is None:
        raise Refusal("join_over")
    person.prefers = account.platform
    turn.emit("person.settings_changed", person)
    turn.replace(cards.preferred(account))
    return None


@router.home(90)
def my_accounts(session: Session, person: Person) -> tuple[Element, ...]:
    """Where I talk to Agora."""
    return _overview(session, person)


_WRONG = T("That code is wrong, used, or older than ten minutes. Ask for a new one on your other account.")


def _overview(session: Session, person: Person) -> tuple[Element, ...]:
    mine = session.scalars(select(Account).where(Account.person_id == person.id).order_by(Account.id)).all()
    joined = [(each, session.get_one(Person, each.left_id)) for each in joins.standing(session, person)]
    chosen = own_chat(session, person)
    return cards.overview(mine, joined, chosen.platform if chosen is not None else None)


def _fetch(turn: Turn, joining_id: int) -> Joining:
    """The request, locked, where the actor is one of the two; what is not theirs does not exist for them."""
    joining = turn.session.get(Joining, joining_id, with_for_update=True, populate_existing=True)
    if joining is None or turn.actor.id not in (joining.asked_by_id, joining.other_id, joining.kept_id):
        raise Refusal("join_over")
    return joining
