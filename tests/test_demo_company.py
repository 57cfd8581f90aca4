"""The demo company is consistent, complete, and written in the languages it says."""

import re
import shutil
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from handlers.demo.company import FOLDER, load
from handlers.demo.model import LANGUAGES, Company, CompanyError, Entry, Person

SCRIPTS = {"en": "A-Za-z", "it": "A-Za-zÀ-ÿ", "ar": "\u0600-\u06ff", "he": "\u0590-\u05ff"}
# Names of systems, codes and addresses stay Latin in every language.
LEAST_SHARE = {"en": 0.99, "it": 0.99, "ar": 0.8, "he": 0.8}
# Words that are frequent in one of the two Latin languages and absent from the other.
TELLTALE = {"en": r"\b(the|and|of|with)\b", "it": r"\b(il|la|che|non|di)\b"}
YEAR = timedelta(days=366)


@pytest.fixture(scope="module")
def company() -> Company:
    return load()


def share(text: str, language: str) -> float:
    """How much of a text's letters are of the language's script."""
    letters = re.findall(r"[^\W\d_]", text)
    return len(re.findall(f"[{SCRIPTS[language]}]", "".join(letters))) / len(letters)


def keys_of(company: Company, person: Person) -> set[str]:
    """The audience keys that a person holds."""
    channels = {f"channel:{channel.key}" for channel in company.channels.values() if person.handle in channel.members}
    if person.kind == "guest":
        return {"guests", *channels}
    roles = {f"role:{role}" for role in person.roles}
    return {"everyone", f"department:{person.department}", f"location:{person.location}", *roles, *channels}


def readable(company: Company, person: Person, entry: Entry) -> bool:
    return bool(keys_of(company, person) & set(entry.audience))


def test_fifteen_people_in_four_languages_on_two_platforms(company: Company) -> None:
    people = company.people.values()
    assert len(people) == 15
    assert {person.locale for person in people} == set(LANGUAGES)
    assert sum(len(person.platforms) == 2 for person in people) == 2
    slack, teams = (sum(platform in person.platforms for person in people) for platform in ("slack", "teams"))
    assert abs(slack - teams) <= 2
    assert len({person.timezone.key for person in people}) >= 5
    assert {person.kind for person in people} == {"employee", "guest"}
    assert {role for person in people for role in person.roles} == {"admin", "manager", "expert", "employee"}


def test_names_are_in_their_own_script_and_in_latin(company: Company) -> None:
    for person in company.people.values():
        assert share(person.name, person.locale) == 1, person.handle
        assert share(person.latin_name, "en") == 1, person.handle


def test_the_guest_belongs_to_another_organisation_and_holds_no_role(company: Company) -> None:
    (guest,) = (person for person in company.people.values() if person.kind == "guest")
    assert guest.organisation not in (None, company.name)
    assert (guest.roles, guest.department) == ((), None)
    assert not any(guest.handle in c.members for c in company.channels.values() if c.everyone)
    assert [entry.slug for entry in company.entries if readable(company, guest, entry)] == [
        "guest-wifi",
        "cedar-site-access",
    ]


def test_six_topics_are_named_in_every_language_and_answered_for_by_employees(company: Company) -> None:
    assert len(company.topics) == 6
    for topic in company.topics.values():
        assert topic.owner != topic.deputy
        for handle in (topic.owner, topic.deputy):
            assert topic.key in company.people[handle].skills
            assert "expert" in company.people[handle].roles
        for language in LANGUAGES:
            assert share(topic.names[language], language) == 1
            assert share(topic.descriptions[language], language) > 0.6


def test_everybody_is_in_a_channel_with_everybody_and_hears_their_language(company: Company) -> None:
    for person in company.people.values():
        mine = [channel for channel in company.channels.values() if person.handle in channel.members]
        assert any(channel.language == person.locale for channel in mine), person.handle
        assert person.kind == "guest" or any(channel.everyone for channel in mine)
    assert {(channel.platform, channel.private) for channel in company.channels.values()} == {
        ("slack", False),
        ("slack", True),
        ("teams", False),
        ("teams", True),
    }


def test_twenty_entries_in_each_language_and_about_eighty_in_all(company: Company) -> None:
    count = Counter(entry.language for entry in company.entries)
    assert set(count) == set(LANGUAGES)
    assert all(20 <= number <= 22 for number in count.values())
    assert {entry.topic for entry in company.entries} == set(company.topics)


def test_some_subjects_are_told_twice_and_most_once(company: Company) -> None:
    tellings = Counter(entry.slug for entry in company.entries)
    assert set(tellings.values()) == {1, 2}
    assert 6 <= sum(number == 2 for number in tellings.values()) <= 10


def test_most_entries_are_for_everyone_and_some_are_not(company: Company) -> None:
    restricted = [entry for entry in company.entries if "everyone" not in entry.audience]
    assert 10 <= len(restricted) <= 16
    kinds = {key.partition(":")[0] for entry in restricted for key in entry.audience}
    assert kinds == {"department", "location", "role", "channel"}
    for entry in restricted:
        assert any(not readable(company, person, entry) for person in company.people.values()), entry.slug


def test_authors_and_owners_may_read_what_they_answer_for(company: Company) -> None:
    for entry in company.entries:
        for handle in filter(None, (entry.author, entry.owner, entry.verified_by)):
            assert readable(company, company.people[handle], entry), (entry.slug, entry.language, handle)


def test_authors_write_and_verifiers_read_their_own_language(company: Company) -> None:
    for entry in company.entries:
        assert entry.language in ("en", company.people[entry.author].locale), (entry.slug, entry.language)
        if entry.verified_by:
            assert entry.language in ("en", company.people[entry.verified_by].locale), (entry.slug, entry.language)
            assert {"expert", "manager"} & set(company.people[entry.verified_by].roles)


def test_entries_are_written_in_the_language_they_say(company: Company) -> None:
    for entry in company.entries:
        assert share(entry.body, entry.language) >= LEAST_SHARE[entry.language], (entry.slug, entry.language)
        assert share(" ".join(entry.tags), entry.language) > 0.5, (entry.slug, entry.language)
        if entry.language in TELLTALE:
            counts = {name: len(re.findall(words, entry.body.lower())) for name, words in TELLTALE.items()}
            assert max(counts, key=counts.__getitem__) == entry.language, entry.slug


def test_entries_say_something_and_stay_short(company: Company) -> None:
    for entry in company.entries:
        words = len(re.findall(r"\w+", re.sub(r"[*`|]", " ", entry.body)))
        assert 50 <= words <= 300, (entry.slug, entry.language, words)
        assert len(entry.title) <= 90
        assert not entry.body.startswith("#")


def test_no_two_titles_are_the_same(company: Company) -> None:
    assert max(Counter(entry.title for entry in company.entries).values()) == 1


def test_verifications_are_of_the_last_year_and_some_entries_await_theirs(company: Company) -> None:
    verified = [entry for entry in company.entries if entry.verified_on]
    for entry in verified:
        assert entry.verified_on and company.as_of - YEAR < entry.verified_on <= company.as_of, entry.slug
        assert entry.verified_on < entry.review_on <= entry.verified_on + YEAR, entry.slug
    for language in LANGUAGES:
        assert 1 <= sum(e.verified_on is None for e in company.entries if e.language == language) <= 4
    assert any(entry.review_on < company.as_of for entry in company.entries), "nothing is due for review"


def test_dates_move_along_with_today(company: Company) -> None:
    later = load(today=company.as_of + timedelta(days=400))
    before, after = company.entries[0], later.entries[0]
    assert after.review_on - before.review_on == timedelta(days=400)
    assert all(e.verified_on is None or e.verified_on <= later.as_of for e in later.entries)
    assert [e.verified_on is None for e in later.entries] == [e.verified_on is None for e in company.entries]


def test_conversations_leave_questions_to_answer_on_both_platforms(company: Company) -> None:
    talks = company.conversations
    assert 8 <= len(talks) <= 11
    open_ones = [talk for talk in talks if talk.open]
    assert {company.channels[talk.channel].platform for talk in open_ones} == {"slack", "teams"}
    for talk in open_ones:
        assert re.search(r"[?؟]", talk.text)
    for language in LANGUAGES:
        assert any(share(talk.text, language) > 0.7 for talk in talks)


def test_ten_questions_a_language_have_an_answer_and_eight_have_none(company: Company) -> None:
    answered = [question for question in company.questions if question.expect]
    assert Counter(question.language for question in answered) == dict.fromkeys(LANGUAGES, 10)
    assert len(company.questions) - len(answered) == 8
    assert len({question.text for question in company.questions}) == len(company.questions)
    entries = {(entry.slug, entry.language): entry for entry in company.entries}
    for question in answered:
        assert question.expect
        entry = entries[question.expect, question.language]
        assert readable(company, company.people[question.asker], entry), question.text
        assert question.asker not in (entry.author, entry.owner, entry.verified_by), question.text


def test_one_announcement_is_answered_and_one_goes_out_today(company: Company) -> None:
    old, new = company.announcements
    assert old.days_ago is not None and old.confirmed and old.asked and old.days_ago < old.ends
    assert new.days_ago is None and new.poll is not None
    for one in company.announcements:
        assert "manager" in company.people[one.author].roles
        for language in LANGUAGES:
            assert share(one.texts[language].text, language) >= LEAST_SHARE[language], one.texts[language].title
    for asked in old.asked:
        assert company.people[asked.asker].locale == asked.language
        assert share(asked.answer, asked.language) >= LEAST_SHARE[asked.language]


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("company.yaml", "manager: omar", "manager: omer", "unknown manager 'omer'"),
        ("company.yaml", "Asia/Amman", "Asia/Ammann", "person omar"),
        ("company.yaml", 'from: "09:00", to: "17:30"', 'from: "19:00", to: "17:30"', "person priya: the working day"),
        ("company.yaml", "handle: karim", "handle: rania", "a handle occurs twice"),
        ("company.yaml", "[giulia, marco, chiara]", "[giulia, omar]", "channel milano: omar has no account on slack"),
        ("company.yaml", "    title: Controls Engineer\n", "", "person daniel"),
        ("company.yaml", "name: Arcadine", "name: [Arcadine", "company.yaml"),
        ("conversations.yaml", "author: chiara", "author: omar", "unknown member 'omar'"),
        ("announcements.yaml", "asker: marco", "asker: mario", "unknown person 'mario'"),
        ("announcements.yaml", "confirm: 7", "confirm: 700", "is to be confirmed before it ends"),
        ("questions.yaml", "expect: vpn-setup", "expect: vpn", "unknown entry in en 'vpn'"),
        ("entries/it/vpn-setup.en.md", "[everyone]", "['department:hrr']", "unknown audience 'department:hrr'"),
        ("entries/it/vpn-setup.en.md", "verified_by: grace\n", "", "verified_by and verified_on stand together"),
        ("entries/it/vpn-setup.en.md", "topic: it", "topic: hr", "it/vpn-setup.en.md: the front matter"),
        ("entries/it/vpn-setup.en.md", "---\n", "", "it/vpn-setup.en.md"),
    ],
)
def test_what_is_wrong_is_told_by_name(tmp_path: Path, file: str, old: str, new: str, told: str) -> None:
    folder = tmp_path / "company"
    shutil.copytree(FOLDER, folder)
    text = (folder / file).read_text("utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(CompanyError) as caught:
        load(folder=folder)
    assert told in str(caught.value)


def test_a_superior_of_oneself_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "company"
    shutil.copytree(FOLDER, folder)
    text = (folder / "company.yaml").read_text("utf-8")
    (folder / "company.yaml").write_text(
        text.replace("    skills: [trade, people]\n", "    skills: [trade]\n    manager: noa\n"), "utf-8"
    )
    with pytest.raises(CompanyError, match="person noa: is their own superior"):
        load(folder=folder)
