"""Cases as the server publishes them are accepted, and judged alike."""

from __future__ import annotations

import io
from functools import cache
from pathlib import Path

import pytest
from in_process import RDF, fetch

from k20kg import __version__
from k20kg.judging.cases import Case, read_cases
from k20kg.judging.judge import Judge
from k20kg.sources.shipped_cases import shipped_cases
from k20kg.web.http.formats import FORMATS

CASES = shipped_cases()
SAMPLE = ("full-partnership", "disputed-membership", "one-cycle-closed")


@cache
def judge() -> Judge:
    return Judge(evidence=False)


def verdicts(case: Case) -> list[str]:
    judge().check(case)
    return [f.verdict.value for a in judge().assess(case) for f in a.findings]


@cache
def packaged(name: str) -> list[str]:
    (case,) = read_cases([CASES[name]])
    return verdicts(case)


@pytest.mark.parametrize("form", FORMATS, ids=lambda form: form.key)
def test_a_served_record_is_accepted(form: object) -> None:
    for name in SAMPLE:
        answer = fetch(f"/data/counter-cases/{name}.ttl", form.media_type)  # type: ignore[attr-defined]
        assert answer.status == 200
        stream = io.BytesIO(answer.body)
        (case,) = read_cases([stream], syntax=form.key)  # type: ignore[attr-defined]
        assert verdicts(case) == packaged(name)
    assert set(RDF) == {form.key for form in FORMATS}


@pytest.mark.parametrize("key", ["nq", "trig"])
def test_the_cases_of_a_dump_are_accepted(key: str, tmp_path: Path) -> None:
    path = tmp_path / f"dump.{key}.gz"
    path.write_bytes(fetch(f"/dump/k20kg-{__version__}.{key}.gz").body)
    found = {case.group.rpartition("/")[2]: case for case in read_cases([path])}
    assert set(found) == set(CASES)
    for name in (*SAMPLE, "guie", "lamsig"):
        assert verdicts(found[name]) == packaged(name)
    told = [line for case in found.values() for line in case.unread]
    assert len(told) > 20
    assert all("it describes no case" in line and "/case/" not in line for line in told)
