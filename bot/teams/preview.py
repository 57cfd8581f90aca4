"""How a card would look in Teams: its Adaptive Card, read back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from bot.cards import Card, Element, Heading, Markdown, T, Text, User
from bot.previews import Preview, plain, styled
from bot.teams.limits import MESSAGE
from bot.teams.render import Scene, render, size
from bot.texts import Reader, say

_SAMPLE = 1_000  # characters


def preview(card: Card, reader: Reader) -> Preview:
    """What Teams is given, element by element; of a long text the rest stands behind "Show all"."""
    rendered = render(card, reader, Scene())
    elements = tuple(element for each in rendered["body"] for element in _element(each))
    return Preview("Teams", elements, _over(card, reader) if _is_cut(rendered, reader) else 0)


def _is_cut(rendered: dict[str, Any], reader: Reader) -> bool:
    return say(T("The rest is too long to be shown here."), reader) in str(rendered["body"])


def _over(card: Card, reader: Reader) -> int:
    """About how much is too much, by what the beginning of its longest text takes."""
    longest = max((each.text for each in card.elements if isinstance(each, Markdown)), key=len, default="")
    beginning = longest[:_SAMPLE]
    taken = size(render(Card(card.summary, (Markdown(beginning),)), reader)["body"]) / max(1, len(beginning))
    return max(1, round(len(longest) - MESSAGE / taken))


def _element(block: dict[str, Any]) -> Iterator[Element]:
    match block["type"]:
        case "TextBlock" if block.get("style") == "heading":
            yield Heading(User(block["text"]))
        case "TextBlock":
            yield Text(User(block["text"]), subtle=bool(block.get("isSubtle")))
        case "Image":
            yield Text(User(f"🖼 {block.get('altText', '')}"))
        case "ActionSet":
            yield Text(User("   ".join(f"[ {each.get('title', '')} ]" for each in block["actions"])))
        case "Container":
            yield from (element for each in block["items"] for element in _element(each))
        case "RichTextBlock":
            yield Markdown(_runs(block).replace("\n", "  \n"))
        case "FactSet":
            yield Markdown("  \n".join(f"**{plain(f['title'])}** {plain(f['value'])}" for f in block["facts"]))
        case "Table":
            yield Markdown(_table(block))


def _runs(block: dict[str, Any]) -> str:
    return "".join(_run(each) for each in block["inlines"])


def _run(run: dict[str, Any]) -> str:
    if (action := run.get("selectAction")) is not None and action.get("url"):
        return f"[{plain(run['text'])}](<{action['url']}>)"
    return styled(
        run["text"], bold=run.get("weight") == "Bolder", italic=bool(run.get("italic")),
        strike=bool(run.get("strikethrough")), code=run.get("fontType") == "Monospace" and "\n" not in run["text"],
    )  # fmt: skip


def _table(block: dict[str, Any]) -> str:
    rows = [[_cell(cell) for cell in row["cells"]] for row in block["rows"]]
    head, *rest = rows
    lines = [head, ["---"] * len(head), *rest]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(cell: dict[str, Any]) -> str:
    return " ".join(_runs(item) for item in cell["items"] if item["type"] == "RichTextBlock")
