"""Microsoft's own library takes the app package of Teams."""

from __future__ import annotations

import io
import json
import re
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import pytest

from bot.teams.package import SCHEMA_VERSION, package
from handlers import all_routes
from tests.needs import PEERS
from tests.teams_service import APP
from tests.town import settle


def unpacked(folder: Path) -> Path:
    """The package of this Agora, in a folder."""
    settings = settle(teams_app_id=APP, teams_tenants=("t1",), public_url="https://agora.example.com")
    zipfile.ZipFile(io.BytesIO(package(all_routes(), settings))).extractall(folder)
    return folder


def checked(folder: Path) -> dict[str, Any]:
    """What the library says of it."""
    run = subprocess.run(["node", "teams_manifest.cjs", folder], cwd=PEERS, capture_output=True, timeout=60, check=True)
    found: dict[str, Any] = json.loads(run.stdout)
    return found


@pytest.mark.needs("app-manifest")
def test_the_library_notices_what_is_wrong(tmp_path: Path) -> None:
    file = unpacked(tmp_path) / "manifest.json"
    manifest = json.loads(file.read_text("utf-8"))
    manifest["accentColor"] = "red"
    file.write_text(json.dumps(manifest), "utf-8")
    words = json.loads((tmp_path / "he.json").read_text("utf-8"))
    (tmp_path / "he.json").write_text(json.dumps({**words, "nowhere": "?"}), "utf-8")
    found = checked(tmp_path)
    assert found["problems"] and found["languages"]["he.json"] and not found["languages"]["ar.json"]


@pytest.mark.needs("app-manifest")
def test_the_library_takes_the_package(tmp_path: Path) -> None:
    nothing: dict[str, list[str]] = {"ar.json": [], "he.json": [], "it.json": []}
    assert checked(unpacked(tmp_path)) == {"version": SCHEMA_VERSION, "problems": [], "languages": nothing}


@pytest.mark.needs("app-manifest")
def test_there_is_no_later_schema() -> None:
    folder = PEERS / "node_modules" / "@microsoft" / "app-manifest" / "build" / "json-schemas" / "teams"
    versions = [
        tuple(map(int, each.name[1:].split("."))) for each in folder.iterdir() if re.fullmatch(r"v1\.\d+", each.name)
    ]
    assert ".".join(map(str, max(versions))) == SCHEMA_VERSION
