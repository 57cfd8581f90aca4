"""What is said to people where an announcement cannot be taken, changed or sent as they want it."""

from __future__ import annotations

from bot import filled
from bot.cards import T
from bot.router import Router
from models.base import Refusal

SENTENCES = {
    **filled.SENTENCES,
    "over_limit": T(
        "{platform} cannot show all of it: about {n} character too many. Shorten it, or link to the rest.",
        "{platform} cannot show all of it: about {n} characters too many. Shorten it, or link to the rest.",
        n=0, platform=""),
    "unknown_language": T("Choose a language from the list."),
    "unknown_topic": T("Choose a topic from the list."),
    "unknown_rule": T("Choose from the list how often it is sent again."),
    "draft_changed": T(
        "{name} changed this while you wrote. There it says now: “{theirs}”. What you wrote is still here: put both "
        "together and save again.", name="", theirs=""),
    "not_an_author": T("You may not announce anything yet. Ask an administrator to let you."),
    "audience_too_wide": T(
        "{n} person of these is beyond those whom you may reach. Choose fewer, or ask an administrator.",
        "{n} people of these are beyond those whom you may reach. Choose fewer, or ask an administrator.", n=0),
    "audience_of_several": T("No one person may approve this for all of them. Send it in parts."),
    "audience_empty": T("Say who gets it, for example: everyone."),
    "audience_nobody": T("Nobody is among those who would get it. Choose others."),
    "audience_unreadable": T(
        "I cannot read “{part}” here. Write it as: department:Sales and not location:Rome.", part=""),
    "audience_joins": T("Write “and”, “or” or a comma between “{first}” and “{second}”.", first="", second=""),
    "audience_unknown": T("I know nothing called “{part}”. I know: {known}.", part="", known=""),
    "audience_unclear": T("“{part}” can be several things. Write one of: {known}.", part="", known=""),
    "not_urgent": T("You may not call something urgent for these people."),
    "no_approver": T("Whoever had to approve this has left. Ask an administrator."),
    "needs_approval": T("{name} must approve this before it goes out.", name=""),
    "approver_edits": T("{name} approved this as it is, so only they can change it now. Ask them.", name=""),
    "announcement_without_title": T("It needs a title."),
    "announcement_without_text": T("It needs a text."),
    "send_in_the_past": T("Its time is past already. Choose a later one."),
    "send_when": T("Say when it is to go out."),
    "expires_too_early": T("It would end before it goes out. Choose a later time."),
    "acknowledge_too_early": T("It would have to be confirmed before it goes out. Choose a later time."),
    "acknowledge_too_late": T("It would have to be confirmed after it ends. Choose an earlier time."),
    "say_why_not": T("Write a few words: its author needs to know what to change."),
    "announcement_draft": T("This is a draft again. Open it anew."),
    "announcement_proposed": T("This waits to be approved. Take it back to a draft first."),
    "announcement_scheduled": T("This waits for its time. Take it back to a draft first."),
    "announcement_sending": T("This is going out just now."),
    "announcement_sent": T("This has gone out already."),
    "announcement_recalled": T("Its author has taken this back. There is nothing to be said to it any more."),
    "announcement_cancelled": T("This was discarded."),
    "unknown_announcement": T(
        "Write the number of one of your announcements, such as /announce 12, or /announce alone."),
    "not_a_picture": T("{name} is not a picture that I can show. Choose a PNG, JPEG, GIF or WebP.", name=""),
    "one_picture": T("Choose one picture."),
    "no_description": T("Say what the picture shows, for those who do not see it."),
    "no_options": T("Write at least two answers, each on a line of its own."),
    "too_many_options": T("At most {most} answers. Leave some out.", most=0),
    "poll_lines": T(
        "This poll has {n} line, its question. Write that alone.",
        "This poll has {n} lines: its question, and each answer. Write as many.", n=0),
    "unknown_kind": T("Choose from the list what may be chosen."),
    "unknown_steps": T("Choose a scale from the list."),
    "too_many_polls": T("At most {most} polls stand in one announcement.", most=0),
    "not_a_list": T("I cannot read that file. Save it as CSV, with one handle or e-mail address a line."),
    "list_unknown": T(
        "I do not know {n} of those in the file: {names}. Correct it, and choose it again.",
        "I do not know {n} of those in the file: {names}. Correct it, and choose it again.", n=0, names=""),
    "one_file": T("Choose one file."),
    "original_changed": T("The original was changed while you wrote. Look at it in the draft, and send this again."),
    "not_translated": T("I cannot translate this. The original is all there is."),
}  # fmt: skip


def register(router: Router) -> None:
    """Let ``router`` say them."""
    router.refusal(**SENTENCES)


def said(refusal: Refusal) -> T:
    """What is said of one."""
    return filled.said(refusal, SENTENCES)
