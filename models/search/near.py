"""Entries that seem to say the same as another one: found by the search, then measured by the words that they share, or
by their meaning where they are in one language. What says the same in another language is a translation."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models.knowledge import Entry
from models.search import meaning
from models.search.analysis import plain, terms
from models.search.find import matches
from models.search.follow import follower

SAME = 0.55  # share of their words that two texts have in common (Dice) from which they seem to say the same
SAME_TITLE = 0.35  # the same where one title says what the other does
SAME_MEANING = 0.6
"""So near title and text must be that have other words: of 9,000 pairs of entries of one language in the sets of
docs/benchmarks.md the only one above it does say the same twice, and of entries and their translations half are."""
_BEGINNING = 600  # characters of a text that are looked for: what comes later repeats its subject
_CANDIDATES = 8
_FEWEST = 4  # words: what is shorter is alike by chance
_LONGEST = 20_000  # characters of a text that are compared


def near(session: Session, entry: Entry, held: Sequence[str]) -> list[tuple[Entry, float]]:
    """Current entries that seem to say what ``entry`` says, of those that a holder of ``held`` may read; how alike they
    are (0 to 1), most alike first."""
    mine = meaning.kept(session, [entry.id])[entry.id]
    text = f"{entry.title}\n{plain(entry.body)[:_BEGINNING]}"
    found = [*matches(session, text, entry.language, held, _CANDIDATES),
             *matches(session, entry.title, entry.language, held, _CANDIDATES, meaning.titles(mine))]  # fmt: skip
    ids = dict.fromkeys(match.entry_id for match in found if match.entry_id != entry.id)
    kept = meaning.kept(session, ids) if ids and mine else {}
    alike = []
    for other in (session.get_one(Entry, id) for id in ids):
        share = likeness(entry, other)
        if kept and entry.language == other.language:
            near = meaning.nearness(follower().index, entry.language, mine, kept[other.id])
            share = max(share, near if near >= SAME_MEANING else 0.0)
        if share > 0:
            alike.append((other, share))
    return sorted(alike, key=lambda pair: (-pair[1], pair[0].id))


def likeness(one: Entry, other: Entry) -> float:
    """How much of their words two entries share (0 to 1); 0 where that is not enough to say the same."""
    first, second = words_of(f"{one.title}\n{one.body}"), words_of(f"{other.title}\n{other.body}")
    if min(len(first), len(second)) < _FEWEST:
        return 0.0
    share = dice(first, second)
    titled = dice(words_of(one.title), words_of(other.title)) > 0.99
    return share if share >= (SAME_TITLE if titled else SAME) else 0.0


def dice(first: frozenset[str], second: frozenset[str]) -> float:
    """Twice what they have in common, of all that both have: Dice's coefficient."""
    return 2 * len(first & second) / max(1, len(first) + len(second))


def words_of(text: str) -> frozenset[str]:
    """The words of a text, each by its shortest form."""
    return frozenset(min(forms, key=lambda form: (len(form), form)) for forms in terms(plain(text[:_LONGEST])))
