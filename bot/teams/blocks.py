"""The parts of an Adaptive Card that show words, made so that words stay words.

A ``TextBlock`` reads Markdown, ``<at>`` and ``{{DATE(…)}}``; a ``TextRun`` shows what it is given
(https://adaptivecards.io/explorer/TextRun.html). What could be read as anything but words goes into runs, except beside
a mention, which only a ``TextBlock`` can hold: there it is escaped.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Any

Block = dict[str, Any]

_JOINER = "\u2060"
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_TURNING = re.compile("[\u202a-\u202e\ue000\ue001]")
"""What overrides or embeds directions (Unicode TR9), and what ``bot.teams.sentences`` marks mentions with."""
_ISOLATES = re.compile("[\u2066-\u2069]")
_ALIVE = re.compile(r"[\\`*_\[\]<>~&|]|://|www\.|\{\{|^\s*(?:[-+#]|\d+[.)]\s)", re.MULTILINE)
_SPECIAL = re.compile(r"([\\`*_\[\]~#|])")
_SCHEMES = re.compile(r"(?i)(?:https?://[^\s\\]+|mailto:[^\s\\/]+)\Z")
_AT = re.compile(r"<(?=[\s/]*at)", re.IGNORECASE)
_DATE = re.compile(r"\{\{(?=\s*(?:DATE|TIME)\()", re.IGNORECASE)
_ENTITY = re.compile(r"&(?=[#\w])")


def clean(text: str, isolates: bool = False) -> str:
    """``text`` without control characters, half characters and what turns directions (``isolates`` may stay), and so
    that neither a mention nor a date of Teams' own can begin in it."""
    text = _TURNING.sub("", typed(text))
    text = text if isolates else _ISOLATES.sub("", text)
    return _DATE.sub("{" + _JOINER + "{", _AT.sub("<" + _JOINER, text))


def typed(text: str) -> str:
    """What somebody typed into a field, as they typed it."""
    text = text.encode("utf-8", "replace").decode().replace("\r\n", "\n").replace("\r", "\n")
    return _CONTROLS.sub("", text)


def is_alive(text: str) -> bool:
    """Whether a ``TextBlock`` might read more than words in it."""
    return _ALIVE.search(text) is not None


def escaped(text: str) -> str:
    """``text`` for a ``TextBlock``, as words."""
    text = _ENTITY.sub("&" + _JOINER, text.replace("<", "<" + _JOINER).replace("://", ":" + _JOINER + "//"))
    return _SPECIAL.sub(r"\\\1", text)


def outward(href: str) -> str | None:
    """A link that may be shown: it leads to the web or to a mail program."""
    return href if _SCHEMES.match(href) and href.isprintable() and len(href) <= 2000 else None


def run(text: str, href: str | None = None, **style: Any) -> Block:
    """A stretch of words; ``href`` makes it a link."""
    if href is not None:
        style = {**style, "color": "Accent", "underline": True, "selectAction": {"type": "Action.OpenUrl", "url": href}}
    return {"type": "TextRun", "text": text, **style}


def rich(*runs: Block, **about: Any) -> Block:
    """A paragraph of runs."""
    return {"type": "RichTextBlock", "inlines": list(runs), **about}


def words(text: str, heading: bool = False, **style: Any) -> Block:
    """A paragraph of cleaned words in one style."""
    if heading:
        style = {"size": "Medium", "weight": "Bolder", **style}
    if is_alive(text):
        return rich(run(text, **style))
    block = {"type": "TextBlock", "text": text or " ", "wrap": True, **style}
    return {**block, "style": "heading"} if heading else block


def container(items: list[Block], **about: Any) -> Block:
    """Blocks that belong together."""
    return {"type": "Container", "items": items, **about}


def turned(text: str) -> bool | None:
    """Whether ``text`` is read from right to left, by its first letter (Unicode TR9, P2); ``None`` without letters."""
    for char in text:
        kind = unicodedata.bidirectional(char)
        if kind in ("L", "R", "AL"):
            return kind != "L"
    return None
