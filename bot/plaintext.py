"""A card as plain text: for notifications, logs at debug, and tests that read what a person reads."""

from __future__ import annotations

from bot.cards import (
    Actions,
    Card,
    Diff,
    Divider,
    Element,
    Fields,
    FileLink,
    Heading,
    Link,
    Markdown,
    Passage,
    Picture,
    Text,
)
from bot.texts import Reader, say


def plain(card: Card | None, reader: Reader) -> str:
    """The whole card, one line an element; the summary where it has none."""
    if card is None:
        return ""
    return "\n".join(_element(element, reader) for element in card.elements) or say(card.summary, reader)


def _element(element: Element, reader: Reader) -> str:
    match element:
        case Heading() | Text():
            return say(element.words, reader)
        case Markdown():
            return element.text
        case Link():
            return say(element.label, reader)
        case Passage():
            source = " · ".join(say(words, reader) for words in element.source)
            return f"{element.title.text}\n{element.text}\n{source}"
        case Fields():
            return "\n".join(f"{say(label, reader)}: {say(value, reader)}" for label, value in element.pairs)
        case Picture() | FileLink():
            return f"[{element.name.text}]"
        case Diff():
            marks = {"added": "{{+{}+}}", "removed": "[-{}-]"}
            return "".join(marks.get(kind, "{}").format(text) for kind, text in element.pieces)
        case Divider():
            return "—"
        case Actions():
            return " ".join(f"[{say(button.label, reader)}]" for button in element.buttons)
