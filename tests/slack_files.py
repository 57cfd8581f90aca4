"""Files of a Slack on a real socket: uploaded in three steps, looked at by Slack in a moment, and removed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

from aiohttp import web


class Files:
    """What was uploaded, by Slack's id. ``looks``: how often Slack is asked before it has looked at a file."""

    def __init__(self) -> None:
        self.url = ""
        self.looks = 1
        self.contents: dict[str, bytes] = {}
        self.about: dict[str, dict[str, Any]] = {}
        self._numbers = itertools.count(100_000_001)

    async def take(self, request: web.Request) -> web.Response:
        """The bytes of a file, at the address that was given for them; no token comes along."""
        assert "Authorization" not in request.headers
        self.contents[request.match_info["id"]] = await request.read()
        return web.Response(text="OK")

    def do(self, method: str, asked: Mapping[str, Any]) -> dict[str, Any] | None:
        """What ``method`` answers; nothing where it is none of these."""
        match method:
            case "files.getUploadURLExternal":
                id = f"F{next(self._numbers)}"
                self.about[id] = {"name": asked["filename"], "length": int(asked["length"]), "looked": 0}
                return {"upload_url": f"{self.url}/upload/{id}", "file_id": id}
            case "files.completeUploadExternal":
                assert not any(asked.get(name) for name in ("channel_id", "channels")), "it is shared with a channel"
                assert all(
                    len(self.contents[each["id"]]) == self.about[each["id"]]["length"] for each in asked["files"]
                )
                return {"files": asked["files"]}
            case "files.info":
                found = self.about[str(asked["file"])]
                found["looked"] += 1
                return {"file": {"mimetype": "image/png" if found["looked"] >= self.looks else ""}}
            case "files.delete":
                return {} if self.about.pop(str(asked["file"]), None) else {"ok": False, "error": "file_not_found"}
        return None

    def shown(self, blocks: list[Mapping[str, Any]]) -> str | None:
        """What is wrong with the pictures of a message: Slack shows only files that it has, and has looked at."""
        wanted = [str(block["slack_file"]["id"]) for block in blocks if "slack_file" in block]
        ready = all(id in self.about and self.about[id]["looked"] >= self.looks for id in wanted)
        return None if ready else "invalid_blocks"
