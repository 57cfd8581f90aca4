"""Settings: where they come from, what they may be, and what is said when they are wrong."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.config import Settings, SettingsError, load, unknown, variables
from bot.keys import FILE, encryption_keys

NO_FILE = Path("/nonexistent/.env")


def settings(**environment: str) -> Settings:
    return load(environment, NO_FILE)


def wrong(**environment: str) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        settings(**environment)
    return caught.value.lines


def test_nothing_has_to_be_set():
    found = settings()
    assert found == Settings()
    assert (found.host, found.port, found.public_url) == ("127.0.0.1", 8080, "http://127.0.0.1:8080")
    assert (found.database_url, found.home, found.keys, found.company_domains) == (None, None, (), ())
    assert (found.demo, found.playground, found.retention_days, found.workers) == (False, False, 30, 6)
    assert (found.log_format, found.log_level) == ("console", "info")


def test_every_setting_is_read():
    key = Fernet.generate_key().decode()
    found = settings(
        DATABASE_URL="postgres://u:p@db/agora", AGORA_HOME="/srv/agora", HOST="0.0.0.0", PORT="81",
        PUBLIC_URL="https://Agora.example.com/", AGORA_KEYS=f"{key}, {key}",
        COMPANY_DOMAINS="Example.com, @a.example,bücher.example",
        AGORA_DEMO="1", AGORA_PLAYGROUND="yes", AGORA_LOG="JSON", AGORA_LOG_LEVEL="debug", AGORA_RETENTION_DAYS="7",
        AGORA_WORKERS="2",
    )  # fmt: skip
    assert found.database_url.get_secret_value() == "postgresql+psycopg://u:p@db/agora"
    assert (found.home, found.host, found.port) == (Path("/srv/agora"), "0.0.0.0", 81)
    assert found.public_url == "https://Agora.example.com"
    assert [each.get_secret_value() for each in found.keys] == [key, key]
    assert found.company_domains == ("example.com", "a.example", "xn--bcher-kva.example")
    assert (found.demo, found.playground, found.retention_days, found.workers) == (True, True, 7, 2)
    assert (found.log_format, found.log_level) == ("json", "debug")


def test_the_environment_wins_over_the_file(tmp_path, monkeypatch):
    (tmp_path / ".env").write_text(
        "# ours\nexport PORT=81\nHOST='::1'\nAGORA_WORKERS=\nDATABASE_URL=postgresql://u:a$b@h/x\n"
    )
    monkeypatch.chdir(tmp_path)
    for name in variables():
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PORT", "82")
    found = load()
    assert (found.port, found.host, found.workers) == (82, "::1", 6)
    assert found.database_url.get_secret_value() == "postgresql+psycopg://u:a$b@h/x"


def test_only_the_names_of_variables_count():
    assert load({"port": "81", "home": "/x", "demo": "1", "Port": "x"}, NO_FILE) == Settings()


@pytest.mark.parametrize("url", ["postgres://h/x", "postgresql://h/x", "postgresql+psycopg://h/x"])
def test_a_postgresql_url_may_be_written_in_three_ways(url):
    assert settings(DATABASE_URL=url).database_url.get_secret_value() == "postgresql+psycopg://h/x"


@pytest.mark.parametrize(
    ("host", "url"),
    [
        ("0.0.0.0", "http://127.0.0.1:81"),
        ("::", "http://[::1]:81"),
        ("[::1]", "http://[::1]:81"),
        ("box", "http://box:81"),
    ],
)
def test_without_a_public_address_links_lead_to_this_machine(host, url):
    assert settings(HOST=host, PORT="81").public_url == url


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("PORT", "0", "'0' is not a whole number from 1 to 65535. Set it to one."),
        ("PORT", "65536", "'65536' is not a whole number"),
        ("PORT", "eighty", "'eighty' is not"),
        ("PORT", "٨٠٨٠", "is not a whole number"),
        ("HOST", "a b", "neither an IP address nor a host name"),
        ("HOST", "256.1.1.1", "neither an IP address nor a host name"),
        ("HOST", "http://x", "neither an IP address nor a host name"),
        ("PUBLIC_URL", "agora.example.com", "not an http or https address"),
        ("PUBLIC_URL", "https://", "not an http or https address"),
        ("PUBLIC_URL", "https://x:99999", "cannot be read as a URL"),
        ("PUBLIC_URL", "javascript://x/", "not an http or https address"),
        ("PUBLIC_URL", "https://x?y", "has a ? or # in it"),
        ("PUBLIC_URL", "https://me:geheim@x", "has a user name or a password in it"),
        ("DATABASE_URL", "mysql://h/x", "does not begin with postgresql://"),
        ("DATABASE_URL", '"postgresql://h/x"', "without quotation marks"),
        ("DATABASE_URL", "postgresql://u:p@h:port/x", "cannot be read as a URL"),
        ("DATABASE_URL", "postgresql://u:p@h:99999/x", "cannot be read as a URL"),
        ("AGORA_KEYS", "abc", "number 1 of 1 is not a Fernet key"),
        ("COMPANY_DOMAINS", "example.com,localhost", "'localhost' is not an e-mail domain"),
        ("COMPANY_DOMAINS", "a..b", "is not an e-mail domain"),
        ("AGORA_DEMO", "perhaps", "neither yes nor no"),
        ("AGORA_LOG", "xml", "not one of console, json"),
        ("AGORA_LOG_LEVEL", "loud", "not one of debug, info, warning, error"),
        ("AGORA_RETENTION_DAYS", "0", "from 1 to 3650"),
        ("AGORA_WORKERS", "65", "from 1 to 64"),
        ("AGORA_HOME", "/etc/passwd", "/etc/passwd is a file"),
        ("AGORA_HOME", "~nobodyhere/x", "cannot be used as a folder"),
        ("SLACK_BOT_TOKEN", "xoxp-geheim", "not a token that begins with xoxb-"),
        ("SLACK_APP_TOKEN", "geheim", "not a token that begins with xapp-"),
        ("SLACK_WORKSPACES", "T012AB3C4 acme", "'acme' is no id of a workspace"),
        ("SLACK_API_URL", "slack.com", "not an http or https address"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_fix(name, value, said):
    (line,) = wrong(**{name: value})
    assert line.startswith(f"{name}: ")
    assert said in line
    assert "geheim" not in line


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"SLACK_BOT_TOKEN": "xoxb-1"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_CLIENT_ID": "1.2"}, "SLACK_CLIENT_SECRET"),
        ({"SLACK_CLIENT_SECRET": "x"}, "SLACK_CLIENT_ID"),
        ({"SLACK_CLIENT_ID": "1.2", "SLACK_CLIENT_SECRET": "x"}, "SLACK_SIGNING_SECRET"),
        ({"SLACK_SIGNING_SECRET": "x"}, "SLACK_BOT_TOKEN"),
        ({"SLACK_APP_TOKEN": "xapp-1"}, "SLACK_BOT_TOKEN"),
    ],
)
def test_half_of_slack_is_refused_with_what_is_missing(given, missing):
    (line,) = wrong(**given)
    assert line.startswith(f"{missing}: it is missing.")


def test_everything_wrong_is_said_at_once_and_what_follows_from_it_is_not():
    lines = wrong(PORT="x", AGORA_LOG="y", DATABASE_URL="z")
    assert [line.split(":")[0] for line in lines] == ["DATABASE_URL", "PORT", "AGORA_LOG"]


@given(st.sampled_from(sorted(variables())), st.text())
def test_any_text_is_taken_or_refused_on_one_line(name, text):
    try:
        load({name: text}, NO_FILE)
    except SettingsError as error:
        assert len(error.lines) == 1
        assert error.lines[0].isprintable()
        assert len(error.lines[0]) < 400


@given(st.sampled_from(["DATABASE_URL", "AGORA_KEYS"]), st.text(), st.text())
def test_a_secret_is_never_repeated(name, before, after):
    try:
        found = load({name: f"{before}Geheim-123{after}"}, NO_FILE)
    except SettingsError as error:
        assert "Geheim" not in repr(error) + str(error)
    else:
        assert "Geheim" not in repr(found) + str(found) + found.model_dump_json()


def test_settings_do_not_change_and_take_no_strangers():
    found = Settings(port=81)
    with pytest.raises(ValidationError):
        found.port = 82
    with pytest.raises(ValidationError):
        Settings(prot=81)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("AGORA_PLAYGRUND", "AGORA_PLAYGROUND"),
        ("AGORA_KEY", "AGORA_KEYS"),
        ("AGORA_PORT", "PORT"),
        ("AGORA_DB_URL", None),
    ],
)
def test_a_variable_that_looks_like_ours_is_named(name, meant):
    (line,) = unknown({name: "geheim", "AGORA_DATA": "x", "AGORA_DEMO": "1", "OTHER": "y"}, NO_FILE)
    assert line.startswith(f"{name}: there is no such setting")
    assert f"Did you mean {meant}?" in line if meant else "docs/settings.md" in line
    assert "geheim" not in line


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"PORT=81\nDATABASE_URL postgresql://u:geheim@h/x\n", "line 2 is not NAME=value"),
        (b"PORT=81\nHOST='unfinished\n", "line 2 is not NAME=value"),
        (b"COMPANY_DOMAINS=b\xfccher.example\n", "it is not text in UTF-8"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused(tmp_path, content, said):
    file = tmp_path / ".env"
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load({}, file)
    assert said in str(caught.value)
    assert "geheim" not in str(caught.value)


def test_a_file_with_a_byte_order_mark_and_windows_lines_is_read(tmp_path):
    file = tmp_path / ".env"
    file.write_bytes("\ufeffPORT=81\r\nHOST=box\r\n".encode())
    assert (load({}, file).port, load({}, file).host) == (81, "box")


def test_one_key_is_made_however_many_start_together(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        found = list(pool.map(lambda _: encryption_keys(Settings(), tmp_path), range(32)))
    assert len({keys[0].get_secret_value() for keys in found}) == 1
    assert Fernet(found[0][0].get_secret_value())
    assert [each.name for each in tmp_path.iterdir()] == [FILE]
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_keys_that_are_set_are_used_and_none_is_made(tmp_path):
    key = Fernet.generate_key().decode()
    assert encryption_keys(Settings(keys=key), tmp_path)[0].get_secret_value() == key
    assert not os.listdir(tmp_path)


def test_a_damaged_key_file_is_neither_used_nor_replaced(tmp_path):
    (tmp_path / FILE).write_text("half a ke")
    with pytest.raises(SettingsError, match="does not hold a key"):
        encryption_keys(Settings(), tmp_path)
    assert (tmp_path / FILE).read_text() == "half a ke"


def test_a_key_file_that_cannot_be_written_is_a_wrong_setting(tmp_path):
    with pytest.raises(SettingsError, match=r"AGORA_KEYS: .* cannot be used"):
        encryption_keys(Settings(), tmp_path / "missing")
