"""The bodies of answers to invokes, each in the shape that its kind of invoke wants.

https://learn.microsoft.com/adaptive-cards/authoring-cards/universal-action-model#response-format
"""

from __future__ import annotations

from typing import Any

from bot.cards import Reply, T, Words
from bot.inbound import Inbound
from bot.teams import dialogs
from bot.teams.blocks import Block
from bot.teams.dialogs import Shown
from bot.teams.render import Scene
from bot.teams.sentences import said
from bot.teams.wire import Pressed
from bot.texts import Reader

CARD, MESSAGE, ERROR = (f"application/vnd.microsoft.{kind}" for kind in ("card.adaptive", "activity.message", "error"))
THUMBNAIL = "application/vnd.microsoft.card.thumbnail"
LATER = T("This takes longer than usual. The result will appear here.")
_DONE = T("Done.")
_PAGE = T("Here is the page.")


def card(content: Block) -> Block:
    """A card in place of the one that was pressed, for whoever pressed."""
    return {"statusCode": 200, "type": CARD, "value": content}


def message(words: Words, reader: Reader) -> Block:
    """A sentence for whoever pressed."""
    return {"statusCode": 200, "type": MESSAGE, "value": said(words, reader)}


def error(status: int, code: str, words: str) -> Block:
    """Why nothing could be done, in the body of an answer that arrived."""
    return {"statusCode": status, "type": ERROR, "value": {"code": code, "message": words}}


def pressed(reply: Reply, reader: Reader, resolved: Block | None) -> Block:
    """What comes of a press: words where there are some, else the card as it is now."""
    if reply.errors:
        return message(_first(reply), reader)
    if reply.form is not None:
        return message(LATER, reader)
    if reply.notice is not None or reply.open is not None:
        return message(reply.notice or _PAGE, reader)
    return card(resolved) if resolved is not None else message(_DONE, reader)


def dialog(reply: Reply, reader: Reader, heard: Inbound, shown: Pressed | None, scene: Scene) -> Block | None:
    """What comes of a form, or of what opens one; ``None`` closes the dialog. ``shown`` is the form as it was filled
    in: with errors it is shown again, and nothing that was typed is lost."""
    home = heard.surface == "home"
    if reply.form is not None:
        return dialogs.task(Shown(reply.form, heard.message, home=home), reader, scene)
    if reply.errors and shown is not None and shown.form is not None:
        return dialogs.task(Shown(shown.form, heard.message, shown.values, reply.errors, home), reader, scene)
    if reply.errors:
        return dialogs.notice(_first(reply), reader)
    if reply.notice is not None or reply.open is not None:
        return dialogs.notice(reply.notice or _PAGE, reader)
    return None if heard.kind == "form" else dialogs.notice(_DONE, reader)


def results(found: list[tuple[Block, Block]]) -> Block:
    """Cards to choose from: each with what it is chosen by."""
    attachments = [
        {"contentType": CARD, "content": content, "preview": {"contentType": THUMBNAIL, "content": preview}}
        for preview, content in found
    ]
    return {"composeExtension": {"type": "result", "attachmentLayout": "list", "attachments": attachments}}


def says(words: Words, reader: Reader) -> Block:
    """A sentence in place of results."""
    return {"composeExtension": {"type": "message", "text": said(words, reader)}}


def _first(reply: Reply) -> Any:
    return next(iter(reply.errors.values()))
