"""What Teams sends, as the one shape that the rest of Agora knows."""

from __future__ import annotations

from typing import Any

import pytest

from bot.cards import Form, T
from bot.inbound import Inbound
from bot.teams import events, parse, wire
from bot.teams.activity import references
from bot.teams.files import FILE, OUT_OF_REACH
from tests.teams_service import BOT, CHANNEL, GROUP, SERVICE, TENANT, Json, activity, execute, invoke, mention, person

COMMANDS = ("ask", "help")
IN_CHANNEL = f"{CHANNEL};messageid=100"


def heard(said: Json) -> list[Inbound]:
    return [parse.inbound(event.payload, COMMANDS) for event in events.events(said)]


def one(said: Json) -> Inbound:
    (found,) = heard(said)
    return found


def waited(said: Json, kind: str) -> Inbound:
    return parse.inbound(events.event(said, kind, "k").payload, COMMANDS)


def keys(said: Json) -> list[tuple[str, str, str]]:
    return [(event.conversation, event.kind, event.key) for event in events.events(said)]


def test_in_ones_own_chat_everything_is_meant_for_agora() -> None:
    found = one(activity(id="1", text="  How do I reset\u00a0the VPN? "))
    assert found == Inbound("teams", TENANT, "aad-mona", "message", "aad-mona", text="How do I reset the VPN?",
                            mentioned=True, message="1")  # fmt: skip


def test_in_a_channel_a_message_stands_in_its_thread() -> None:
    said = activity(where=IN_CHANNEL, id="101", text="<at>Agora</at> and now?", entities=[mention()])
    found = one(said)
    assert (found.conversation, found.thread, found.message) == (CHANNEL, "100", "101")
    assert (found.text, found.mentioned, found.actor) == ("and now?", True, "aad-mona")
    begins = one(activity(where=IN_CHANNEL, id="100", text="<at>Agora</at> hello", entities=[mention()]))
    assert (begins.thread, begins.message) == (None, "100")


def test_in_a_group_chat_there_are_no_threads() -> None:
    found = one(activity(where=GROUP, id="5", text="hello"))
    assert (found.conversation, found.thread, found.mentioned) == (GROUP, None, False)


def test_who_has_no_id_in_entra_goes_by_that_of_teams() -> None:
    said = activity(text="hi", **{"from": {"id": "29:guest", "name": "Guest"}})
    assert (one(said).actor, one(said).conversation) == ("29:guest", "29:guest")


WORDS = {
    "a mention in the middle": ("ask <at>Agora</at> about <at>Omar</at>", "ask  about @Omar"),
    "a name that is not Agora's": ("<at>Agora Fans</at> hello", "@Agora Fans hello"),
    "what looks like a mention": ("<at>Agora</at> what is <at>?", "what is <at>?"),
    "signs": ("<at>Agora</at> is a < b && c > d?", "is a < b && c > d?"),
}


@pytest.mark.parametrize(("text", "expected"), WORDS.values(), ids=WORDS.keys())
def test_only_the_mention_of_agora_is_left_out(text: str, expected: str) -> None:
    entities = [mention(), mention("Omar", "29:omar")]
    assert one(activity(where=GROUP, text=text, entities=entities)).text == expected


HTML = {
    "paragraphs": ("<p>one</p><p>two &amp; <b>three</b></p>", "one\n\ntwo & **three**"),
    "a list": ("<ul><li>a_b</li><li>c*d</li></ul>", "- a_b\n- c*d"),
    "code": ("<p>run <code>a &lt; b</code></p>", "run `a < b`"),
    "a link": ('<p>see <a href="https://example.com/x">this</a></p>', "see [this](https://example.com/x)"),
    "mentions": (
        '<p><span itemtype="http://schema.skype.com/Mention" itemscope itemid="0">Agora</span>&nbsp;ask '
        '<span itemtype="http://schema.skype.com/Mention" itemscope itemid="1">Omar</span></p>',
        "ask @Omar",
    ),
    "mentions in the other form": ('<at id="0">Agora</at> ask <at id="1">Omar</at>', "ask @Omar"),
    "a quotation": (
        '<blockquote itemtype="http://schema.skype.com/Reply" itemid="99"><strong>Omar</strong><p>old</p></blockquote>'
        "<p>and now?</p>",
        "and now?",
    ),
    "a picture and a file": ('<p>look<img src="https://x/y"></p><attachment id="7"></attachment>', "look"),
    "a script": ("<p>hi</p><script>alert(1)</script>", "hi"),
}


@pytest.mark.parametrize(("html", "expected"), HTML.values(), ids=HTML.keys())
def test_html_says_more_than_the_plain_text(html: str, expected: str) -> None:
    entities = [mention(), mention("Omar", "29:omar")]
    attachments = [{"contentType": "text/html", "content": html}]
    said = activity(where=GROUP, text="plain", entities=entities, attachments=attachments)
    assert one(said).text == expected
    assert one(said).mentioned is True


def test_commands_are_written_as_messages() -> None:
    assert [(each.kind, each.route, each.text) for each in (
        one(activity(text="/ask where is the key?")), one(activity(text="help")), one(activity(text="help me, please")),
        one(activity(text="/nothing here")),
    )] == [("command", "ask", "where is the key?"), ("command", "help", ""), ("message", None, "help me, please"),
           ("message", None, "/nothing here")]  # fmt: skip


def test_what_people_say_to_each_other_is_no_command() -> None:
    called: Json = {"entities": [mention()]}
    assert [(each.kind, each.route) for each in (
        one(activity(text="Help")), one(activity(where=CHANNEL, text="help")),
        one(activity(where=CHANNEL, text="<at>Agora</at> help", **called)), one(activity(where=CHANNEL, text="/help")),
    )] == [("command", "help"), ("message", None), ("command", "help"), ("command", "help")]  # fmt: skip


def test_a_home_is_asked_for_by_its_name() -> None:
    called: Json = {"where": GROUP, "text": "<at>Agora</at> home", "entities": [mention()]}
    assert [one(each).kind for each in (
        activity(text="Home"), activity(text="/home"), activity(**called), activity(where=GROUP, text="home"),
        activity(text="home office"),
    )] == ["home", "home", "home", "message", "message"]  # fmt: skip


def test_changed_and_deleted_messages() -> None:
    about: Json = {"where": IN_CHANNEL, "id": "101", "timestamp": "2026-11-20T09:00:00Z"}
    changed = activity("messageUpdate", text="new", channelData={"eventType": "editMessage"}, **about)
    assert (one(changed).kind, one(changed).text, one(changed).message) == ("message_changed", "new", "101")
    assert keys(changed) == [(CHANNEL, "message_changed", "101:2026-11-20T09:00:00Z")]
    back = activity("messageUpdate", text="new", channelData={"eventType": "undeleteMessage"}, **about)
    assert one(back).kind == "message_changed"
    gone = activity("messageDelete", channelData={"eventType": "softDeleteMessage"}, **about)
    assert (one(gone).kind, one(gone).message, one(gone).thread) == ("message_deleted", "101", "100")


def test_an_edit_is_known_by_its_time() -> None:
    first, second = (activity("messageUpdate", id="7", text="x", timestamp=when) for when in ("t1", "t2"))
    assert keys(first) != keys(second)
    assert keys(first) == keys({**first})


def test_reactions_are_an_event_each() -> None:
    said = activity("messageReaction", where=CHANNEL, replyToId="100", reactionsRemoved=[{"type": "sad"}],
                    reactionsAdded=[{"type": "like"}, {"type": "heart"}])  # fmt: skip
    assert [(each.text, each.values, each.message) for each in heard(said)] == [
        ("+1", {"added": True}, "100"), ("heart", {"added": True}, "100"), ("sad", {"added": False}, "100"),
    ]  # fmt: skip
    assert len(set(keys(said))) == 3


def test_agora_was_added() -> None:
    directory, joined = heard(activity("installationUpdate", action="add"))
    assert (directory.kind, directory.actor, directory.values["change"]) == ("directory", None, "add")
    assert directory.values["agora"] is True
    assert (joined.kind, joined.actor, joined.conversation) == ("joined", "aad-mona", "aad-mona")
    assert [each.kind for each in heard(activity("installationUpdate", action="remove"))] == ["directory"]
    assert [each.kind for each in heard(activity("installationUpdate", action="add-upgrade"))] == ["directory"]


def test_changes_of_who_and_what_there_is() -> None:
    added = activity("conversationUpdate", where=CHANNEL, membersAdded=[person("noa"), {"id": BOT}],
                     channelData={"eventType": "teamMemberAdded"})  # fmt: skip
    directory, joined = heard(added)
    assert directory.values["members"] == [person("noa")] and directory.values["agora"] is True
    assert joined.kind == "joined"
    for change in ("teamRenamed", "teamArchived", "channelCreated", "channelRenamed", "channelDeleted"):
        about = {"eventType": change, "channel": {"id": "19:x@thread.tacv2", "name": "x"}}
        found = one(activity("conversationUpdate", where=CHANNEL, channelData=about))
        assert (found.kind, found.values["change"], found.values["agora"]) == ("directory", change, False)
        assert found.values["channel"]["name"] == "x"
    renamed = one(activity("conversationUpdate", where=GROUP, topicName="Lunch"))
    assert (renamed.values["change"], renamed.values["name"]) == ("topicName", "Lunch")


def test_what_agora_does_not_listen_to() -> None:
    receipt = activity("event", name="application/vnd.microsoft.readReceipt", value={"lastReadMessageId": 1})
    own = activity(text="hello", **{"from": {"id": BOT}})
    for said in (receipt, own, activity("typing"), activity("endOfConversation"), activity("brandNew"), activity("")):
        assert events.events(said) == []


def test_how_far_somebody_has_read_their_own_chat() -> None:
    about = {"name": "application/vnd.microsoft.readReceipt", "value": {"lastReadMessageId": "1671173041239"}}
    found = one(activity("event", **about))
    assert (found.kind, found.message, found.actor) == ("read", "1671173041239", "aad-mona")
    assert keys(activity("event", **about)) == keys(activity("event", id="another", **about)), "sent twice, it is one"
    assert events.events(activity("event", where=CHANNEL, **about)) == []
    assert events.events(activity("event", name="something.else", value=about["value"])) == []


def test_a_press() -> None:
    found = waited(execute("offers.accept", 7, where=IN_CHANNEL, replyToId="100"), "button")
    assert (found.kind, found.route, found.id, found.message) == ("button", "offers.accept", 7, "100")
    assert (found.conversation, found.thread) == (CHANNEL, None)
    old = activity(value={wire.OURS: {"route": "offers.accept", "id": "7"}}, replyToId="100")
    assert (one(old).kind, one(old).route, one(old).id) == ("button", "offers.accept", 7)


@pytest.mark.parametrize("id", [-1, 2**63, 1.5, True, "x", [1], {"a": 1}])
def test_a_press_with_a_number_that_is_none(id: Any) -> None:
    with pytest.raises(ValueError):
        waited(execute("offers.accept", id), "button")


def test_a_form_is_texts() -> None:
    ours = wire.submission(Form(T("Ask"), "questions.new", 3, (), T("Ask")), "9")
    data = {**ours, "title": "VPN", "many": True, "n": 4, "nested": {"x": 1}, "list": [1], "msteams": {"type": "x"}}
    found = waited(invoke("task/submit", {"data": data}), "form")
    assert (found.route, found.id, found.message) == ("questions.new", 3, "9")
    forged = {wire.OURS: {**ours[wire.OURS], "form": None, "message": "another"}}
    assert waited(invoke("task/submit", {"data": forged}), "form").message is None
    assert found.values == {"title": "VPN", "many": "True", "n": "4"}


def test_something_done_with_a_message() -> None:
    payload = {"id": "55", "body": {"contentType": "html", "content": "<p>Where is <b>it</b>?</p>"}}
    found = waited(invoke("composeExtension/fetchTask", {"commandId": "questions.ask", "messagePayload": payload},
                          where=IN_CHANNEL), "shortcut")  # fmt: skip
    assert (found.route, found.text, found.message, found.thread) == ("questions.ask", "Where is **it**?", "55", "100")


def test_feedback_is_a_reaction() -> None:
    value = {"actionName": "feedback", "actionValue": {"reaction": "dislike", "feedback": '{"feedbackText":"old"}'}}
    found = waited(invoke("message/submitAction", value, replyToId="5"), "feedback")
    assert (found.kind, found.text, found.message) == ("reaction", "-1", "5")
    assert found.values["feedback"] == "old"
    for said, kept in (("as it is", "as it is"), ('{"feedbackText":7}', ""), ("[1]", "[1]")):
        value = {"actionName": "feedback", "actionValue": {"reaction": "like", "feedback": said}}
        assert waited(invoke("message/submitAction", value, replyToId="5"), "feedback").values["feedback"] == kept


def test_where_it_can_be_answered() -> None:
    def reached(said: Json) -> list[tuple[str, str, str | None, str | None, str | None]]:
        found = references(said)
        assert {(each.installation, each.service_url, each.bot) for each in found} == {(TENANT, SERVICE, BOT)}
        return [(each.conversation, each.kind, each.external, each.member, each.team) for each in found]

    assert reached(activity(where=IN_CHANNEL)) == [
        (CHANNEL, "channel", CHANNEL, None, CHANNEL),
        ("aad-mona", "personal", None, "29:mona", None),
    ]
    assert reached(activity()) == [("aad-mona", "personal", "a:mona", "29:mona", None)]


def test_files() -> None:
    content = {"downloadUrl": "https://acme.sharepoint.com/x?tempauth=1", "uniqueId": "u", "fileType": "pdf"}
    attachments: list[Json] = [
        {"contentType": "application/vnd.microsoft.teams.file.download.info", "name": "a.pdf", "content": content},
        {"contentType": "image/png", "contentUrl": f"{SERVICE}v3/attachments/1/views/original"},
        {"contentType": "image/png", "contentUrl": "https://evil.example/x.png"},
        {"contentType": "application/vnd.microsoft.card.adaptive", "content": {}},
    ]
    found = one(activity(text="look", attachments=attachments)).attachments
    assert [(each["name"], each["own"]) for each in found] == [("a.pdf", False), ("picture", True)]
    assert one(activity(where=GROUP, text="not for Agora", attachments=attachments)).attachments == ()


def test_files_that_agora_is_not_given_are_noticed() -> None:
    html = {"contentType": "text/html", "content": '<p>look</p><attachment id="7"></attachment>'}
    file = {"contentType": FILE, "name": "a.pdf", "content": {"downloadUrl": "https://x.sharepoint.com/a"}}
    quoted = {"contentType": "messageReference", "id": "7"}
    called: Json = {"where": CHANNEL, "entities": [mention()]}
    assert one(activity(text="look", attachments=[html], **called)).attachments == (OUT_OF_REACH,)
    shared = [{"contentType": "reference"}]
    assert one(activity(text="look", attachments=shared, **called)).attachments == (OUT_OF_REACH,)
    assert OUT_OF_REACH not in one(activity(text="look", attachments=[html, file])).attachments
    assert one(activity(text="look", attachments=[html, quoted], **called)).attachments == ()
