"""How whoever pressed something is spoken to."""

from __future__ import annotations

from bot.inbound import Inbound
from bot.slack.voice import Voice
from bot.texts import Reader
from models.base import Refusal, reading
from models.people import by_account


def voice_of(heard: Inbound, public_url: str) -> Voice:
    """In their language; in English where nobody knows them yet. Reads the database: for threads."""
    reader = Reader()
    with reading() as session:
        try:
            person = by_account(session, heard.platform, heard.installation, heard.actor or "")
        except Refusal:
            pass
        else:
            reader = Reader(person.locale, person.timezone)
    return Voice(reader, {}, lambda path: public_url + path)
