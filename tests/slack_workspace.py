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
_SIMPLY = frozenset({"functions.completeSuccess", "functions.completeError", "agents.sessions.setStatus",
                     "assistant.threads.setSuggestedPrompts"})  # fmt: skip


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
        self.asked: list[tuple[str, dict[str, Any]]] = []
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

    def answer(self, method: str, asked: dict[str, Any]) -> dict[str, Any]:
        """What Slack says."""
        if method in self.denied:
            return {"ok": False, "error": self.denied[method]}
        if method in _SIMPLY:
            return {"ok": True}
        look = {
            "auth.test": self._auth, "users.info": self._user, "conversations.info": self._channel,
            "usergroups.list": lambda asked: {"ok": True, "usergroups": self.groups},
            "users.list": lambda asked: self._page("members", list(self.users.values()), asked),
            "conversations.members": lambda asked: self._page("members", self.members[asked["channel"]], asked),
            "team.info": lambda asked: {"ok": True, "team": {"id": asked["team"], "name": self.teams[asked["team"]]}},
        }  # fmt: skip
        return look[method](asked) if method in look else {"ok": False, "error": "unknown_method"}

    def _auth(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"ok": True, "team_id": TEAM, "user_id": BOT, "enterprise_id": self.enterprise}

    def _user(self, asked: dict[str, Any]) -> dict[str, Any]:
        user = self.users.get(asked["user"])
        return {"ok": True, "user": user} if user else {"ok": False, "error": "user_not_found"}

    def _channel(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = self.channels.get(asked["channel"])
        return {"ok": True, "channel": found} if found else {"ok": False, "error": "channel_not_found"}

    def _page(self, name: str, all_: list[Any], asked: dict[str, Any]) -> dict[str, Any]:
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
            if body.startswith("{"):
                asked = json.loads(body)
            workspace.asked.append((method, asked))
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
