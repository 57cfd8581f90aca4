"""Who gets into the playground, and what is let through to anything that changes something."""

from __future__ import annotations

import asyncio

from bot.web.store import WebMessage
from tests.gateways.conftest import Site, Starter
from tests.gateways.test_web import count

INSIDE = ("/as/mona", "/as/mona/slack", "/as/mona/slack/home", "/as/mona/slack/in/general", "/as/mona/slack/live")


async def test_this_machine_is_let_in_under_its_own_names(site: Site) -> None:
    for host in ("127.0.0.1:8080", "localhost", "LOCALHOST:1", "[::1]:8080"):
        response = await site.client.get("/", headers={"Host": host})
        assert "Mona Ahlberg" in await response.text(), host


ELSEWHERE = [
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
]


async def test_everybody_else_sees_that_it_runs_and_nothing_more(site: Site) -> None:
    for headers in ELSEWHERE:
        front = await site.client.get("/", headers=headers)
        text = await front.text()
        assert (front.status, "Agora is ready" in text, "Mona" in text) == (200, True, False), headers
        for path in INSIDE:
            response = await site.client.get(path, headers=headers, allow_redirects=False)
            assert response.status == 404, (headers, path)
        posted = await site.tab("mona").post("messages", headers, place="general", text="hi")
        assert posted.status in (403, 404), headers
        assert (await site.client.get("/entries/1?as=mona", headers=headers)).status == 401, headers


async def test_without_the_setting_there_is_no_playground(start: Starter) -> None:
    site = await start(playground=False)
    assert "Mona" not in await (await site.client.get("/")).text()
    for path in INSIDE:
        assert (await site.client.get(path, allow_redirects=False)).status == 404
    assert (await site.client.get("/entries/1?as=mona")).status == 401


async def test_other_sites_can_change_nothing(site: Site) -> None:
    mona = site.tab("mona")
    for headers in (
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        for path in ("messages", "press", "submit", "shortcut", "read"):
            response = await mona.post(path, headers, place="general", text="hi", route="questions.new", id=0, upto=1)
            assert response.status == 403, (headers, path)
        for path in ("/open/x", "/open/x/again"):
            assert (await site.client.post(path, headers=headers)).status == 403, (headers, path)
        assert (await site.client.get(f"{mona.base}/live", headers=headers)).status == 403, headers
    assert count(WebMessage) == 0


async def test_a_form_of_another_site_cannot_pass_for_ours(site: Site) -> None:
    """Without JavaScript a page elsewhere can send these kinds of bodies only."""
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
        body = '{"place": "general", "text": "hi", "key": "12345678"}'
        response = await site.client.post("/as/mona/slack/messages", data=body, headers={"Content-Type": kind})
        assert response.status == 415


BODIES = [
    (b"", 400),
    (b"{", 400),
    (b"[1]", 400),
    (b"\xff\xfe", 400),
    (b"[" * 100_000, 400),
    (b"{}", 200),
    (b'{"place": 5, "text": "x", "key": "12345678"}', 200),
    (b'{"place": "general", "text": ["x"], "key": "12345678"}', 200),
    (b'{"place": "general", "text": "x", "key": "' + b"k" * 500 + b'"}', 200),
    (b'{"place": "general", "text": "x", "key": "12345678", "thread": "-1"}', 200),
    (b'{"place": "general", "text": "' + b"x" * 1_500_000 + b'"}', 413),
]


async def test_bodies_that_make_no_sense_are_refused(site: Site) -> None:
    for body, status in BODIES:
        headers = {"Content-Type": "application/json"}
        response = await site.client.post("/as/mona/slack/messages", data=body, headers=headers)
        assert response.status == status, body[:80]
        assert status != 200 or "out of date" in (await response.json())["refused"], body[:80]
    assert count(WebMessage) == 0


async def test_nobody_can_be_who_does_not_exist(site: Site) -> None:
    for path in ("/as/nobody/slack/home", "/as/mona/nowhere/home", "/as/nobody", "/as/omar/teams/home"):
        response = await site.client.get(path)
        assert response.status == 404 and '<a href="/">' in await response.text(), path


async def test_every_page_keeps_the_browser_at_home(site: Site) -> None:
    for path in ("/", "/static/base.css", "/as/mona/slack/in/general", "/entries/1?as=mona", "/open/x", "/no/page"):
        headers = (await site.client.get(path)).headers
        policy = headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none';"), path
        assert "unsafe" not in policy, path
        assert "frame-ancestors 'none'" in policy, path
        assert headers["X-Content-Type-Options"] == "nosniff", path
        assert headers["Referrer-Policy"] == ("same-origin" if "open" in path else "no-referrer"), path
        assert headers["Cache-Control"] == ("no-cache" if "static" in path else "no-store"), path


async def test_only_static_files_are_static(site: Site) -> None:
    for name in ("..%2fgateway.py", "%2e%2e%2fgateway.py", "nothing.css", "%00", "a%5c..%5cb"):
        assert (await site.client.get(f"/static/{name}")).status == 404, name


async def test_static_files_are_sent_once(site: Site) -> None:
    first = await site.client.get("/static/app.js")
    assert first.content_type == "text/javascript"
    again = await site.client.get("/static/app.js", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


async def test_tabs_follow_live_and_miss_nothing(site: Site) -> None:
    mona, omar = site.tab("mona"), site.tab("omar")
    await mona.says("before", "general")
    async with site.client.ws_connect(f"{omar.base}/live?since=0&in=general") as tab:
        first = await tab.receive_json(timeout=60)
        assert ["before" in change["html"] for change in first["changes"]] == [True]
        await mona.says("while", "general")
        second = await tab.receive_json(timeout=60)
        assert ["while" in change["html"] for change in second["changes"]] == [True]
        assert second["unread"] == {"general": 2}
    await mona.says("after", "general")
    async with site.client.ws_connect(f"{omar.base}/live?since={second['seq']}&in=general") as tab:
        third = await tab.receive_json(timeout=60)
        assert ["after" in change["html"] for change in third["changes"]] == [True]


async def test_a_tab_hears_only_of_what_its_person_may_see(site: Site) -> None:
    omar, mona = site.tab("omar"), site.tab("mona")
    await omar.says("behind the door", "secret")
    await omar.says("on my own")
    async with site.client.ws_connect(f"{mona.base}/live?since=0&in=secret") as tab:
        await omar.says("for all", "general")
        assert [change["place"] for change in (await tab.receive_json(timeout=60))["changes"]] == ["general"]


async def test_open_tabs_do_not_hold_up_the_end(site: Site) -> None:
    async with site.client.ws_connect("/as/mona/slack/live") as tab:
        async with asyncio.timeout(30):
            await site.runtime.gateways["web"].close()
            assert (await tab.receive()).data == 1001  # RFC 6455, 7.4.1: going away
