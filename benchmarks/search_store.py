"""A store of any size: entries of 100 to 300 words that are really used, as often as they are, in four languages.

Words and how often each is used come from texts: those of the demo company, or ``entries.jsonl`` files of the folders
that are named. As in a company, some entries hold codes that no other has, sixteen in a hundred are for one department,
place or project, and one in a thousand is for a small group. Vectors are drawn: around one of some thousand subjects,
nearer to each other the nearer their subjects are, each language a little apart from the others. A title has a vector
of its own, as an encoder gives it one.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg
from numpy.typing import NDArray

from handlers.demo import company
from models.base import now

SPACE = "drawn-1"
DIMENSIONS = 384
SUBJECTS = 4000
LANGUAGES = ("en", "it", "he", "ar")
RARE = "group:rare"
_CHUNK = 10_000
_LEXICON = 60_000  # words of a language; where the texts have fewer, theirs are joined, as German or product names are


@dataclass(frozen=True)
class Words:
    """The words of a language, and at what share of all each begins (0 to 1), commonest first."""

    words: Sequence[str]
    shares: NDArray[np.float64]

    def some(self, chance: np.random.Generator, count: int) -> list[str]:
        """So many words, as often as they are used."""
        return [self.words[at] for at in np.searchsorted(self.shares, chance.random(count)).tolist()]


def lexicon(folders: Sequence[Path]) -> dict[str, Words]:
    """The words of each language. The commonest are as common as in the texts, the rest follow Zipf's law."""
    counts: dict[str, Counter[str]] = {language: Counter() for language in LANGUAGES}
    for language, text in _texts(folders):
        if language in counts:
            counts[language].update(text.split())
    return {language: _words(found) for language, found in counts.items()}


def _texts(folders: Sequence[Path]) -> Iterator[tuple[str, str]]:
    for entry in company.load(today=now().date()).entries:
        yield entry.language, f"{entry.title} {entry.body}"
    for folder in folders:
        for file in sorted(folder.rglob("entries.jsonl")):
            for line in file.read_text().splitlines():
                entry_of = json.loads(line)
                yield entry_of["language"], f"{entry_of['title']} {entry_of['text']}"


def _words(counts: Counter[str]) -> Words:
    words = [word for word, _ in counts.most_common(_LEXICON)]
    often = [float(count) for _, count in counts.most_common(_LEXICON)]
    chance = np.random.default_rng(len(words))
    known = len(words)
    while len(words) < _LEXICON:
        words.append("".join(words[at] for at in chance.integers(0, known, 2)))
        often.append(often[known - 1] * known / len(words))
    shares = np.cumsum(often)
    return Words(words, shares / shares[-1])


@dataclass(frozen=True)
class Subjects:
    """What vectors are drawn around."""

    centres: NDArray[np.float32]
    languages: NDArray[np.float32]

    def draw(self, chance: np.random.Generator, subjects: NDArray[np.int64], languages: NDArray[np.int64]
             ) -> NDArray[np.float32]:  # fmt: skip
        """A vector for each."""
        noise = chance.standard_normal((len(subjects), DIMENSIONS)).astype(np.float32)
        vectors = self.centres[subjects] + self.languages[languages] + 0.7 * noise / np.sqrt(np.float32(DIMENSIONS))
        return near(vectors, 0.0, chance)


def near(vectors: NDArray[np.float32], by: float, chance: np.random.Generator) -> NDArray[np.float32]:
    """The same vectors moved ``by`` so much in a direction of their own, of unit length."""
    noise = chance.standard_normal(vectors.shape).astype(np.float32) / np.sqrt(np.float32(vectors.shape[-1]))
    moved = vectors + np.float32(by) * noise
    unit: NDArray[np.float32] = moved / np.linalg.norm(moved, axis=-1, keepdims=True)
    return unit


def subjects() -> Subjects:
    """The same always."""
    chance = np.random.default_rng(5)
    common = chance.standard_normal(DIMENSIONS)
    areas = chance.standard_normal((64, DIMENSIONS))
    centres = areas[chance.integers(0, 64, SUBJECTS)] + chance.standard_normal((SUBJECTS, DIMENSIONS))
    own = 0.5 * chance.standard_normal((len(LANGUAGES), DIMENSIONS))
    scale = np.sqrt(DIMENSIONS)
    return Subjects(((centres + 2 * common) / scale).astype(np.float32), (own / scale).astype(np.float32))


def fill(url: str, count: int, words: dict[str, Words]) -> None:
    """Write ``count`` entries of one passage each, with their vectors."""
    with psycopg.connect(url.replace("+psycopg", "", 1)) as connection:
        connection.execute("set session_replication_role = replica")  # no triggers: nobody follows yet
        for start in range(0, count, _CHUNK):
            _write(connection, start, min(_CHUNK, count - start), words)
            connection.commit()
        for table in ("entry", "passage"):
            connection.execute(f"select setval(pg_get_serial_sequence('{table}', 'id'), {count})")
        connection.commit()
        connection.autocommit = True
        connection.execute("vacuum analyze")


def _write(connection: psycopg.Connection, start: int, count: int, words: dict[str, Words]) -> None:
    chance = np.random.default_rng(start + 17)
    languages = chance.integers(0, len(LANGUAGES), count)
    drawn = subjects().draw(chance, chance.integers(0, SUBJECTS, count), languages)
    vectors, titles = drawn.astype("<f2"), near(drawn, 0.4, chance).astype("<f2")
    rows: list[tuple[int, str, str, str, list[str]]] = []
    for at, number in enumerate(languages.tolist()):
        of = words[LANGUAGES[number]]
        body = of.some(chance, int(chance.integers(100, 301)))
        if chance.random() < 0.1:
            body.insert(3, f"REF-{start + at + 1}")
        rows.append(
            (start + at + 1, " ".join(of.some(chance, 6)), " ".join(body), LANGUAGES[number], _audience(chance))
        )
    cursor = connection.cursor()
    with cursor.copy("copy entry (id, title, body, language, state, audience, tags, revision, created_at, changed_at)"
                     " from stdin") as copy:  # fmt: skip
        moment = now()
        for id, title, _body, language, audience in rows:  # the body is not searched: it is not kept twice
            copy.write_row((id, title, "", language, "current", audience, [], 1, moment, moment))
    with cursor.copy(
        "copy passage (id, entry_id, position, anchor, heading, text, language, audience) from stdin"
    ) as copy:
        for id, _title, text, language, audience in rows:
            copy.write_row((id, id, 0, "", "", text, language, audience))
    with cursor.copy("copy vector (kind, ref_id, space, digest, value) from stdin") as copy:
        for (id, *_), vector in zip(rows, vectors, strict=True):
            copy.write_row(("passage", id, SPACE, b"", vector.tobytes()))
        for (id, *_), vector in zip(rows, titles, strict=True):
            copy.write_row(("title", id, SPACE, b"", vector.tobytes()))


def _audience(chance: np.random.Generator) -> list[str]:
    luck = chance.random()
    if luck < 0.001:
        return [RARE]
    if luck < 0.16:
        return [f"{chance.choice(['department', 'place', 'group'])}:{chance.integers(0, 100)}"]
    return ["everyone"]
