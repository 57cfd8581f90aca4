"""A workspace of Slack behind its Web API, as far as it tells who and what there is: over a real socket."""

from __future__ import annotations

import json
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

TEAM, BOT = "T1", "UBOT"


class Workspace:
    """Who and what there is. ``fails`` are answers to give once instead: (status, headers, body)."""

    def __init__(self) -> None:
        self.url = ""
        self.enterprise: str | None = None
        self.users: dict[str, dict[str, Any]] = {BOT: {"id": BOT, "team_id": TEAM, "is_bot": True, "name": "agora"}}
        self.channels: dict[str, dict[str, Any]] = {}
        self.members: dict[str, list[str]] = {}
        self.groups: list[dict[str, Any]] = []
        self.teams: dict[str, str] = {}
        self.denied: dict[str, str] = {}
        self.calls: Counter[str] = Counter()
        self.fails: list[tuple[int, dict[str, str], dict[str, Any]]] = []

    def person(self, id: str, name: str, **about: Any) -> dict[str, Any]:
        """Somebody of the workspace."""
        profile = {"real_name": name, "email": f"{name.split()[0].lower()}@acme.example", **about.pop("profile", {})}
        self.users[id] = {"id": id, "team_id": TEAM, "name": name.split()[0].lower(), "locale": "en-US",
                          "tz": "Europe/Rome", "is_email_confirmed": True, "profile": profile, **about}  # fmt: skip
        return self.users[id]

    def channel(self, id: str, name: str, *members: str, **about: Any) -> None:
        """A channel with these people and Agora in it."""
        self.channels[id] = {"id": id, "name": name, "is_channel": True, "is_private": False, **about}
        self.members[id] = [*members, BOT]

    def answer(self, method: str, asked: dict[str, str]) -> dict[str, Any]:
        """What Slack says."""
        if method in self.denied:
            return {"ok": False, "error": self.denied[method]}
        match method:
            case "auth.test":
                return {"ok": True, "team_id": TEAM, "user_id": BOT, "enterprise_id": self.enterprise}
            case "users.info":
                user = self.users.get(asked["user"])
                return {"ok": True, "user": user} if user else {"ok": False, "error": "user_not_found"}
            case "users.list":
                return self._page("members", list(self.users.values()), asked)
            case "conversations.info":
                found = self.channels.get(asked["channel"])
                return {"ok": True, "channel": found} if found else {"ok": False, "error": "channel_not_found"}
            case "conversations.members":
                return self._page("members", self.members[asked["channel"]], asked)
            case "usergroups.list":
                return {"ok": True, "usergroups": self.groups}
            case "team.info":
                return {"ok": True, "team": {"id": asked["team"], "name": self.teams[asked["team"]]}}
        return {"ok": False, "error": "unknown_method"}

    def _page(self, name: str, all_: list[Any], asked: dict[str, str]) -> dict[str, Any]:
        begin, size = int(asked.get("cursor") or 0), int(asked["limit"])
        more = str(begin + size) if begin + size < len(all_) else ""
        return {"ok": True, name: all_[begin : begin + size], "response_metadata": {"next_cursor": more}}


@contextmanager
def serving(workspace: Workspace) -> Iterator[Workspace]:
    """Serve it."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode()
            method = self.path.rpartition("/")[2]
            workspace.calls[method] += 1
            status, headers, said = 200, {}, None
            if workspace.fails:
                status, headers, said = workspace.fails.pop(0)
            asked = {name: values[0] for name, values in parse_qs(body).items()}
            data = json.dumps(workspace.answer(method, asked) if said is None else said).encode()
            self.send_response(status)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    workspace.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    try:
        yield workspace
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
