"""A test that was left out is never taken for one that passed."""

import pytest

pytest_plugins = ["pytester"]

ONE_OF_EACH = """
import pytest

def test_plain():
    pass

@pytest.mark.needs("data")
def test_with_data():
    pass
"""


@pytest.fixture(autouse=True)
def plain(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    pytester.makeconftest('pytest_plugins = ["tests.needs"]')
    monkeypatch.delenv("AGORA_FULL", raising=False)
    monkeypatch.delenv("AGORA_DATA", raising=False)


def run(pytester: pytest.Pytester, source: str = ONE_OF_EACH) -> pytest.RunResult:
    pytester.makepyfile(source)
    return pytester.runpytest_inprocess(*(f"-pno:{each}" for each in ("asyncio", "aiohttp", "hypothesispytest")))


def test_what_is_missing_is_named(pytester: pytest.Pytester) -> None:
    result = run(pytester)
    result.assert_outcomes(passed=1, skipped=1)
    result.stdout.fnmatch_lines(["*= not run =*", "*::test_with_data: needs AGORA_DATA*"])
    assert result.ret == pytest.ExitCode.OK


def test_what_is_there_runs(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_DATA", str(pytester.path))
    monkeypatch.setenv("AGORA_FULL", "1")
    result = run(pytester)
    result.assert_outcomes(passed=2)
    result.stdout.no_fnmatch_line("*not run*")
    assert result.ret == pytest.ExitCode.OK


def test_a_variable_that_names_no_folder_is_missing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_DATA", str(pytester.path / "nowhere"))
    run(pytester).assert_outcomes(passed=1, skipped=1)


def test_a_full_run_fails_for_what_is_missing(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_FULL", "1")
    result = run(pytester)
    result.assert_outcomes(passed=1, errors=1)
    result.stdout.fnmatch_lines(["*not run: needs AGORA_DATA*"])


@pytest.mark.parametrize(
    "source",
    [
        "import pytest\ndef test_one(): pass\ndef test_two(): pytest.skip('no reason')",
        "import pytest\ndef test_one(): pass\n@pytest.mark.skip(reason='no reason')\ndef test_two(): pass",
    ],
)
def test_a_full_run_fails_for_any_skip(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch, source: str) -> None:
    monkeypatch.setenv("AGORA_FULL", "1")
    result = run(pytester, source)
    result.stdout.fnmatch_lines(["*::test_two: *no reason", "AGORA_FULL=1: *"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_a_module_that_skips_itself_is_named(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGORA_FULL", "1")
    pytester.makepyfile(test_other="def test_one(): pass")
    result = run(pytester, "import pytest\npytest.importorskip('nowhere_to_be_found')")
    result.stdout.fnmatch_lines(["*: could not import 'nowhere_to_be_found'*"])
    assert result.ret == pytest.ExitCode.TESTS_FAILED


def test_an_unknown_need_is_an_error(pytester: pytest.Pytester) -> None:
    run(pytester, "import pytest\n@pytest.mark.needs('luck')\ndef test_one(): pass").assert_outcomes(errors=1)
