"""Whether a sentence that a model wrote is said by the passages that it cites. What is not is never shown.

The rule, within one language: some stretch of at most ``WINDOW`` neighbouring sentences of a cited passage, together
with its title and heading, has every number, name and code of the sentence, the word after each number, and all but
``MISSES`` of its other words; and it denies what the sentence denies, and no more. Across languages words cannot be
compared, and encoders do not tell a translation from its opposite (docs/adr/written-by-models.md): a passage supports
nothing in another language.

Its limits: what a passage says is taken for true; words that mean the same are different words, so good sentences are
dropped; numbers in words are words; who does what to whom within such a stretch is not checked.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from bot.ai.opposites import denies, turned_round
from models.search.analysis import normalise, plain, terms

WINDOW = 3  # sentences
MISSES = 0.2  # of the words of a sentence, rounded down
LONGEST = 400  # characters of a sentence

_END = re.compile(r"(?<=[.!?؟。])[\s\u200e\u200f]+|\n+")
_NUMBER = re.compile(r"\d+(?:[.,:/'’\u066b\u066c-]\d+)*")
_GROUPS = re.compile(r"\d{1,3}(?:[.,'’\u066c]\d{3})+")
_UNIT = re.compile(r"(\d)[\W_]*([^\W\d_]+|[%€$£₪])")
_CODE = re.compile(r"(?=\S*[^\W\d_])(?=\S*[\d_/\\])[\w./\\#+-]{2,}|\b[A-Z]{2,}\b|\b\w+[a-z][A-Z]\w*")
_NAME = re.compile(r"(?<=[^\W_][,;:]\s|[^\W_]{2}\s)[A-ZÀ-Þ][\w'’-]+|(?<=[^\W_])-[A-ZÀ-Þ][\w'’-]+")
_ALIVE = re.compile(
    r"://|\bwww\.|\bmailto:|\btel:|\w@\w|(?:^|[\s(])@\w|\]\(|!\[|<[^\s\d]|&\w+;|`|\{\{"
    r"|(?<![a-z0-9-])[a-z0-9-]+\."  # begun once in a run of them
    r"(?!(?:pdf|docx?|xlsx?|csv|txt|md|pptx?|py|sh|log|json|ya?ml|zip|png|jpe?g|exe|ini|conf|sql|html?)\b)"
    r"[a-z]{2,}(?:/|\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Source:
    """A passage: what it stands under, what it says (Markdown), and in which language."""

    title: str
    text: str
    language: str

    @cached_property
    def stretches(self) -> list[_Stretch]:
        """Every sentence, and every few that follow one another."""
        said = [part for part in _END.split(plain(self.text)) if part.strip()]
        starts = range(len(said))
        return [
            _Stretch(self.title, tuple(said[i : i + n])) for n in range(1, WINDOW + 1) for i in starts[: -n + 1 or None]
        ]


@dataclass(frozen=True)
class _Stretch:
    title: str
    sentences: tuple[str, ...]

    @cached_property
    def text(self) -> str:
        return " ".join((self.title, *self.sentences))

    @cached_property
    def words(self) -> frozenset[str]:
        return frozenset(word for alternatives in terms(self.text) for word in alternatives)

    @cached_property
    def numbers(self) -> frozenset[str]:
        return frozenset(numbers(self.text))

    @cached_property
    def plain(self) -> str:
        return normalise(self.text)


def sentences(text: str) -> list[str]:
    """A text as its sentences, without characters that cannot be seen."""
    seen = "".join(char if char == "\n" or unicodedata.category(char) not in ("Cc", "Cf", "Co", "Cs") else " "
                   for char in text)  # fmt: skip
    return [" ".join(part.split()) for part in _END.split(seen) if re.search(r"\w", part)]


def is_alive(sentence: str) -> bool:
    """Whether a sentence holds what could be pressed, fetched, or call somebody: links, addresses, mentions, markup."""
    return _ALIVE.search(sentence) is not None


def numbers(text: str) -> list[str]:
    """The numbers of a text, in one form: digits of any script, thousands together, a point before the fraction."""
    ascii_ = "".join(str(unicodedata.decimal(char)) if char.isdecimal() else char for char in text)
    found = []
    for number in _NUMBER.findall(ascii_):
        if _GROUPS.fullmatch(number):
            number = re.sub(r"\D", "", number)
        found.append(re.sub(r"[,\u066b]", ".", number).lstrip("0") or "0")
    return found


def supported(sentence: str, language: str, cited: Sequence[Source]) -> bool:
    """Whether what is cited says ``sentence``, which is in ``language``."""
    if len(sentence) > LONGEST or is_alive(sentence):
        return False
    return _is_said(sentence, [each for source in cited if source.language == language for each in source.stretches])


def drawn_from(title: str, source: Source) -> bool:
    """Whether the words of a title, which is no sentence, are those of ``source``, wherever they stand in it; it denies
    nothing that is not denied there."""
    if len(title) > LONGEST or is_alive(title):
        return False
    whole = _Stretch(source.title, (plain(source.text),))
    words = [word for word in terms(title) if not word[0].isdecimal()]
    missing = sum(whole.words.isdisjoint(word) for word in words)
    return (
        bool(words)
        and _has_facts(title, whole)
        and _units(title) <= _units(whole.text)
        and missing <= int(MISSES * len(words))
        and not (denies(title) and not denies(whole.text))
        and not turned_round(title, whole.text)
    )


def _is_said(sentence: str, stretches: Sequence[_Stretch]) -> bool:
    words = [word for word in terms(sentence) if not word[0].isdecimal()]
    units = _units(sentence)
    return bool(words) and any(
        _has_facts(sentence, one)
        and units <= _units(one.text)
        and sum(one.words.isdisjoint(word) for word in words) <= int(MISSES * len(words))
        and denies(sentence) == denies(_nearest(words, one))
        and not turned_round(sentence, one.text)
        for one in stretches
    )


def _nearest(words: Sequence[tuple[str, ...]], stretch: _Stretch) -> str:
    """The sentences of a stretch that share most with the words: those that could be meant."""

    def shared(said: str) -> int:
        here = {word for alternatives in terms(said) for word in alternatives}
        return sum(not here.isdisjoint(word) for word in words)

    counts = {said: shared(said) for said in stretch.sentences}
    most = max(counts.values())
    return " ".join(said for said, count in counts.items() if count >= most - 1)


def _has_facts(sentence: str, stretch: _Stretch) -> bool:
    """Whether every number, code and name of a sentence is there."""
    exact = _CODE.findall(sentence) + _NAME.findall(sentence)
    return stretch.numbers.issuperset(numbers(sentence)) and all(
        re.search(rf"(?<!\w){re.escape(normalise(each.strip('-./')))}(?!\w)", stretch.plain) for each in exact
    )


def _units(text: str) -> frozenset[str]:
    """The stem of the word after each number: 30 days are not 30 euros."""
    found = (terms(word) for _, word in _UNIT.findall(text))
    return frozenset(each[0][0] if each else "" for each in found) - {""}
