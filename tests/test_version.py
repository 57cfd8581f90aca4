"""Agora says of itself which it is in two places."""

import tomllib

from bot.version import VERSION
from tests.test_architecture import ROOT


def test_the_code_and_the_package_name_one_version() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"] == VERSION
