"""What is looked for, for a text as somebody wrote it: without secrets, and of a stack trace what went wrong."""

from __future__ import annotations

import re

from models.search.analysis import terms
from models.secrets import masked

_FRAME = re.compile(
    r"""^\s*(?:
      File\ "[^"]{1,300}",\ line\ \d+ .*                         # Python
    | at\ (?:[\w$.<>\[\]/\ `-]+\([^()]*|[\w$.<>\[\]/\ `-][^()]*)\)?(?:\ in\ .+)?  # Java, .NET, JavaScript
    | \.{3}\ \d+\ (?:more|common\ frames\ omitted)
    | goroutine\ \d+\ \[.*\]:
    | \#\d+\ +(?:0x[0-9a-f]+\ |/|\[internal|[\w:]+\().*           # C, PHP
    | [\w./-]{1,200}:\d+:in\ [`'].*                              # Ruby
    )$""",
    re.VERBOSE,
)
_BEGINS = re.compile(r"^\s*(?:Traceback \(most recent call last\):|stack ?trace:?|Stack trace:?)\s*$", re.IGNORECASE)
_PYTHON = re.compile(r'^\s*File "')
_MARKS = re.compile(r"^[\s^~]+$")
_PACKAGE = re.compile(r"(?<![\w.$/])(?:[\w$]{1,100}\.){1,20}(?=[A-Z]\w{1,100}(?::|\s|$))")  # of an error's name
_ENOUGH = 2  # lines of a trace that make it one
_LONGEST_LINE = 1000


def sought(text: str) -> str:
    """The text to search with, for what somebody has just written. Said twice it is the same."""
    return gist(masked(text).text)


def says_nothing(text: str) -> bool:
    """Whether nothing in it can be looked for: a picture, signs, or such words alone as every text has."""
    return not terms(text)


def gist(text: str) -> str:
    """What a person, and the error itself, say around the frames of a stack trace; ``text`` where it has none."""
    lines = text.splitlines()
    frames = [len(line) <= _LONGEST_LINE and _FRAME.match(line) is not None for line in lines]
    if sum(frames) < _ENOUGH and not any(map(_BEGINS.match, lines)):
        return text
    kept: list[str] = []
    code = False  # the line after a frame of Python's quotes the program
    for line, frame in zip(lines, frames, strict=True):
        if frame or _BEGINS.match(line) or _MARKS.match(line) or (code and line.startswith(("    ", "\t"))):
            code = frame and _PYTHON.match(line) is not None
            continue
        code = False
        kept.append(_PACKAGE.sub("", line))
    return "\n".join(kept).strip() or text
