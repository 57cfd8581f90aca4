"""Files over HTTP, and messages that their authors change or take away."""

from __future__ import annotations

from typing import Any

from aiohttp import ClientResponse, FormData
from sqlalchemy import select

from models.base import reading, transaction
from models.files import MOST_BYTES, File, keep, posted
from models.people import by_account
from models.places import place_at
from models.questions import Question
from tests.gateways.conftest import Site, Starter, Tab, until
from tests.gateways.test_web_pages import link_for
from tests.models.test_files import PNG

SVG = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>"


async def upload(tab: Tab, name: str, content: bytes, headers: dict[str, str] | None = None) -> ClientResponse:
    form = FormData(quote_fields=False)  # as browsers do
    form.add_field("file", content, filename=name, content_type="image/png")
    return await tab.client.post(f"{tab.base}/files", data=form, headers=headers)


def kept(handle: str, name: str, content: bytes, place: str | None = None) -> int:
    with transaction() as session:
        person = by_account(session, "web", "slack", handle)
        file = keep(session, person, name, content)
        if place:
            where = place_at(session, "web", "slack", place)
            assert where is not None
            posted(session, person, [file.id], where)
        return file.id


async def test_a_picture_goes_along_with_a_question_and_is_shown(site: Site) -> None:
    mona = site.tab("mona")
    given = await (await upload(mona, "../screen shot.png", PNG)).json()
    assert given["name"] == "screen shot.png" and given["picture"]
    await mona.says("What does this VPN error mean?", files=[given["id"]])
    await mona.sees(2)
    assert f'src="/files/{given["id"]}?as=mona"' in await mona.page("/in/dm:mona")
    shown = await site.client.get(f"/files/{given['id']}?as=mona")
    assert (shown.status, shown.content_type, await shown.read()) == (200, "image/png", PNG)
    assert shown.headers["Content-Disposition"].startswith("inline;")
    assert (await site.client.get(f"/files/{given['id']}?as=noa")).status == 404
    with reading() as session:
        assert session.scalars(select(File.question_id)).one() is not None


async def test_what_is_no_picture_is_saved_and_runs_nothing(site: Site) -> None:
    for name, content in (("a.png", SVG), ("page.html", b"<script>alert(1)</script>"), ("a.pdf", b"%PDF-1.7 ...")):
        served = await site.client.get(f"/files/{kept('mona', name, content)}?as=mona")
        assert served.content_type == "application/octet-stream"
        assert served.headers["Content-Disposition"].startswith(f'attachment; filename="{name}"')
        assert "sandbox" in served.headers["Content-Security-Policy"]
        assert served.headers["X-Content-Type-Options"] == "nosniff"
        assert served.headers["Cache-Control"].startswith("private")


async def test_a_name_in_any_script_survives_the_header(site: Site) -> None:
    id = kept("mona", 'דוח"; x=.pdf', b"%PDF-1")
    served = await site.client.get(f"/files/{id}?as=mona")
    assert "\n" not in served.headers["Content-Disposition"]
    assert "filename*=UTF-8''%D7%93%D7%95%D7%97%22%3B%20x%3D.pdf" in served.headers["Content-Disposition"]


async def test_in_a_channel_whoever_reads_it_sees_the_file(site: Site) -> None:
    open_to_all, closed = kept("mona", "a.png", PNG, "general"), kept("omar", "b.png", PNG, "secret")
    for id, handle, status in ((open_to_all, "noa", 200), (closed, "omar", 200), (closed, "mona", 404)):
        assert (await site.client.get(f"/files/{id}?as={handle}")).status == status
    assert (await site.client.get("/files/999999?as=mona")).status == 404
    assert (await site.client.get("/files/1/../1")).status in (401, 404)


async def test_without_a_session_nothing_is_served(start: Starter) -> None:
    site = await start(playground=False)
    id = kept("mona", "a.png", PNG)
    assert (await site.client.get(f"/files/{id}?as=mona")).status == 404
    await site.client.post(f"/open/{link_for('mona')}")
    first = await site.client.get(f"/files/{id}")
    assert first.status == 200
    again = await site.client.get(f"/files/{id}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304 and await again.read() == b""
    assert (await site.client.post("/as/mona/slack/files")).status == 404


async def test_uploads_are_refused_with_a_reason_and_nothing_is_kept(site: Site) -> None:
    mona = site.tab("mona")
    for content in (b"", b"x" * (MOST_BYTES + 1)):
        refused = await upload(mona, "a.bin", content)
        assert (await refused.json())["refused"]
    assert (await upload(mona, "a.png", PNG, {"Origin": "https://evil.example"})).status == 403
    assert (await site.client.post(f"{mona.base}/files", json={})).status == 415
    broken = {"Content-Type": "multipart/form-data"}
    assert (await site.client.post(f"{mona.base}/files", data=b"x", headers=broken)).status == 400
    with reading() as session:
        assert session.scalars(select(File)).all() == []


async def test_others_files_do_not_go_along(site: Site) -> None:
    id = kept("omar", "a.png", PNG)
    mona = site.tab("mona")
    answer: dict[str, Any] = await mona.says("What is this?", files=[id])
    assert answer["refused"] and mona.messages() == []


async def test_an_author_edits_and_deletes_their_own_message(site: Site) -> None:
    mona, noa = site.tab("mona"), site.tab("noa")
    await mona.says("@agora Where do we park bicyles at night?", place="general")
    first = (await mona.sees(1, "general"))[0]
    assert (await (await noa.post("edit", place="general", message=first.id, text="Nothing")).json())["refused"]
    done = await mona.post("edit", place="general", message=first.id, text="@agora Where do we park bicycles at night?")
    assert (await done.json())["changes"][0]["edited"]
    await until(lambda: _question_text() == "Where do we park bicycles at night?")
    assert (await (await noa.post("delete", place="general", message=first.id)).json())["refused"]
    gone = await (await mona.post("delete", place="general", message=first.id)).json()
    assert gone["changes"][0]["html"] is None
    assert first.id not in [message.id for message in noa.messages("general")]
    asked = await mona.sees(1)
    assert "deleted" in str(asked[-1].card)


def _question_text() -> str | None:
    with reading() as session:
        return session.scalars(select(Question.text)).first()
