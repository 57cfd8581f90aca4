"""From an inbound event to its handler, and from a fact to those who listen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot import unfurling
from bot.cards import Reply
from bot.router import Handler, Router
from bot.turn import Turn
from models.base import Refusal

_MOST_FACTS = 100  # a chain of facts longer than this is a loop
Way = Callable[[Router, Turn, str], Reply | None]


def route(router: Router, turn: Turn) -> Reply | None:
    """Call the handler of this event; ``Refusal("unknown_route")`` where there is none."""
    heard = turn.inbound
    return _WAYS.get(heard.kind, _unknown)(router, turn, heard.route or "")


def tell(router: Router, turn: Turn) -> None:
    """Let the listeners of every fact of this turn act, those of facts that they emit included."""
    told = 0
    while told < len(turn.facts):
        fact = turn.facts[told]
        told += 1
        if told > _MOST_FACTS:
            raise RuntimeError(f"facts go on and on: {fact.verb}")
        for listener in router.facts.get(fact.verb, ()):
            listener(turn, fact)


def _first(handlers: Callable[[Router], Sequence[Callable[[Turn], bool]]]) -> Way:
    """Whoever takes it first."""

    def way(router: Router, turn: Turn, name: str) -> None:
        for handler in handlers(router):
            if handler(turn):
                return

    return way


def _button(router: Router, turn: Turn, name: str) -> Reply | None:
    if name.startswith("/"):  # a command whose form could not be shown in time: bot.unheard
        return _command(router, turn, name[1:])
    return _found(router.buttons, name)(turn, turn.inbound.id)


def _command(router: Router, turn: Turn, name: str) -> Reply | None:
    return router.commands[name].handler(turn) if name in router.commands else _unknown()


def _shortcut(router: Router, turn: Turn, name: str) -> Reply | None:
    return router.shortcuts[name].handler(turn) if name in router.shortcuts else _unknown()


def _result(router: Router, turn: Turn, name: str) -> Reply | None:
    for handler in router.results.get(name, ()):
        handler(turn, turn.inbound.id, turn.inbound.values)
    return None


def _found(registry: dict[str, Handler], name: str) -> Handler:
    return registry.get(name, _unknown)


def _unknown(*_: object, **__: object) -> Reply | None:
    raise Refusal("unknown_route")


_WAYS: dict[str, Way] = {
    "message": _first(lambda router: router.messages),
    "message_changed": _first(lambda router: router.changes),
    "message_deleted": _first(lambda router: router.deletions),
    "joined": _first(lambda router: router.joined),
    "reaction": _first(lambda router: router.reactions),
    "read": _first(lambda router: router.readings),
    "home": lambda router, turn, name: None,  # it is shown after every turn that happens there
    "unfurl": lambda router, turn, name: unfurling.show(router, turn),
    "command": _command,
    "shortcut": _shortcut,
    "button": _button,
    "form": lambda router, turn, name: _found(router.forms, name)(turn, turn.inbound.id, turn.inbound.values),
    "timer": lambda router, turn, name: _found(router.timers, name)(turn, **turn.inbound.values),
    "result": _result,
}
