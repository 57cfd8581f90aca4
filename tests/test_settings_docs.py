"""docs/settings.md and the settings say the same."""

import re

from cryptography.fernet import Fernet

from bot.config import is_secret, load, variables
from bot.config_docs import BEGIN, END, PAGE, table


def documented() -> str:
    """The table as the page has it."""
    return PAGE.read_text(encoding="utf-8").split(BEGIN)[1].split(END)[0].strip()


def test_every_setting_is_documented_and_every_documented_setting_exists():
    rows = re.findall(r"^\| `([A-Z_]+)` \|", documented(), re.MULTILINE)
    assert sorted(rows) == sorted(variables())


def test_the_page_says_what_the_fields_say():
    assert documented() == table(), "run: python -m bot.config_docs"


def test_the_page_names_no_setting_that_does_not_exist():
    named = set(re.findall(r"\b(?:AGORA_[A-Z_]*[A-Z]|DATABASE_URL|HOST|PORT|PUBLIC_URL)\b", PAGE.read_text("utf-8")))
    assert named <= set(variables())


def test_every_example_is_a_value_that_the_setting_takes(tmp_path):
    examples = {name: field.examples[0] for name, field in variables().items()}
    examples["AGORA_KEYS"] = Fernet.generate_key().decode()  # a key on the page would be everybody's
    assert load(examples, tmp_path / "none").port == int(examples["PORT"])


def test_what_is_secret_is_marked():
    slack = {"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN", "SLACK_SIGNING_SECRET", "SLACK_CLIENT_SECRET"}
    secret = {name for name, field in variables().items() if is_secret(field)}
    assert secret == {"DATABASE_URL", "AGORA_KEYS", "TEAMS_APP_SECRET", "OPENAI_API_KEY", *slack}
