"""Which parts of a Markdown text are code, and must stay to the letter, and which are prose.

The rules of CommonMark 0.31 for fenced code and code spans; indented code counts as prose, since templates and HTML
indent prose too.
"""

import re
from collections.abc import Callable, Iterator
from typing import NamedTuple

_FENCE = re.compile(r"[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*(?:(`{3,})[^`\n]*|(~{3,})[^\n]*)\n?\Z")
_BLANK = re.compile(r"(\n[ \t]*\n)")
_MARK = re.compile("\ue000(\\d{1,9})\ue001")
_NO_MARKS = {0xE000: "\ufffd", 0xE001: "\ufffd"}
"""Two private-use characters stand for code; a page has no use for them."""

_TICKS = re.compile(r"(?<!\\)`+")


class Part(NamedTuple):
    """A stretch of text. All parts joined give the text again."""

    text: str
    code: bool


def parts(text: str) -> Iterator[Part]:
    """The stretches of code and prose of a Markdown text, in order."""
    prose: list[str] = []
    fence, code = "", [""]
    for line in text.splitlines(keepends=True):
        if fence:
            code.append(line)
            if _closes(line, fence):
                yield Part("".join(code), True)
                fence = ""
        elif found := _FENCE.match(line):
            yield from _spans("".join(prose))
            prose, fence, code = [], found[1] or found[2], [line]
        else:
            prose.append(line)
    if fence:
        yield Part("".join(code), True)
    yield from _spans("".join(prose))


def outside(text: str, change: Callable[[str], str]) -> str:
    """The text with its prose changed and its code as it was.

    `change` is given the whole prose at once, each piece of code replaced by a mark; what it drops between two of its
    own marks is dropped with the code in it.
    """
    text = text.translate(_NO_MARKS)
    kept: list[str] = []
    prose: list[str] = []
    for part in parts(text):
        if part.code:
            kept.append(part.text.removesuffix("\n"))
            prose.append(f"\ue000{len(kept) - 1}\ue001" + "\n" * part.text.endswith("\n"))
        else:
            prose.append(part.text)
    return _MARK.sub(lambda mark: kept[int(mark[1])], change("".join(prose)))


def _closes(line: str, fence: str) -> bool:
    line = line.strip(" \t\n>")
    return line.startswith(fence) and not line.strip(fence[0])


def _spans(prose: str) -> Iterator[Part]:
    """Code spans: they end at a run of as many backticks in the same paragraph, or are none."""
    for paragraph in _BLANK.split(prose):
        done = 0
        runs = [found.span() for found in _TICKS.finditer(paragraph)]
        later: dict[int, list[int]] = {}
        for start, end in reversed(runs):
            later.setdefault(end - start, []).append(start)
        for start, end in runs:
            same = later[end - start]
            while same and same[-1] <= max(start, done - 1):
                same.pop()
            if start < done or not same:
                continue
            yield Part(paragraph[done:start], False)
            done = same[-1] + end - start
            yield Part(paragraph[start:done], True)
        if rest := paragraph[done:]:
            yield Part(rest, False)
