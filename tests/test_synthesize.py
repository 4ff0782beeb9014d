"""Made-up corpora: same seed, same bytes; and the known verdicts are the right ones."""

from __future__ import annotations

import io
import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from scale import tries

from k20kg.batches import Options
from k20kg.batches.judging import BatchJudge
from k20kg.batches.runner import judge_corpus
from k20kg.batches.splitter import Piece
from k20kg.cli import main
from k20kg.definition.metadata import load_definition
from k20kg.judging.cases import read_cases
from k20kg.model import Verdict
from k20kg.synthetic.actors import SIZES
from k20kg.synthetic.corpus import KnownVerdict, known_verdicts, make_corpus
from k20kg.synthetic.generator import make_case
from k20kg.synthetic.nquads import write_case
from k20kg.synthetic.oracle import CRITERIA, READINGS
from k20kg.vocabulary import BASE, DCTERMS, K20, RDF_TYPE, SKOS, packaged


def made(cases: int, seed: int, *, shuffled: bool = False) -> tuple[bytes, list[KnownVerdict]]:
    out = io.BytesIO()
    known = [t for part in make_corpus(cases, seed, out, shuffled=shuffled) for t in part]
    return out.getvalue(), known


def test_same_seed_gives_the_same_bytes() -> None:
    assert made(20, 3) == made(20, 3)
    assert made(20, 3) != made(20, 4)
    assert made(20, 3, shuffled=True) == made(20, 3, shuffled=True)


def test_a_case_does_not_depend_on_how_many_there_are() -> None:
    assert made(30, 5)[0].startswith(made(10, 5)[0])


def test_shuffling_moves_lines_and_nothing_else() -> None:
    (plain, known), (mixed, same) = made(30, 6), made(30, 6, shuffled=True)
    assert known == same
    assert plain != mixed
    assert sorted(plain.splitlines()) == sorted(mixed.splitlines())


def test_every_case_says_that_it_is_made_up() -> None:
    data, known = made(40, 7)
    quads = list(ox.parse(data, format=ox.RdfFormat.N_QUADS))
    cases = {case for case, *_ in known}
    assert len(cases) == 40
    synthetic = {
        q.graph_name.value  # type: ignore[union-attr]
        for q in quads
        if q.predicate.value == K20 + "synthetic" and q.object == ox.Literal(True)
    }
    source = ox.NamedNode(BASE + "source/synthetic")
    sourced = {q.subject.value for q in quads if q.predicate.value == DCTERMS + "source"}  # type: ignore[union-attr]
    assert synthetic == sourced == {case + "/record" for case in cases}
    assert {q.object for q in quads if q.predicate.value == K20 + "source"} == {source}
    labels = [q.object.value for q in quads if q.predicate.value.endswith("#label")]  # type: ignore[union-attr]
    assert labels
    assert all(label.endswith("(made up)") for label in labels)


def test_each_graph_holds_one_candidate_group() -> None:
    data, known = made(40, 8)
    found = Counter(
        str(q.graph_name)
        for q in ox.parse(data, format=ox.RdfFormat.N_QUADS)
        if q.predicate.value == RDF_TYPE and q.object == ox.NamedNode(K20 + "CandidateGroup")
    )
    assert set(found.values()) == {1}
    assert len(found) == len({case for case, *_ in known})


def test_all_verdicts_come_up_for_every_criterion_and_reading() -> None:
    seen = {
        (reading, criterion, verdict)
        for number in range(1500)
        for _, reading, criterion, verdict, _ in known_verdicts(make_case(9, number))
    }
    assert tuple(c.id for c in load_definition().criteria) == CRITERIA
    assert tuple(r.id for r in load_definition().readings) == READINGS
    assert seen == {(r, c, v.value) for r in READINGS for c in CRITERIA for v in Verdict}


def test_any_hundred_cases_have_the_same_shares() -> None:
    for first in (0, 250):
        sizes = Counter(make_case(10, first + number).size for number in range(100))
        assert sizes == {size: about.share for size, about in SIZES.items()}


def classes(quads: Iterable[ox.Quad]) -> Counter[str]:
    """Return how many nodes there are of each class of the vocabulary."""
    typed = {
        (q.subject, q.object.value)  # type: ignore[union-attr]
        for q in quads
        if q.predicate.value == RDF_TYPE
    }
    return Counter(kind.removeprefix(K20) for _, kind in typed)


def test_large_cases_are_like_the_record_of_lamsig() -> None:
    """As long as that record, and of the same things in like numbers."""
    whole = next(iter(read_cases([packaged("data", "cases", "lamsig")]))).quads
    # No criterion counts who decided or told, what led to what, methods of findings and what is
    # the same as what: that is not made up.
    acts = {q.subject for q in whole if str(q.object) == f"<{K20}Involvement>"}
    acts |= {q.subject for q in whole if q.predicate.value == K20 + "evidenceFor"}
    told = {q.object for q in whole if q.subject in acts}
    notes = K20 + "regards"
    others = {q.object for q in whole if q.subject not in acts and q.predicate.value != notes}
    aside = {K20 + name for name in ("gatheredBy", "sampleFigure", "broughtAboutBy", "involvement")}
    aside |= {SKOS + name for name in ("exactMatch", "closeMatch")}
    real = [
        q for q in whole
        if q.subject not in acts | (told - others)
        and q.object not in acts and q.predicate.value not in aside
    ]  # fmt: skip
    cases = ["".join(write_case(make_case(10, number, "large"))) for number in range(20)]
    counts = [len(case.splitlines()) for case in cases]
    assert 0.6 * len(real) < min(counts) <= max(counts) < 1.2 * len(real)
    assert 0.8 * len(real) < sum(counts) / len(counts)
    found = Counter[str]()
    for case in cases:
        found += classes(ox.parse(case, format=ox.RdfFormat.N_QUADS))
    for kind, number in classes(real).most_common(12):
        assert number / 3 < found[kind] / len(cases) < 2 * number, kind


def test_middling_cases_are_as_long_as_the_counter_cases_and_thin_ones_are_shorter() -> None:
    real = [len(list(case.quads)) for case in read_cases([packaged("data", "counter-cases")])]
    mean = {
        size: sum(len(write_case(make_case(10, number, size))) for number in range(40)) / 40
        for size in SIZES
    }
    assert min(real) < mean["middling"] < 1.2 * max(real)
    assert mean["thin"] < min(real)


def agreement(
    cases: int, seed: int, engine: str, size: str | None = None, *, ends: bool = False
) -> int:
    """Return how many verdicts were compared; fail where one is not as it should be."""
    judge = BatchJudge("clifford-millar-2007", (), engine)
    compared = 0
    for number in range(cases):
        case = make_case(seed, number, size, ends=ends)
        data = "".join(write_case(case)).encode()
        judged = judge.assess(Piece("made up", 1, "", data, "nquads"))
        assert not judged.fault, judged.fault
        found = {(r.reading, r.criterion): r.verdict for r in judged.rows}
        wholes = dict(zip(READINGS, judged.whole, strict=True))
        known = list(known_verdicts(case))
        for reading in READINGS:
            differing = {c for _, r, c, v, _ in known if r == reading and found[r, c] != v}
            assert not differing, (number, reading, differing)
            assert {wholes[reading]} == {w for _, r, _, _, w in known if r == reading}
        assert {judged.case} == {iri for iri, *_ in known}
        compared += len(known)
    return compared


def test_verdicts_equal_the_truth() -> None:
    cases = tries(sample=30, prove=400)
    assert agreement(cases, 11, "shacl") == cases * 18


def test_verdicts_equal_the_truth_where_memberships_end() -> None:
    cases = tries(sample=30, prove=300)
    assert agreement(cases, 14, "shacl", "thin", ends=True) == cases * 18


def test_reference_engine_equals_the_truth() -> None:
    """A few here; the benchmark does so on 300."""
    cases = tries(sample=2, prove=8)
    assert agreement(cases, 12, "pyshacl", "thin") == cases * 18


@pytest.mark.slow
def test_verdicts_equal_the_truth_in_corpora_of_ten_thousand_cases(tmp_path: Path) -> None:
    """Of each size; the benchmark's mixture has more of the large ones. Fifty are the sample."""
    compared = 0
    for size, share in (("thin", 700), ("middling", 280), ("large", 20)):
        cases = tries(sample=share // 20, prove=10 * share)
        corpus, rows = tmp_path / f"{size}.nq", tmp_path / f"{size}.jsonl"
        with corpus.open("wb") as out:
            known = [t for part in make_corpus(cases, 13, out, size=size) for t in part]
        tally = judge_corpus([corpus], str(rows), Options(), jobs=2)
        assert (tally.cases, tally.faulty) == (cases, 0)
        with rows.open(encoding="utf-8") as lines:
            for truth, line in zip(known, lines, strict=True):
                row = json.loads(line)
                names = ("case", "reading", "criterion", "verdict")
                *thing, verdict = (row[name] for name in names)
                assert tuple(thing) == truth[:3]
                assert verdict == truth[3], (size, truth)
                compared += 1
    assert compared == tries(sample=900, prove=180_000)


def test_command_writes_the_corpus_and_the_truth_beside_it(tmp_path: Path) -> None:
    for name in ("a.nq", "a.nq.gz"):
        line = ["synthesize", "--cases", "5", "--seed", "1", "--out", str(tmp_path / name)]
        assert main(line) == 0
    truth = (tmp_path / "a.truth.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(truth) == 5 * 18
    assert set(json.loads(truth[0])) == {
        "case", "reading", "criterion", "verdict", "case_verdict",
    }  # fmt: skip
    assert (tmp_path / "a.nq").read_bytes() == made(5, 1)[0]
    one, two = tmp_path / "one.jsonl", tmp_path / "two.jsonl"
    judge_corpus([tmp_path / "a.nq"], str(one))
    judge_corpus([tmp_path / "a.nq.gz"], str(two))
    assert one.read_bytes() == two.read_bytes()
