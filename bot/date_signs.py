"""The signs with which moments are written, brought to one form: letters, digits, marks of direction."""

from __future__ import annotations

import re
import unicodedata

_LETTERS = str.maketrans({"ة": "ه", "ى": "ي", "־": "-", "–": "-", "،": " ", ",": " ", "؛": " ", ";": " ", "’": "'"})
_ALIKE = (
    (re.compile(r"(?<=[א-ת])['״\"׳]"), ""),  # a geresh says that a word is shortened
    (re.compile(r"'"), " "),  # as in o'clock, un'ora, all'una
    (re.compile(r"\b([בלהומ])-?(?=\d)"), r"\1 "),
    (re.compile(r"\b([ap])\. ?m\b\.?"), r"\1m"),
    (re.compile(r"(?<=[^\W\d])\.(?!\w)"), ""),
    (re.compile(r"(?<=\d) (?=(am|pm|h)\b)"), ""),
    (re.compile(r"(?<=\d) ?(ص|م)(?!\w)"), lambda found: {"ص": "am", "م": "pm"}[found[1]]),
)


def normal(text: str) -> str:
    """Small letters, digits of one kind, no accents, vowel signs, directions or commas, and single spaces."""
    folded = "".join(
        str(unicodedata.digit(char)) if unicodedata.digit(char, None) is not None else char
        for char in unicodedata.normalize("NFKD", text.casefold())
        if unicodedata.category(char) not in ("Cf", "Mn")
    )
    said = " ".join(folded.translate(_LETTERS).split())
    for sign, put in _ALIKE:
        said = sign.sub(put, said)
    return " ".join(said.split())
