"""Tokens with which Agora speaks to Teams and to Microsoft Graph: by secret, by certificate or by managed identity.

Asked for by Microsoft's own library (msal) in a thread, kept until shortly before they end, and renewed beside the work
well before that. May be used from several event loops and threads.
"""

from __future__ import annotations

import asyncio
import threading
import time
from dataclasses import dataclass
from typing import Any

import msal
import requests
import structlog

from bot.config import Settings

log = structlog.get_logger(__name__)
BOT = "https://api.botframework.com"
GRAPH = "https://graph.microsoft.com"
AUTHORITY = "https://login.microsoftonline.com"
WAIT = 10.0  # seconds for one answer
_EARLY, _LATE = 600.0, 60.0  # seconds before a token ends: it is renewed beside the work; it is used no more


class NoToken(Exception):
    """Microsoft gave none; the text says why."""


@dataclass(frozen=True)
class _Held:
    value: str
    ends: float


class Patient(requests.Session):
    """An HTTP client that waits for an answer, but not for ever."""

    def request(self, *args: Any, **about: Any) -> Any:
        """As ``requests.Session``."""
        return super().request(*args, **{"timeout": WAIT, **about})


class Tokens:
    """The tokens of one app, by what they are for and in which tenant."""

    def __init__(self, settings: Settings, http: Any = None) -> None:
        self._settings = settings
        self._http = http
        self._held: dict[tuple[str, str], _Held] = {}
        self._lock = threading.Lock()
        self._renewing: set[tuple[str, str]] = set()

    async def get(self, resource: str = BOT, tenant: str | None = None) -> str | None:
        """A token that is good now; ``None`` for the playground, which wants none. ``NoToken``."""
        app_id = self._settings.teams_app_id
        if app_id is None:
            return None
        home = self._settings.teams_tenants[0] if self._settings.teams_tenants else "botframework.com"
        key = (resource, tenant or home)
        held = self._held.get(key)
        if held is None or time.time() > held.ends - _LATE:
            return await asyncio.to_thread(self._renewed, key)
        if time.time() > held.ends - _EARLY:
            self._renew(key)
        return held.value

    def forget(self, resource: str = BOT) -> None:
        """The tokens for ``resource`` were refused: ask for others."""
        self._held = {key: held for key, held in self._held.items() if key[0] != resource}

    def _renew(self, key: tuple[str, str]) -> None:
        with self._lock:
            if key in self._renewing:
                return
            self._renewing.add(key)
        threading.Thread(target=self._try_to_renew, args=(key,), name="teams token", daemon=True).start()

    def _try_to_renew(self, key: tuple[str, str]) -> None:
        try:
            self._ask(key)
        except NoToken as reason:
            log.warning("token not renewed", reason=str(reason))
        finally:
            self._renewing.discard(key)

    def _renewed(self, key: tuple[str, str]) -> str:
        """One asks, whoever else wants it waits."""
        with self._lock:
            held = self._held.get(key)
            if held is not None and time.time() <= held.ends - _LATE:
                return held.value
            return self._ask(key)

    def _ask(self, key: tuple[str, str]) -> str:
        resource, tenant = key
        try:
            answer = self._answer(resource, tenant)
        except Exception as error:  # no connection, a file that cannot be read, an answer that is none
            raise NoToken(f"{type(error).__name__} while asking for a token") from error
        if "access_token" not in answer:
            raise NoToken(f"Microsoft refused a token: {answer.get('error')}")
        ends = time.time() + float(answer.get("expires_in", 3600))
        self._held[key] = _Held(str(answer["access_token"]), ends)
        return str(answer["access_token"])

    def _answer(self, resource: str, tenant: str) -> dict[str, Any]:
        http = self._http or Patient()
        if self._settings.teams_managed_identity:
            identity = msal.UserAssignedManagedIdentity(client_id=self._settings.teams_app_id)
            client = msal.ManagedIdentityClient(identity, http_client=http)
            return dict(client.acquire_token_for_client(resource=resource))
        app = msal.ConfidentialClientApplication(
            self._settings.teams_app_id,
            authority=f"{AUTHORITY}/{tenant}",
            client_credential=self._credential(),
            http_client=http,
            instance_discovery=False,
        )
        return dict(app.acquire_token_for_client(scopes=[f"{resource}/.default"]) or {})

    def _credential(self) -> Any:
        path, secret = self._settings.teams_app_certificate, self._settings.teams_app_secret
        if path is None:
            return secret.get_secret_value() if secret is not None else None
        pem = path.expanduser().read_text("ascii")
        return {"private_key": pem, "public_certificate": pem}
