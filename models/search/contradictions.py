"""Whether two texts that say much the same may contradict each other: a simple rule, which may well be wrong.

Two sentences about the same thing whose numbers or dates differ, or of which one denies: no more is understood. Numbers
in words are not seen.
"""

from __future__ import annotations

import re
import unicodedata

from models.search.analysis import normalise, plain, words
from models.search.near import dice, words_of

_ALIKE = 0.6  # share of the words, without numbers, from which two sentences speak of the same thing
_MOST = 80  # sentences of a text
_ENDS = re.compile(r"(?<=[.!?؟。])\s+|\n+")
_NUMBER = re.compile(r"\d+(?:[.,:/-]\d+)*")
_DENIALS = frozenset(
    normalise(
        "not no never cannot can't don't doesn't isn't aren't won't mustn't without nobody none forbidden prohibited "
        "non mai nessuno nessuna nessun senza né vietato vietata "
        "لا ليس ليست لم لن بدون غير ممنوع يمنع ولا "
        "לא אין אסור בלי ללא מעולם אינו אינה איננו שלא ולא"
    ).split()
)


def contradiction(one: str, other: str) -> tuple[str, str] | None:
    """The two sentences that may contradict each other and are most alike; ``None`` where there are none."""
    best: tuple[float, str, str] | None = None
    told = [(sentence, _about(sentence)) for sentence in _sentences(other)]
    for sentence in _sentences(one):
        about = _about(sentence)
        for against, theirs in told:
            share = dice(about, theirs)
            if share >= _ALIKE and (best is None or share > best[0]) and _differ(sentence, against):
                best = share, sentence, against
    return best[1:] if best else None


def _sentences(text: str) -> list[str]:
    found = (each.strip() for each in _ENDS.split(plain(text[:20_000])))
    return [each for each in found if each][:_MOST]


def _about(sentence: str) -> frozenset[str]:
    """Its words without numbers."""
    return frozenset(word for word in words_of(sentence) if not any(map(str.isdigit, word)))


def _differ(one: str, other: str) -> bool:
    first, second = _numbers(one), _numbers(other)
    return (bool(first and second) and first != second) or _denies(one) != _denies(other)


def _numbers(text: str) -> frozenset[str]:
    """Its numbers and dates, whichever digits they are written in."""
    western = "".join(str(unicodedata.digit(each)) if each.isdecimal() else each for each in text)
    return frozenset(_NUMBER.findall(western))


def _denies(sentence: str) -> bool:
    return sum(word in _DENIALS for word in words(sentence)) % 2 == 1
