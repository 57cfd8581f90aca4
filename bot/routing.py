"""From an inbound event to its handler, and from a fact to those who listen."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bot.cards import Reply
from bot.router import Handler, Router
from bot.turn import Turn
from models.base import Refusal

_MOST_FACTS = 100  # a chain of facts longer than this is a loop


def route(router: Router, turn: Turn) -> Reply | None:
    """Call the handler of this event; ``Refusal("unknown_route")`` where there is none."""
    heard = turn.inbound
    name = heard.route or ""
    match heard.kind:
        case "message":
            _first(router.messages, turn)
            return None
        case "message_changed":
            _first(router.changes, turn)
            return None
        case "message_deleted":
            _first(router.deletions, turn)
            return None
        case "command":
            return router.commands[name].handler(turn) if name in router.commands else _unknown()
        case "shortcut":
            return router.shortcuts[name].handler(turn) if name in router.shortcuts else _unknown()
        case "button":
            return _found(router.buttons, name)(turn, heard.id)
        case "form":
            return _found(router.forms, name)(turn, heard.id, heard.values)
        case "timer":
            return _found(router.timers, name)(turn, **heard.values)
        case "result":
            return router.results[name](turn, heard.id, heard.values) if name in router.results else None
    return _unknown()


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


def _first(handlers: Sequence[Callable[[Turn], bool]], turn: Turn) -> None:
    for handler in handlers:
        if handler(turn):
            return


def _found(registry: dict[str, Handler], name: str) -> Handler:
    return registry.get(name, _unknown)


def _unknown(*_: object, **__: object) -> Reply | None:
    raise Refusal("unknown_route")
