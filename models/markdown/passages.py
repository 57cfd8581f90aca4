"""A page cut into passages: what is found, shown and linked to, a few paragraphs at a time."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from textwrap import dedent, wrap
from typing import NamedTuple

from models.markdown.outline import Anchors, Block, blocks, plain

SMALLEST, LARGEST = 25, 250
"""Words: a section below the first joins its neighbour, one above the second is split."""

_LARGEST_PIECE = 400
"""Words of a single paragraph, item or row before it is cut in its middle."""

_CHARACTERS_A_WORD = 12
"""What is written without spaces counts by its length."""


@dataclass(frozen=True, slots=True)
class Passage:
    """A part of a page that answers a question by itself.

    `headings` leads to it from the page's title, which is left out; `anchor` is that of its own heading, empty at the
    top of the page. `text` is what to search in, without markup; `markdown` what to show.
    """

    headings: tuple[str, ...]
    anchor: str
    text: str
    markdown: str


class _Piece(NamedTuple):
    """What is never cut: the source and the words of a block or a part of one."""

    markdown: str
    text: str


@dataclass(slots=True)
class _Section:
    """What stands under one heading, before the next."""

    headings: tuple[str, ...]
    anchor: str
    heading: _Piece | None = None
    pieces: list[_Piece] = field(default_factory=list)

    @property
    def words(self) -> int:
        return sum(count(piece.text) for piece in self.pieces)


def count(text: str) -> int:
    """How many words a text has, as near as matters here."""
    return max(len(text.split()), len(text) // _CHARACTERS_A_WORD)


def split(markdown: str) -> list[Passage]:
    """The passages of a page in order. Nothing with words in it is left out."""
    return [
        Passage(
            section.headings,
            section.anchor,
            "\n".join(each.text for each in pack),
            "\n\n".join(each.markdown for each in pack),
        )
        for section in _merged(_sections(markdown))
        for pack in _packed(section.pieces)
    ]


def _sections(markdown: str) -> Iterator[_Section]:
    lines = markdown.split("\n")
    anchors = Anchors()
    above: list[tuple[int, str]] = []
    section = _Section((), "")
    for block in blocks(markdown):
        if block.level:
            yield section
            above = [each for each in above if each[0] < block.level] + [(block.level, block.text)]
            heading = _Piece("\n".join(lines[slice(*block.lines)]).strip(), block.text) if block.text else None
            section = _Section(tuple(text for _, text in above if text), anchors.next(block.text), heading)
        else:
            section.pieces += _pieces(block, lines)
    yield section


def _merged(sections: Iterable[_Section]) -> list[_Section]:
    """Sections of some size: a small one takes in what follows it, or joins what came before it."""
    merged: list[_Section] = []
    for section in sections:
        last = merged[-1] if merged else None
        if last and last.words < SMALLEST and (_below(last, section) or _fit(last, section)):
            _join(last, section)
            continue
        _join_back(merged)
        merged.append(section)
    _join_back(merged)
    for section in merged:
        if not section.pieces and section.heading:  # a heading with nothing under it
            section.pieces.append(section.heading)
    return merged


def _below(first: _Section, second: _Section) -> bool:
    """Whether the second section stands under the heading of the first."""
    return second.headings[: len(first.headings)] == first.headings


def _fit(first: _Section, second: _Section) -> bool:
    """Whether two sections stand under the same heading, or the second under the first, and are small together."""
    beside = first.headings[:-1] == second.headings[:-1]
    return (beside or _below(first, second)) and first.words + second.words <= LARGEST


def _join(first: _Section, second: _Section) -> None:
    """The second section into the first. Where it stands under the first and says more, it gives the two its name."""
    below = _below(first, second)
    if not first.pieces and first.heading and not below:
        first.pieces.append(first.heading)
    if first.pieces and second.heading:
        first.pieces.append(second.heading)
    if below and second.words >= first.words:
        first.headings, first.anchor, first.heading = second.headings, second.anchor, second.heading
    first.pieces += second.pieces


def _join_back(merged: list[_Section]) -> None:
    """The last section into the one before it, if it is too small to stand alone and they belong together."""
    if len(merged) > 1 and merged[-1].words < SMALLEST:
        before, last = merged[-2:]
        if _fit(before, last):
            _join(before, merged.pop())


def _pieces(block: Block, lines: list[str]) -> Iterator[_Piece]:
    """A block whole; a large one in parts, a table's each with its head."""
    start, end = block.lines
    parts = [(start, end, block.text)]
    if count(block.text) > LARGEST and block.pieces:
        parts = _runs(block.pieces, end)
    for first, last, text in parts:
        source = lines[first:last]
        if block.kind == "table" and first != start:
            names = block.text.split("\n")[0]
            yield _Piece("\n".join(lines[start : start + 2] + source), f"{names}\n{text}")
        elif count(text) > _LARGEST_PIECE:
            yield from _cut(source, block.kind)
        elif text:
            yield _Piece("\n".join(source).strip("\n"), text)


def _runs(parts: list[Block], end: int) -> list[tuple[int, int, str]]:
    """Neighbouring items or rows together, up to the largest size: first line, line after the last, words."""
    runs: list[list[Block]] = []
    words = LARGEST
    for part in parts:
        words += count(part.text)
        if words > LARGEST:
            runs.append([])
            words = count(part.text)
        runs[-1].append(part)
    ends = [run[0].lines[0] for run in runs[1:]] + [end]
    return [(run[0].lines[0], last, "\n".join(part.text for part in run)) for run, last in zip(runs, ends, strict=True)]


def _cut(source: list[str], kind: str) -> Iterator[_Piece]:
    """A block that is too large and has no parts, cut between lines or, where a line is too long, between words."""
    fence = source[0] if kind == "fence" else ""
    closes = re.match(r"\W*", fence)[0].strip() if fence else ""  # type: ignore[index]
    body = dedent("\n".join(source[1:] if fence else source)).split("\n")
    if fence and body and body[-1].strip().startswith(closes):
        body.pop()
    chunk: list[str] = []
    words = 0
    for line in [short for whole in body for short in _short_lines(whole)] + [""]:
        words += count(line)
        if words > LARGEST and chunk:
            yield _cut_piece(chunk, fence, closes)
            chunk, words = [], count(line)
        chunk.append(line)
    yield _cut_piece(chunk, fence, closes)


def _cut_piece(chunk: list[str], fence: str, closes: str) -> _Piece:
    markdown = "\n".join([fence, *chunk, closes] if fence else chunk).strip("\n")
    return _Piece(markdown, plain(markdown))


def _short_lines(line: str) -> list[str]:
    longest = LARGEST * _CHARACTERS_A_WORD // 2
    return wrap(line, longest, drop_whitespace=False) if len(line) > longest else [line]


def _packed(pieces: list[_Piece]) -> Iterator[list[_Piece]]:
    """Pieces together up to the largest size. A sentence that ends in a colon goes with what it announces."""
    pack: list[_Piece] = []
    words = 0
    left = sum(count(piece.text) for piece in pieces)
    for piece in pieces:
        size = count(piece.text)
        if pack and words + size > LARGEST and left >= SMALLEST:
            carried = [pack.pop()] if len(pack) > 1 and pack[-1].text.endswith(":") else []
            yield pack
            pack, words = carried, sum(count(each.text) for each in carried)
        pack.append(piece)
        words += size
        left -= size
    if pack:
        yield pack
