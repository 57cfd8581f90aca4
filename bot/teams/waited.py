"""An invoke that somebody waits for: whether they still do, and what they had filled in."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

from bot.cards import Form, Reply
from bot.inbound import Inbound
from bot.inbox import Captured
from bot.teams import dialogs
from bot.teams.activity import Activity, part
from bot.teams.wire import Pressed, submitted


@dataclass
class Waited:
    """An event that somebody waits for, and where that stands."""

    activity: Activity
    heard: Inbound
    captured: Captured
    is_dialog: bool
    _late: bool = False
    _promised: bool = False
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def hears(self, reply: Reply) -> bool:
        """See ``Waiting``. A page opens by a link that is sent; and the press of a card cannot open a form."""
        in_chat = reply.open is not None or (reply.form is not None and not self.is_dialog)
        with self._lock:
            self._promised = not self._late and not in_chat
            return self._promised

    def give_up(self) -> bool:
        """It takes too long. Whether the reply was promised in-band just before: then it is there in a moment."""
        with self._lock:
            self._late = True
            return self._promised

    @property
    def form(self) -> Form | None:
        """What was submitted, as it was filled in."""
        shown = filled_in(self.activity) if self.heard.kind == "form" else None
        return dialogs.filled(shown.form, shown.values) if shown is not None and shown.form is not None else None


def filled_in(activity: Activity) -> Pressed | None:
    """What an ``Action.Submit`` in a dialog, or one that opens it, says."""
    return submitted(part(activity, "value", "data"))
