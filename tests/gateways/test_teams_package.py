"""The app package of Teams: everything that the routes offer, in every language, and nothing that they do not."""

from __future__ import annotations

import io
import json
import struct
import zipfile
import zlib
from typing import Any

import pytest

from bot.config import Settings
from bot.teams import icons
from bot.teams.package import NotReady, manifest, package, words
from handlers import all_routes
from models.people import LOCALES
from tests.teams_service import APP
from tests.town import settle

SETTINGS = settle(teams_app_id=APP, teams_tenants=("t1",), public_url="https://agora.example.com")


def made() -> dict[str, Any]:
    return manifest(all_routes(), SETTINGS)


def test_the_package_is_the_same_each_time() -> None:
    first = package(all_routes(), SETTINGS)
    assert first == package(all_routes(), SETTINGS)
    with zipfile.ZipFile(io.BytesIO(first)) as archive:
        assert set(archive.namelist()) == {
            "manifest.json", "ar.json", "he.json", "it.json", "color.png", "outline.png"}  # fmt: skip
        assert json.loads(archive.read("manifest.json")) == made()


def test_as_many_commands_as_teams_lists_are_offered_and_every_prompt() -> None:
    """Those of few come last: all of them work when they are typed."""
    router = all_routes()
    own, others = (each["commands"] for each in made()["bots"][0]["commandLists"])
    assert [each["title"] for each in others] == ["home", *router.commands][:12]
    assert {"ask", "find", "decide"} <= {each["title"] for each in others}
    prompts = [each for each in own if each["type"] == "prompt"]
    assert [each["title"] for each in prompts] == [label.text for label, _ in router.prompts]


def test_every_search_and_shortcut_is_offered() -> None:
    router, commands = all_routes(), made()["composeExtensions"][0]["commands"]
    assert [each["id"] for each in commands if each["type"] == "query"] == list(router.searches)
    assert [each["id"] for each in commands if each["type"] == "action"] == list(router.shortcuts)


def test_links_lead_to_agora_alone() -> None:
    found = made()
    assert found["validDomains"] == ["agora.example.com"]
    assert found["composeExtensions"][0]["messageHandlers"][0]["value"]["domains"] == ["agora.example.com"]


@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_had_to_be_cut(locale: str) -> None:
    """A word that Teams has no room for is cut: then it wants a shorter one."""
    said = words(all_routes(), locale)
    assert [place for place, text in said.items() if text.endswith("…")] == []
    assert all(text.strip() for text in said.values())


def test_every_text_stands_where_the_manifest_has_one() -> None:
    found = made()
    for place, text in words(all_routes(), "en").items():
        if not place.startswith("$"):
            at: Any = found
            for step in place.replace("]", "").replace("[", ".").split("."):
                at = at[int(step)] if step.isdigit() else at[step]
            assert at == text


@pytest.mark.parametrize("app", [None, "not-a-guid"])
def test_without_the_apps_id_there_is_none(app: str | None) -> None:
    settings = Settings(teams_app_id=app, teams_tenants=("t1",), public_url="https://agora.example.com")
    with pytest.raises(NotReady, match="TEAMS_APP_ID"):
        package(all_routes(), settings)


@pytest.mark.parametrize(("drawn", "size"), [(icons.color(), 192), (icons.outline(), 32)], ids=["color", "outline"])
def test_the_icons_are_what_teams_wants(drawn: bytes, size: int) -> None:
    assert struct.unpack(">II", drawn[16:24]) == (size, size)
    data = drawn[drawn.index(b"IDAT") + 4 : drawn.index(b"IEND") - 8]
    pixels = [row[1:] for row in _rows(zlib.decompress(data), size)]
    clear = {row[at : at + 4][3] for row in pixels for at in range(0, len(row), 4)}
    whites = {row[at : at + 3] for row in pixels for at in range(0, len(row), 4)}
    if size == 32:  # white on nothing
        assert whites == {b"\xff\xff\xff"} and {0, 255} <= clear
    else:
        assert clear == {255} and len(whites) > 1


def _rows(data: bytes, size: int) -> list[bytes]:
    width = 1 + size * 4
    return [data[at : at + width] for at in range(0, len(data), width)]
