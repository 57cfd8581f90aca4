"""Texts as Slack's rich text, where nothing that anybody wrote is markup any more: whether something is a link or a
mention is said by its type, and only words of Agora's own say so.

Markdown is read into its syntax tree; what the tree has becomes rich text, what it does not have is text.
See https://docs.slack.dev/reference/block-kit/blocks/rich-text-block
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.slack.limits import RICH_TEXT, RUN, URL, cut, head, size
from bot.web.markup import clean

Run = dict[str, Any]
"""A stretch of text, a link or a mention inside a piece."""
SECTION, QUOTE, CODE, LIST = "rich_text_section", "rich_text_quote", "rich_text_preformatted", "rich_text_list"
_HTTP = re.compile(r"(?i)https?://[^\s<>|]+\Z|mailto:[^\s<>|]+\Z")
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}
_MOST_INDENT = 8


@dataclass
class Piece:
    """A part of a rich text: a paragraph, a quote, code, or a list, whose items are ``items``."""

    kind: str = SECTION
    runs: list[Run] = field(default_factory=list)
    items: list[list[Run]] = field(default_factory=list)
    style: str = "bullet"
    indent: int = 0
    offset: int = 0
    tight: bool = False
    """A heading, which stands close to what it is above."""

    @property
    def size(self) -> int:
        """Its characters."""
        return sum(run_size(run) for runs in (self.runs, *self.items) for run in runs)

    def to_dict(self) -> dict[str, Any]:
        """As Slack wants it."""
        if self.kind != LIST:
            return {"type": self.kind, "elements": self.runs}
        items = [{"type": SECTION, "elements": runs} for runs in self.items]
        shape: dict[str, Any] = {"type": LIST, "style": self.style, "indent": self.indent, "elements": items}
        return {**shape, "offset": self.offset} if self.offset else shape


def words(text: str, **style: bool) -> Run:
    """A stretch of text: never anything else, whatever stands in it."""
    return {"type": "text", "text": text, **({"style": style} if style else {})}


def link(url: str, text: str, **style: bool) -> Run:
    """A link; text alone where ``url`` leads to no page and no mail address."""
    if not _HTTP.match(url) or len(url) > URL:
        return words(text, **style)
    return {"type": "link", "url": url, "text": text, **({"style": style} if style else {})}


def mention(user_id: str) -> Run:
    """Somebody, who is told."""
    return {"type": "user", "user_id": user_id}


def run_size(run: Run) -> int:
    """What a run counts."""
    return size(run.get("text", "")) + len(run.get("url", "")) + RUN


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "maxNesting": 50})
    parser.enable(["linkify", "strikethrough", "table"])
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_ip": False, "fuzzy_email": False})
    return parser


_PARSER = _parser()


@lru_cache(maxsize=256)
def _tree(text: str, breaks: bool) -> SyntaxTreeNode:
    tokens = _PARSER.parse(clean(text))
    for child in (child for token in tokens for child in token.children or () if breaks):
        child.type = "hardbreak" if child.type == "softbreak" else child.type
    return SyntaxTreeNode(tokens)


def markdown(text: str, breaks: bool = True) -> list[Piece]:
    """A Markdown text of anybody's; with ``breaks`` its line ends stay, as in a chat."""
    return _together(_blocks(_tree(text, breaks).children))


def _together(pieces: Iterable[Piece]) -> list[Piece]:
    """Paragraphs that follow each other in one piece, with an empty line between them."""
    together: list[Piece] = []
    for piece in (each for each in pieces if each.runs or each.items):
        last = together[-1] if together else None
        if last is not None and last.kind == piece.kind == SECTION:
            last.runs += [words("\n" if last.tight else "\n\n"), *piece.runs]
            last.tight = piece.tight
        else:
            together.append(piece)
    return together


def split(pieces: Iterable[Piece], most: int = RICH_TEXT) -> Iterator[list[Piece]]:
    """The pieces in order, as many together as ``most`` characters hold; what is longer is broken, between words."""
    pack: list[Piece] = []
    room = most
    for piece in (part for whole in pieces for part in _broken(whole, most)):
        if pack and piece.size > room:
            yield pack
            pack, room = [], most
        pack.append(piece)
        room -= piece.size
    if pack:
        yield pack


def _broken(piece: Piece, most: int) -> Iterator[Piece]:
    if piece.size <= most:
        yield piece
    elif piece.kind == LIST:
        yield from _broken_list(piece, most)
    else:
        yield from (replace(piece, runs=runs) for runs in _chunks(piece.runs, most))


def _broken_list(piece: Piece, most: int) -> Iterator[Piece]:
    """Lists that go on counting where the one before ended; what an item has too much stands below it."""
    part, room = replace(piece, items=[]), most
    for number, item in enumerate(piece.items):
        first, *more = _chunks(item, most)
        length = sum(map(run_size, first))
        if part.items and length > room:
            yield part
            part, room = _going_on(piece, number), most
        part.items.append(first)
        room -= length
        if more:
            yield part
            yield from (Piece(runs=runs) for runs in more)
            part, room = _going_on(piece, number + 1), most
    if part.items:
        yield part


def _going_on(piece: Piece, number: int) -> Piece:
    return replace(piece, items=[], offset=piece.offset + number if piece.style == "ordered" else 0)


def _chunks(runs: Iterable[Run], most: int) -> Iterator[list[Run]]:
    chunk: list[Run] = []
    left = most
    for run in (part for whole in runs for part in _short(whole, most)):
        if chunk and run_size(run) > left:
            yield chunk
            chunk, left = [], most
        chunk.append(run)
        left -= run_size(run)
    yield chunk or [words(" ")]


def _short(run: Run, most: int) -> Iterator[Run]:
    """A long stretch of text in several, each ended at a line or a word where there is one."""
    text = run.get("text", "")
    while run["type"] == "text" and size(text) > most - RUN:
        begin = head(text, most - RUN)
        end = max(begin.rfind("\n") + 1, begin.rfind(" ") + 1)
        begin = begin[:end] if end > len(begin) // 2 else begin
        yield {**run, "text": begin}
        text = text[len(begin) :]
    if text or run["type"] != "text":
        yield {**run, "text": cut(text, most - RUN)} if "text" in run else run


def _blocks(nodes: Iterable[SyntaxTreeNode], indent: int = 0) -> Iterator[Piece]:
    for node in nodes:
        match node.type:
            case "heading":
                yield Piece(runs=_inline(node, bold=True), tight=True)
            case "fence" | "code_block":
                yield Piece(CODE, [words(node.content.rstrip("\n") or " ")])
            case "blockquote":
                yield Piece(QUOTE, _flat(_blocks(node.children)))
            case "bullet_list" | "ordered_list":
                yield from _list(node, indent)
            case "hr":
                yield Piece(runs=[words("———")])
            case "table":
                yield Piece(CODE, [words(_table(node))])
            case _:
                yield Piece(runs=_inline(node))


def _list(node: SyntaxTreeNode, indent: int) -> Iterator[Piece]:
    """A list; what stands deeper inside an item interrupts it, as it must in rich text."""
    style = "ordered" if node.type == "ordered_list" else "bullet"
    start = int(node.attrs.get("start", 1)) if style == "ordered" else 1
    piece = Piece(LIST, style=style, indent=min(indent, _MOST_INDENT), offset=_offset(start))
    for number, item in enumerate(node.children, start):
        own: list[Piece] = []
        inner: list[Piece] = []
        for part in _blocks(item.children, indent + 1):
            (own if part.kind == SECTION and not inner else inner).append(part)
        piece.items.append(_flat(own) or [words(" ")])
        if inner:
            yield piece
            yield from inner
            piece = Piece(LIST, style=style, indent=min(indent, _MOST_INDENT), offset=_offset(number + 1))
    if piece.items:
        yield piece


def _offset(start: int) -> int:
    return max(0, min(start - 1, 1_000_000))


def _flat(pieces: Iterable[Piece]) -> list[Run]:
    """Pieces one below the other in one."""
    runs: list[Run] = []
    for piece in pieces:
        for line in piece.items or [piece.runs]:
            bullet = [words("• ")] if piece.kind == LIST else []
            runs += [*([words("\n")] if runs else []), *bullet, *line]
    return runs


def _table(node: SyntaxTreeNode) -> str:
    """A table as text with straight columns."""
    rows = [[_text(cell) for cell in row.children] for part in node.children for row in part.children]
    widths = [max(map(len, column)) for column in zip(*rows, strict=False)]
    lines = [" | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip() for row in rows]
    return "\n".join([lines[0], "-+-".join("-" * width for width in widths), *lines[1:]])


def _text(node: SyntaxTreeNode) -> str:
    return "".join(str(run.get("text", "")) for run in _inline(node))


def _inline(node: SyntaxTreeNode, **style: bool) -> list[Run]:
    runs: list[Run] = []
    for child in node.children:
        match child.type:
            case "softbreak" | "hardbreak":
                runs.append(words("\n" if child.type == "hardbreak" else " ", **style))
            case "code_inline":
                runs.append(words(child.content, **{**style, "code": True}))
            case "link":
                runs += _link(child, style)
            case "image":
                runs.append(link(str(child.attrs.get("src", "")), child.content or "↗", **style))
            case "strong" | "em" | "s":
                runs += _inline(child, **{**style, _STYLES[child.type]: True})
            case _:
                runs += _inline(child, **style) if child.children else [words(child.content, **style)]
    return _joined(runs)


def _link(node: SyntaxTreeNode, style: dict[str, bool]) -> list[Run]:
    """A link shows its words. Where they are an address, it is the one that it leads to: nobody is led astray."""
    text = _text(node).strip()
    url = str(node.attrs.get("href", ""))
    shown = url if not text or re.match(r"(?i)\s*(https?:|www\.)", text) else text
    return [link(url, shown, **style)]


def _joined(runs: Iterable[Run]) -> list[Run]:
    """Neighbours of one style in one; nothing empty."""
    joined: list[Run] = []
    for run in runs:
        if run["type"] == "text" and not run["text"]:
            continue
        last = joined[-1] if joined else None
        if last and last["type"] == run["type"] == "text" and last.get("style") == run.get("style"):
            joined[-1] = {**last, "text": last["text"] + run["text"]}
        else:
            joined.append(run)
    return joined
