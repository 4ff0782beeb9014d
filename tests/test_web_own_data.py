"""Data of one's own, published beside what is shipped."""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from in_process import Answer, fetch, parse

from k20kg.errors import K20Error
from k20kg.judging.judge import Judge
from k20kg.synthetic.corpus import make_corpus
from k20kg.vocabulary import BASE, K20, RDFS
from k20kg.web.app import create_app
from k20kg.web.dataset import VERDICTS, Dataset, judge_rest, open_dataset
from k20kg.web.linkeddata.describe import MOST_INCOMING
from k20kg.web.pages import Site, case, cases

OWN = f"""@prefix k20: <{K20}> .
<{BASE}case/own> a k20:CandidateGroup ; <{RDFS}label> "Ours"@en ; k20:goal [ a k20:Goal ] .
<{BASE}case/own/é> <{RDFS}label> "<script>alert(1)</script>" .
<{BASE}case/100%25> <{RDFS}label> "percent" .
"""


@pytest.fixture(scope="module")
def held(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Return what is shipped with files of one's own, two of them of one name."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own case.ttl").write_text(OWN, encoding="utf-8")
    hub, near = f"<{BASE}organization/hub>", f"<{BASE}organization/near>"
    rows = [f"<{BASE}x/{n}> <{RDFS}seeAlso> {hub} ." for n in range(MOST_INCOMING + 1)]
    rows += [f"<{BASE}y/{n}> <{RDFS}seeAlso> {near} ." for n in range(3)]
    (folder / "many.nt").write_text("\n".join(rows), encoding="utf-8")
    for name in ("a", "b"):
        (folder / name).mkdir()
        text = f'<{BASE}t/{name}> <{RDFS}label> "{name}" .\n'
        (folder / name / "case.nt.gz").write_bytes(gzip.compress(text.encode()))
    return open_dataset([folder])


@pytest.fixture(scope="module")
def get(held: Dataset) -> Callable[..., Answer]:
    return partial(fetch, served=create_app(held))


def test_own_files_are_published_beside_and_not_under_our_licence(
    held: Dataset, get: Callable[..., Answer]
) -> None:
    assert BASE + "data/own-case.ttl" in held.own
    assert get("/case/own").headers["location"] == "/doc/case/own"
    assert get("/case/own/%C3%A9").headers["location"] == "/doc/case/own/%C3%A9"
    assert get("/doc/case/own/%C3%A9", "text/turtle").status == 200
    assert get("/case/100%25").headers["location"] == "/doc/case/100%25"
    assert get("/doc/case/100%25", "text/turtle").status == 200
    assert get("/doc/case/100%2525", "text/turtle").status == 200
    assert get("/data/own-case.ttl", "text/turtle").status == 200
    for where in ("/doc/case/own", "/data/own-case.ttl", "/"):
        assert 'rel="license"' not in get(where, "text/turtle").headers["link"]
    assert 'rel="license"' in get("/doc/case/lamsig", "text/turtle").headers["link"]
    page = get("/doc/case/own/%C3%A9", "text/html")
    assert page.status == 200
    assert b"<script>alert" not in page.body


def test_a_document_that_leaves_links_out_says_so(get: Callable[..., Answer]) -> None:
    quads = parse(get("/doc/organization/hub", "text/turtle"))
    assert sum(quad.predicate.value == RDFS + "seeAlso" for quad in quads) == MOST_INCOMING
    notes = [quad.object.value for quad in quads if quad.predicate.value == RDFS + "comment"]
    assert notes == [f"More than {MOST_INCOMING} statements link to the topic; as many are given."]
    assert b"More than" not in get("/doc/organization/near", "text/turtle").body


def test_files_of_one_name_become_graphs_of_different_names(
    held: Dataset, get: Callable[..., Answer]
) -> None:
    names = ("own-case.ttl", "many.nt", "case.nt", "case-2.nt")
    assert held.own == {f"{BASE}data/{name}" for name in names}
    assert b"/t/a" in get("/data/case.nt", "text/turtle").body
    assert b"/t/b" in get("/data/case-2.nt", "text/turtle").body


@pytest.mark.parametrize(
    ("name", "text", "what"),
    [
        ("a.jsonld", '{"@context": "https://elsewhere.example/c", "@id": "x:y"}', "fetched"),
        ("a.rdf", '<!DOCTYPE r SYSTEM "http://elsewhere.example/d"><r/>', "fetched"),
        ("a.ttl", "<x:y> <x:z> .", "no Turtle"),
        ("a.ttl.gz", "this is not gzip", "no whole gzip file"),
        ("a.odd", "All words.", "nothing tells which RDF syntax"),
    ],
)
def test_files_that_cannot_be_published_are_refused(
    name: str, text: str, what: str, tmp_path: Path
) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(K20Error, match=what):
        open_dataset([path])


def test_a_shipped_case_of_which_own_data_say_more_is_judged_anew(tmp_path: Path) -> None:
    group, graph = (
        f"<{BASE}case/full-partnership>",
        f"{BASE}data/counter-cases/full-partnership.ttl",
    )
    for name, home in (("its-graph", graph), ("another", f"{BASE}graph/more")):
        path = tmp_path / f"{name}.nq"
        lines = [f'{group} <{RDFS}comment> "More of it." <{home}> .']
        if home != graph:
            lines += [f"<{one}> <{K20}recordOf> {group} <{home}> ." for one in (graph, home)]
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")
        judged = open_dataset([path]).judged
        mine = judged[group[1:-1]]
        assert "More of it." in mine.case.text
        assert not mine.shipped
        assert mine.assessments == tuple(Judge().assess(mine.case))
        assert judged[f"{BASE}case/lamsig"].shipped


def test_many_cases_are_judged_after_the_start(tmp_path: Path) -> None:
    path = tmp_path / "corpus.nq"
    with path.open("wb") as out:
        names = [truth[0][0] for truth in make_corpus(3, 1, out, size="thin")]
    early = open_dataset([path], 2)
    site = Site(early)
    assert all(early.judged[name].waiting for name in names)
    assert "Not judged yet" in cases.page(site)
    assert 'id="criteria"' in case.page(site, names[0])
    assert "waiting" not in cases.page(site, {"verdict": "met"})
    late, at_once = asyncio.run(judge_rest(early)), open_dataset([path])
    assert late.digest != early.digest
    then, now = Site(late), Site(at_once)
    for name in names:
        mine, theirs = late.judged[name], at_once.judged[name]
        assert (mine.whole, theirs.whole) == (False, True)
        assert [[f.verdict for f in a.findings] for a in mine.assessments] == [
            [f.verdict for f in a.findings] for a in theirs.assessments
        ]
        assert case.page(then, name).count("Supports") == case.page(now, name).count("Supports")
    assert "Not judged yet" not in cases.page(then)
    query = f"SELECT ?a ?v {{ GRAPH <{VERDICTS.value}> {{ ?a <{K20}verdict> ?v }} }} ORDER BY ?a"
    assert list(map(str, late.store.query(query))) == list(map(str, at_once.store.query(query)))  # type: ignore[arg-type]


def test_a_file_of_plain_lines_is_read_as_any_other(tmp_path: Path) -> None:
    given = {"plain": '"a"', "with-node": "_:a", "unnamed": '"b"'}
    for name, value in given.items():
        text = f"<{BASE}x/{name}> <{RDFS}label> {value} <{BASE}graph/{name}> .\n"
        text += f'<{BASE}x/2> <{RDFS}label> "c" .\n' * (name == "unnamed")
        (tmp_path / f"{name}.nq").write_text(text, encoding="utf-8")
    held = open_dataset([tmp_path])
    assert held.own == {*(f"{BASE}graph/{name}" for name in given), f"{BASE}data/unnamed.nq"}
    assert {f"<{BASE}x/{name}>" for name in given} <= {str(q.subject) for q in held.store}
