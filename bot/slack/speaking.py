"""How whoever pressed something is spoken to."""

from __future__ import annotations

import structlog
from sqlalchemy.exc import SQLAlchemyError

from bot.inbound import Inbound
from bot.slack.voice import Voice
from bot.texts import Reader
from models.base import Refusal, reading, transaction
from models.people import by_account
from models.sessions import new_link

log = structlog.get_logger(__name__)


def voice_of(heard: Inbound, public_url: str) -> Voice:
    """In their language, with pages that open as them; in English where nobody knows them yet, or who they are cannot
    be found out now. Reads the database: for threads."""
    try:
        with reading() as session:
            person = by_account(session, heard.platform, heard.installation, heard.actor or "")
            reader, number = Reader(person.locale, person.timezone), person.id
    except (Refusal, SQLAlchemyError) as error:
        log.info("spoken to in English", error=type(error).__name__)
        return Voice(Reader(), {}, lambda path: public_url + path)

    def address(path: str) -> str:
        with transaction() as session:
            return f"{public_url}/open/{new_link(session, number, path)}"

    return Voice(reader, {}, address)
