"""The structure of a Markdown text: its blocks, their headings and anchors, and their words without markup."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field

from markdown_it import MarkdownIt
from markdown_it.token import Token

PARSER = MarkdownIt("commonmark", {"html": False, "maxNesting": 50}).enable(["table", "strikethrough"])
"""How page Markdown is read everywhere: CommonMark with tables and strikethrough; what looks like HTML is text."""

_NOT_IN_ANCHORS = re.compile(r"[^\w\- ]")


@dataclass(slots=True)
class Block:
    """One block at the top level of a page.

    `kind` is markdown-it's: heading, paragraph, bullet_list, table, fence... `level` is a heading's, from 1 to 6, else
    0. `lines` is where it stands in the source, `pieces` where its parts may be split off: list items, table rows.
    """

    kind: str
    lines: tuple[int, int]
    text: str
    level: int = 0
    pieces: list["Block"] = field(default_factory=list)


def blocks(markdown: str) -> list[Block]:
    """The blocks of a page in order."""
    tokens = PARSER.parse(markdown)
    return [_block(group) for group in _groups(tokens) if group[0].map]


def plain(markdown: str) -> str:
    """The words of a Markdown text."""
    return _text(PARSER.parse(markdown))


class Anchors:
    """Anchors for the headings of one page, unique in it, as GitHub makes them: other renderers must do the same."""

    def __init__(self) -> None:
        self._used: dict[str, int] = {}

    def next(self, heading: str) -> str:
        """The anchor of the page's next heading."""
        anchor = slug(heading)
        times = self._used[anchor] = self._used.get(anchor, -1) + 1
        return f"{anchor}-{times}" if times else anchor


def slug(heading: str) -> str:
    """A heading's words as an anchor: in lower case, dashes for spaces, no punctuation; letters of all scripts stay."""
    words = _NOT_IN_ANCHORS.sub("", unicodedata.normalize("NFC", heading).lower().strip())
    return words.replace(" ", "-")[:100] or "section"


def _groups(tokens: list[Token]) -> Iterator[list[Token]]:
    """Each block with all its tokens."""
    group: list[Token] = []
    depth = 0
    for token in tokens:
        group.append(token)
        depth += token.nesting
        if depth == 0:
            yield group
            group = []


def _block(group: list[Token]) -> Block:
    first = group[0]
    kind = first.type.removesuffix("_open").removesuffix("_block") if first.nesting else first.type
    start, end = first.map or (0, 0)
    level = int(first.tag[1]) if kind == "heading" else 0
    inner = []
    if kind in ("bullet_list", "ordered_list"):
        inner = list(_groups(group[1:-1]))
    elif kind == "table":
        inner = [row for part in _groups(group[1:-1]) if part[0].type == "tbody_open" for row in _groups(part[1:-1])]
    return Block(kind, (start, end), _text(group), level, [_block(each) for each in inner])


def _text(tokens: list[Token]) -> str:
    """The words: a line for each paragraph, item, row and line of code."""
    said: list[str] = []
    for token in tokens:
        if token.type == "inline":
            said.append(" ".join(_inline(token.children or []).split()))
        elif token.type in ("fence", "code_block"):
            said.append(token.content.rstrip() + "\n")
        elif token.type in ("th_close", "td_close"):
            said.append(" | ")
        elif token.type in ("paragraph_close", "heading_close", "tr_close", "list_item_close"):
            said.append("\n")
    lines = (line.strip().removesuffix("|").rstrip() for line in "".join(said).split("\n"))
    return "\n".join(line for line in lines if line.strip())


def _inline(children: list[Token]) -> str:
    return "".join(_word(child) for child in children)


def _word(child: Token) -> str:
    if child.type in ("text", "code_inline", "text_special"):
        return child.content
    if child.children:
        return _inline(child.children)
    return " " if child.type in ("softbreak", "hardbreak") else ""
