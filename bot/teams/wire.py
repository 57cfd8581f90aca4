"""What cards carry and Teams sends back: how a press, a form and a refresh are written, and read again.

``Action.Execute`` has the route as its ``verb`` and the number in ``data.id``; clients that are too old for it get the
same as an ``Action.Submit``. What opens a form is an ``Action.Submit`` for ``task/fetch``, since ``Action.Execute``
cannot. Each names the delivery that brought the card, ``outbox``: whoever presses it proves that it arrived; and says
if that card is somebody's ``home``. A form
carries itself, and the message that it was opened on, sealed: when a value is wrong it is shown again from that, and
nothing has to be kept for it. So does a button that opens a form as it was filled in before.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.cards import Button, Form, from_json, to_json

REFRESH = "agora.refresh"
"""The verb of a card that is shown anew for who looks at it."""
OURS = "agora"
"""What hidden data of ``Action.Submit`` stands under, beside the inputs by name."""
_MOST = 2**63
_cipher = MultiFernet([Fernet(Fernet.generate_key())])  # until ``use_keys``


@dataclass(frozen=True)
class Pressed:
    """What was pressed or submitted. ``form`` is the form that it was, without what was filled in, or that it opens;
    ``message`` the one on which that was opened. ``home``: it stands on a home."""

    route: str
    id: int
    values: dict[str, Any]
    message: str | None = None
    form: Form | None = None
    outbox: int = 0
    home: bool = False


def press(button: Button, outbox: int = 0, home: bool = False) -> dict[str, Any]:
    """The action of a button whose answer is a card: ``Action.Execute``."""
    return {"type": "Action.Execute", "verb": button.route, "data": {"id": button.id, **_from(outbox, home)}}


def press_in_old_clients(button: Button, outbox: int = 0, home: bool = False) -> dict[str, Any]:
    """The same for clients that know no ``Action.Execute``: a message without words."""
    return {"type": "Action.Submit", "data": {OURS: _called(button, outbox, home)}}


def opening(button: Button, outbox: int = 0, home: bool = False) -> dict[str, Any]:
    """The action of a button that opens a form: a dialog."""
    ours = _called(button, outbox, home)
    if button.form is not None:
        ours["form"] = _sealed(button.form)
    return {"type": "Action.Submit", "data": {"msteams": {"type": "task/fetch"}, OURS: ours}}


def _called(button: Button, outbox: int, home: bool) -> dict[str, Any]:
    return {"route": button.route, "id": button.id, **_from(outbox, home)}


def _from(outbox: int, home: bool) -> dict[str, Any]:
    return {"outbox": outbox, **({"home": True} if home else {})}


def submission(form: Form, message: str | None, home: bool = False) -> dict[str, Any]:
    """The ``data`` of a form's submit action; ``message`` is the one on which it was opened."""
    bare = replace(form, inputs=tuple(replace(field, value="") for field in form.inputs))
    here = {"home": True} if home else {}
    return {OURS: {"route": form.route, "id": form.id, "form": _sealed(bare, message), **here}}


def executed(action: Any) -> Pressed | None:
    """What an ``Action.Execute`` that came back says."""
    if not isinstance(action, dict) or not isinstance(action.get("data") or {}, dict):
        return None
    data = action.get("data") or {}
    ours = {name: data.get(name) for name in ("outbox", "home")}
    return _pressed({"route": action.get("verb"), "id": data.get("id", 0), **ours}, data)


def submitted(data: Any) -> Pressed | None:
    """What an ``Action.Submit`` that came back says: of a button that opens a form, or of the form."""
    ours = data.get(OURS) if isinstance(data, dict) else None
    return _pressed(ours, data) if isinstance(ours, dict) else None


def _pressed(ours: dict[str, Any], data: dict[str, Any]) -> Pressed | None:
    route, number = ours.get("route"), _number(ours.get("id"))
    if not isinstance(route, str) or not route or number is None:
        return None
    values = {name: value for name, value in data.items() if name not in (OURS, "msteams", "id", "outbox")}
    form, message = _opened(ours.get("form"))
    return Pressed(route, number, values, message, form, _number(ours.get("outbox")) or 0, ours.get("home") is True)


def _number(value: Any) -> int | None:
    """A row's number; clients may send numbers as text."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 20:
        value = int(value)
    return value if type(value) is int and 0 <= value < _MOST else None


def use_keys(keys: Sequence[str]) -> None:
    """The keys of the company, newest first: the first seals what comes back with a form, all open it."""
    global _cipher
    _cipher = MultiFernet([Fernet(key) for key in keys])


def _sealed(form: Form, message: str | None = None) -> str:
    """The form as only Agora can have written it: what is said again must be its own sentences."""
    return _cipher.encrypt(zlib.compress(orjson.dumps({"form": to_json(form), "message": message}))).decode()


def _opened(data: Any) -> tuple[Form | None, str | None]:
    """The form that went along, and the message; neither of anything that Agora did not write."""
    if not isinstance(data, str) or not data.isascii():
        return None, None
    try:
        kept = orjson.loads(zlib.decompress(_cipher.decrypt(data.encode())))
        form, message = from_json(kept["form"]), kept["message"]
    except (InvalidToken, KeyError, TypeError, ValueError):  # of an older Agora, or sealed with keys that are gone
        return None, None
    return (form, message) if isinstance(form, Form) else (None, None)
