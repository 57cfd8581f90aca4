"""Entries that seem to say the same as another one: found by the search, then measured by the words that they share."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from models.knowledge import Entry
from models.search.analysis import plain, terms
from models.search.find import matches

SAME = 0.55  # share of their words that two texts have in common (Dice) from which they seem to say the same
SAME_TITLE = 0.35  # the same where one title says what the other does
_BEGINNING = 600  # characters of a text that are looked for: what comes later repeats its subject
_CANDIDATES = 8
_FEWEST = 4  # words: what is shorter is alike by chance
_LONGEST = 20_000  # characters of a text that are compared


def near(session: Session, entry: Entry, held: Sequence[str]) -> list[tuple[Entry, float]]:
    """Current entries that seem to say what ``entry`` says, of those that a holder of ``held`` may read; how alike they
    are (0 to 1), most alike first."""
    text = f"{entry.title}\n{plain(entry.body)[:_BEGINNING]}"
    found = [*matches(session, text, entry.language, held, _CANDIDATES),
             *matches(session, entry.title, entry.language, held, _CANDIDATES)]  # fmt: skip
    ids = dict.fromkeys(match.entry_id for match in found if match.entry_id != entry.id)
    others = (session.get_one(Entry, id) for id in ids)
    alike = [(other, share) for other in others if (share := likeness(entry, other)) > 0]
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
