"""Whether Slack would take what is rendered for it: by its own models in Python and by the table of limits here, and
later by its types, which need Node: what is checked here is kept for them (``MESSAGES``, ``VIEWS``)."""

from __future__ import annotations

from typing import Any

import orjson

from bot.cards import Card, Form
from bot.slack import modal, render
from bot.slack.voice import Voice, mentioned
from bot.slack.wire import Origin
from bot.texts import Reader
from tests.slack_check import check_message, check_unfurl, check_view

MESSAGES: dict[str, dict[str, Any]] = {}
VIEWS: dict[str, dict[str, Any]] = {}
"""What was checked, by itself as text."""
_ORIGIN = Origin(conversation="C0123456789", thread="1700000000.000001", message="1700000000.000002")


def check(part: Card | Form, reader: Reader) -> None:
    """A card as a message, a home and below a link, or a form as a modal; an AssertionError where Slack would refuse
    it."""
    people = {number: f"U{number}" for number in mentioned(part)}
    voice = Voice(reader, people, lambda path: f"https://agora.example.com{path}")
    if isinstance(part, Form):
        _keep(VIEWS, view := modal.form(part, _ORIGIN, voice))
        check_view(view, frozenset(people.values()))
        return
    message, home = (show(part, voice, "/messages/1/2") for show in (render.message, render.home))
    check_message(message, frozenset(people.values()))
    check_view(home, frozenset(people.values()))
    check_unfurl(render.unfurl(part, voice, "/messages/1/2"), frozenset(people.values()))
    _keep(MESSAGES, message)
    _keep(VIEWS, home)


def _keep(corpus: dict[str, dict[str, Any]], shown: dict[str, Any]) -> None:
    corpus[orjson.dumps(shown).decode()] = shown
