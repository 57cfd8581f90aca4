"""``/webhooks``: administrators connect programs, try them, renew their secrets, and turn them off."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from bot.cards import Reply, T
from bot.hooks import addresses
from bot.router import Router
from bot.turn import Turn
from handlers.hooks import cards, forms, messages, telling, words
from models import access
from models.base import Refusal
from models.hooks import life
from models.hooks.tables import OUTGOING, Hook

router = Router()
_IN_OUR_CHAT = T("I have answered in our own chat.")
_SOON = timedelta(seconds=4)


@router.command("webhooks", T("/webhooks: connect programs that are told of tasks, or bring them in (administrators)"))
def webhooks(turn: Turn) -> Reply | None:
    """Every webhook."""
    _administer(turn)
    turn.whisper(cards.overview(life.of_company(turn.session)))
    return None


@router.button("hooks.show")
def show(turn: Turn, hook_id: int) -> Reply:
    """One of them, in the administrator's own chat."""
    hook = _hook(turn, hook_id)
    turn.send(turn.actor, cards.one(hook), about=hook.about)
    return Reply(notice=_IN_OUR_CHAT)


@router.button("hooks.add_outgoing")
def add_outgoing(turn: Turn, id: int) -> Reply:
    """The form of a new one that is told."""
    _administer(turn)
    return turn.open(forms.outgoing(turn.session, turn.actor))


@router.button("hooks.add_incoming")
def add_incoming(turn: Turn, id: int) -> Reply:
    """The form of a new one that brings in tasks."""
    _administer(turn)
    return turn.open(forms.incoming(turn.session, turn.actor))


@router.button("hooks.change")
def change(turn: Turn, hook_id: int) -> Reply:
    """The form of one that there is."""
    hook = _hook(turn, hook_id)
    return turn.open(forms.of(turn.session, turn.actor, hook))


@router.form("hooks.outgoing")
def outgoing(turn: Turn, hook_id: int, values: dict[str, Any]) -> Reply:
    """One that is told is made or changed."""
    _administer(turn)
    told = words.EVENTS.get(str(values.get("events", "")))
    if told is None:
        raise Refusal("choose_one", field="events")
    url = addresses.checked(str(values.get("url", "")))
    return _save(turn, hook_id, values, url=url, events=told, people=str(values.get("people", "")))


@router.form("hooks.incoming")
def incoming(turn: Turn, hook_id: int, values: dict[str, Any]) -> Reply:
    """One that brings in tasks is made or changed."""
    _administer(turn)
    return _save(turn, hook_id, values)


@router.button("hooks.test")
def test(turn: Turn, hook_id: int) -> Reply:
    """Tell it something that means nothing."""
    hook = _hook(turn, hook_id)
    if not hook.active or hook.direction != OUTGOING:
        raise Refusal("hook_off", name=hook.name)
    telling.tell(turn, hook, messages.TEST, {"by": messages.person(hook, turn.actor)})
    turn.emit("hook.tested", hook)
    turn.later(turn.now + _SOON, "hooks.tested", hook.about, hook_id=hook.id)
    return Reply(notice=T("It is being told. How that went is shown here in a moment."))


@router.timer("hooks.tested")
def tested(turn: Turn, hook_id: int) -> None:
    """Show how that went."""
    hook = turn.session.get(Hook, hook_id)
    if hook is not None:
        turn.edit(hook.about, cards.one(hook))


@router.button("hooks.renew")
def renew(turn: Turn, hook_id: int) -> Reply:
    """Another secret."""
    hook = _hook(turn, hook_id)
    life.renew_secret(hook)
    _changed(turn, hook, "hook.secret_renewed")
    return Reply(notice=T("Its page shows the new secret for a quarter of an hour."))


@router.button("hooks.turn_off")
def turn_off(turn: Turn, hook_id: int) -> Reply:
    """Told nothing more, and nothing taken from it."""
    hook = _hook(turn, hook_id)
    life.turn_off(turn.session, hook)
    _changed(turn, hook, "hook.turned_off")
    return Reply(notice=T("It is turned off."))


@router.button("hooks.turn_on")
def turn_on(turn: Turn, hook_id: int) -> Reply:
    """Told of what happens from now on."""
    hook = _hook(turn, hook_id)
    life.turn_on(hook, turn.actor)
    _changed(turn, hook, "hook.turned_on")
    return Reply(notice=T("It is turned on."))


@router.button("hooks.remove")
def remove(turn: Turn, hook_id: int) -> Reply:
    """Forgotten, once it is off."""
    hook = _hook(turn, hook_id)
    if hook.active:
        raise Refusal("not_allowed")
    turn.emit("hook.removed", hook, name=hook.name)
    turn.edit(hook.about, cards.removed(hook))
    turn.session.delete(hook)
    return Reply(notice=T("{name} was removed.", name=hook.name))


def _save(turn: Turn, hook_id: int, values: dict[str, Any], **more: Any) -> Reply:
    named = {name: str(values.get(name, "")) for name in ("name", "audience")}
    if hook_id:
        hook = _hook(turn, hook_id)
        life.change(turn.session, hook, turn.actor, **named, **more)
        _changed(turn, hook, "hook.changed")
        return Reply(notice=T("Saved."))
    hook = life.make(turn.session, turn.actor, **named, **more)
    turn.emit("hook.made", hook, name=hook.name, direction=hook.direction)
    turn.send(turn.actor, cards.one(hook), about=hook.about)
    return Reply(notice=T("{name} is connected. Its page shows its secret for a quarter of an hour.", name=hook.name))


def _changed(turn: Turn, hook: Hook, verb: str) -> None:
    turn.session.flush()
    turn.edit(hook.about, cards.one(hook))
    turn.emit(verb, hook, name=hook.name)


def _administer(turn: Turn) -> None:
    if not access.may(turn.session, turn.actor, "administer", "company"):
        raise Refusal("admins_only")


def _hook(turn: Turn, hook_id: int) -> Hook:
    _administer(turn)
    hook = turn.session.get(Hook, hook_id, with_for_update=True)
    if hook is None:
        raise Refusal("not_found")
    return hook
