"""Files that people post in Slack become Agora's, with what they belong to."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from sqlalchemy import select

from bot.gateway import Throttled, Uncertain
from bot.inbound import Inbound
from bot.slack import fetching
from models.base import reading
from models.files import File, content_of
from models.questions import Question
from tests.gateways.conftest import until
from tests.gateways.slack.conftest import Workspace
from tests.gateways.slack.fake import TOKEN
from tests.gateways.slack.sent import payload

PNG = b"\x89PNG\r\n\x1a\n" + bytes(60)


def files() -> list[File]:
    with reading() as session:
        return list(session.scalars(select(File).order_by(File.id)))


def posted(workspace: Workspace, name: str = "message_file_share", **about: Any) -> dict[str, Any]:
    """A message with a file that stands in this Slack."""
    workspace.slack.files.setdefault("screen.png", PNG)
    sent = payload(name)
    url = f"{workspace.slack.url}/files/screen.png"
    sent["event"]["files"] = [{**each, "url_private_download": url, "url_private": url, **about}
                              for each in sent["event"]["files"]]  # fmt: skip
    return sent


async def fetched(workspace: Workspace, sent: dict[str, Any]) -> Inbound:
    def do() -> Inbound:
        return workspace.gateway.fetch(workspace.gateway.parse(sent))

    return await asyncio.to_thread(do)


async def test_a_file_comes_with_its_question(workspace: Workspace) -> None:
    await workspace.hears(posted(workspace))
    await workspace.handled(1)
    (file,) = files()
    assert (file.name, file.media_type, file.size) == ("screen.png", "image/png", len(PNG))
    with reading() as session:
        assert content_of(session, file) == PNG
        assert len(session.scalars(select(Question)).all()) == 1
    assert workspace.slack.fetched == [("/files/screen.png", f"Bearer {TOKEN}")]


async def test_tried_again_it_is_kept_once(workspace: Workspace) -> None:
    sent = posted(workspace)
    first, second = await fetched(workspace, sent), await fetched(workspace, sent)
    assert first.files == second.files and len(first.files) == 1 and first.attachments == ()
    assert len(files()) == 1


async def test_in_a_form_it_stands_in_its_field(workspace: Workspace) -> None:
    workspace.slack.files["screen.png"] = PNG
    sent = payload("view_submission_files")
    (given,) = sent["view"]["state"]["values"]["files"]["in"]["files"]
    given["url_private_download"] = f"{workspace.slack.url}/files/screen.png"
    found = await fetched(workspace, sent)
    assert found.values == {"text": "See the picture", "files": str(files()[0].id)} and found.files == ()


async def test_of_a_file_that_companies_share_slack_is_asked(workspace: Workspace) -> None:
    workspace.slack.files["screen.png"] = PNG
    workspace.slack.answers["files.info"] = {"file": {"url_private": f"{workspace.slack.url}/files/screen.png"}}
    found = await fetched(workspace, payload("message_file_shared_between_companies"))
    assert len(found.files) == 1
    assert workspace.slack.calls["files.info"][0]["file"] == "F0SHARED"


@pytest.mark.parametrize(
    ("about", "content"),
    [
        ({"size": 11 * 1024 * 1024}, PNG),
        ({}, bytes(11 * 1024 * 1024)),
        ({}, b""),
        ({"url_private_download": "https://files.example.com/x.png"}, PNG),
        ({"url_private_download": "file:///etc/passwd"}, PNG),
        ({"url_private_download": "http://files.slack.com/x.png"}, PNG),
        ({"url_private_download": "https://files.slack.com.example.com/x.png"}, PNG),
        ({"url_private_download": "https://evilslack.com/x.png"}, PNG),
    ],
    ids=["said to be large", "large", "empty", "elsewhere", "here", "not encrypted", "like Slack", "like Slack's"],
)
async def test_a_file_that_cannot_be_had_is_named_and_its_question_is_asked(
    workspace: Workspace, about: dict[str, Any], content: bytes
) -> None:
    workspace.slack.files["screen.png"] = content
    await workspace.hears(posted(workspace, **about))
    await workspace.handled(1)
    assert files() == []
    with reading() as session:
        assert len(session.scalars(select(Question)).all()) == 1
    said = await until(lambda: [row for row in workspace.sent() if "screen.png" in str(row.payload)])
    assert len(said) == 1


async def test_a_file_that_is_gone(workspace: Workspace) -> None:
    found = await fetched(workspace, posted(workspace, url_private_download=f"{workspace.slack.url}/files/gone.png"))
    assert found.files == ()


async def test_the_token_goes_nowhere_else(workspace: Workspace) -> None:
    sent = posted(workspace, url_private_download=f"{workspace.slack.url}/elsewhere")
    assert (await fetched(workspace, sent)).files == ()


async def test_slack_is_asked_again_where_it_did_not_answer(workspace: Workspace) -> None:
    sent = posted(workspace)
    workspace.gateway._fetcher = fetching.Fetcher("http://127.0.0.1:9/api")
    sent["event"]["files"][0]["url_private_download"] = "http://127.0.0.1:9/x.png"
    with pytest.raises(Uncertain):
        await fetched(workspace, sent)
    workspace.slack.answers["files.info"] = {"error": "ratelimited", "status": 429}
    with pytest.raises(Throttled):
        await fetched(workspace, payload("message_file_shared_between_companies"))


async def test_no_more_than_ten(workspace: Workspace) -> None:
    sent = posted(workspace)
    sent["event"]["files"] *= 12
    found = await fetched(workspace, sent)
    assert len(set(found.files)) == 1 and len(workspace.slack.fetched) == 10
