"""Finding what may be said, and to whom: openly what everybody there may read, the rest to the asker alone."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from bot import metrics
from bot.turn import Turn
from models import access
from models.announcements.questions import like
from models.questions import CLOSED, JOINED, MERGED, OPEN, Question
from models.search.asking import gist, sought
from models.search.find import GOOD_ENOUGH, MAYBE, Hit, Match, asked_before, matches, opened
from models.servings import serve, served

SHOWN = 3
ALIKE = 0.8  # by words alone, an earlier question is offered when it covers this share of the new one
_LOOKED_AT = 12
_BEHIND = 0.4  # of the best score: what is further behind only makes the answer longer
_HINT = 0.25  # enough to guess the topic, not enough to answer


@dataclass(frozen=True)
class Found:
    """What was found: to be shown openly, to be shown to the asker alone, an earlier question, and the likely topic.
    Not ``sure``: the best there is, to be shown with doubt."""

    openly: tuple[Hit, ...]
    alone: tuple[Hit, ...]
    before: Question | None
    topic_id: int | None
    sure: bool
    shown: frozenset[int]
    """The entries that were shown for the question before."""
    repeats_id: int | None = None
    """The first of those that asked the same before it."""

    @property
    def anything(self) -> bool:
        """Whether there is anything to show."""
        return bool(self.openly or self.alone or self.before)


def look(turn: Turn, question: Question) -> Found:
    """Search for ``question`` as its asker; what was called not meant is left out."""
    started = time.perf_counter()
    found = _matches(turn, question)
    metrics.searched(time.perf_counter() - started)
    servings = served(turn.session, question)
    dismissed = {serving.entry_id for serving in servings if serving.helped is False}
    found = [one for one in found if one.entry_id not in dismissed]
    near = found[0].score - _BEHIND * abs(found[0].score) if found else 0.0
    good = [one for one in found if one.confidence >= GOOD_ENOUGH and one.score >= near]
    sure = bool(good)
    good = good or [one for one in found[:1] if one.confidence >= MAYBE]
    hits = opened(turn.session, good[:SHOWN])
    hits = [hit for hit in hits if access.may(turn.session, question.asker, "read", hit.entry)]
    open_keys = set(access.keys_in(turn.session, question.place))
    openly = tuple(hit for hit in hits if open_keys & set(hit.entry.audience))
    alone = tuple(hit for hit in hits if not open_keys & set(hit.entry.audience))
    alike, shown = _alike(turn, question, sorted(open_keys)), frozenset(serving.entry_id for serving in servings)
    before = next((each for each in alike if worth_joining(each, question)), None)
    repeats = _asked_of_author(turn, question) if question.announcement_id else _repeats(alike, question)
    return Found(openly, alone, before, _topic(question, found), sure, shown, repeats)


def remember(turn: Turn, question: Question, found: Found) -> None:
    """Remember what is shown for ``question``."""
    position = len(found.shown)
    for hit in (*found.openly, *found.alone):
        if hit.entry.id not in found.shown:
            position += 1
            serve(turn.session, question, hit.entry, position, hit.confidence, hit.likely)


def continues(turn: Turn, question: Question, text: str) -> bool:
    """Whether ``text`` says something only together with ``question``: alone it finds nothing, together it does."""
    language = question.language
    text = sought(text)
    alone = matches(turn.session, text, language, turn.keys, 1, turn.vectors(text))
    if alone and alone[0].confidence >= GOOD_ENOUGH:
        return False
    whole = f"{gist(question.whole)}\n{text}"
    together = matches(turn.session, whole, language, turn.keys, 1, turn.vectors(whole))
    return bool(together) and together[0].confidence >= GOOD_ENOUGH


def _matches(turn: Turn, question: Question) -> list[Match]:
    """What was added in the thread is looked for together with the question, and alone where that finds nothing."""
    held, whole = access.keys_of(turn.session, question.asker), gist(question.whole)
    found = matches(turn.session, whole, question.language, held, _LOOKED_AT, turn.vectors(whole))
    if question.more and not any(one.confidence >= GOOD_ENOUGH for one in found):
        said = gist(question.more[-1])
        alone = matches(turn.session, said, question.language, held, _LOOKED_AT, turn.vectors(said))
        return alone if any(one.confidence >= GOOD_ENOUGH for one in alone) else found
    return found


def _alike(turn: Turn, question: Question, open_keys: Sequence[str]) -> list[Question]:
    """Earlier questions in other threads that everybody here may read."""
    text, but = gist(question.text), question.id or 0
    vectors = turn.vectors(text)
    least = GOOD_ENOUGH if vectors else ALIKE
    found = asked_before(turn.session, text, open_keys, but, least=least, vectors=vectors)
    return [asked.question for asked in found if not _same_thread(asked.question, question)]


def worth_joining(earlier: Question, question: Question) -> bool:
    """Whether ``earlier`` is another thread, and led somewhere or still may."""
    return not _same_thread(earlier, question) and earlier.state not in (OPEN, JOINED, MERGED, CLOSED)


def _same_thread(earlier: Question, question: Question) -> bool:
    return earlier.place_id == question.place_id and earlier.thread == question.thread


def _repeats(alike: Sequence[Question], question: Question) -> int | None:
    """Which one was first: they are in one row, however many ask."""
    first = next((each.repeats_id or each.id for each in alike if each.state != MERGED), None)
    return None if first == question.id else first


def _asked_of_author(turn: Turn, question: Question) -> int | None:
    """Which one was first of those that ask the same about the announcement, in whatever chats."""
    if question.repeats_id is not None or question.announcement_id is None:
        return question.repeats_id
    text = gist(question.text)
    first = like(turn.session, question, text, turn.vectors(text))
    return None if first == question.id else first


def _topic(question: Question, found: Sequence[Match]) -> int | None:
    for one in found:
        if one.confidence >= _HINT and one.topic_id is not None:
            return one.topic_id
    return question.place.topic_id
