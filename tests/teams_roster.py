"""The side of Teams' service that says who is in a conversation, with the faults that it has."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer

from tests.teams_service import TENANT, Json

DOMAIN = "acme.example"


def member(name: str, **about: Any) -> Json:
    """A member as Teams says it: an employee, unless ``about`` says something else."""
    said = {"id": f"29:{name}", "aadObjectId": f"aad-{name}", "name": f"{name.title()} of Teams", "tenantId": TENANT,
            "email": f"{name}@{DOMAIN}", "userPrincipalName": f"{name}@{DOMAIN}", "userRole": "user",
            **about}  # fmt: skip
    return {key: value for key, value in said.items() if value is not None}


@dataclass
class Roster:
    """Conversations with their members, and teams with their channels, by id."""

    members: dict[str, list[Json]] = field(default_factory=dict)
    teams: dict[str, Json] = field(default_factory=dict)
    channels: dict[str, list[Json]] = field(default_factory=dict)
    page: int = 500
    asked: list[str] = field(default_factory=list)
    faults: list[web.Response] = field(default_factory=list)
    """What the next questions get instead of an answer."""
    server: TestServer = field(init=False)

    async def start(self) -> None:
        app = web.Application()
        app.add_routes([
            web.get("/v3/conversations/{id}/members/{member}", self._member),
            web.get("/v3/conversations/{id}/pagedmembers", self._members),
            web.get("/v3/teams/{id}", self._team),
            web.get("/v3/teams/{id}/conversations", self._channels),
        ])  # fmt: skip
        self.server = TestServer(app)
        await self.server.start_server()

    @property
    def url(self) -> str:
        return str(self.server.make_url("/"))

    def _fault(self, request: web.Request) -> web.Response | None:
        self.asked.append(request.path)
        return self.faults.pop(0) if self.faults else None

    async def _member(self, request: web.Request) -> web.Response:
        wanted = request.match_info["member"]
        found = [each for each in self.members.get(request.match_info["id"], []) if wanted in _names(each)]
        return self._fault(request) or (web.json_response(found[0]) if found else _nothing())

    async def _members(self, request: web.Request) -> web.Response:
        fault = self._fault(request)
        everybody = self.members.get(request.match_info["id"])
        if fault is not None or everybody is None:
            return fault or _nothing()
        start = int(request.query.get("continuationToken", "0"))
        page = [{"objectId" if key == "aadObjectId" else key: value for key, value in each.items()}
                for each in everybody[start : start + self.page]]  # fmt: skip
        more = {"continuationToken": str(start + self.page)} if len(everybody) > start + self.page else {}
        return web.json_response({"members": page, **more})

    async def _team(self, request: web.Request) -> web.Response:
        found = self.teams.get(request.match_info["id"])
        return self._fault(request) or (web.json_response(found) if found else _nothing())

    async def _channels(self, request: web.Request) -> web.Response:
        found = self.channels.get(request.match_info["id"])
        return self._fault(request) or (web.json_response({"conversations": found}) if found else _nothing())


def _names(each: Json) -> tuple[Any, Any]:
    return each["id"], each.get("aadObjectId")


def _nothing() -> web.Response:
    return web.json_response({"error": {"code": "NotFound"}}, status=404)
