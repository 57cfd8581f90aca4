"""Markdown of people and models as blocks of an Adaptive Card: parsed, then built anew from what cards can show.

Cards know no Markdown beyond emphasis, lists and links, and read mentions in it. So it is not passed on: each block of
the parsed text becomes runs of plain words with a style. No raw HTML, no pictures, no link that leads elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from bot.teams.blocks import Block, clean, container, outward, rich, run, turned
from bot.teams.limits import CELLS

_DEEPEST = 8
_INDENT = "\u2003"  # an em space: others at the beginning of a line are not shown


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False, "linkify": True, "breaks": True})
    parser.enable(["linkify", "strikethrough", "table"]).disable(["image", "html_block", "html_inline"])
    assert parser.linkify is not None
    parser.linkify.set({"fuzzy_link": False, "fuzzy_ip": False})
    return parser


_PARSER = _parser()


@dataclass
class _Writer:
    """What has been written of a text: its blocks."""

    blocks: list[Block] = field(default_factory=list)

    def paragraph(self, runs: list[Block], depth: int = 0, mark: str = "", **about: Any) -> None:
        """Runs as a block; ``mark`` stands before the first, as deep in lists as ``depth``."""
        lead = _INDENT * max(0, depth - 1) + mark
        runs = ([run(lead)] if lead else []) + runs
        if runs:
            self.blocks.append(rich(*runs, **about))


def blocks(text: str) -> list[Block]:
    """The blocks of a text, each in the direction of its own words."""
    tree = SyntaxTreeNode(_PARSER.parse(clean(text)))
    writer = _Writer()
    _children(tree, writer, 0)
    return writer.blocks or [rich(run(" "))]


def rtl(text: str) -> Block:
    """The direction of a text, for the container that it stands in."""
    right = turned(text)
    return {} if right is None else {"rtl": right}


def _children(node: SyntaxTreeNode, writer: _Writer, depth: int) -> None:
    for child in node.children:
        _block(child, writer, depth)


def _block(node: SyntaxTreeNode, writer: _Writer, depth: int) -> None:
    match node.type:
        case "paragraph":
            writer.paragraph(_inline(node), depth)
        case "heading":
            writer.paragraph(_inline(node, weight="Bolder"), depth)
        case "bullet_list" | "ordered_list":
            _list(node, writer, depth)
        case "fence" | "code_block":
            _code(node.content, writer)
        case "blockquote":
            _quote(node, writer, depth)
        case "table":
            writer.blocks.append(_table(node))
        case "hr":
            writer.paragraph([run("———", isSubtle=True)])
        case _ if depth < _DEEPEST:
            _children(node, writer, depth)


def _list(node: SyntaxTreeNode, writer: _Writer, depth: int) -> None:
    start = node.attrs.get("start", 1)
    for number, item in enumerate(node.children, int(start)):
        mark = f"{number}. " if node.type == "ordered_list" else "• "
        _item(item, writer, min(depth + 1, _DEEPEST), mark)


def _item(node: SyntaxTreeNode, writer: _Writer, depth: int, mark: str) -> None:
    begins = bool(node.children) and node.children[0].type in ("paragraph", "heading")
    writer.paragraph(_inline(node.children[0]) if begins else [], depth, mark, spacing="Small")
    for child in node.children[begins:]:
        if child.type == "paragraph":
            writer.paragraph(_inline(child), depth + 1, spacing="Small")
        elif depth < _DEEPEST:
            _block(child, writer, depth)
        else:
            writer.paragraph([run(_plain(child))], depth)


def _code(content: str, writer: _Writer) -> None:
    lines = [line.replace("\t", "    ") for line in content.rstrip("\n").split("\n")]
    shown = "\n".join("\u00a0" * (len(line) - len(line.lstrip(" "))) + line.lstrip(" ") for line in lines)
    code = rich(run(shown or " ", fontType="Monospace", size="Small"))
    writer.blocks.append(container([code], style="emphasis", rtl=False))


def _quote(node: SyntaxTreeNode, writer: _Writer, depth: int) -> None:
    inner = _Writer()
    if depth < _DEEPEST:
        _children(node, inner, depth + 1)
    else:
        inner.paragraph([run(_plain(node))])
    if inner.blocks:
        writer.blocks.append(container(inner.blocks, style="emphasis", spacing="Small"))


def _table(node: SyntaxTreeNode) -> Block:
    rows = [row for part in node.children for row in part.children]
    width = max((len(row.children) for row in rows), default=0)
    if width > CELLS:  # a phone shows it line by line
        lines = [" · ".join(_plain(cell) for cell in row.children) for row in rows]
        return container([rich(run(line or " "), spacing="Small") for line in lines])
    shown = [[rich(*(_inline(cell) or [run(" ")])) for cell in row.children] for row in rows]
    return {
        "type": "Table",
        "firstRowAsHeader": True,
        "columns": [{"width": 1}] * width,
        "rows": [{"type": "TableRow", "cells": [{"type": "TableCell", "items": [c]} for c in row]} for row in shown],
    }


def _inline(node: SyntaxTreeNode, **style: Any) -> list[Block]:
    runs: list[Block] = []
    for child in node.children:
        for part in child.children if child.type == "inline" else [child]:
            runs += _runs(part, style, None)
    return _joined(runs)


def _runs(node: SyntaxTreeNode, style: Block, href: str | None) -> list[Block]:
    match node.type:
        case "softbreak" | "hardbreak":
            return [run("\n", **style)]
        case "code_inline":
            return [run(node.content, href, **{**style, "fontType": "Monospace"})]
        case "strong":
            style = {**style, "weight": "Bolder"}
        case "em":
            style = {**style, "italic": True}
        case "s":
            style = {**style, "strikethrough": True}
        case "link":
            return _link(node, style)
        case _ if not node.children:
            return [run(node.content, href, **style)] if node.content else []
    return [part for child in node.children for part in _runs(child, style, href)]


def _link(node: SyntaxTreeNode, style: Block) -> list[Block]:
    href = outward(str(node.attrs.get("href", "")))
    return [part for child in node.children for part in _runs(child, style, href)]


def _joined(runs: Sequence[Block]) -> list[Block]:
    """Neighbours of one style as one run."""
    joined: list[Block] = []
    for one in runs:
        if joined and {**joined[-1], "text": ""} == {**one, "text": ""}:
            joined[-1] = {**joined[-1], "text": joined[-1]["text"] + one["text"]}
        else:
            joined.append(one)
    return [{**one, "text": clean(one["text"])} for one in joined]  # "&lt;" has become "<" by now


def _plain(node: SyntaxTreeNode) -> str:
    if not node.children:
        return "\n" if node.type in ("softbreak", "hardbreak") else node.content
    return "".join(_plain(child) for child in node.children)
