"""Whether a request comes from Teams: the token that it carries, held against what it says.

``NotAuthentic`` is whatever a token may be wrong in; who sent it is told nothing more. The rules are those of
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication (connector to bot).
"""

from __future__ import annotations

import time
from collections import OrderedDict
from typing import Any

import jwt
from botframework.connector.auth import AuthenticationConstants

from bot.teams.keys import Key, KeyRing

CHANNEL = "msteams"
LEEWAY = 300  # seconds by which clocks may differ, as the rules say
_LONGEST = 16_384  # characters; real tokens have about 1,500
_REMEMBERED = 200  # tokens
_REQUIRED = ["exp", "iss", "aud"]


class NotAuthentic(Exception):
    """This is not from Teams, or not for this app; the text, for the log, says in what it is wrong."""


class Verifier:
    """Verifies what is sent to the app ``app_id``."""

    def __init__(self, app_id: str, keys: KeyRing) -> None:
        self._app_id = app_id
        self._keys = keys
        self._known: OrderedDict[str, tuple[dict[str, Any], str]] = OrderedDict()

    async def claims(self, header: str | None) -> tuple[dict[str, Any], Key]:
        """What the token in an ``Authorization`` header claims, and the key that signed it. ``NotAuthentic``."""
        token = _bearer(header)
        if (known := self._remembered(token)) is not None:
            return known
        kid = self._plausible(token)
        key = await self._keys.get(kid)
        if key is None:
            raise NotAuthentic("unknown key")
        claims = self._decoded(token, key.public)
        self._known[token] = claims, kid
        while len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)
        return claims, key

    def _remembered(self, token: str) -> tuple[dict[str, Any], Key] | None:
        """Teams sends one token for about an hour: verified once, it is good until it ends or its key is withdrawn."""
        claims, kid = self._known.get(token, ({}, ""))
        key = self._keys.known(kid)
        if key is None or claims["exp"] + LEEWAY <= time.time():
            self._known.pop(token, None)
            return None
        return claims, key

    def _plausible(self, token: str) -> str:
        """The name of its key. What could not be good with any key is not looked up."""
        try:
            head = jwt.get_unverified_header(token)
        except (jwt.PyJWTError, ValueError, TypeError, RecursionError) as error:
            raise NotAuthentic("garbage") from error
        kid = head.get("kid")
        if head.get("alg") != "RS256" or not isinstance(kid, str) or not kid or "crit" in head:
            raise NotAuthentic("algorithm or key")
        self._decoded(token, None)
        return kid

    def _decoded(self, token: str, public: Any) -> dict[str, Any]:
        """The claims; without a key all but the signature is checked."""
        options: Any = {"require": _REQUIRED, "strict_aud": True, "verify_exp": True, "verify_nbf": True}
        if public is None:
            options |= {"verify_signature": False, "verify_aud": True, "verify_iss": False}
        try:
            claims = jwt.decode(token, public, algorithms=["RS256"], audience=self._app_id, leeway=LEEWAY,
                                options=options)  # fmt: skip
        except (jwt.PyJWTError, ValueError, TypeError, OverflowError, RecursionError, AttributeError) as error:
            raise NotAuthentic(type(error).__name__) from error
        known = (AuthenticationConstants.TO_BOT_FROM_CHANNEL_TOKEN_ISSUER, self._keys.issuer)
        if public is not None and claims.get("iss") not in known:
            raise NotAuthentic("issuer")
        return {**claims, "exp": int(claims["exp"])}


def agrees(claims: dict[str, Any], key: Key, activity: dict[str, Any]) -> None:
    """Whether the token speaks of this activity, and its key for this channel. ``NotAuthentic``."""
    url = activity.get("serviceUrl")
    claimed = claims.get(AuthenticationConstants.SERVICE_URL_CLAIM)
    if not isinstance(url, str) or not isinstance(claimed, str) or claimed != url:
        raise NotAuthentic("service URL")
    channel = activity.get("channelId")
    if channel != CHANNEL or (key.endorsements and channel not in key.endorsements):
        raise NotAuthentic("channel")


def _bearer(header: str | None) -> str:
    """The token of an ``Authorization`` header."""
    scheme, _, token = (header or "").partition(" ")
    if scheme.lower() != "bearer" or not token or len(token) > _LONGEST or not token.isascii():
        raise NotAuthentic("no token")
    return token.strip()
