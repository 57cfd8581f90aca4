"""Administration in chat, and its audit log."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta

from sqlalchemy import select, text

from bot.cards import Card, T
from bot.config import Settings
from bot.plaintext import plain
from bot.teams import ends
from bot.texts import Reader
from handlers.admin import reach
from handlers.admin.routes import home, needs_me
from models import access, base, joining
from models.facts import Fact
from models.files import FileContent
from models.knowledge import Topic
from models.mail import Job, Outbox
from models.people import Person
from tests.chat import Chat, Someone


def fields(someone: Someone, **changed: str) -> dict[str, str]:
    """What the open form holds, with changes."""
    assert someone.reply.form is not None
    return {field.name: field.value for field in someone.reply.form.inputs} | changed


def verbs() -> list[str]:
    """Every fact so far."""
    with base.reading() as session:
        return list(session.scalars(select(Fact.verb).order_by(Fact.id)))


def test_the_first_who_asks_is_the_first_admin_and_the_second_is_refused(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    assert "administrator now" in mona.commands("admin").notice.text  # type: ignore[union-attr]
    assert "Ask them" in omar.commands("admin").notice.text  # type: ignore[union-attr]
    assert verbs() == ["person.roles_changed"]


def test_nobody_becomes_admin_because_the_last_one_left(chat: Chat) -> None:
    mona, omar = chat.slack("mona"), chat.teams("omar")
    mona.commands("admin")
    with base.transaction() as session:
        session.get_one(Person, mona.person.id).active = False
    assert "people file" in omar.commands("admin").notice.text  # type: ignore[union-attr]
    with base.transaction() as session:
        session.get_one(Person, mona.person.id).roles = []  # as erasing leaves them
    assert "people file" in omar.commands("admin").notice.text  # type: ignore[union-attr]


def test_a_guest_never_becomes_the_first_admin(chat: Chat) -> None:
    chat.slack("guest", kind="guest").commands("admin")
    with base.reading() as session:
        assert session.scalars(select(Person.roles)).one() == []


def test_roles_are_given_and_taken_and_the_last_admin_stays(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.teams("omar", email="omar@acme.example")
    mona.uses("admin.people")
    mona.submits(who="OMAR@acme.example ")
    mona.submits(**fields(mona, role_expert="yes", quota="5"))
    with base.reading() as session:
        changed = session.get_one(Person, omar.person.id)
        assert (changed.roles, changed.quota) == (["expert"], 5)
    mona.uses("admin.people")
    mona.submits(who="mona")
    form = fields(mona)
    for change in ({"role_admin": "no"}, {"active": "no"}, {"kind": "guest"}):  # a role is an employee's alone
        mona.uses("admin.people")
        mona.submits(who="mona")
        assert "role_admin" in mona.submits(**{**form, **change}).errors


def test_a_topic_gets_an_owner_and_a_wrong_name_is_said_in_the_form(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.teams("omar")
    mona.uses("admin.topics")
    mona.submits(topic="0")
    given = fields(mona, key="IT Security", name_en="IT security", name_it="Sicurezza", owner="omra")
    form = mona.reply.form
    assert "owner" in mona.submits(**given).errors
    mona.reply.__dict__["form"] = form
    assert not mona.submits(**{**given, "owner": "omar"}).errors
    with base.reading() as session:
        topic = session.scalars(select(Topic)).one()
        assert (topic.key, topic.owner_id, topic.names["it"]) == ("it-security", omar.person.id, "Sicurezza")
    assert verbs() == ["topic.created", "topic.changed"]


def test_a_named_audience_opens_what_is_for_it_and_closes_it_again(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.slack("omar")
    chat.knows("Cedar budget", "The budget of project Cedar is two million.", audience=["group:cedar"])
    omar.says("What is the budget of project Cedar?")
    assert not omar.sees("two million")
    mona.uses("admin.audiences")
    mona.submits(audience="0")
    mona.submits(name="Cedar", members="omar, mona")
    omar.says("budget of project Cedar")
    assert omar.sees("two million")
    with base.reading() as session:
        person = session.get_one(Person, omar.person.id)
        assert "group:cedar" in access.keys_of(session, person)


def test_a_channel_is_silent_when_it_is_set_so(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.slack("omar")
    chat.channel("help", mona, omar)
    chat.knows("Resetting the VPN", "Open Connect and choose reset.")
    mona.uses("admin.places")
    mona.submits(place=mona.reply.form.inputs[0].options[0].value)  # type: ignore[union-attr]
    mona.submits(**fields(mona, answers="off"))
    omar.says("How do I reset the VPN?", in_="help")
    assert not omar.sees("choose reset")


def test_what_failed_is_shown_without_its_text_and_can_be_sent_again(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.teams("omar")
    omar.says("hello")
    with base.transaction() as session:
        row = session.scalars(select(Outbox)).one()
        row.state, row.error = "failed", "the channel is gone"
    mona.commands("admin")
    assert mona.sees("was not delivered") and mona.sees("the channel is gone")
    assert not mona.sees("Ask me anything")
    chat.platforms["teams"].by_outbox.clear()
    mona.presses("Send again")
    assert sum("Ask me anything" in message.text for message in omar.messages()) == 2
    assert verbs() == ["delivery.resent"]


def test_nobody_else_administers(chat: Chat) -> None:
    omar = chat.teams("omar", roles=["manager", "expert"])
    chat.slack("mona", roles=["admin"])
    for route in ("people", "topics", "audiences", "places", "company_form", "trouble"):
        assert omar.uses(f"admin.{route}").notice is not None
        assert omar.reply.form is None
    assert verbs() == []


def test_the_audit_log_is_given_as_a_file_without_formulas(chat: Chat) -> None:
    mona = chat.slack("mona", name="=cmd()", roles=["admin"])
    mona.uses("admin.company_form")
    mona.submits(name="Acme", anonymous="yes")
    mona.uses("admin.export_audit")
    assert mona.sees("Here is the audit log")
    with base.reading() as session:
        content = session.scalars(select(FileContent.content)).one()
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        lines = archive.read("agora-audit.csv").decode("utf-8-sig").splitlines()
    assert lines[1].split(",")[2:4] == ["'=cmd()", "company.changed"]
    assert "audit.exported" in verbs()


def test_nothing_of_power_happens_when_it_cannot_be_recorded(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.teams("omar")
    mona.uses("admin.people")
    mona.submits(who="omar")
    given = fields(mona, role_admin="yes")
    with base.transaction() as session:
        session.execute(text("alter table fact add constraint broken check (verb <> 'person.roles_changed')"))
    mona.submits(**given)
    with base.reading() as session:
        assert session.get_one(Person, omar.person.id).roles == []


def test_long_work_that_failed_is_shown_and_tried_again_or_let_go(chat: Chat) -> None:
    mona = chat.slack("mona", roles=["admin"])
    with base.transaction() as session:
        jobs = [Job(kind="imports.portal", args={}, state="failed", error="OSError: the disk is full",
                    correlation="c", attempts=3) for _ in range(2)]  # fmt: skip
        session.add_all(jobs)
    with base.reading() as session:
        assert "2" in repr(home(session, session.get_one(Person, mona.person.id)))
    mona.commands("admin")
    assert mona.sees("Long work did not come to its end") and mona.sees("the disk is full")
    mona.presses("Try again")
    assert mona.reply.notice is not None
    mona.uses("admin.drop_job", jobs[0].id)
    assert mona.uses("admin.drop_job", jobs[0].id).notice is not None, "it is settled already"
    with base.reading() as session:
        states = {job.id: (job.state, job.attempts) for job in session.scalars(select(Job))}
    assert sorted(states.values()) == [("dropped", 3), ("new", 0)]
    assert sorted(verbs()) == ["job.dropped", "job.retried"]
    omar = chat.slack("omar")
    assert omar.uses("admin.retry_job", jobs[0].id).notice is not None and len(verbs()) == 2


def test_what_needs_an_admin_is_in_their_digest_alone(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.slack("omar")
    with base.transaction() as session:
        session.add(Job(kind="imports.portal", args={}, state="failed", correlation="c"))
    with base.reading() as session:
        admin, other = session.get_one(Person, mona.person.id), session.get_one(Person, omar.person.id)
        assert needs_me(session, admin, base.now()) and not needs_me(session, other, base.now())


def test_an_administrator_sees_who_cannot_be_reached_and_why(chat: Chat) -> None:
    mona, omar, noa = chat.slack("mona", roles=["admin"]), chat.teams("omar"), chat.teams("noa")
    chat.slack("gino")
    with base.transaction() as session:
        assert home(session, mona.person) and reach.unreached(session, mona.person) == ()
        for someone, why in ((omar, "not_installed"), (noa, "blocked")):
            joining.lost(session, "teams", "here", someone.own_chat, why)
    with base.reading() as session:
        assert "2" in plain(Card(T(""), reach.unreached(session, mona.person)), Reader("en"))
        assert reach.unreached(session, omar.person) == ()
    mona.uses("admin.unreached")
    assert mona.sees("2 people cannot be reached in chat.")
    assert mona.sees("has not installed me") and mona.sees("blocked me") and not mona.sees("gino")
    omar.uses("admin.unreached")
    assert not omar.sees("cannot be reached")


def test_who_administers_is_told_in_good_time_that_a_secret_ends(chat: Chat) -> None:
    mona, omar = chat.slack("mona", roles=["admin"]), chat.teams("omar")
    until = base.now().date() + timedelta(days=20)
    given = Settings(teams_app_id="app", teams_app_secret="s", teams_secret_expires=until)
    for _ in range(2):  # two processes, or a start after another
        ends.plan(given)
    chat.passes(minutes=1)
    assert mona.screen().count("My secret for Microsoft Teams ends on") == 1, "at once: it is less than a month"
    ends.plan(given)
    chat.passes(days=18)
    assert mona.screen().count("ends on") == 4 and not omar.sees("ends on")
    ends.plan(Settings(teams_app_id="app", teams_app_secret="s", teams_secret_expires=until + timedelta(days=365)))
    chat.passes(days=5)
    assert mona.screen().count("ends on") == 4, "there is another by now"
