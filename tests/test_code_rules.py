"""Modules keep the house rules: size, docstrings, names of classes, no import cycle.

`OFFENDERS` lists today's exceptions. It can only shrink: a new offence fails, and so does an entry
that no longer holds.
"""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULES = {
    ".".join(p.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): p
    for p in sorted((ROOT / "k20kg").rglob("*.py"))
}
TREES = {name: ast.parse(path.read_text(encoding="utf-8")) for name, path in MODULES.items()}
QUESTION = re.compile(r"(What|Where|Which|Who|Whose|Whether|That|How|When|Why)\b")

OFFENDERS: dict[str, set[str]] = {
    "modules of more than 350 lines": set(),
    "folders of more than 15 modules": set(),
    "modules without a docstring": set(),
    "docstrings that begin like a question": set(),
    "names of several public classes": set(),
    "modules that import each other in a circle": set(),
    "tests of more than 400 lines": set(),
}


def lines_of(path: Path) -> int:
    return len(path.read_text(encoding="utf-8").splitlines())


def long_modules() -> Iterator[str]:
    return (name for name, path in MODULES.items() if lines_of(path) > 350)


def crowded_folders() -> Iterator[str]:
    folders = Counter(path.parent for path in MODULES.values() if path.stem != "__init__")
    return (".".join(f.relative_to(ROOT).parts) for f, n in folders.items() if n > 15)


def without_docstring() -> Iterator[str]:
    return (name for name, tree in TREES.items() if not ast.get_docstring(tree))


def questions() -> Iterator[str]:
    kinds = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    others = [p for folder in ("tests", "benchmarks") for p in (ROOT / folder).glob("*.py")]
    trees = {p.name: ast.parse(p.read_text(encoding="utf-8")) for p in others}
    for name, tree in (TREES | trees).items():
        said = [ast.get_docstring(n) or "" for n in ast.walk(tree) if isinstance(n, kinds)]
        if count := sum(bool(QUESTION.match(one)) for one in said):
            yield f"{name}: {count}"


def homonyms() -> Iterator[str]:
    classes = (n for tree in TREES.values() for n in ast.walk(tree) if isinstance(n, ast.ClassDef))
    names = Counter(one.name for one in classes if not one.name.startswith("_"))
    return (name for name, count in names.items() if count > 1)


def imports(tree: ast.Module) -> Iterator[str]:
    """Return the modules of ours that one imports: for types and inside functions too."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                whole = f"{node.module}.{one.name}"
                yield whole if whole in MODULES else node.module
        elif isinstance(node, ast.Import):
            yield from (one.name for one in node.names)


def circles() -> Iterator[str]:
    """Return the groups of modules each of which leads to all of its group."""
    direct = {name: {i for i in imports(tree) if i in MODULES} for name, tree in TREES.items()}
    reached: dict[str, set[str]] = defaultdict(set)
    for start in direct:
        waiting = [start]
        while waiting:
            new = direct[waiting.pop()] - reached[start]
            reached[start] |= new
            waiting += new
    for name in direct:
        circle = sorted(other for other in reached[name] if name in reached[other])
        if circle and circle[0] == name:
            yield " ".join(circle)


def long_tests() -> Iterator[str]:
    return (p.name for p in (ROOT / "tests").glob("*.py") if lines_of(p) > 400)


RULES: list[Callable[[], Iterator[str]]] = [
    long_modules, crowded_folders, without_docstring, questions, homonyms, circles, long_tests,
]  # fmt: skip


@pytest.mark.parametrize(("name", "offenders"), zip(OFFENDERS, RULES, strict=True), ids=OFFENDERS)
def test_a_rule_of_the_house_has_no_exceptions_but_those_listed(
    name: str, offenders: Callable[[], Iterator[str]]
) -> None:
    assert set(offenders()) == OFFENDERS[name]


def test_all_modules_are_looked_at() -> None:
    assert len(MODULES) > 100
    assert sum(1 for tree in TREES.values() for _ in imports(tree)) > 500
