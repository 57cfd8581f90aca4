"""How a card would look in Slack: its blocks, read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.cards import Card, Divider, Element, Heading, Markdown, Text, User
from bot.previews import Preview, plain, styled
from bot.slack import limits
from bot.slack.render import message, rendered
from bot.slack.voice import Voice
from bot.texts import Reader

_STYLES = ("bold", "italic", "strike", "code")


def preview(card: Card, reader: Reader) -> Preview:
    """What Slack is given, block by block."""
    voice = Voice(reader, {}, str)
    parts = rendered(card, voice)
    over = max(sum(part.size for part in parts) - limits.MESSAGE_CHARACTERS, len(parts) - limits.MESSAGE_BLOCKS, 0)
    blocks = message(card, voice, "/")["blocks"]
    return Preview("Slack", tuple(element for block in blocks for element in _block(block)), over)


def _block(block: dict[str, Any]) -> Iterator[Element]:
    match block["type"]:
        case "header":
            yield Heading(User(block["text"]["text"]))
        case "context":
            yield from (Text(User(each["text"]), subtle=True) for each in block["elements"])
        case "divider":
            yield Divider()
        case "image":
            yield Text(User(f"🖼 {block['alt_text']}"))
        case "actions":
            yield Text(User("   ".join(f"[ {each['text']['text']} ]" for each in block["elements"])))
        case "rich_text":
            yield Markdown("\n\n".join(text for each in block["elements"] if (text := _rich(each))))


def _rich(element: dict[str, Any]) -> str:
    match element["type"]:
        case "rich_text_list":
            mark, indent = ("1." if element["style"] == "ordered" else "-"), "    " * element.get("indent", 0)
            return "\n".join(f"{indent}{mark} {_runs(each)}" for each in element["elements"])
        case "rich_text_quote":
            return "\n".join(f"> {line}" for line in _runs(element).splitlines())
        case "rich_text_preformatted":
            code = "".join(run.get("text", "") for run in element["elements"])
            return f"~~~~~\n{code}\n~~~~~"
    return _runs(element).replace("\n", "  \n")


def _runs(element: dict[str, Any]) -> str:
    return "".join(_run(run) for run in element["elements"])


def _run(run: dict[str, Any]) -> str:
    if run["type"] == "link":
        return f"[{plain(run.get('text') or run['url'])}](<{run['url']}>)" if run["url"] != "/" else run["text"]
    style = run.get("style", {})
    return styled(run.get("text", ""), **{name: bool(style.get(name)) for name in _STYLES})
