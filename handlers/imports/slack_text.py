"""A message's text as Slack exports it, to Markdown.

The rules are Slack's, "Formatting message text" (docs.slack.dev/messaging/formatting-message-text): `&`, `<` and `>`
come as entities; between angle brackets stand people, channels, groups and links; `*bold*`, `~struck~` and code are its
own.
"""

import re
from collections.abc import Mapping

_CODE = re.compile(r"```(.+?)```|`([^`\n]+)`", re.DOTALL)
_SPECIAL = re.compile(r"<([^<>\n]+)>")
_BOLD = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*\n]+)(?<=\S)\*(?![\w*])")
_STRUCK = re.compile(r"(?<![\w~])~(?=[^\s~])([^~\n]+)(?<=\S)~(?![\w~])")
_MARK = re.compile("\ue000(\\d{1,9})\ue001")
_LINE_END = re.compile("(?<=[^\\s\ue001])\n(?=[^\\s\ue000])")
"""Slack breaks a line where it ends, Markdown does not; code and quotes, which stand as marks, begin lines anyway."""

_NO_MARKS = {0xE000: None, 0xE001: None, 0: None}
_ENTITIES = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))
_SAFE_LINK = re.compile(r"(?:https?://|mailto:|tel:)[^\s]+")


def to_markdown(text: str, names: Mapping[str, str]) -> str:
    """The message as Markdown, with nothing in it that would notify anybody. `names` has people and channels by their
    ids."""
    kept: list[str] = []

    def keep(markdown: str) -> str:
        kept.append(markdown)
        return f"\ue000{len(kept) - 1}\ue001"

    text = _CODE.sub(lambda code: keep(_code(code, names)), text.translate(_NO_MARKS))
    text = _SPECIAL.sub(lambda special: keep(_special(special[1], names)), text)
    text = re.sub(r"^&gt;(?:&gt;&gt;)? ?", lambda _: keep("> "), text, flags=re.MULTILINE)
    text = _STRUCK.sub(r"~~\1~~", _BOLD.sub(r"**\1**", _escaped(_unescaped(text))))
    text = _LINE_END.sub("  \n", text)
    return _restored(text, kept).strip()


def _restored(text: str, kept: list[str]) -> str:
    return _MARK.sub(lambda mark: kept[int(mark[1])], text)


def _code(code: re.Match[str], names: Mapping[str, str]) -> str:
    """Code to the letter: in it, what stands between angle brackets is just shown."""
    body = _unescaped(_SPECIAL.sub(lambda special: _label(special[1], names), code[1] or code[2]))
    return f"\n\n```\n{body.strip(chr(10))}\n```\n\n" if code[1] else f"`{body}`"


def _special(special: str, names: Mapping[str, str]) -> str:
    """A link, or a name that no longer refers to anybody."""
    target = special.split("|")[0]
    label = _escaped(_label(special, names))
    address = _unescaped(target)
    if _SAFE_LINK.fullmatch(address) and not re.search(r"[<>()\\]", address):
        shown = label.removeprefix("mailto:").removeprefix("tel:")
        return f"[{shown}]({address})"
    return label


def _label(special: str, names: Mapping[str, str]) -> str:
    """How Slack shows what stands between angle brackets. The words after `|` win, where there are any."""
    target, _, words = special.partition("|")
    if target[:1] == "@":
        return "@" + names.get(target[1:], words or target[1:])
    if target[:1] == "#":
        return "#" + (words or names.get(target[1:], target[1:]))
    if target[:1] == "!":
        words = words or target[1:].split("^")[0]
        return words if target.startswith("!date") or words.startswith("@") else "@" + words
    return _unescaped(words or target)


def _unescaped(text: str) -> str:
    for entity, character in _ENTITIES:
        text = text.replace(entity, character)
    return text


def _escaped(text: str) -> str:
    """What people typed as words stays words: no links, HTML or headings that Slack would not show either."""
    return re.sub(r"^(\s*)(#{1,6}\s)", r"\1\\\2", re.sub(r"([\[\]<\\])", r"\\\1", text), flags=re.MULTILINE)
