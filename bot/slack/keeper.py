"""Keeps the tokens: one from the settings, or many in the database, encrypted, each renewed before it ends."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError
from sqlalchemy import delete, select, text
from sqlalchemy.orm import Session

from bot.config import Settings
from bot.gateway import Throttled, Uncertain
from bot.slack.reading import Payload, maybe_id, parts
from bot.slack.store import SlackInstallation, SlackStep, SlackWorkspace, Tokens, installation_of
from models.base import now, reading, transaction

log = structlog.get_logger(__name__)
EARLY = timedelta(hours=2)  # Slack's tokens that rotate live for twelve hours
_WAIT = 10  # seconds
_STAMP = b"an installation was begun"


class Keeper:
    """Knows the token of every workspace."""

    def __init__(self, settings: Settings, keys: Sequence[str]) -> None:
        self._settings = settings
        self._keys = MultiFernet([Fernet(key) for key in keys])
        self._newest = MultiFernet([Fernet(keys[0])])
        self._learnt: set[str] = set()

    def token(self, installation: str) -> str | None:
        """The token of workspace ``installation``; ``None`` where there is none. Raises ``Throttled`` or ``Uncertain``
        where it has ended and Slack does not give another one."""
        with reading() as session:
            row = installation_of(session, installation)
            tokens = Tokens.open(row.sealed, self._keys) if row else None
        if row is not None and tokens is not None:
            due = row.expires_at is not None and tokens.refresh and row.expires_at < now() + EARLY
            return self._renewed(installation) if due else tokens.bot
        if row is not None:
            log.error("no key opens the token", installation=installation)
        one = self._settings.slack_bot_token
        return one.get_secret_value() if one is not None else None

    def trusts(self, installation: str, organisation: str | None = None) -> bool:
        """Whether this workspace is the company's own, whose people are colleagues and are recognised by their e-mail
        address: it, or its ``organisation``, is on the list; without one it is that of ``SLACK_BOT_TOKEN``, or the
        first that installed the app. Anybody who finds the address could install an app that is public."""
        with reading() as session:
            row = installation_of(session, installation)
        if row is None:
            return self._settings.slack_bot_token is not None
        listed = self._settings.slack_workspaces
        return bool({installation, row.key, organisation} & set(listed)) if listed else row.first

    def bots(self) -> dict[str, str]:
        """Which user Agora is, by installation."""
        with reading() as session:
            return {row.key: row.bot_user for row in session.scalars(select(SlackInstallation))}

    def granted(self) -> dict[str, list[str]]:
        """The scopes that it was given, by installation."""
        with reading() as session:
            return {row.key: row.scopes for row in session.scalars(select(SlackInstallation))}

    def rotate(self) -> int:
        """Encrypt every token with the newest key, so that older ones can be retired; how many were not."""
        changed = 0
        with transaction() as session:
            for row in session.scalars(select(SlackInstallation).with_for_update()):
                if Tokens.open(row.sealed, self._newest) is None and Tokens.open(row.sealed, self._keys) is not None:
                    row.sealed = self._keys.rotate(row.sealed)
                    changed += 1
        return changed

    def stamp(self) -> str:
        """What nobody else can make, with the present moment in it."""
        return self._keys.encrypt_at_time(_STAMP, _second()).decode()

    def stamped(self, given: str, life: int) -> bool:
        """Whether ``stamp`` made it, at most ``life`` seconds ago."""
        try:
            return self._keys.decrypt_at_time(given.encode("utf-8", "replace"), life, _second()) == _STAMP
        except InvalidToken:
            return False

    def learn(self, payload: Payload, team: str) -> None:
        """Whether workspace ``team``, where this happened, is reached through the installation of its organisation."""
        enterprise = organisation_of(payload)
        if enterprise is None or team == enterprise or team in self._learnt:
            return
        with transaction() as session:
            session.merge(SlackWorkspace(team=team, enterprise=enterprise))
        self._learnt.add(team)

    def install(self, installation: SlackInstallation, tokens: Tokens) -> None:
        """Keep the tokens of an installation, instead of those that it had."""
        installation.sealed = tokens.seal(self._keys)
        with transaction() as session:
            session.execute(text("select pg_advisory_xact_lock(hashtext('agora slack installations'))"))
            known = {row.key: row.first for row in session.scalars(select(SlackInstallation))}
            only = not known and self._settings.slack_bot_token is None
            installation.first = known.get(installation.key, only)
            session.merge(installation)

    def withdraw(self, session: Session, installation: str, before: float) -> bool:
        """The app was removed, at ``before`` (a POSIX time): forget its tokens, its workspaces and what its workflows
        wait for, unless it was installed again since. Whether there were any. What people asked and wrote is the
        company's, and stays."""
        row = installation_of(session, installation, lock=True)
        if row is None or row.installed_at.timestamp() > before + 1:
            return False
        session.delete(row)
        session.execute(delete(SlackWorkspace).where(SlackWorkspace.enterprise == row.key))
        session.execute(delete(SlackStep).where(SlackStep.installation == installation))
        self._learnt.clear()
        return True

    def _renewed(self, installation: str) -> str | None:
        """Renewed under the lock of its row: a refresh token is good for one use."""
        with transaction() as session:
            row = installation_of(session, installation, lock=True)
            tokens = Tokens.open(row.sealed, self._keys) if row else None
            if row is None or tokens is None:
                return None
            if row.expires_at is None or tokens.refresh is None or row.expires_at >= now() + EARLY:
                return tokens.bot  # somebody else did while we waited
            try:
                renewed = self._renew(row, tokens.refresh)
            except Exception as error:
                if row.expires_at > now():
                    log.warning("token not renewed yet", error=type(error).__name__)
                    return tokens.bot
                raise _as_ours(error) from error
            return renewed

    def _renew(self, row: SlackInstallation, refresh: str) -> str:
        """See https://docs.slack.dev/authentication/using-token-rotation"""
        secret = self._settings.slack_client_secret
        client = WebClient(base_url=f"{self._settings.slack_api_url}/", timeout=_WAIT, retry_handlers=[])
        answer = client.oauth_v2_access(
            client_id=self._settings.slack_client_id or "",
            client_secret=secret.get_secret_value() if secret else "",
            grant_type="refresh_token",
            refresh_token=refresh,
        )
        tokens = Tokens(answer["access_token"], answer["refresh_token"])
        row.sealed, row.expires_at = tokens.seal(self._keys), now() + timedelta(seconds=int(answer["expires_in"]))
        return tokens.bot


def _second() -> int:
    return int(now().timestamp())


def organisation_of(payload: Payload) -> str | None:
    """The organisation in all of which the app is installed, where it is so."""
    for seen_by in (*parts(payload, "authorizations"), payload):
        if seen_by.get("is_enterprise_install") in (True, "true"):
            return maybe_id(seen_by, "enterprise_id") or maybe_id(payload, "enterprise", "id")
    return None


def _as_ours(error: Exception) -> Exception:
    """What the outbox and the dispatcher know how to wait for."""
    if isinstance(error, SlackApiError) and error.response.status_code == 429:
        return Throttled(float(error.response.headers.get("Retry-After", 30)))
    return Uncertain(f"the token could not be renewed: {type(error).__name__}")
