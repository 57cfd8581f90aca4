"""Threads in which a question was answered, and which answer was probably the one."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

_THANKS = re.compile(
    r"\b(?:thanks|thank you|thx|that (?:did|worked|works|helps|helped|solved)|works now|perfect|solved"
    r"|grazie|perfetto|funziona|risolto)\b"
    r"|شكر|تمام|نجح|תודה|עובד|הסתדר",
    re.IGNORECASE,
)
_LONG_ENOUGH = 60
"""Words after which more of them make an answer no better."""


@dataclass(frozen=True, slots=True)
class Message:
    """What one person wrote in a thread.

    `account` is their id on the platform; `email`, in lower case, is None where the export has none. `text` is
    Markdown, `at` is UTC. `agreed` are the accounts that reacted with approval, `solved` those that marked it as the
    solution.
    """

    account: str
    author: str
    email: str | None
    text: str
    at: datetime
    agreed: frozenset[str] = frozenset()
    solved: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Thread:
    """A question with the answers of others, in order of time. `best` is an index into `answers`: a guess.

    `key` is the same in every later export. `permalink` completes `https://WORKSPACE.slack.com/archives/`.
    """

    key: str
    channel: str
    permalink: str
    question: Message
    answers: tuple[Message, ...]
    best: int
    language: str


def asks(question: Message, answers: Sequence[Message]) -> bool:
    """Whether a thread is about a question: its first message has a question mark, or an answer was marked as the
    solution."""
    return any(mark in question.text for mark in "?؟") or any(answer.solved for answer in answers)


def best_answer(question: Message, replies: Sequence[Message]) -> int:
    """Which of the replies by others probably answers, as an index among those.

    What the asker marked, approved or thanked for right after it weighs most, then others' approval, then substance.
    """
    scores: list[float] = []
    for reply in replies:
        if reply.account != question.account:
            scores.append(_score(reply, question.account))
        elif scores and _THANKS.search(reply.text):
            scores[-1] += 3
    return scores.index(max(scores))


def _score(answer: Message, asker: str) -> float:
    marked = 4 * bool(answer.solved) + 3 * (asker in answer.solved | answer.agreed) + len(answer.agreed - {asker})
    substance = min(len(answer.text.split()), _LONG_ENOUGH) / _LONG_ENOUGH + ("`" in answer.text or "](" in answer.text)
    return marked + substance - 2 * answer.text.rstrip().endswith(("?", "؟"))
