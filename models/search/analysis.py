"""From text to the words that are indexed and looked for, per language. The same on both sides, so that they meet.

A *term* is one word of the text with its alternatives: stems, and for Hebrew the word without its prefix particle. Two
texts share a word when any alternative is the same.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

import Stemmer

from models.search.stopwords import STOPWORDS

MAX_TERMS = 20_000
_SHORT = 500  # characters
_WORD = re.compile(r"[\w]+(?:[.\-_/'’׳״@#+][\w]+)*[#+]*")
_INNER = re.compile(r"[^\W_]+")
_ADDRESS = re.compile(r"!?\[([^\]]*)\]\([^)]*\)|<?https?://\S+")
_MARKUP = re.compile(r"[*`#|>~]+|(?<!\w)_+|_+(?!\w)|<[^>\n]{1,200}>")
_MARKS = re.compile("[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ؤ": "و", "ئ": "ي", "ة": "ه"})
_FINALS = str.maketrans("ךםןףץ", "כמנפצ")
_PREFIXES = "והבלמשכ"
_SNOWBALL = {"en": "english", "it": "italian", "ar": "arabic"}
_local = threading.local()

Term = tuple[str, ...]


def normalise(text: str) -> str:
    """One form for what is written in many: compatibility forms, case, marks, hamza and final letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub("", folded).translate(_ARABIC).translate(_FINALS)


def plain(markdown: str) -> str:
    """The words of a Markdown text without addresses and marks: what is worth indexing."""
    return _MARKUP.sub(" ", _ADDRESS.sub(r"\1", markdown))


def words(text: str) -> Iterator[str]:
    """The words of a text in their one form; a compound (``ERR-4012``, ``e-mail``) whole and then in its parts."""
    for match in _WORD.finditer(normalise(text)):
        whole = match.group()[:64]
        yield whole
        parts = _INNER.findall(whole)
        if len(parts) > 1:
            yield from parts


def is_stopword(word: str) -> bool:
    """Whether the word says nothing in any of the four languages."""
    return word in STOPWORDS


@lru_cache(maxsize=32_768)
def term(word: str) -> Term:
    """The alternatives under which a normalised word is indexed and looked for."""
    found = {word}
    if "\u0590" <= word[0] <= "\u05ff":
        found.update(_hebrew(word))
    elif "\u0600" <= word[0] <= "\u06ff":
        found.add(_stem("ar", word))
    elif word.isalpha():
        found.update((_stem("en", word), _stem("it", word)))
    return tuple(sorted(found))


def terms(text: str) -> list[Term]:
    """The terms of a text in order, without stop words: at most ``MAX_TERMS``."""
    return list(_short(text)) if len(text) <= _SHORT else _terms(text)


@lru_cache(maxsize=512)
def _short(text: str) -> tuple[Term, ...]:
    """A question is analysed to be kept, to be answered, and to be compared with others."""
    return tuple(_terms(text))


def _terms(text: str) -> list[Term]:
    found: list[Term] = []
    for word in words(text):
        if not is_stopword(word) and (len(word) > 1 or word.isdigit()):
            found.append(term(word))
            if len(found) >= MAX_TERMS:
                break
    return found


def _hebrew(word: str) -> Iterator[str]:
    """The word without one or two prefix particles, and without the commonest plural and feminine endings."""
    bare = word
    for _ in range(2):
        if len(bare) > 3 and bare[0] in _PREFIXES:
            bare = bare[1:]
            yield bare
    for ending in ("ימ", "ות", "ית", "ה", "ת"):
        if bare.endswith(ending) and len(bare) - len(ending) >= 3:
            yield bare[: -len(ending)]
            break


def _stem(language: str, word: str) -> str:
    stemmers = getattr(_local, "stemmers", None)
    if stemmers is None:  # a stemmer is not safe to share between threads
        stemmers = _local.stemmers = {key: Stemmer.Stemmer(name) for key, name in _SNOWBALL.items()}
    return str(stemmers[language].stemWord(word))
