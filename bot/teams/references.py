"""Keeps the references to conversations fresh: written before the event is acknowledged that brought something new."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor

from bot.teams import store
from bot.teams.activity import Activity, external, is_bot, is_composed, kind, objects, references, text
from bot.teams.store import CHANNEL, PERSONAL, Reference
from models.base import transaction

_AGAIN = 60.0  # seconds after which it is written again that something came from there
_AGAIN_ALONE = 2.0  # in somebody's own chat: Teams does not tell that they blocked Agora, nor that they are back
_OWN_CHAT_AGAIN = 3600.0
_MOST = 50_000
REMOVED = "removed"


class References:
    """What this process knows to be written down already."""

    def __init__(self) -> None:
        self._written: OrderedDict[tuple[str, str, bool], tuple[Reference, float]] = OrderedDict()
        self._threads = ThreadPoolExecutor(2, "teams references")  # not behind whatever invokes take their time for

    async def note(self, activity: Activity) -> None:
        """Write down what ``activity`` says that is new. Raises what the database raised."""
        found = references(activity)
        here = not is_composed(activity)
        news = [(each, here and number == 0) for number, each in enumerate(found)
                if self._is_news(each, here and number == 0)]  # fmt: skip
        removed = is_removal(activity)
        if not news and not removed and not is_installation(activity):
            return
        told = news or [(each, True) for each in found[:1]]
        await asyncio.get_running_loop().run_in_executor(self._threads, _write, told, removed, activity)
        for reference, there in news:
            self._remember(reference, there)
        if removed:  # whatever comes from there again is news
            for each in found:
                self._written.pop((each.installation, each.conversation, True), None)

    def close(self) -> None:
        """Write no more."""
        self._threads.shutdown(wait=False)

    def _is_news(self, reference: Reference, there: bool) -> bool:
        known, at = self._written.get((reference.installation, reference.conversation, there), (None, 0.0))
        here = _AGAIN_ALONE if reference.kind == PERSONAL else _AGAIN
        patience = here if there else _OWN_CHAT_AGAIN
        return known != reference or time.monotonic() - at > patience

    def _remember(self, reference: Reference, there: bool) -> None:
        self._written[reference.installation, reference.conversation, there] = reference, time.monotonic()
        while len(self._written) > _MOST:
            self._written.popitem(last=False)


def is_installation(activity: Activity) -> bool:
    """Whether it tells that Agora was added somewhere or removed."""
    return text(activity, "type") in ("installationUpdate", "conversationUpdate")


def is_removal(activity: Activity) -> bool:
    """Whether Agora was removed."""
    if text(activity, "type") == "installationUpdate":
        return text(activity, "action") == "remove"
    removed = objects(activity, "membersRemoved") if text(activity, "type") == "conversationUpdate" else []
    return any(is_bot(activity, each) for each in removed)


def is_arrival(activity: Activity) -> bool:
    """Whether Agora was added."""
    if text(activity, "type") == "installationUpdate":
        return text(activity, "action") == "add"
    added = objects(activity, "membersAdded") if text(activity, "type") == "conversationUpdate" else []
    return any(is_bot(activity, each) for each in added)


def _write(news: list[tuple[Reference, bool]], removed: bool, activity: Activity) -> None:
    with transaction() as session:
        for reference, there in sorted(news, key=lambda each: each[0].conversation):  # always in one order: no deadlock
            store.refresh(session, reference, heard_there=there)
            if removed and there:
                store.lost(session, reference.installation, reference.conversation, REMOVED, REMOVED)
            team = external(activity) if there and kind(activity) == CHANNEL else None
            if team is not None and removed:
                store.team_lost(session, reference.installation, team, REMOVED)
            elif team is not None and is_arrival(activity):
                store.team_found(session, reference.installation, team, REMOVED)
