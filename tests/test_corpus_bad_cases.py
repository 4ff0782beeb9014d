"""A bad case in a corpus is reported with its place, and passed over."""

from __future__ import annotations

import gzip
import io
from pathlib import Path

import pytest
from corpora import CASES, rows_of, text_of

from k20kg.batches import Options
from k20kg.batches.runner import judge_corpus
from k20kg.errors import RecordError
from k20kg.synthetic.generator import make_case
from k20kg.vocabulary import K20

BAD = {
    "no evidence": (lambda t: t.replace(f"<{K20}evidencedBy>", "<urn:x:evidence>"), "no evidence"),
    "misspelt": (lambda t: t.replace("onRoll>", "onRol>"), "onRol, which the vocabulary"),
    "ill-typed": (lambda t: t.replace('"true"^^', '"yes"^^'), "which is no truth value"),
    "script": (lambda t: t.replace("<https://w3id.org/k20kg/source/", "<javascript:"), "script"),
    "no candidate": (lambda t: t.replace("CandidateGroup>", "SubGroup>"), "no candidate group"),
    "cut off": (lambda t: t.replace(" <", " ", 1), "cannot be parsed"),
}


@pytest.mark.parametrize("name", BAD)
def test_a_bad_case_is_reported_with_its_place_and_passed_over(name: str, tmp_path: Path) -> None:
    spoil, says = BAD[name]
    good = [text_of(n) for n in range(3)]
    bad = spoil(text_of(1))
    assert bad != good[1]
    (tmp_path / "c.nq").write_text(good[0] + bad + good[2])
    said, out = io.StringIO(), io.BytesIO()
    tally = judge_corpus([tmp_path / "c.nq"], out, messages=said)
    assert (tally.cases, tally.faulty) == (2, 1)
    assert says in said.getvalue()
    first = good[0].count("\n") + 1
    place = said.getvalue().partition("c.nq:")[2]
    line = int(place[: len(place) - len(place.lstrip("0123456789"))])
    assert first <= line < first + bad.count("\n")
    assert out.getvalue() == rows_of(["-"], stdin=io.BytesIO((good[0] + good[2]).encode()))
    with pytest.raises(RecordError, match=r"c\.nq"):
        judge_corpus([tmp_path / "c.nq"], io.BytesIO(), Options(strict=True), messages=said)


def test_two_candidates_in_one_graph_are_reported(tmp_path: Path) -> None:
    two = text_of(1).replace(
        make_case(21, 1).iri + "/record> .", make_case(21, 0).iri + "/record> ."
    )
    said = io.StringIO()
    data = (text_of(0) + two + text_of(2)).encode()
    tally = judge_corpus(["-"], io.BytesIO(), stdin=io.BytesIO(data), messages=said)
    assert (tally.cases, tally.faulty) == (1, 1)
    assert "2 candidate groups" in said.getvalue()


def test_a_file_that_cannot_be_read_does_not_hide_the_others(
    corpus_file: Path, tmp_path: Path
) -> None:
    (tmp_path / "broken.nq.gz").write_bytes(gzip.compress(corpus_file.read_bytes())[:-300])
    said = io.StringIO()
    tally = judge_corpus(
        [tmp_path / "missing.nq", tmp_path / "broken.nq.gz", corpus_file],
        io.BytesIO(),
        messages=said,
    )
    assert tally.faulty >= 2
    assert tally.cases >= CASES - 1 or "goes on here" in said.getvalue()
    assert "missing.nq" in said.getvalue()
