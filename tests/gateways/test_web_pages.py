"""Agora's own pages: opened by a link that works once, then by a session; or in the playground, as anybody."""

from __future__ import annotations

from datetime import timedelta

from bot.web.pages import COOKIE
from models import base, sessions
from models.base import now, reading, transaction
from models.people import Person, by_account
from tests.gateways.conftest import Site, Starter, until


def link_for(handle: str, path: str = "/entries/1") -> str:
    with transaction() as session:
        return sessions.new_link(session, by_account(session, "web", "slack", handle).id, path)


async def test_an_entry_opens_as_the_person_of_the_tab(site: Site) -> None:
    html = await (await site.client.get("/entries/1?as=mona")).text()
    assert "<h1" in html
    assert "<strong>Connect</strong>" in html


async def test_what_somebody_may_not_read_is_not_there(site: Site) -> None:
    assert (await site.client.get("/entries/2?as=gino")).status == 200
    hidden = await site.client.get("/entries/2?as=noa")
    missing = await site.client.get("/entries/999999?as=noa")
    assert (hidden.status, missing.status) == (404, 404)
    assert await hidden.text() == await missing.text()
    assert (await site.client.get("/entries/1?as=gino")).status == 404


async def test_an_address_of_nothing_says_so(site: Site) -> None:
    for path in ("/entries/", "/entries/x", "/entries/1/2", "/entries/99999999999999999999", "/..%2f"):
        assert (await site.client.get(f"{path}?as=mona")).status == 404, path


async def test_a_link_is_spent_by_pressing_not_by_looking(start: Starter) -> None:
    site = await start(playground=False)
    secret = link_for("mona")
    for _ in range(3):  # as a chat program does to show a preview
        assert (await site.client.get(f"/open/{secret}")).status == 200
    opened = await site.client.post(f"/open/{secret}", allow_redirects=False)
    assert (opened.status, opened.headers["Location"]) == (303, "/entries/1")
    cookie = opened.headers["Set-Cookie"]
    assert all(word in cookie for word in ("HttpOnly", "SameSite=Lax", "Path=/"))
    assert "Secure" not in cookie
    assert "Resetting the VPN" in await (await site.client.get("/entries/1")).text()
    again = await site.client.post(f"/open/{secret}", allow_redirects=False)
    assert again.status == 410
    assert "Set-Cookie" not in again.headers


async def test_who_is_in_is_led_on_by_their_own_links_alone(start: Starter) -> None:
    site = await start(playground=False)
    spent, fresh, theirs = link_for("mona"), link_for("mona", "/topics/1"), link_for("omar")
    await site.client.post(f"/open/{spent}")
    for secret, path in ((spent, "/entries/1"), (fresh, "/topics/1")):
        led = await site.client.get(f"/open/{secret}", allow_redirects=False)
        assert (led.status, led.headers["Location"]) == (303, path)
    assert (await site.client.get(f"/open/{theirs}", allow_redirects=False)).status == 200


async def test_behind_https_the_session_never_travels_without(start: Starter) -> None:
    site = await start(playground=False, public_url="https://agora.example.com")
    headers = {"Origin": "https://agora.example.com", "X-Forwarded-Proto": "https"}
    opened = await site.client.post(f"/open/{link_for('mona')}", headers=headers, allow_redirects=False)
    assert "Secure" in opened.headers["Set-Cookie"]


async def test_links_and_sessions_end(start: Starter) -> None:
    site = await start(playground=False)
    secret, old = link_for("mona"), link_for("mona")
    await site.client.post(f"/open/{secret}")
    later = now() + sessions.SESSION_LIFE + timedelta(minutes=1)
    base.set_clock(lambda: later)
    try:
        assert (await site.client.get("/entries/1")).status == 401
        assert (await site.client.post(f"/open/{old}")).status == 410
    finally:
        base.set_clock(None)


async def test_who_left_gets_in_no_more(start: Starter) -> None:
    site = await start(playground=False)
    first, second = link_for("mona"), link_for("mona")
    await site.client.post(f"/open/{first}")
    with transaction() as session:
        session.get_one(Person, by_account(session, "web", "slack", "mona").id).active = False
    assert (await site.client.get("/entries/1")).status == 401
    assert (await site.client.post(f"/open/{second}")).status == 410


async def test_a_made_up_session_is_nobody(start: Starter) -> None:
    site = await start(playground=False)
    for token in ("", "x", "é" * 10, "a" * 5000):
        headers = {"Cookie": f"{COOKIE}={token}"}
        assert (await site.client.get("/entries/1", headers=headers)).status == 401, token


async def test_a_used_link_brings_one_new_one_into_the_own_chat(site: Site) -> None:
    mona = site.tab("mona")
    secret = link_for("mona", "/entries/1")
    await site.client.post(f"/open/{secret}")
    answers = [await (await site.client.post(f"/open/{secret}/again")).text() for _ in range(3)]
    unknown = await (await site.client.post("/open/of-nobody/again")).text()
    assert "/entries/1" in str([message.card for message in await mona.sees(1)])
    assert {answer.replace(secret, "of-nobody") for answer in answers} == {unknown}
    await until(lambda: not _waiting())
    assert len(mona.messages()) == 1


def _waiting() -> int:
    from sqlalchemy import func, select

    from models.mail import DONE, SENT, Inbox, Outbox

    with reading() as session:
        inbox = select(func.count()).select_from(Inbox).where(Inbox.state != DONE)
        outbox = select(func.count()).select_from(Outbox).where(Outbox.state != SENT)
        return (session.scalar(inbox) or 0) + (session.scalar(outbox) or 0)


async def test_who_is_not_known_yet_is_spoken_to_in_the_browsers_language(start: Starter) -> None:
    site = await start(playground=False)
    for wanted, direction in (
        ("he-IL,en;q=0.5", 'lang="he" dir="rtl"'),
        ("ar", 'lang="ar" dir="rtl"'),
        ("xx;;,", 'lang="en" dir="ltr"'),
    ):
        assert direction in await (await site.client.get("/", headers={"Accept-Language": wanted})).text()


async def test_a_page_that_fails_apologises_and_can_be_found(site: Site) -> None:
    def broken(session: object, person: object) -> tuple[()]:
        raise RuntimeError("secret inner life")

    site.runtime.router.home(99)(broken)
    response = await site.client.get("/as/mona/slack/home")
    text = await response.text()
    assert response.status == 500
    assert "an administrator can find it as" in text
    assert "secret" not in text
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
