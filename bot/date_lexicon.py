"""What words mean where somebody says when: ``bot.date_words``, the names of days and months, also with what is written
in one word with them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice, product

from babel import Locale

from bot.date_signs import normal
from bot.date_words import DEADLINES, LANGUAGES, WORDS

Token = tuple[str, int]
Meaning = tuple[Token, ...]
_PREFIXES = {"he": ("ב", "ל", "ה", "מ", "ו"), "ar": ("ال", "لل", "بال", "ل", "ب", "وال", "و")}
"""What is written in one word with what follows it."""
_LONGEST = 4  # words
_READINGS = 128  # of one text
_NONE: Mapping[str, Sequence[Meaning]] = {}


def languages(locale: str) -> list[str]:
    """All that are understood, in the order in which they are tried: that of the reader, then English."""
    return list(dict.fromkeys((locale if locale in LANGUAGES else "en", "en", *LANGUAGES)))


def tokens_of(said: str) -> Meaning:
    """What is written as "r0 p20"."""
    return tuple((each[0], int(each[1:] or 0)) for each in said.split())


@cache
def lexicon(code: str) -> dict[str, tuple[Meaning, ...]]:
    """What words of a language can stand for: the likeliest first."""
    found: dict[str, list[Meaning]] = {}
    said = [(phrase, tokens_of(tokens)) for tokens, phrases in WORDS[code].items() for phrase in phrases.split("|")]
    named = [(name, ((letter, number),)) for letter, kind in (("w", "days"), ("m", "months"))
             for name, number in _names(code, kind)]  # fmt: skip
    for phrase, meant in (*said, *named):
        meanings = found.setdefault(normal(phrase), [])
        if meant not in meanings:
            meanings.append(meant)
    return {phrase: tuple(sorted(meanings, key=len, reverse=True)) for phrase, meanings in found.items()}


def meanings(phrase: str, code: str) -> tuple[Meaning, ...]:
    """What ``phrase`` (see ``normal``) can stand for in a language, also with a preposition or an article before it."""
    known = lexicon(code)
    if phrase in known:
        return known[phrase]
    for prefix in _PREFIXES.get(code, ()):
        rest = phrase.removeprefix(prefix)
        if rest != phrase and len(rest) > 1 and rest in known:
            return known[rest]
    return ()


def readings(
    said: str, code: str, written: Callable[[str], list[Meaning]], more: Mapping[str, Sequence[Meaning]] = _NONE
) -> Iterator[list[Token]]:
    """What the words of ``said`` (see ``normal``) can stand for in a language, or in English, each in turn: by the
    lexicon, by ``more`` words, and by what is ``written`` in digits; none where one of them is unknown."""
    words = said.split()
    parts: list[list[Meaning]] = []
    while words:
        for length in range(min(_LONGEST, len(words)), 0, -1):
            phrase = " ".join(words[:length])
            found = [*more.get(phrase, ()), *meanings(phrase, code), *meanings(phrase, "en")]
            if found := found or (written(phrase) if length == 1 else []):
                parts.append(list(dict.fromkeys(found)))
                del words[:length]
                break
        else:
            return
    for chosen in islice(product(*parts), _READINGS):
        yield [token for tokens in chosen for token in tokens]


@cache
def deadlines() -> frozenset[str]:
    """The words, of all languages, after which a limit follows."""
    return frozenset(normal(each) for said in DEADLINES.values() for each in said.split("|"))


def _names(code: str, kind: str) -> list[tuple[str, int]]:
    """The names of weekdays (Monday is 0) or months (January is 1), in full and short, as people write them."""
    found = [(name.rstrip(".׳"), number) for context in ("format", "stand-alone") for width in ("wide", "abbreviated")
             for number, name in getattr(Locale(code), kind)[context][width].items()]  # fmt: skip
    return [*found, *((name.removeprefix("יום "), number) for name, number in found if name.startswith("יום "))]
