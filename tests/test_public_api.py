"""`k20kg.__all__` is the public API: whole, importable, documented, and all that the docs use."""

from __future__ import annotations

import ast
import inspect
import pkgutil
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import k20kg

ROOT = Path(__file__).parent.parent
PAGES = [
    ROOT / "README.md",
    ROOT / "benchmarks" / "README.md",
    *sorted((ROOT / "docs").rglob("*.md")),
]
EXAMPLES = [
    pytest.param(text, id=f"{page.name}-{number}")
    for page in PAGES
    for number, text in enumerate(re.findall(r"```python\n(.*?)```", page.read_text(), re.DOTALL))
]
PUBLIC = [name for name in k20kg.__all__ if name != "__version__"]
FUNCTIONS = [name for name in PUBLIC if name.islower()]
METHODS = ("assess", "assess_all", "assess_at", "check", "deciding")
"""Methods of a judge that callers use."""


def thing(name: str) -> Any:
    """Return what a name stands for, also where a package of the same name was imported."""
    from k20kg import api

    return getattr(api, name, None) or getattr(k20kg, name)


def names_in(annotation: Any) -> set[str]:
    return set(re.findall(r"[A-Za-z_]\w*", str(annotation)))


def annotations(name: str) -> Iterator[Any]:
    """Yield the annotations of what a caller gets from a public name."""
    found = thing(name)
    if inspect.isfunction(found):
        yield found.__annotations__["return"]
        return
    for attribute, value in vars(found).items():
        if isinstance(value, property) and value.fget:
            yield value.fget.__annotations__["return"]
        if name == "Judge" and attribute in METHODS:
            yield value.__annotations__["return"]
    if name != "Judge" and not attribute_names(found).isdisjoint({"_fields", "__slots__"}):
        yield from (a for field, a in found.__annotations__.items() if field[0] != "_")


def attribute_names(found: Any) -> set[str]:
    return set(dir(found))


def classes_of_ours() -> set[str]:
    """Return the names of all classes in the modules that public names come from."""
    modules = {sys.modules[thing(name).__module__] for name in PUBLIC}
    return {
        name
        for module in modules
        for name, value in vars(module).items()
        if inspect.isclass(value) and value.__module__.startswith("k20kg.") and name[0] != "_"
    }


def test_names_are_sorted_and_each_once() -> None:
    assert list(k20kg.__all__) == sorted(set(k20kg.__all__))
    assert set(k20kg.__all__) <= set(dir(k20kg))


@pytest.mark.parametrize("name", k20kg.__all__)
def test_every_name_can_be_imported(name: str) -> None:
    assert thing(name) is not None


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        k20kg.nothing  # noqa: B018


def test_import_alone_loads_nothing_heavy() -> None:
    code = "import sys, k20kg; print([m for m in sys.modules if m.startswith('k20kg.')])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['k20kg.version']"


@pytest.mark.parametrize("name", PUBLIC)
def test_every_name_has_a_docstring(name: str) -> None:
    found = thing(name)
    said = inspect.getdoc(found) or ""
    assert said.endswith((".", "``")) or "\n" in said
    assert not said.startswith(f"{name}("), "a docstring made by machine"
    if inspect.isfunction(found):
        assert found.__annotations__.keys() >= set(inspect.signature(found).parameters) - {"self"}


@pytest.mark.parametrize("name", PUBLIC)
def test_all_that_a_caller_gets_is_public(name: str) -> None:
    used = {word for annotation in annotations(name) for word in names_in(annotation)}
    assert used & classes_of_ours() <= set(PUBLIC)


@pytest.mark.parametrize("text", EXAMPLES)
def test_examples_use_the_public_api_alone(text: str) -> None:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            assert not [a.name for a in node.names if a.name.startswith("k20kg.")]
        elif isinstance(node, ast.ImportFrom):
            assert not (node.module or "").startswith("k20kg."), node.module
            if node.module == "k20kg":
                assert {a.name for a in node.names} <= set(k20kg.__all__)
        elif isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            assert node.value.id != "k20kg" or node.attr in k20kg.__all__


def test_prose_names_only_what_is_public() -> None:
    said = {
        name for page in PAGES for name in re.findall(r"`k20kg\.([A-Za-z_.]+)\(", page.read_text())
    }
    assert said <= set(k20kg.__all__)


def test_the_example_on_time_runs() -> None:
    (text,) = re.findall(r"```python\n(.*?)```", (ROOT / "docs" / "time.md").read_text(), re.S)
    exec(text, {})


def test_no_module_hides_a_public_name() -> None:
    modules = {module.name for module in pkgutil.iter_modules(k20kg.__path__)}
    assert modules.isdisjoint(k20kg.__all__)


def test_query_gives_rows_as_terms() -> None:
    query = thing("query")
    data = k20kg.shipped_cases()["two-departments"]
    rows = query("SELECT ?group { ?group a k20:CandidateGroup }", data=data)
    assert [str(row["group"]) for row in rows] == ["<https://w3id.org/k20kg/case/two-departments>"]
    assert query("ASK { ?s ?p ?o }", data=[data]) is True
    (triple, *_) = query("CONSTRUCT { ?s a ?t } WHERE { ?s a ?t }", data=data)
    assert list(triple) == ["subject", "predicate", "object"]
    with pytest.raises(k20kg.UsageError, match="exclude each other"):
        query("ASK { ?s ?p ?o }", data=data, store="x")


def test_batch_writes_rows_by_the_ending_of_the_file(tmp_path: Path) -> None:
    out = tmp_path / "rows.csv"
    tally = thing("batch")(k20kg.shipped_cases()["two-departments"], out, reading="literal")
    assert isinstance(tally, k20kg.BatchSummary)
    assert tally.cases == 1
    assert "literal" in out.read_text(encoding="utf-8").splitlines()[1]
