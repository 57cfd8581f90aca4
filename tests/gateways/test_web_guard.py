"""Who gets into the playground, and what is let through to anything that changes something."""

from __future__ import annotations

import asyncio

import pytest

from bot.web.store import WebMessage
from tests.gateways.conftest import Site, Starter
from tests.gateways.test_web import count

INSIDE = ("/as/mona", "/as/mona/slack", "/as/mona/slack/home", "/as/mona/slack/in/general", "/as/mona/slack/live")


@pytest.mark.parametrize("host", ["127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080"])
async def test_this_machine_is_let_in_under_its_own_names(site: Site, host: str) -> None:
    response = await site.client.get("/", headers={"Host": host})
    assert "Mona Ahlberg" in await response.text()


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "agora.example.com"},
        {"Host": "127.0.0.1.evil.example"},
        {"Host": "localhost.evil.example:8080"},
        {"Host": "[::1].evil"},
        {"Host": "0.0.0.0:8080"},
        {"Forwarded": "for=1.2.3.4"},
        {"X-Forwarded-For": "1.2.3.4"},
        {"X-Forwarded-Host": "agora.example.com"},
        {"X-Forwarded-Proto": "https"},
        {"X-Real-IP": "1.2.3.4"},
        {"Via": "1.1 proxy"},
        {"CF-Connecting-IP": "1.2.3.4"},
    ],
)
async def test_everybody_else_sees_that_it_runs_and_nothing_more(site: Site, headers: dict[str, str]) -> None:
    front = await site.client.get("/", headers=headers)
    assert front.status == 200
    text = await front.text()
    assert "Agora is ready" in text
    assert "Mona" not in text
    for path in INSIDE:
        assert (await site.client.get(path, headers=headers, allow_redirects=False)).status == 404
    assert (await site.tab("mona").post("messages", headers, place="general", text="hi")).status in (403, 404)
    assert (await site.client.get("/entries/1?as=mona", headers=headers)).status == 401


async def test_without_the_setting_there_is_no_playground(start: Starter) -> None:
    site = await start(playground=False)
    assert "Mona" not in await (await site.client.get("/")).text()
    for path in INSIDE:
        assert (await site.client.get(path, allow_redirects=False)).status == 404
    assert (await site.client.get("/entries/1?as=mona")).status == 401


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
async def test_other_sites_can_change_nothing(site: Site, headers: dict[str, str]) -> None:
    mona = site.tab("mona")
    for path in ("messages", "press", "submit", "shortcut", "read"):
        response = await mona.post(path, headers, place="general", text="hi", route="questions.new", id=0, upto=1)
        assert response.status == 403
    for path in ("/open/x", "/open/x/again"):
        assert (await site.client.post(path, headers=headers)).status == 403
    assert (await site.client.get(f"{mona.base}/live", headers=headers)).status == 403
    assert count(WebMessage) == 0


async def test_a_form_of_another_site_cannot_pass_for_ours(site: Site) -> None:
    """Without JavaScript a page elsewhere can send these kinds of bodies only."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = '{"place": "general", "text": "hi", "key": "12345678"}'
        response = await site.client.post("/as/mona/slack/messages", data=body, headers={"Content-Type": kind})
        assert response.status == 415


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"{", 400),
        (b"[1]", 400),
        (b"\xff\xfe", 400),
        (b"[" * 100_000, 400),
        (b"{}", 409),
        (b'{"place": 5, "text": "x", "key": "12345678"}', 409),
        (b'{"place": "general", "text": ["x"], "key": "12345678"}', 409),
        (b'{"place": "general", "text": "x", "key": "' + b"k" * 500 + b'"}', 409),
        (b'{"place": "general", "text": "x", "key": "12345678", "thread": "-1"}', 409),
        (b'{"place": "general", "text": "' + b"x" * 1_500_000 + b'"}', 413),
    ],
)
async def test_bodies_that_make_no_sense_are_refused(site: Site, body: bytes, status: int) -> None:
    headers = {"Content-Type": "application/json"}
    response = await site.client.post("/as/mona/slack/messages", data=body, headers=headers)
    assert response.status == status
    assert count(WebMessage) == 0


@pytest.mark.parametrize(
    "path", ["/as/nobody/slack/home", "/as/mona/nowhere/home", "/as/nobody", "/as/omar/teams/home"]
)
async def test_nobody_can_be_who_does_not_exist(site: Site, path: str) -> None:
    assert (await site.client.get(path)).status == 404


@pytest.mark.parametrize(
    "path", ["/", "/static/base.css", "/as/mona/slack/in/general", "/entries/1?as=mona", "/open/x", "/nothing/here"]
)
async def test_every_page_keeps_the_browser_at_home(site: Site, path: str) -> None:
    response = await site.client.get(path)
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none';")
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store")


@pytest.mark.parametrize("name", ["..%2fgateway.py", "%2e%2e%2fgateway.py", "nothing.css", "..", "%00", "a%5c..%5cb"])
async def test_only_static_files_are_static(site: Site, name: str) -> None:
    assert (await site.client.get(f"/static/{name}")).status == 404


async def test_static_files_are_sent_once(site: Site) -> None:
    first = await site.client.get("/static/app.js")
    assert first.content_type == "text/javascript"
    again = await site.client.get("/static/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


async def test_tabs_follow_live_and_miss_nothing(site: Site) -> None:
    mona, omar = site.tab("mona"), site.tab("omar")
    await mona.says("before", "general")
    async with site.client.ws_connect(f"{omar.base}/live?since=0&in=general") as tab:
        first = await tab.receive_json(timeout=5)
        assert ["before" in change["html"] for change in first["changes"]] == [True]
        await mona.says("while", "general")
        second = await tab.receive_json(timeout=5)
        assert ["while" in change["html"] for change in second["changes"]] == [True]
        assert second["unread"] == {"general": 2}
    await mona.says("after", "general")
    async with site.client.ws_connect(f"{omar.base}/live?since={second['seq']}&in=general") as tab:
        third = await tab.receive_json(timeout=5)
        assert ["after" in change["html"] for change in third["changes"]] == [True]


async def test_a_tab_hears_only_of_what_its_person_may_see(site: Site) -> None:
    omar, mona = site.tab("omar"), site.tab("mona")
    await omar.says("behind the door", "secret")
    await omar.says("on my own")
    async with site.client.ws_connect(f"{mona.base}/live?since=0&in=secret") as tab:
        first = await tab.receive_json(timeout=5)
        assert first["changes"] == []
        await omar.says("for all", "general")
        assert [change["place"] for change in (await tab.receive_json(timeout=5))["changes"]] == ["general"]


async def test_open_tabs_do_not_hold_up_the_end(site: Site) -> None:
    async with site.client.ws_connect("/as/mona/slack/live") as tab:
        async with asyncio.timeout(3):
            await site.runtime.gateways["web"].close()
            assert (await tab.receive()).data == 1001  # RFC 6455, 7.4.1: going away
