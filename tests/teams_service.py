"""The service that sends what happens in Teams: it signs tokens, publishes its keys, and writes activities."""

from __future__ import annotations

import itertools
import json
import time
from dataclasses import dataclass, field
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives.asymmetric import rsa

APP, BOT, TENANT = "6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b", "28:6f1a2b3c-4d5e-4f60-8a7b-9c0d1e2f3a4b", "t1"
SERVICE = "https://smba.trafficmanager.net/emea/"
ISSUER = "https://api.botframework.com"
CHANNEL = "19:general@thread.tacv2"
GROUP = "19:group@thread.v2"
_numbers = itertools.count(1)
Json = dict[str, Any]


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def published(key: rsa.RSAPrivateKey, kid: str, endorsements: list[str] | None = None) -> Json:
    """A key as it stands in the list of keys."""
    public: Json = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key()))
    return {**public, "kid": kid, "use": "sig", "endorsements": ["msteams"] if endorsements is None else endorsements}


@dataclass
class Issuer:
    """Publishes keys, and signs with the first."""

    keys: dict[str, rsa.RSAPrivateKey] = field(default_factory=lambda: {"one": new_key()})
    endorsements: list[str] | None = None
    asked: int = 0
    broken: str | None = None
    server: TestServer = field(init=False)

    async def start(self) -> None:
        app = web.Application()
        app.add_routes([web.get("/metadata", self._metadata), web.get("/keys", self._keys)])
        self.server = TestServer(app)
        await self.server.start_server()

    @property
    def url(self) -> str:
        return str(self.server.make_url("/metadata"))

    async def _metadata(self, _: web.Request) -> web.Response:
        self.asked += 1
        if self.broken is not None:
            return web.Response(text=self.broken)
        return web.json_response({"issuer": ISSUER, "jwks_uri": str(self.server.make_url("/keys"))})

    async def _keys(self, _: web.Request) -> web.Response:
        return web.json_response({"keys": [published(key, kid, self.endorsements) for kid, key in self.keys.items()]})

    def token(self, *, head: Json | None = None, key: Any = None, alg: str = "RS256", **claims: Any) -> str:
        """A good token, but for what is said; a claim that is ``None`` is left out."""
        kid, own = next(iter(self.keys.items()))
        now = int(time.time())
        said: Json = {"iss": ISSUER, "aud": APP, "nbf": now - 60, "exp": now + 3600, "serviceurl": SERVICE, **claims}
        said = {name: value for name, value in said.items() if value is not None}
        heads = {"kid": kid} if head is None else head
        return jwt.encode(said, own if key is None else key, alg, headers=heads)


def person(name: str) -> Json:
    return {"id": f"29:{name}", "aadObjectId": f"aad-{name}", "name": name.title()}


def activity(kind: str = "message", by: str = "mona", where: str | None = None, **about: Any) -> Json:
    """An activity in the shape in which Teams sends it; ``where`` is a conversation, without one the person's own."""
    number = next(_numbers)
    conversation: Json = {"conversationType": "personal", "id": f"a:{by}", "tenantId": TENANT}
    channel_data: Json = {"tenant": {"id": TENANT}}
    if where is not None:
        named = "channel" if where.startswith(CHANNEL) else "groupChat"
        conversation = {"conversationType": named, "id": where, "tenantId": TENANT, "isGroup": True}
        if named == "channel":
            channel_data |= {"team": {"id": CHANNEL}, "channel": {"id": where.partition(";")[0]}}
    channel_data |= about.pop("channelData", {})
    return {
        "type": kind, "id": f"1700000000{number:03d}", "timestamp": f"2026-11-20T08:00:{number % 60:02d}.{number:03d}Z",
        "channelId": "msteams", "serviceUrl": SERVICE, "from": person(by), "conversation": conversation,
        "recipient": {"id": BOT, "name": "Agora"}, "channelData": channel_data, "locale": "en-GB", **about,
    }  # fmt: skip


def invoke(name: str, value: Json, **about: Any) -> Json:
    """What Teams waits for."""
    return activity("invoke", name=name, value=value, **about)


def execute(route: str, id: int, **about: Any) -> Json:
    """The press of a button on a card."""
    action = {"type": "Action.Execute", "verb": route, "data": {"id": id}}
    return invoke("adaptiveCard/action", {"action": action, "trigger": "manual"}, **{"replyToId": "card-1", **about})


def mention(name: str = "Agora", id: str = BOT) -> Json:
    return {"type": "mention", "mentioned": {"id": id, "name": name}, "text": f"<at>{name}</at>"}
