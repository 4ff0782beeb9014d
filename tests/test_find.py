"""Words find things, terms, works, cases and saved questions, in what is packaged and in files."""

from __future__ import annotations

import csv
import io
import json
from functools import cache
from pathlib import Path

import pytest
from test_cli import Captured, run

from k20kg.find.index import GROUPS, MARKS, Hit, WordIndex, build, packaged_index
from k20kg.sparql.named_queries import list_queries
from k20kg.sparql.store import open_packaged
from k20kg.vocabulary import BASE, K20

OWN = f"""@prefix k20: <{K20}> . @prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
<urn:g> a k20:CandidateGroup ; rdfs:label "Ríver Valley group" .
<urn:g/goal> a k20:Goal ; rdfs:label "Better reading" ; rdfs:comment "Asked of 12 teachers." .
<urn:g/firm> a k20:University ; rdfs:label "University of the Valley" ; skos:altLabel "UV" .
<urn:g/note> a k20:ReadingNote ; rdfs:comment "UV withdrew." .
"""


@cache
def index() -> WordIndex:
    return packaged_index()


def hits(words: str, kind: str = "", most: int = 10) -> list[Hit]:
    return index().look_up(index().rank(words, kind)[:most])


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("trust", "construct/trust"),
        ("TRUST", "construct/trust"),
        ("LAUSD", "organization/lausd"),
        ("Los Angeles Unified School District", "organization/lausd"),
        ("social capital", "construct/social-capital"),
        ("firm", "ontology#Firm"),
        ("school district", "ontology#K12SchoolDistrict"),
        ("which organizations are partners", "query/which-organizations-are-members"),
        ("money for the projects", "query/which-program-and-agency-stand-behind-each-project"),
        ("partners of QED", "query/what-is-qed-and-who-stands-behind-it"),
        ("CQ071", "query/which-listed-work-is-cited-most-often"),
        ("2c", "criterion/formal-agreement"),
        ("formal agr", "ontology#FormalAgreement"),
        ("lamsig", "case/lamsig"),
        ("vangen", "work/vangen-huxham-2003"),
        ("K-12 teacher", "case/lamsig/role-group/chart-3/k12-teacher"),
        ("hot water heater", ""),
    ],
)  # fmt: skip
def test_words_find_what_they_stand_for(words: str, found: str) -> None:
    ten = [hit.iri.removeprefix(BASE) for hit in hits(words)]
    assert found in ten if found else not [hit for hit in hits(words) if hit.label == words]


def test_each_question_is_found_by_its_own_words() -> None:
    """By sense, too: no word order, no stop words."""
    for query in list_queries():
        words = " ".join(reversed(query.summary.strip("?").split()))
        assert f"{BASE}query/{query.name}" in [hit.iri for hit in hits(words)], query.summary


def test_a_hit_shows_its_kind_and_the_words_found() -> None:
    hit = next(hit for hit in hits("trust among leaders") if hit.kind == "claim")
    assert hit.sort == "thing"
    assert hit.label == "trust among leaders"
    assert "".join((MARKS[0], "trust", MARKS[1])) in hit.snippet
    assert {one.sort for one in hits("partnership", most=1000)} == set(GROUPS)


def test_a_kind_leaves_out_the_others() -> None:
    for kind in (*GROUPS, "benefit"):
        found = hits("teacher", kind)
        assert found, kind
        assert all(kind in (hit.sort, hit.kind) for hit in found)


def test_a_real_case_comes_before_made_up_ones() -> None:
    kinds = [hit.iri for hit in hits("grade 7 units", "thing", most=50)]
    real = [at for at, iri in enumerate(kinds) if "/lamsig/" in iri]
    made_up = [at for at, iri in enumerate(kinds) if "/dyad-network/" in iri]
    assert real
    assert made_up
    assert real[0] < made_up[0]


def test_an_index_is_the_same_each_time() -> None:
    first, second = (
        WordIndex(build(open_packaged().raw)).rank("partners in design") for _ in range(2)
    )
    assert first == second


@pytest.mark.parametrize(
    "words", ['"', "NOT", "a OR b AND", "thing:trust", "(", "trust*", "^trust", "'; DROP", "🙂"]
)  # fmt: skip
def test_words_are_never_commands(words: str) -> None:
    assert isinstance(hits(words), list)


# ---------------------------------------------------------------- the command


def test_hits_come_as_table_json_and_csv(tmp_path: Path, capsys: Captured) -> None:
    code, text, _ = run(capsys, "find", "trust", "among", "leaders", "-n", "2")
    assert code == 0
    assert "construct/trust" in text
    assert "[Trust] [among] [leaders]." in text
    code, said, _ = run(capsys, "find", "trust among leaders", "-n", "2", "-f", "json")
    rows = json.loads(said)
    assert len(rows) == 2
    assert list(rows[0]) == ["kind", "label", "snippet", "address"]
    assert {row["address"] for row in rows} == {f"{BASE}construct/trust", f"{BASE}claim/s0053"}
    out = tmp_path / "hits.csv"
    assert run(capsys, "find", "trust", "--kind", "work", "-o", str(out))[0] == 0
    table = list(csv.reader(io.StringIO(out.read_text(encoding="utf-8"), newline="")))
    assert [row[0] for row in table] == ["kind", "work", "work", "work"]


def test_nothing_found_is_said_with_words_like_those(capsys: Captured) -> None:
    code, out, err = run(capsys, "find", "trst")
    assert code == 0
    assert "no rows" in out
    assert "trust" in err


def test_a_kind_that_nothing_is_of_is_refused(capsys: Captured) -> None:
    code, out, err = run(capsys, "find", "trust", "--kind", "wrok")
    assert (code, out) == (2, "")
    assert "did you mean work" in err


def test_files_and_stores_are_searched_with_the_questions(tmp_path: Path, capsys: Captured) -> None:
    path = tmp_path / "own.ttl"
    path.write_text(OWN, encoding="utf-8")
    store = tmp_path / "store"
    assert run(capsys, "load", str(path), "--store", str(store))[0] == 0
    for where in (["--data", str(path)], ["--store", str(store)]):

        def found(words: str, where: list[str] = where) -> list[tuple[str, str]]:
            _, out, _ = run(capsys, "find", words, *where, "-f", "json")
            return [(row["kind"], row["address"]) for row in json.loads(out)]

        assert found("river")[0] == ("candidate group", "urn:g")
        assert ("goal", "urn:g/goal") in found("teachers asked")
        assert ("reading note", "urn:g/note") in found("University of the Valley withdrew")
        assert any(kind == "question" for kind, _ in found("which goals are shared"))
        assert not [iri for _, iri in found("trust") if iri.startswith(BASE + "construct")]
    both = ("--data", str(path), "--store", str(store))
    assert run(capsys, "find", "river", *both)[0] == 2


@pytest.mark.parametrize(
    ("sentence", "first"),
    [
        ("What does the paper say about trust?", "construct/trust"),
        ("who funded LAMSIG", "case/lamsig"),
        ("which cases fail 2c", "query/which-cases-fail-a-criterion-as-computed"),
        ("is LAMSIG a partnership", "case/lamsig"),
        ("what is a K-20 partnership?", "definition/clifford-millar-2007"),
        ("definition of partnership by Catelli", "definition/catelli-2000"),
        ("what is a firm?", "construct/firm"),
        ("what does Vangen say about trust", "work/vangen-huxham-2003"),
        ("Chart 4", "source/paper/chart/4"),
        ("SCALE", "project/scale"),
        ("2c", "criterion/formal-agreement"),
        ("mutual benefit", "construct/mutual-benefit"),
    ],
)
def test_a_sentence_finds_first_what_a_visitor_wants(sentence: str, first: str) -> None:
    assert hits(sentence, most=1)[0].iri.removeprefix(BASE) == first


def test_a_question_on_a_case_is_found_by_the_name_of_the_case() -> None:
    assert f"{BASE}query/how-does-money-flow-on" in [
        hit.iri for hit in hits("who funded LAMSIG", "question")
    ]
