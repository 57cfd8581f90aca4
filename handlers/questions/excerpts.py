"""What is shown of a long text: the part that speaks of what was asked, never more than fits a message."""

from __future__ import annotations

import re
from functools import lru_cache

from bot.shorten import shortened
from models.search.analysis import plain, terms

LONG, SHORT = 480, 160
_BOLD_LINE = re.compile(r"(\*\*|__)[^*_\n]{1,80}\1:?")
_FENCE = re.compile(r"^(`{3,}|~{3,})", re.MULTILINE)


def excerpt(text: str, question: str, limit: int = LONG) -> str:
    """The blocks of a Markdown text around the one that says most of ``question``, within ``limit`` characters; a block
    that is longer by itself is cut at a sentence."""
    blocks = _blocks(text)
    if not blocks:
        return ""
    if _length(blocks, 0, len(blocks) - 1) <= limit:
        return "\n\n".join(blocks)
    wanted = {word for alternatives in terms(question) for word in alternatives}
    first = last = _best(blocks, wanted)
    if len(blocks[first]) > limit:
        return _marked(shortened(plain(blocks[first]).strip(), limit), first > 0, False)
    if first and _heads(blocks[first - 1]) and _length(blocks, first - 1, last) <= limit:
        first -= 1
    while last + 1 < len(blocks) and _length(blocks, first, last + 1) <= limit:
        last += 1
    while first and _length(blocks, first - 1, last) <= limit:
        first -= 1
    if last + 1 < len(blocks) and _heads(blocks[last]) and last > first:
        last -= 1  # a heading with nothing under it says nothing
    return _marked("\n\n".join(blocks[first : last + 1]), first > 0, last + 1 < len(blocks))


def _blocks(text: str) -> list[str]:
    """Paragraphs, lists and headings; a fenced block of code stays whole."""
    blocks: list[str] = []
    for block in re.split(r"\n\s*\n", text.strip()):
        if blocks and len(_FENCE.findall(blocks[-1])) % 2:
            blocks[-1] += "\n\n" + block
        elif block.strip():
            blocks.append(block)
    return blocks


def _best(blocks: list[str], wanted: set[str]) -> int:
    """The block that, with the heading above it, shares the most words with the question; the first of equals. A
    heading speaks through what it announces."""
    speaking = [i for i, block in enumerate(blocks) if i + 1 == len(blocks) or not _heads(block)]
    if len(speaking) == 1:
        return speaking[0]

    def shared(i: int) -> int:
        above = blocks[i - 1] if i and _heads(blocks[i - 1]) else ""
        return len(_words(f"{above}\n{blocks[i]}") & wanted)

    return max(speaking, key=lambda i: (shared(i), -i))


@lru_cache(maxsize=2048)
def _words(block: str) -> frozenset[str]:
    """The words of a block. What is asked about today was asked about yesterday: the same blocks come again."""
    return frozenset(word for alternatives in terms(plain(block)) for word in alternatives)


def _heads(block: str) -> bool:
    """Whether a block only announces the next: a heading, or one bold line."""
    return block.startswith("#") or _BOLD_LINE.fullmatch(block.strip()) is not None


def _length(blocks: list[str], first: int, last: int) -> int:
    return sum(len(block) + 2 for block in blocks[first : last + 1])


def _marked(text: str, before: bool, after: bool) -> str:
    return ("…\n\n" if before else "") + text + ("\n\n…" if after else "")
