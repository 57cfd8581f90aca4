"""What Slack sends becomes the one shape."""

from __future__ import annotations

from typing import Any

import pytest

from bot.inbound import Inbound
from bot.router import Router
from bot.slack.parse import event_of, opens, parse, without_tokens
from bot.slack.reading import Around, NotOurs
from handlers import all_routes
from tests.gateways.slack.sent import BOT, NAMES, PUBLIC_URL, payload

PEOPLE = {"U0OMAR": "عمر الخطيب", "C0HELP": "help-desk", "S0IT": "it"}
AROUND = Around(lambda installation: PEOPLE.get, {"T0COMPANY": BOT}, PUBLIC_URL)
SAID = "How do I reset the VPN?"
NOTHING = {  # what must not be taken for something that somebody said or did
    "message_bot", "message_bot_as_user", "message_self", "message_slackbot", "message_channel_join",
    "message_changed_unfurled", "message_changed_edited_then_unfurled", "message_changed_replies",
    "message_changed_of_agora", "link_shared_composer", "app_home_opened_messages", "block_actions_link",
    "view_closed",
}  # fmt: skip


def heard(name: str, **event: Any) -> Inbound:
    return parse(payload(name, **event), AROUND)


def key(name: str) -> tuple[str, str, str]:
    sent = payload(name)
    event = event_of(sent, parse(sent, AROUND), now=False)
    return event.conversation, event.kind, event.key


@pytest.mark.parametrize("name", NAMES)
def test_everything_is_understood_or_knowingly_left_alone(name: str) -> None:
    if name in NOTHING:
        with pytest.raises(NotOurs):
            heard(name)
    else:
        found = heard(name)
        assert found.platform == "slack" and found.conversation and found.installation


def test_a_mention() -> None:
    found = heard("app_mention")
    assert found == Inbound("slack", "T0COMPANY", "C0GENERAL", "message", "U0MONA", SAID, True,
                            message="1763800001.000100")  # fmt: skip


def test_a_mention_is_told_twice_and_is_one_message() -> None:
    assert heard("app_mention") == heard("message_channels_mention")
    assert key("app_mention") == key("message_channels_mention")


def test_the_same_event_again_has_the_same_key() -> None:
    for name in ("message_changed", "reaction_added", "user_change", "command_ask", "view_submission"):
        assert key(name) == key(name)


def test_what_was_done_twice_has_two_keys() -> None:
    names = [name for name in NAMES if name not in NOTHING and name != "message_channels_mention"]
    once = {"message_shared_channel", "message_whole_organisation"}  # the same message, elsewhere
    keys = [key(name) for name in names if name not in once and not name.startswith("message_deleted")]
    messages = [each for each in keys if each[1] == "message"]
    assert len({each for each in keys if each[1] != "message"}) == len(keys) - len(messages)


def test_a_direct_message_is_the_persons_own_chat() -> None:
    found = heard("message_im")
    assert (found.conversation, found.actor, found.text, found.mentioned) == ("U0MONA", "U0MONA", SAID, True)
    assert heard("block_actions_im").conversation == "U0MONA"
    assert heard("message_deleted_in_im").conversation == "U0MONA"
    assert heard("command_ask_bare").conversation == "U0MONA"


@pytest.mark.parametrize(("name", "place"), [("message_mpim", "C0GROUP"), ("message_group", "G0CLOSED")])
def test_groups_and_closed_channels(name: str, place: str) -> None:
    found = heard(name)
    assert (found.conversation, found.text, found.mentioned) == (place, SAID, True)


def test_threads() -> None:
    found = heard("message_thread")
    assert (found.thread, found.message, found.mentioned) == ("1763800001.000100", "1763800011.000100", False)


def test_a_reply_that_is_shown_in_the_channel_too_stands_in_its_thread() -> None:
    found = heard("message_thread_broadcast")
    assert (found.kind, found.thread, found.text) == ("message", "1763800001.000100", "It works again!")


def test_the_first_message_of_a_thread_stands_in_none() -> None:
    assert heard("app_mention", thread_ts="1763800001.000100").thread is None


def test_entities_become_names() -> None:
    assert heard("message_entities").text == (
        "ask @عمر الخطيب or @nobody in #help & #C0GENERAL: is 1 < 2? this page (https://example.com/a?b=1&c=2) "
        "https://example.com it@example.com @it @here 22 November"
    )


def test_what_looks_like_an_entity_after_unescaping_stays_text() -> None:
    assert heard("message_im", text="&lt;!channel&gt; &amp;lt;@U0OMAR&amp;gt;").text == "<!channel> &lt;@U0OMAR&gt;"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("<@U0AGORA> why?", "why?"),
        ("<@U0AGORA>, why?", "why?"),
        ("<@U0AGORA|agora>: why?", "why?"),
        ("Hey <@U0AGORA>, why?", "Hey, why?"),
        ("why <@U0AGORA>", "why"),
        ("<@U0AGORA>", ""),
        ("a  b\n    c", "a  b\n    c"),
        ("<@U0AGORA> ```if a:\n    b```", "```if a:\n    b```"),
    ],
)
def test_the_mention_of_agora_is_no_part_of_the_question(text: str, said: str) -> None:
    assert heard("message_im", text=text).text == said


def test_forty_thousand_characters() -> None:
    text = "How? " * 8_000
    assert heard("message_im", text=text).text == text.strip()


def test_other_languages_stay_as_they_are() -> None:
    assert heard("message_rtl").text == "כיצד מאפסים את ה-VPN?"


def test_files() -> None:
    found = heard("message_file_share")
    about = {"id": "F0SCREEN", "name": "screen.png", "size": 68,
             "url": "https://files.slack.com/files-pri/T0COMPANY-F0SCREEN/download/screen.png"}  # fmt: skip
    assert found.attachments == (about,) and found.text == "Why does it look like this?"
    assert heard("message_files_only").attachments == (about,)
    assert heard("message_file_shared_between_companies").attachments == (
        {"id": "F0SHARED", "name": "", "size": 0, "url": None},
    )
    assert heard("message_file_external").attachments == ()


def test_changes() -> None:
    found = heard("message_changed")
    assert (found.kind, found.actor, found.text) == ("message_changed", "U0MONA", "How do I reset the VPN on Linux?")
    assert found.message == "1763800001.000100"


@pytest.mark.parametrize("name", ["message_deleted", "message_changed_tombstone"])
def test_deletions(name: str) -> None:
    found = heard(name)
    assert (found.kind, found.actor, found.message) == ("message_deleted", "U0MONA", "1763800001.000100")
    assert key(name) == key("message_deleted")


def test_reactions() -> None:
    found = heard("reaction_added")
    assert (found.kind, found.actor, found.text, found.message) == (
        "reaction",
        "U0OMAR",
        "thumbsup",
        "1763800002.000100",
    )
    assert found.values == {"added": True} and heard("reaction_removed").values == {"added": False}
    with pytest.raises(NotOurs):
        heard("reaction_added", user=BOT)


def test_links_to_our_own_pages() -> None:
    found = heard("link_shared")
    assert found.values == {"links": [[f"{PUBLIC_URL}/entries/7?x=1#top", "/entries/7"]]}
    assert (found.kind, found.message) == ("unfurl", "1763800060.000100")
    with pytest.raises(NotOurs):
        parse(payload("link_shared"), Around(public_url="https://agora.example.co"))


def test_the_home() -> None:
    found = heard("app_home_opened")
    assert (found.kind, found.conversation, found.actor) == ("home", "U0MONA", "U0MONA")


def test_agora_comes_to_a_channel_and_others_do() -> None:
    found = heard("member_joined_channel_agora")
    assert (found.kind, found.conversation, found.actor) == ("joined", "C0GENERAL", "U0MONA")
    other = heard("member_joined_channel")
    assert (other.kind, other.actor, other.values["user"]) == ("directory", None, "U0OMAR")


@pytest.mark.parametrize(
    ("name", "conversation"),
    [("user_change", "U0OMAR"), ("channel_rename", "C0GENERAL"), ("subteam_members_changed", "T0COMPANY")],
)
def test_the_directory(name: str, conversation: str) -> None:
    found = heard(name)
    assert (found.kind, found.conversation, found.values["type"]) == ("directory", conversation, name)


def test_in_a_channel_that_companies_share_the_workspace_is_ours() -> None:
    found = heard("message_shared_channel")
    assert (found.installation, found.actor) == ("T0COMPANY", "U0STRANGER")


def test_in_an_organisation_the_workspace_is_the_one_where_it_happened() -> None:
    assert heard("message_whole_organisation").installation == "T0BRANCH"
    assert heard("block_actions_whole_organisation").installation == "T0BRANCH"


def test_a_view_of_somebody_of_another_company_belongs_to_the_workspace_of_the_app() -> None:
    sent = payload("view_submission")
    theirs = {"id": "T0THEIRS", "domain": "theirs"}
    view = {**sent["view"], "app_installed_team_id": "T0COMPANY"}
    sent |= {"team": theirs, "user": {**sent["user"], "team_id": "T0THEIRS"}, "view": view}
    assert parse(sent, AROUND).installation == "T0COMPANY"
    sent |= {"is_enterprise_install": True}
    assert parse(sent, AROUND).installation == "T0THEIRS", "the workspaces of an organisation keep theirs"


def test_no_token_is_kept() -> None:
    sent = {**payload("block_actions_message"), "bot_access_token": "xwfp-secret"}
    assert "xwfp-secret" not in str(without_tokens(sent)) and "seekrit" not in str(without_tokens(sent))


def test_buttons() -> None:
    found = heard("block_actions_message")
    assert found == Inbound("slack", "T0COMPANY", "C0GENERAL", "button", "U0MONA", message="1763800002.000100",
                            route="experts.accept", id=5)  # fmt: skip
    assert heard("block_actions_thread").thread == "1763800001.000100"
    assert heard("block_actions_ephemeral").message == "e:1763800003.000100"
    assert heard("block_actions_overflow").route == "experts.decline"
    home = heard("block_actions_home")
    assert (home.conversation, home.surface, home.message) == ("U0MONA", "home", None)
    modal = heard("block_actions_modal")
    assert (modal.conversation, modal.message, modal.id) == ("C0GENERAL", "1763800002.000100", 9)


def test_forms() -> None:
    found = heard("view_submission")
    assert (found.kind, found.route, found.id, found.conversation) == ("form", "questions.ask", 0, "U0MONA")
    assert found.values == {"text": SAID, "anonymous": "no"}
    empty = heard("view_submission_empty")
    assert empty.values == {"text": "", "anonymous": ""} and empty.surface == "home"
    assert heard("view_submission_files").attachments[0]["field"] == "files"


def test_commands() -> None:
    found = heard("command_ask")
    assert (found.kind, found.route, found.conversation) == ("command", "ask", "C0GENERAL")
    assert found.text == f"{SAID} <now> @عمر الخطيب"


def test_shortcuts() -> None:
    found = heard("message_action")
    assert (found.kind, found.route, found.message) == ("shortcut", "questions.from_message", "1763800001.000100")
    assert found.thread == "1763800000.000100"
    assert found.text == "Who knows how the badge (https://example.com) works?"
    assert found.values == {"author": "U0NOA"}
    assert (heard("shortcut").kind, heard("shortcut").route) == ("command", "ask")


def test_nothing_is_posted_below_a_message_of_a_chat_between_people() -> None:
    found = heard("message_action_between_people")
    assert (found.conversation, found.message, found.thread) == ("U0MONA", None, None)


@pytest.mark.parametrize(
    ("name", "wanted"),
    [
        ("command_ask", False),
        ("command_ask_bare", True),
        ("shortcut", True),
        ("block_actions_form", True),
        ("block_actions_overflow", True),
        ("block_actions_message", False),
        ("message_action", False),
        ("message_action_between_people", True),
        ("app_mention", False),
    ],
)
def test_what_opens_a_form_is_known_beforehand(name: str, wanted: bool) -> None:
    router: Router = all_routes()
    assert opens(payload(name), heard(name), router) is wanted
