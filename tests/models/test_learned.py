"""What the votes of a company say of confidences."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import text as sql

from models import base
from models.base import reading, transaction
from models.knowledge import Entry
from models.people import Person
from models.places import PRIVATE, Place
from models.questions import Question
from models.search import learned
from models.search.calibrate import Calibration
from models.servings import Serving


@pytest.fixture(autouse=True)
def shown(database: str) -> Iterator[None]:
    """Forty entries were shown for a question, each as sure to help; nobody has said yet whether it did."""
    base.connect(database, pool=2)
    with transaction() as session:
        place = Place(platform="web", installation="x", key="dm", kind=PRIVATE, name="x", closed=True)
        asked = Question(asker=Person(handle="mona", name="Mona"), place=place, text="?", language="en", audience=[])
        session.add(asked)
        for number in range(40):
            entry = Entry(title=str(number), body="", language="en", audience=["everyone"])
            session.add(entry)
            session.flush()
            likely = 0.8 if number % 2 else None  # words decided alone: that says nothing of probabilities
            session.add(Serving(question_id=asked.id, entry_id=entry.id, revision=1, position=1, confidence=0.8,
                                likely=likely))  # fmt: skip
    yield
    base.disconnect()


def corrected(monkeypatch: pytest.MonkeyPatch) -> float:
    monkeypatch.setattr(learned, "_EVERY", 0.0)
    with reading() as session:
        return float(learned.calibration(session)(np.array([0.8]))[0])


def vote(helped: bool, where: str) -> None:
    with transaction() as session:
        session.execute(sql(f"update serving set helped = :helped where {where}"), {"helped": helped})


def test_votes_move_the_confidence_of_what_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    assert corrected(monkeypatch) == pytest.approx(0.8)
    vote(False, "likely is null")
    assert corrected(monkeypatch) == pytest.approx(0.8)
    vote(False, "likely is not null")
    assert corrected(monkeypatch) < 0.5
    vote(True, "likely is not null")
    assert corrected(monkeypatch) > 0.8


def test_it_is_read_again_after_a_while_and_not_for_every_question() -> None:
    with reading() as session:
        known = learned.calibration(session)
    vote(False, "likely is not null")
    with reading() as session:
        assert learned.calibration(session) is known
    assert known == Calibration()
