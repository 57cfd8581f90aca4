"""From text to the words that are indexed and looked for, per language. The same on both sides, so that they meet.

A *term* is one word of the text with its alternatives: stems, and for Hebrew and Arabic the word without its particles
and endings. Two texts share a word when any alternative is the same.
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
_MARK = re.compile(r"[*`#|>~_<]")  # most texts have none, and this tells in a quarter of the time
_MARKS = re.compile("[\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0640\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_ARABIC = str.maketrans({"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ؤ": "و", "ئ": "ي", "ة": "ه"})
_FINALS = str.maketrans("ךםןףץ", "כמנפצ")
_PREFIXES = "והבלמשכ"
_ENDINGS = ("ימ", "ות", "יות", "ית", "ה", "ת")
# The light stemming of Larkey, Ballesteros and Connell (2002), "light10", beside Snowball's.
_ARTICLES = ("وال", "بال", "كال", "فال", "ولل", "لل", "ال", "و")
_PARTICLES = "وفبكلس"
_SUFFIXES = ("ها", "ان", "ات", "ون", "ين", "يه", "ه", "ي")
_QUOTED = re.compile(
    r"""(?<!\w)(?:"([^"\n]{2,80})"|“([^”\n]{2,80})”|«([^»\n]{2,80})»|״([^״\n]{2,80})״)(?!\w)|`([^`\n]{2,80})`"""
)
_CODE = re.compile(r"(?=.*[^\W\d_])(?=.*\d)(?=.{3}).*|\w+(?:_\w+)+")
_SNOWBALL = {"en": "english", "it": "italian", "ar": "arabic"}
_local = threading.local()

Term = tuple[str, ...]


def normalise(text: str) -> str:
    """One form for what is written in many: compatibility forms, case, marks, hamza and final letters."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return _MARKS.sub("", folded).translate(_ARABIC).translate(_FINALS)


def plain(markdown: str) -> str:
    """The words of a Markdown text without addresses and marks: what is worth indexing."""
    if "](" in markdown or "://" in markdown:
        markdown = _ADDRESS.sub(r"\1", markdown)
    return _MARKUP.sub(" ", markdown) if _MARK.search(markdown) else markdown


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
        found.update(_arabic(word))
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


@lru_cache(maxsize=256)
def exact(text: str) -> tuple[tuple[str, ...], ...]:
    """What must be found as it is written: quoted phrases, and codes such as ``ERR-4012``. Each as its normalised
    words in order."""
    quoted = [next(filter(None, match.groups())) for match in _QUOTED.finditer(text)]
    codes = [match.group() for match in _WORD.finditer(normalise(text)) if _CODE.fullmatch(match.group())]
    phrases = [tuple(match.group() for match in _WORD.finditer(normalise(each))) for each in (*quoted, *codes)]
    return tuple(dict.fromkeys(phrase for phrase in phrases if phrase))


def has_phrase(phrase: tuple[str, ...], text: str) -> bool:
    """Whether a text holds the words of ``phrase`` side by side."""
    return f" {' '.join(phrase)} " in f" {' '.join(match.group() for match in _WORD.finditer(normalise(text)))} "


def _hebrew(word: str) -> Iterator[str]:
    """The word without up to three prefix particles, each of these with and without one of the common endings."""
    bare = [word]
    while len(bare) <= 3 and len(bare[-1]) > 3 and bare[-1][0] in _PREFIXES:
        bare.append(bare[-1][1:])
    for one in bare:
        yield one
        yield _without(one, _ENDINGS)


def _arabic(word: str) -> Iterator[str]:
    """Snowball's stem, the lighter one without article and endings, and that without one prefix particle."""
    yield _stem("ar", word)
    article = next((each for each in _ARTICLES if word.startswith(each) and len(word) - len(each) >= 3), "")
    bare = _without(_without(word[len(article) :], _SUFFIXES), _SUFFIXES)
    yield bare
    if bare[0] in _PARTICLES and len(bare) > 3:
        yield bare[1:]


def _without(word: str, endings: tuple[str, ...]) -> str:
    """The word without the first of ``endings`` that it has, where three letters remain."""
    ending = next((each for each in endings if word.endswith(each) and len(word) - len(each) >= 3), "")
    return word[: len(word) - len(ending)]


def _stem(language: str, word: str) -> str:
    stemmers = getattr(_local, "stemmers", None)
    if stemmers is None:  # a stemmer is not safe to share between threads
        stemmers = _local.stemmers = {key: Stemmer.Stemmer(name) for key, name in _SNOWBALL.items()}
    return str(stemmers[language].stemWord(word))
