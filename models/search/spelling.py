"""Words with a typing error: what a question may mean by a word that no text has.

Every word one slip away (a letter too few, too many, another, or two that changed places) is looked up in the index, as
any word is: four in five misspelt words are one slip away (Damerau, A technique for computer detection and correction
of spelling errors, 1964). Only a word that is in no text at all is taken for another one: what the store has may be a
name. Codes, numbers and what was quoted never are anything but what is written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import groupby
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from models.search.analysis import Term, exact, term, words
from models.search.lexical import Hashes, Sought, numbers

WORDS = 3
"""Of a question at most so many words are taken for others, the longest first: each is hundreds of look-ups."""
MEANT = 3
"""At most so many words are what one may mean, the commonest of them."""
SURE = 0.7
"""What a word counts that was only meant."""
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "אבגדהוזחטיכלמנסעפצקרשת", "ءابتثجحخدذرزسشصضطظعغفقكلمنهوي")
_OPTIONAL = {_ALPHABETS[1]: "וי"}
"""Letters that short words, too, are written with or without."""
_ACCENTED = dict(zip("aeiouàèéìòù", ("à", "èé", "ì", "ò", "ù", "a", "eé", "eè", "i", "o", "u"), strict=True))
_SHORTEST, _MISSPELT, _CHANGED, _STEM, _LONGEST = 4, 5, 6, 7, 24
"""Letters of a word that is looked into at all, that may be misspelt, in which a letter may be another one, and of a
stem that stands for a word: of shorter ones, such slips make other words."""

Frequencies = NDArray[np.int64]
Count = Callable[[Sought], Frequencies]
"""In how many texts each word is."""


def spelt(text: str, asked: Sought, count: Count, known: Count | None = None) -> tuple[Sought, Frequencies]:
    """What ``text`` looks for, with what may be meant in place of words that are nowhere; and how often each word of
    it is there. ``known`` tells how often a word is in other texts, where it is as it should be."""
    frequencies = count(asked)
    there = asked.of_terms(np.maximum, frequencies)
    if known is not None and not there.all():
        there = np.maximum(there, asked.of_terms(np.maximum, known(asked)))
    lacking = np.flatnonzero(there == 0).tolist()
    if lacking:
        literal = {word for phrase in exact(text) for whole in phrase for word in words(whole)}
        lacking = [at for at in lacking if literal.isdisjoint(asked.written[at])]
        lacking.sort(key=lambda at: -max(map(len, asked.written[at])))
    meant = _meant({at: asked.written[at] for at in lacking[:WORDS]}, count)
    if not meant:
        return asked, frequencies
    instead = asked.instead(meant, SURE)
    return instead, count(instead)


def _meant(lacking: Mapping[int, Term], count: Count) -> dict[int, Term]:
    """All forms of the words that may be meant by each word: of its own forms the longest that leads to any decides."""
    forms = {at: sorted(_looked_into(written), key=len, reverse=True) for at, written in lacking.items()}
    every = [slips(form).hashes for each in forms.values() for form in each]
    if not every:
        return {}
    hashes = np.unique(np.concatenate(every))
    times = count(Sought(hashes, ()))
    there = dict(zip(hashes[times > 0].tolist(), times[times > 0].tolist(), strict=True))
    return {at: found for at, each in forms.items() if (found := _commonest(each, there))} if there else {}


def _commonest(forms: Sequence[str], there: Mapping[int, int]) -> Term:
    for _, several in groupby(forms, key=len):
        known: dict[bytes, int] = {}
        for one in map(slips, several):
            at = np.flatnonzero(np.isin(one.hashes, np.fromiter(there, np.uint32, len(there)))).tolist()
            known |= {one.words[place]: there[int(one.hashes[place])] for place in at}
        first = sorted(known, key=lambda word: (-known[word], word))[:MEANT]
        if first:
            return tuple(sorted({form for word in first for form in term(word.decode())}))
    return ()


def _looked_into(written: Term) -> Iterator[str]:
    """The word, and it without what may be added to it."""
    longest = max(map(len, written))
    for form in written:
        least = _STEM if form[0] in _ALPHABETS[0] and len(form) < longest else _SHORTEST
        if form.isalpha() and least <= len(form) <= _LONGEST:
            yield form


class Slips(NamedTuple):
    """Words, in UTF-8, and their numbers."""

    words: list[bytes]
    hashes: Hashes


@lru_cache(maxsize=512)
def slips(word: str) -> Slips:
    """The words one slip away from ``word``; those that it may well be, since with few letters there are many."""
    alphabet = next((each for each in _ALPHABETS if not set(each).isdisjoint(word)), "")
    usual = alphabet if len(word) >= _MISSPELT else _OPTIONAL.get(alphabet, "")
    found = dict.fromkeys(each for each in _slips(word, alphabet, usual) if each != word)
    words = [each.encode() for each in found]
    return Slips(words, numbers(words))


def _slips(word: str, alphabet: str, usual: str) -> Iterator[str]:
    """The first letter is right, or is the second: who begins a word is still careful."""
    for at in range(1, len(word) + 1):
        head, letter, rest = word[:at], word[at : at + 1], word[at + 1 :]
        yield from [head + more + letter + rest for more in usual]
        if letter in usual:
            yield head + rest
        if len(word) >= _CHANGED:
            yield from [head + other + rest for other in alphabet]
        yield from [head + other + rest for other in _ACCENTED.get(letter, "")]
        if len(word) >= _MISSPELT:
            yield head[:-1] + letter + head[-1] + rest
