"""The manifest says what Agora offers and hears, asks for no more than that, and Slack takes it."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import fastjsonschema
import pytest
import yaml

from bot.router import Router
from bot.slack import directory, events, steps
from bot.slack.manifest import EXAMPLE, link, manifest, written
from bot.slack.scopes import EVENTS, SCOPES
from handlers import all_routes

ROOT = Path(__file__).parents[3]
NOTHING: tuple[str, ...] = ()
NEEDED = {  # what Slack's reference says that each method takes; of several any one does
    "agents.sessions.setStatus": ("chat:write",),
    "apps.connections.open": NOTHING,
    "assistant.threads.setSuggestedPrompts": ("assistant:write",),
    "auth.revoke": NOTHING,
    "auth.test": NOTHING,
    "chat.delete": ("chat:write",),
    "chat.postEphemeral": ("chat:write",),
    "chat.postMessage": ("chat:write",),
    "chat.unfurl": ("links:write",),
    "chat.update": ("chat:write",),
    "conversations.history": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "conversations.info": ("channels:read", "groups:read", "mpim:read"),
    "conversations.members": ("channels:read", "groups:read", "mpim:read"),
    "conversations.open": ("im:write",),
    "conversations.replies": ("channels:history", "groups:history", "im:history", "mpim:history"),
    "files.completeUploadExternal": ("files:write",),
    "files.delete": ("files:write",),
    "files.getUploadURLExternal": ("files:write",),
    "files.info": ("files:read",),
    "functions.completeError": NOTHING,
    "functions.completeSuccess": NOTHING,
    "oauth.v2.access": NOTHING,
    "team.info": ("team:read",),
    "usergroups.list": ("usergroups:read",),
    "users.info": ("users:read", "users:read.email"),
    "users.list": ("users:read", "users:read.email"),
    "views.open": NOTHING,
    "views.publish": NOTHING,
    "views.push": NOTHING,
    "views.update": NOTHING,
}
FAMILIES = (
    "agents apps assistant auth chat conversations dnd files functions oauth reactions team usergroups users views"
)
OFFERED = {"commands"}  # taken by what stands in the manifest itself


@pytest.fixture(scope="module")
def router() -> Router:
    return all_routes()


def called() -> set[str]:
    """Every method of the Web API that is named in the code."""
    families = "|".join(FAMILIES.split())
    found: set[str] = set()
    for path in (ROOT / "bot" / "slack").glob("*.py"):
        text = path.read_text("utf-8")
        found |= set(re.findall(rf'"((?:{families})\.[A-Za-z.]+)"', text))
        found |= {name.replace("_", ".") for name in re.findall(rf"\.((?:{families})_\w+)\(", text)}
    return found


def test_the_file_is_what_the_routes_make_of_it(router: Router) -> None:
    """``python app.py manifest --example > manifest.yml`` brings it up to date."""
    assert (ROOT / "manifest.yml").read_text("utf-8") == written(manifest(router))


def test_each_scope_in_the_file_has_its_reason(router: Router) -> None:
    text = written(manifest(router))
    assert yaml.safe_load(text) == manifest(router)
    for scope, why in SCOPES.items():
        assert f"- {scope}  # {why}\n" in text


@pytest.mark.needs("data")
@pytest.mark.parametrize("over_http", [False, True])
def test_slack_takes_it(router: Router, over_http: bool) -> None:
    schema = json.loads((Path(os.environ["AGORA_DATA"]) / "schemas" / "slack-manifest-2.json").read_text("utf-8"))
    made = manifest(router, EXAMPLE, over_http)
    del schema["definitions"]["app-manifests.v1.app_directory.schema"]["properties"]["support_email"]["pattern"]
    validate = fastjsonschema.compile(schema)  # cannot read that one, which concerns no more than Slack's directory
    validate(made)
    made["features"]["shortcuts"][0]["name"] = "x" * 25
    with pytest.raises(fastjsonschema.JsonSchemaException):
        validate(made)


def test_every_method_that_is_called_is_allowed() -> None:
    unknown = called() - set(NEEDED)
    assert not unknown, f"say in NEEDED which scopes Slack's reference names for {sorted(unknown)}"
    assert {scope for method in called() for scope in NEEDED[method]} <= set(SCOPES)


def test_no_scope_is_asked_for_that_nothing_takes() -> None:
    taken = {scope for method in called() for scope in NEEDED[method]} | {scope for scope in EVENTS.values() if scope}
    assert set(SCOPES) - taken - OFFERED == set()


def test_every_event_has_its_scope_and_its_hearer() -> None:
    assert {scope for scope in EVENTS.values() if scope} <= set(SCOPES)
    hears = {*events.HEARD, "app_mention", "agent_session_stopped"}
    for event in EVENTS:
        assert event.startswith("message.") or event in hears, event


def test_every_event_from_which_something_follows_is_subscribed_to() -> None:
    assert set(EVENTS) >= directory.EVENTS
    assert {"app_uninstalled", "tokens_revoked", "function_executed", "app_home_opened", "link_shared"} <= set(EVENTS)


def test_every_command_and_shortcut_is_offered(router: Router) -> None:
    features = manifest(router)["features"]
    assert {each["command"] for each in features["slash_commands"]} == {f"/{name}" for name in router.commands}
    offered = {each["callback_id"]: each for each in features["shortcuts"]}
    assert {route for route in offered if not route.startswith("/")} == set(router.shortcuts)
    assert offered["questions.from_message"]["description"] == "Ask the experts about this"
    assert offered["knowledge.from_message"]["name"] == "Save as knowledge"
    assert offered["/ask"]["type"] == "global" and "ask" in router.commands


def test_a_command_says_how_it_is_used(router: Router) -> None:
    by_name = {each["command"]: each for each in manifest(router)["features"]["slash_commands"]}
    assert by_name["/ask"] == {"command": "/ask", "description": "I answer in our own chat",
                               "usage_hint": "your question", "should_escape": True}  # fmt: skip
    assert by_name["/agora"]["usage_hint"] == "help, status, settings, or away until 2026-12-31"


def test_over_http_slack_is_told_where(router: Router) -> None:
    made = manifest(router, "https://agora.acme.example", over_http=True)
    address = "https://agora.acme.example/slack/events"
    settings: dict[str, Any] = made["settings"]
    assert settings["event_subscriptions"]["request_url"] == settings["interactivity"]["request_url"] == address
    assert not settings["socket_mode_enabled"]
    assert {each["url"] for each in made["features"]["slash_commands"]} == {address}
    assert made["oauth_config"]["redirect_urls"] == ["https://agora.acme.example/slack/oauth"]
    assert made["features"]["unfurl_domains"] == ["agora.acme.example"]


def test_through_a_socket_nothing_needs_an_address(router: Router) -> None:
    made = manifest(router, "http://127.0.0.1:8080")
    assert made["settings"]["socket_mode_enabled"]
    assert "127.0.0.1" not in written(made)
    assert "request_url" not in written(made)


def test_the_step_has_what_the_code_reads_and_gives(router: Router) -> None:
    step = manifest(router)["functions"][steps.CALLBACK]
    assert set(step["input_parameters"]["properties"]) == {steps.QUESTION, steps.ASKER}
    assert set(step["output_parameters"]["properties"]) == {steps.ANSWER, steps.LINK}


def test_the_link_carries_all_of_it(router: Router) -> None:
    address = link(manifest(router))
    assert len(address) < 8000  # what Slack's servers take
    assert yaml.safe_load(unquote(address.partition("manifest_yaml=")[2])) == manifest(router)


def test_the_documentation_says_what_each_scope_is_for() -> None:
    said = (ROOT / "docs" / "slack.md").read_text("utf-8")
    for scope, why in SCOPES.items():
        assert f"| `{scope}` | {why} |\n" in said
    assert set(re.findall(r"^\| `([a-z_.]+(?::[a-z._]+)?)` \| to ", said, re.MULTILINE)) == set(SCOPES)
