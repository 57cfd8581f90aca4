"""Pictures within messages: uploaded to Slack once for each workspace, shared nowhere, and shown by the messages that
name them, in private channels too. What is not to be had stays a link.

Only what everybody there may read is uploaded; what one person alone sees, if they may. Slack shows such a file to who
sees the message: https://docs.slack.dev/reference/block-kit/composition-objects/slack-file-object
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import aiohttp
import structlog
from slack_sdk.errors import SlackClientError
from slack_sdk.web.async_client import AsyncWebClient
from sqlalchemy import delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from bot.cards import Picture
from bot.gateway import Delivery, Throttled, Uncertain, Undeliverable
from bot.jobs import Run
from bot.slack.asking import Denied, ask
from bot.slack.clients import Clients
from bot.slack.events import PLATFORM
from bot.slack.store import SlackFile
from bot.slack.voice import inside
from bot.slack.wire import is_ephemeral, is_user
from models import access
from models.answers import Answer
from models.base import reading, transaction
from models.files import File, content_of, holder_of
from models.knowledge import CURRENT, Entry
from models.mail import Job
from models.people import Person
from models.places import Place, place_at

log = structlog.get_logger(__name__)
TIDY = "slack.files"
MOST = 10  # in one message
PATIENCE = 6.0  # seconds: then the message goes without
_SHOWN = ("image/png", "image/jpeg", "image/gif")  # what Slack shows by itself
_LOOKS, _LOOK = 8, 0.4  # how often, and how many seconds apart, Slack is asked whether it has looked at a file
_FAULTS = (SlackClientError, aiohttp.ClientError, OSError, TimeoutError, Throttled, Uncertain, Undeliverable)


@dataclass(frozen=True)
class _New:
    """A picture that Slack does not have."""

    file_id: int
    name: str
    content: bytes


class Pictures:
    """Knows Slack's ids of pictures."""

    def __init__(self, clients: Clients) -> None:
        self._clients = clients

    async def of(self, delivery: Delivery) -> dict[int, str]:
        """Slack's id of each picture that may be shown, by the number of its file; uploads those that it lacks."""
        wanted = [part.file_id for part in inside(delivery.card) if isinstance(part, Picture)][:MOST]
        if not wanted:
            return {}
        found, new = await asyncio.to_thread(_allowed, delivery, wanted)
        try:
            async with asyncio.timeout(PATIENCE):
                client = await self._clients.of(delivery.installation)
                for each in new:
                    found[each.file_id] = await self._uploaded(client, delivery.installation, each)
        except _FAULTS as error:
            log.warning("a picture stays a link", error=type(error).__name__)
        return found

    async def _uploaded(self, client: AsyncWebClient, installation: str, new: _New) -> str:
        """See https://docs.slack.dev/messaging/working-with-files#upload"""
        asked = {"filename": new.name, "length": len(new.content), "alt_txt": new.name}
        place = await client.api_call("files.getUploadURLExternal", data=asked)
        async with self._clients.session.post(str(place["upload_url"]), data=new.content) as answer:
            answer.raise_for_status()
        external = str(place["file_id"])
        await client.api_call("files.completeUploadExternal", json={"files": [{"id": external, "title": new.name}]})
        await asyncio.to_thread(_remember, installation, new.file_id, external)
        for _ in range(_LOOKS):  # until Slack has looked at it, a message that names it is refused
            about = await client.api_call("files.info", data={"file": external})
            if (about.get("file") or {}).get("mimetype"):
                return external
            await asyncio.sleep(_LOOK)
        raise TimeoutError


def forget(installation: str, externals: Sequence[str]) -> None:
    """Slack does not show them: they are uploaded anew with the next message."""
    ours = (SlackFile.installation == installation) & SlackFile.external.in_(externals)
    with transaction() as session:
        session.execute(update(SlackFile).where(ours).values(file_id=None))


def tidy_later(session: Session, correlation: str) -> None:
    """Let a job remove from Slack what Agora does not have any more."""
    gone = select(SlackFile.installation).where(SlackFile.file_id.is_(None)).distinct()
    for installation in session.scalars(gone):
        session.add(Job(kind=TIDY, args={"installation": installation}, correlation=correlation))


def tidy(clients: Clients, run: Run) -> dict[str, Any]:
    """The job that does."""
    installation = str(run.args["installation"])
    gone = select(SlackFile.external).where(SlackFile.installation == installation, SlackFile.file_id.is_(None))
    with reading() as session:
        externals = list(session.scalars(gone))
    client = clients.sync_of(installation)
    for external in externals:
        try:
            ask(client, "files.delete", file=external)
        except Denied as denied:
            log.info("a file stays in Slack", reason=denied.code)
        with run.step() as session:
            session.execute(delete(SlackFile).where(SlackFile.external == external))
    return {}


def _allowed(delivery: Delivery, wanted: Sequence[int]) -> tuple[dict[int, str], list[_New]]:
    """Slack's ids of those that it has, and those that it lacks, of what everybody may see who sees the message."""
    with reading() as session:
        place = place_at(session, PLATFORM, delivery.installation, delivery.conversation)
        reader = session.get(Person, delivery.person_id) if delivery.person_id is not None else None
        here = (SlackFile.installation == delivery.installation) & SlackFile.file_id.in_(wanted)
        known = {row.file_id: row.external for row in session.scalars(select(SlackFile).where(here))}
        files = session.scalars(select(File).where(File.id.in_(wanted), File.media_type.in_(_SHOWN)).order_by(File.id))
        shown = [file for file in files if _may_see(session, file, delivery, reader, place)]
        new = [_New(file.id, file.name, content_of(session, file)) for file in shown if file.id not in known]
        return {file.id: known[file.id] for file in shown if file.id in known}, new


def _may_see(session: Session, file: File, delivery: Delivery, reader: Person | None, place: Place | None) -> bool:
    if delivery.only_for is not None or is_user(delivery.conversation) or is_ephemeral(delivery.reference):
        return reader is not None and access.may(session, reader, "read", file)
    return place is not None and (file.place_id == place.id or _is_for_all(session, file, place))


def _is_for_all(session: Session, file: File, place: Place) -> bool:
    """Whether everybody there may read what it is attached to."""
    thing = holder_of(session, file)
    if isinstance(thing, Answer):
        thing = None if thing.private else thing.question
    if thing is None or (isinstance(thing, Entry) and thing.state != CURRENT):
        return False
    return not set(thing.audience).isdisjoint(access.keys_in(session, place))


def _remember(installation: str, file_id: int, external: str) -> None:
    values: Mapping[str, Any] = {"installation": installation, "file_id": file_id, "external": external}
    with transaction() as session:
        session.execute(insert(SlackFile).values(values).on_conflict_do_nothing())
