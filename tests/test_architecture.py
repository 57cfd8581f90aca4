"""The shape of the code: layers, what may be imported where, and rooms that stay small."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LAYERS = ("models", "bot", "handlers", "app")
HOMES = {  # what only one folder may import
    "slack_sdk": "bot/slack",
    "slack_bolt": "bot/slack",
    "botbuilder": "bot/teams",
    "botframework": "bot/teams",
    "openai": "bot/ai",
}
NETWORK = {"aiohttp", "httpx", "requests", "urllib3", "smtplib"}
LONGEST_FILE, LONGEST_FUNCTION = 300, 50  # lines


def modules() -> list[Path]:
    return [ROOT / "app.py", *(path for layer in LAYERS[:3] for path in sorted((ROOT / layer).rglob("*.py")))]


def tests() -> list[Path]:
    """Ours, without what npm brought."""
    return [path for path in sorted((ROOT / "tests").rglob("*.py")) if "node_modules" not in path.parts]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def imports(path: Path) -> Iterator[str]:
    """The dotted names of every import, those inside functions included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{name(path)}:{node.lineno}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called(path: Path) -> Iterator[ast.Attribute | ast.Name]:
    """What is called in a module, by name or by the last part of it."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute | ast.Name):
            yield node.func


def layer(dotted: str) -> int | None:
    first = dotted.split(".")[0]
    return LAYERS.index(first) if first in LAYERS else None


@pytest.mark.parametrize("path", modules(), ids=name)
def test_imports_run_one_way(path: Path) -> None:
    own = LAYERS.index(path.relative_to(ROOT).parts[0].removesuffix(".py"))
    upward = [each for each in imports(path) if (layer(each) or 0) > own]
    assert upward == []


@pytest.mark.parametrize("path", modules(), ids=name)
def test_platforms_stay_outside(path: Path) -> None:
    strays = [each for each in imports(path) if not name(path).startswith(HOMES.get(each.split(".")[0], ""))]
    assert strays == []


@pytest.mark.parametrize("path", sorted((ROOT / "models").rglob("*.py")), ids=name)
def test_models_know_no_network_but_the_database(path: Path) -> None:
    assert NETWORK.isdisjoint(each.split(".")[0] for each in imports(path))


@pytest.mark.parametrize("path", sorted((ROOT / "handlers").glob("*/**/*.py")), ids=name)
def test_features_do_not_import_each_other(path: Path) -> None:
    own = ".".join(path.relative_to(ROOT).parts[:2]).removesuffix(".py")
    others = [
        each for each in imports(path) if each.startswith("handlers.") and f"{each}.".startswith(f"{own}.") is False
    ]
    assert others == []


@pytest.mark.parametrize("path", sorted((ROOT / "handlers").rglob("*.py")), ids=name)
def test_routes_never_open_a_transaction(path: Path) -> None:
    opening = {"transaction", "reading", "at_once", "sessionmaker", "Session", "engine", "connect"}
    opened = {node.attr if isinstance(node, ast.Attribute) else node.id for node in called(path)} & opening
    assert opened == set()


@pytest.mark.parametrize("path", [*modules(), *tests()], ids=name)
def test_rooms_are_small(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE
    functions = (node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    long = [node.name for node in functions if (node.end_lineno or 0) - node.lineno >= LONGEST_FUNCTION]
    assert long == []


@pytest.mark.parametrize("path", modules(), ids=name)
def test_modules_and_public_names_say_what_they_are(path: Path) -> None:
    assert list(undescribed(tree(path))) == []
    assert ast.get_docstring(tree(path)) or not tree(path).body


def undescribed(holder: ast.Module | ast.ClassDef) -> Iterator[str]:
    """The public classes, functions and methods without a word about them."""
    for node in holder.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and node.name[0] != "_":
            if not ast.get_docstring(node):
                yield node.name
            if isinstance(node, ast.ClassDef):
                yield from undescribed(node)
