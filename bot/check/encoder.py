"""Which encoder search has, whether it works, and how far it is."""

from __future__ import annotations

import time
from typing import Any

import psycopg

from bot.ai import choosing
from bot.ai.encoder import UNHURRIED, EncoderFailed
from bot.check.found import Check
from bot.config import Settings

SLOW = 0.3  # seconds: after that a question is searched for by words alone
_NAME = "search encoder"
_FIXES = {
    "missing": "pip install -r requirements.txt. Where that has none for this machine, set OPENAI_EMBEDDING_MODEL. "
    "Without either search goes by words alone.",
    "unreachable": "Correct OPENAI_BASE_URL, or start the server. Until then search goes by words alone.",
    "refused": "Correct OPENAI_API_KEY and OPENAI_EMBEDDING_MODEL. Until then search goes by words alone.",
    "garbage": "OPENAI_EMBEDDING_MODEL has to name a model that encodes texts.",
}
_ELSE = "Look at the server of OPENAI_BASE_URL. Until then search goes by words alone."
_SPACES = """
select key, complete_at is not null as complete, (select count(*) from encoding where space = key) as waiting
from encoder_space order by key
"""


def check_encoder(settings: Settings) -> Check:
    """The encoder of the settings, tried once. One that cannot be had is no fault where nobody chose it."""
    chosen = choosing.encoders(settings).makers
    if not chosen:
        return Check(_NAME, False, "OPENAI_EMBEDDING_MODEL is set, and there is no key", "Set OPENAI_API_KEY.")
    by_choice = settings.openai_embedding_model is not None
    try:
        encoder = chosen[0].make()
        encoder.queries(["Is this the first?"], UNHURRIED)
        started = time.perf_counter()
        encoder.queries(["How long does this take?"], UNHURRIED)
        seconds = time.perf_counter() - started
        encoder.close()
    except EncoderFailed as failed:
        return Check(_NAME, not by_choice, f"{chosen[0].name.rstrip('/')}: {failed}", _FIXES.get(failed.reason, _ELSE))
    found = f"{encoder.key}: {encoder.dimensions} numbers, {seconds * 1000:.0f} ms a question"
    slow = "Choose a nearer or faster one: what takes longer than 300 ms is searched for by words alone."
    return Check(_NAME, True, found, slow if seconds > SLOW else "")


def check_spaces(connection: psycopg.Connection[dict[str, Any]]) -> list[Check]:
    """What was encoded with which encoder; nothing of a database whose tables are still to come, or may not be read."""
    readable = (
        "select has_table_privilege(to_regclass('encoder_space'), 'select') as encoder_space, "
        "has_table_privilege(to_regclass('encoding'), 'select') as encoding"
    )
    if not all((connection.execute(readable).fetchone() or {"": False}).values()):
        return []
    rows = connection.execute(_SPACES).fetchall()
    if not rows:
        return [Check("encoded", True, "nothing yet: Agora does it in the background")]
    return [Check("encoded", True, _so_far(row)) for row in rows]


def _so_far(row: dict[str, Any]) -> str:
    if not row["waiting"]:
        return f"{row['key']}: everything"
    state = "answers; what is new waits" if row["complete"] else "does not answer yet"
    return f"{row['key']}: {state}, {row['waiting']:,} texts to go"
