"""Files that people posted in Slack, downloaded with the workspace's token and kept as Agora's."""

from __future__ import annotations

import hashlib
import http.client
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import structlog
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.cards import T
from bot.gateway import Throttled, Uncertain
from bot.inbound import Inbound
from models.base import Refusal, transaction
from models.files import LONGEST_NAME, MOST_AT_ONCE, MOST_BYTES, File, keep, safe_name
from models.people import Person, by_account

log = structlog.get_logger(__name__)
WAIT = 20  # seconds without a byte


class NoFile(Exception):
    """It is not there, or not to be had."""


class _Still(urllib.request.HTTPRedirectHandler):
    """Slack redirects whoever may not see a file to a page to sign in: that is no file."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """Go nowhere: the token is for Slack alone."""
        return


_opener = urllib.request.build_opener(_Still)


class Fetcher:
    """Downloads what ``Inbound.attachments`` name."""

    def __init__(self, api_url: str) -> None:
        self._api = urlsplit(api_url)

    def fetch(self, heard: Inbound, client: WebClient) -> tuple[Inbound, list[str]]:
        """The event with the numbers of its files, and the names of those that are not to be had. The same file of the
        same person, not used yet, is not kept twice: the event may be tried again. ``Throttled``, ``Uncertain``."""
        taken: list[tuple[str | None, int]] = []
        left_out = [str(about["name"]) for about in heard.attachments[MOST_AT_ONCE:]]
        for about in heard.attachments[:MOST_AT_ONCE]:
            try:
                content = self._content(about, client)
                with transaction() as session:
                    owner = by_account(session, heard.platform, heard.installation, heard.actor or "")
                    taken.append((about.get("field"), _kept(session, owner, str(about["name"]), content)))
            except (NoFile, Refusal) as reason:
                if isinstance(reason, Refusal) and reason.code == "unknown_person":
                    raise
                log.warning("file left out", error=str(reason))
                left_out.append(str(about["name"]))
        return _with_files(heard, taken), left_out

    def _content(self, about: Mapping[str, Any], client: WebClient) -> bytes:
        if about.get("size", 0) > MOST_BYTES:
            raise NoFile("too large")
        url = about.get("url") or self._address(about, client)
        parts = urlsplit(url)
        slack = parts.scheme == "https" and (parts.hostname or "").endswith(".slack.com")
        if not slack and (parts.scheme, parts.netloc) != (self._api.scheme, self._api.netloc):
            raise NoFile("not at Slack")
        return _downloaded(url, client.token or "")

    def _address(self, about: Mapping[str, Any], client: WebClient) -> str:
        """In channels that companies share, Slack tells only the id of a file."""
        try:
            file = client.files_info(file=str(about.get("id"))).get("file") or {}
        except SlackApiError as error:
            if error.response.status_code == 429:
                raise Throttled(float(error.response.headers.get("Retry-After", 30))) from error
            raise NoFile(str(error.response.get("error"))) from error
        except (OSError, http.client.HTTPException) as error:
            raise Uncertain("a file could not be asked for") from error
        return str(file.get("url_private_download") or file.get("url_private") or "")


def left_out(names: list[str]) -> T:
    """What is said of files that were not to be had."""
    said = ", ".join(map(safe_name, names))[: 4 * LONGEST_NAME]
    return T(
        "I could not take {name} along: files may have up to {most} MB, and must be kept in Slack.",
        name=said,
        most=MOST_BYTES // 1024 // 1024,
    )


def _downloaded(url: str, token: str) -> bytes:
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 checked above
    try:
        with _opener.open(request, timeout=WAIT) as answer:
            content: bytes = answer.read(MOST_BYTES + 1)
            kind = answer.headers.get_content_type()
    except urllib.error.HTTPError as error:
        if error.code == 429:
            raise Throttled(float(error.headers.get("Retry-After", 30))) from error
        if error.code >= 500:
            raise Uncertain(f"a file could not be fetched: {error.code}") from error
        raise NoFile(f"answered with {error.code}") from error
    except (OSError, http.client.HTTPException) as error:
        raise Uncertain("a file could not be fetched") from error
    if len(content) > MOST_BYTES or not content:
        raise NoFile("too large" if content else "empty")
    if kind == "text/html" and content.lstrip()[:15].lower().startswith(b"<!doctype html"):
        raise NoFile("a page to sign in")
    return content


def _kept(session: Session, owner: Person, name: str, content: bytes) -> int:
    loose = (File.place_id.is_(None), File.question_id.is_(None), File.answer_id.is_(None), File.entry_id.is_(None))
    same = (File.owner_id == owner.id, File.sha256 == hashlib.sha256(content).digest(), File.name == safe_name(name))
    known = session.scalar(select(File.id).where(*same, *loose).order_by(File.id).limit(1))
    return known if known is not None else keep(session, owner, name, content).id


def _with_files(heard: Inbound, taken: list[tuple[str | None, int]]) -> Inbound:
    """Files of a message stand beside it, those of a form in their field."""
    values = dict(heard.values)
    for field, id in taken:
        if field is not None:
            values[field] = f"{values.get(field, '')} {id}".strip()
    loose = tuple(id for field, id in taken if field is None)
    return replace(heard, values=values, files=loose, attachments=())
