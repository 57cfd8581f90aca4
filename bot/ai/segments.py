"""A Markdown text as the pieces of it that are language, and everything else, which stays as it is.

Headings, lists, quotations, tables and blocks of code keep their signs; inside a piece what is no language stands as a
number in brackets: code, links, addresses, mentions, codes such as ``HR-204``, and what was masked. So a model that
translates pieces neither sees it nor can change it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from bot.ai.grounding import is_alive
from models.secrets import MASK

LONGEST = 1_200  # characters of a piece
_SIGNS = re.compile(r"\s*(?:>\s?)*(?:(?:[-*+]|\d{1,9}[.)])\s+(?:\[[ xX]\]\s+)?|#{1,6}\s+)?")
_FENCE = re.compile(r"\s*(?:>\s?)*(`{3,}|~{3,})")
_RULE = re.compile(r"[\s|:=*_-]*")
_GOES_ON = re.compile(r".{60,}[^.!?:;؟…]")  # a line that was broken in the middle of a sentence
_SENTENCE = re.compile(r"(?<=[.!?؟…])\s+")
_EMPHASIS = re.compile(r"\*\*|~~|(?<!\w)[*_]+(?=\S)|(?<=\S)[*_]+(?!\w)")
_KEPT = re.compile(
    r"`[^`\n]{1,500}`|!?\[[^\]\n]{0,300}\]\([^)\n]{0,2000}\)|<[^<>\s][^<>\n]{0,300}>"  # code, links, markup
    r"|\b(?:https?|mailto|tel):\S+"
    rf"|{MASK[0]}+|(?<![\w@./])@\w[\w.-]*|(?<![\w#])#[^\W\d][\w-]*"  # what was masked, mentions
    r"|(?<!\w)(?:~|\.{1,2})?/[\w.-]+(?:/[\w.-]*)+|\b[A-Za-z]:\\\S+"  # paths
    r"|\b[A-Za-z0-9]*_[A-Za-z0-9_]+\b|\b[A-Za-z]{0,60}[a-z][A-Z][A-Za-z]{0,60}\b"  # names in programs
    r"|(?<![\w.+-])(?!\d+(?:st|nd|rd|th|am|pm|h|x)\b)(?=[\w.+-]*[A-Za-z])(?=[\w.+-]*\d)"  # codes: letters and digits
    r"[A-Za-z0-9](?:[A-Za-z0-9.+-]*[A-Za-z0-9])?(?!\w)"
)
_TOKEN = re.compile(r"\S+")
_PLACE = re.compile(r"⟦(\d+)⟧")
_BRACKETS = str.maketrans("⟦⟧", "[]")
_ENDS = ".,;:!?)»”\"'؟،؛"


@dataclass
class Segments:
    """A text cut up: ``pieces`` is what there is to translate."""

    pieces: list[str] = field(default_factory=list)
    _skeleton: list[str | int] = field(default_factory=list)
    _kept: list[str] = field(default_factory=list)

    def joined(self, pieces: Sequence[str]) -> str:
        """The text with these pieces instead of its own, each as ``places`` says."""
        whole = "".join(part if isinstance(part, str) else _unmarked(pieces[part]) for part in self._skeleton)
        return _PLACE.sub(self._put_back, whole)

    def _put_back(self, place: re.Match[str]) -> str:
        number = int(place[1])
        return self._kept[number] if number < len(self._kept) else ""

    def _add(self, text: str) -> None:
        """Text that is language, in pieces that are not too long."""
        for number, piece in enumerate(_short(self._without_kept(text))):
            if number:
                self._skeleton.append(" ")
            if any(map(str.isalpha, piece)):
                self._skeleton.append(len(self.pieces))
                self.pieces.append(piece)
            else:
                self._skeleton.append(piece)

    def _without_kept(self, text: str) -> str:
        text = _EMPHASIS.sub("", _KEPT.sub(self._keep, text.translate(_BRACKETS)))
        return _TOKEN.sub(lambda token: self._keep(token) if is_alive(token[0]) else token[0], text)

    def _keep(self, found: re.Match[str]) -> str:
        word = found[0].rstrip(_ENDS) if found[0][0] not in "`[!<" else found[0]
        if not word or _PLACE.search(word):
            return found[0]
        self._kept.append(word)
        return f"⟦{len(self._kept) - 1}⟧{found[0][len(word) :]}"


def cut(markdown: str) -> Segments:
    """``markdown`` in pieces."""
    found = Segments()
    for number, (before, text, after, is_language) in enumerate(_lines(markdown)):
        found._skeleton.append(("\n" if number else "") + before)
        if not is_language:
            found._skeleton.append(text)
        elif text.startswith("|"):
            for place, cell in enumerate(text.split("|")):
                found._skeleton.append(("|" if place else "") + cell[: len(cell) - len(cell.lstrip())])
                found._add(cell.strip())
                found._skeleton.append(cell[len(cell.rstrip()) :] if cell.strip() else "")
        else:
            found._add(text)
        found._skeleton.append(after)
    return found


def places(piece: str) -> list[str]:
    """The places in a piece where something is kept, in order of their numbers."""
    return sorted(_PLACE.findall(piece))


def said(piece: str) -> str:
    """A piece without its places."""
    return _PLACE.sub(" ", piece)


def _lines(markdown: str) -> Iterator[tuple[str, str, str, bool]]:
    """Each line: its signs, its text, the spaces after it, and whether the text is language. Lines that were broken in
    the middle of a sentence are one."""
    fence, open_line = "", None
    for line in markdown.split("\n"):
        mark = _FENCE.match(line)
        if fence or mark:
            if open_line:
                yield open_line
                open_line = None
            yield "", line, "", False
            if mark and not fence:
                fence = mark[1]
            elif mark and mark[1].startswith(fence):
                fence = ""
            continue
        before, text, after = _parted(line)
        is_language = _RULE.fullmatch(text) is None
        if open_line and is_language and _goes_on(open_line, before):
            open_line = (open_line[0], f"{open_line[1]} {text}", after, True)
            continue
        if open_line:
            yield open_line
        open_line = (before, text, after, is_language)
    if open_line:
        yield open_line


def _goes_on(line: tuple[str, str, str, bool], before: str) -> bool:
    """Whether a line with these signs belongs to the sentence of the one above it."""
    as_deep = not before.strip(" \t>") and before.count(">") == line[0].count(">")
    return as_deep and line[3] and line[1][0] != "|" and _GOES_ON.fullmatch(line[1]) is not None


def _parted(line: str) -> tuple[str, str, str]:
    """A line's signs, its text, and the spaces after it."""
    signs = _SIGNS.match(line)
    start = signs.end() if signs else 0
    text = line[start:].rstrip()
    return line[:start], text, line[start + len(text) :]


def _short(text: str) -> list[str]:
    """A text in pieces of at most ``LONGEST`` characters, ended at sentences, or at words where one is longer."""
    pieces = [""]
    for sentence in _SENTENCE.split(text):
        words = [sentence] if len(sentence) <= LONGEST else sentence.split()
        for word in words:
            if pieces[-1] and len(pieces[-1]) + 1 + len(word) > LONGEST:
                pieces.append("")
            pieces[-1] = f"{pieces[-1]} {word}".strip() if pieces[-1] else word
    return pieces


def _unmarked(piece: str) -> str:
    """A piece whose words are no signs of Markdown: it has none but those around it."""
    return re.sub(r"^(?:[#>+-]+\s+)+", "", _EMPHASIS.sub("", " ".join(piece.split()))).replace("|", "/")
