"""What an encoder says of any text of a language, whatever it is about: told by a few sentences of our own.

A small company's few texts do not say what all texts have in common: of one text the mean is that text. So each process
encodes these sentences when it makes an encoder, as questions and as passages, and the middle of a small crowd
(``models.search.centre``) is drawn towards them. The sentences say the same in every language, so that languages differ
in nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from models.search.pool import Space, Vector

SENTENCES: Mapping[str, Sequence[str]] = {
    "en": (
        "How do I get a new badge?",
        "Where do I find the forms for travel expenses?",
        "Who can help me with my computer?",
        "When is the next meeting of our team?",
    ),
    "it": (
        "Come ottengo un nuovo badge?",
        "Dove trovo i moduli per le spese di viaggio?",
        "Chi può aiutarmi con il mio computer?",
        "Quando è la prossima riunione del nostro gruppo?",
    ),
    "he": (
        "איך מקבלים תג עובד חדש?",
        "איפה נמצאים הטפסים להוצאות נסיעה?",
        "מי יכול לעזור לי עם המחשב?",
        "מתי הישיבה הבאה של הצוות שלנו?",
    ),
    "ar": (
        "كيف أحصل على بطاقة جديدة؟",
        "أين أجد نماذج نفقات السفر؟",
        "من يستطيع مساعدتي في حاسوبي؟",
        "متى الاجتماع القادم لفريقنا؟",
    ),
}
"""By language."""
TEXTS = 2 * sum(map(len, SENTENCES.values()))
"""So many texts an encoder is given."""
Encode = Callable[[Sequence[str]], NDArray[np.float32]]
"""A row for each text."""


class Usual:
    """The middle of any language, and that of all of them."""

    def __init__(self, encode: Encode) -> None:
        rows = encode([sentence for sentences in SENTENCES.values() for sentence in sentences])
        parts = rows.reshape(len(SENTENCES), -1, rows.shape[1]).mean(axis=1)
        self._of: dict[str, Vector] = dict(zip(SENTENCES, parts, strict=True))
        self.whole: Vector = parts.mean(axis=0)

    def of(self, language: str) -> Vector:
        """That of a language; that of all where there are no sentences in it."""
        return self._of.get(language, self.whole)


@dataclass(frozen=True)
class Background:
    """What is usual in what is encoded as questions are, titles among it, and in passages."""

    questions: Usual
    passages: Usual


_known: dict[Space, Background] = {}


def learn(space: Space, queries: Encode, passages: Encode) -> None:
    """Ask the encoder of a space; what it raises is raised."""
    _known[space] = Background(Usual(queries), Usual(passages))


def known(space: Space) -> Background | None:
    """What is usual in a space; nothing where this process never had its encoder."""
    return _known.get(space)
