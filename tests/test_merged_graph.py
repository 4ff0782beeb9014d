"""The default graph that is asked is the merge of all graphs: a triple in many counts once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyoxigraph as ox
import pytest
import rdflib
from endpoint import QUERY_TYPE, Endpoint, at, whole_endpoint
from hypothesis import given, settings
from hypothesis import strategies as st
from scale import tries

from k20kg.cli import main
from k20kg.sparql.disk import load
from k20kg.sparql.merge import counts, merged_copy
from k20kg.sparql.sparql import Rows, Triples, answer
from k20kg.sparql.store import open_files, open_packaged, open_store
from k20kg.web.dataset import Dataset
from k20kg.web.settings import Limits
from k20kg.web.sparql.answering import Question, answer_question

E = "http://example.org/"
TRIG = """\
@prefix : <http://example.org/> .
:one { :a :heads 4 ; :knows _:x . _:x :heads 1 . }
:two { :a :heads 4 ; :knows _:x . _:x :heads 1 . :a :says "hi" . }
:three { :a :heads 4 . :b :heads 7 . }
:a :heads 4 .
"""
"""The triples: two of :a and _:x in two graphs and more, one each of :a and :b in one."""
HEADS = f"?s <{E}heads> ?h"
ALL = {
    "COUNT(*)": ("?s ?p ?o", "5"),
    "COUNT(?h)": (HEADS, "3"),
    "SUM(?h)": (HEADS, "12"),
    "AVG(?h)": (HEADS, "4"),
    "COUNT(DISTINCT ?s)": (HEADS, "3"),
    "GROUP_CONCAT(STR(?h))": (f"<{E}a> <{E}heads> ?h", "4"),
    "COUNT(?x)": (f"<{E}a> <{E}knows>/<{E}heads> ?x", "1"),
    "SUM(?x)": (f"<{E}a> <{E}knows>|<{E}heads> ?x FILTER isLITERAL(?x)", "4"),
    "COUNT(?z)": (f"?y <{E}heads> ?z OPTIONAL {{ ?y <{E}says> ?w }}", "3"),
    "COUNT(?g)": ("GRAPH ?g { ?s ?p ?o }", "9"),
    "COUNT(?n)": (f"{{ SELECT ?n {{ ?n <{E}heads> ?m }} }} FILTER EXISTS {{ ?n ?p ?o }}", "3"),
}


def question(figure: str, dataset: str = "") -> str:
    return f"SELECT ({figure} AS ?n) {dataset} WHERE {{ {ALL[figure][0]} }}"


def value(found: Any) -> str:
    assert isinstance(found, Rows)
    return str(found.rows[0][0].value)  # type: ignore[union-attr]


@pytest.fixture(scope="module")
def trig(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "same.trig"
    path.write_text(TRIG, encoding="utf-8")
    return path


# ---------------------------------------------------------------- everywhere


@pytest.mark.parametrize("figure", ALL)
def test_figures_of_files(trig: Path, figure: str) -> None:
    assert value(open_files([trig]).select(question(figure))) == ALL[figure][1]


def test_figures_of_a_store(trig: Path, tmp_path: Path) -> None:
    load([trig], tmp_path / "store")
    store = open_store(tmp_path / "store")
    assert {f: value(store.select(question(f))) for f in ALL} == {f: ALL[f][1] for f in ALL}


def test_figures_over_http(trig: Path) -> None:
    store = ox.Store()
    store.load(path=trig, format=ox.RdfFormat.TRIG)
    with closing(Endpoint(Dataset(store, "0", "0" * 64))) as endpoint:
        found = {f: endpoint.query(question(f), "text/csv").text.split()[1] for f in ALL}
    assert found == {f: ALL[f][1] for f in ALL}


def test_a_saved_question_counts_once(
    trig: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    query = tmp_path / "heads.rq"
    query.write_text(f"#+ summary: Heads?\n{question('SUM(?h)')}", encoding="utf-8")
    assert main(["query", str(query), "--data", str(trig), "-f", "csv"]) == 0
    assert capsys.readouterr().out == "n\r\n12\r\n"


def test_the_same_triples_in_two_files(tmp_path: Path) -> None:
    for name in ("one.ttl", "two.nt"):
        (tmp_path / name).write_text(f"<{E}a> <{E}heads> <{E}b> .\n", encoding="utf-8")
    store = open_files([tmp_path])
    assert value(store.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")) == "1"
    assert value(store.select("SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }")) == "2"


def test_packaged_figures_are_those_of_the_paper() -> None:
    """Chart 4: 18 people of LAUSD, 6 of the university and 2 of WestEd took part."""
    store = open_packaged()
    found = store.select("""SELECT ?firm (SUM(?heads) AS ?n) WHERE {
        <https://w3id.org/k20kg/case/lamsig> k20:participation ?p .
        ?p k20:homeFirm ?firm ; k20:headcount ?heads . } GROUP BY ?firm""")
    assert isinstance(found, Rows)
    figures = {str(firm.value).rpartition("/")[2]: int(n.value) for firm, n in found.rows}  # type: ignore[union-attr]
    assert figures == {"lausd": 18, "uw-madison": 6, "wested": 2}
    districts = "SELECT (COUNT(%s ?d) AS ?n) { ?d a k20:K12SchoolDistrict }"
    assert store.select(districts % "") == store.select(districts % "DISTINCT")


# ---------------------------------------------------------------- graphs that are named

FROM = {
    "FROM :one": ("COUNT(*)", "3"),
    "FROM :one FROM :one": ("COUNT(*)", "3"),
    "FROM :one FROM :two": ("COUNT(*)", "4"),
    "FROM :two FROM :three": ("SUM(?h)", "12"),
    "FROM :one FROM :two FROM :three": ("COUNT(*)", "5"),
    "FROM NAMED :one FROM NAMED :two": ("COUNT(*)", "0"),
    "FROM :one FROM :three FROM NAMED :two": ("COUNT(?g)", "4"),
    "FROM :one FROM :two FROM NAMED :one": ("COUNT(?g)", "3"),
}


@pytest.mark.parametrize("dataset", FROM)
def test_from_is_a_merge_too(trig: Path, dataset: str) -> None:
    figure, expected = FROM[dataset]
    text = f"PREFIX : <{E}> {question(figure, dataset)}"
    assert value(open_files([trig]).select(text)) == expected
    store = ox.Store()
    store.load(path=trig, format=ox.RdfFormat.TRIG)
    body = answer_question(store, Question(text, "csv"), Limits())[1]
    assert body.decode().split()[1] == expected


def test_blank_nodes_are_the_same_in_the_merge_and_in_the_graphs(trig: Path) -> None:
    text = f"""SELECT (COUNT(*) AS ?n) %s WHERE {{
        ?a <{E}knows> ?x . GRAPH ?g {{ ?x <{E}heads> 1 }} }}"""
    store = open_files([trig])
    chosen = f"FROM <{E}one> FROM <{E}three> FROM NAMED <{E}one> FROM NAMED <{E}two>"
    assert value(store.select(text % "")) == "2"
    assert value(store.select(text % chosen)) == "2"


def test_graphs_are_named_beside_the_query(trig: Path) -> None:
    store = ox.Store()
    store.load(path=trig, format=ox.RdfFormat.TRIG)
    one, two, none = f"{E}one", f"{E}two", f"{E}none"
    with closing(Endpoint(Dataset(store, "0", "0" * 64))) as endpoint:

        def count(figure: str = "COUNT(*)", **graphs: list[str]) -> str:
            path = at(query=[question(figure)], format=["csv"], **graphs)
            posted = endpoint.post(
                at(format=["csv"], **graphs), content=question(figure), headers=QUERY_TYPE
            )
            got = endpoint.get(path)
            assert got.text == posted.text
            return got.text.split()[1]

        assert count(default_graph_uri=[one, two]) == "4"
        assert count(default_graph_uri=[two, one, two]) == "4"
        assert count(default_graph_uri=[one, one]) == "3"
        assert count(default_graph_uri=[one, none]) == "3"
        assert count(default_graph_uri=[none]) == "0"
        assert count("COUNT(?g)", default_graph_uri=[one, two], named_graph_uri=[two]) == "4"
        # Empty names are passed over.
        assert count(default_graph_uri=[""]) == "5"
        assert count(default_graph_uri=["", one]) == "3"
        assert count(default_graph_uri=[""], named_graph_uri=[""]) == "5"
        assert endpoint.get(at(query=["ASK {}"], default_graph_uri=["one"])).status_code == 400


def test_nothing_is_shown_twice_by_the_site() -> None:
    with closing(whole_endpoint()) as endpoint:
        text = "SELECT (COUNT(*) AS ?n) { %s }"
        merged = endpoint.query(text % "?s ?p ?o", "text/csv").text
        distinct = endpoint.query(text % "SELECT DISTINCT ?s ?p ?o { ?s ?p ?o }", "text/csv").text
    assert merged == distinct


# ---------------------------------------------------------------- which queries count


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ASK { ?s ?p ?o }", False),
        ("ASK { ?s ?p ?o } LIMIT 3 OFFSET 2", True),
        ("select distinct ?s { ?s ?p ?o } ORDER BY ?s", False),
        ("SELECT DISTINCT ?s { ?s ?p 'COUNT SELECT' . ?count ?limit k20:sum }", False),
        ("SELECT ?s { ?s ?p ?o }", True),
        ("SELECT ?distinct { ?s ?p ?distinct }", True),
        ("SELECT DISTINCT (COUNT(*) AS ?n) { ?s ?p ?o }", True),
        ("SELECT DISTINCT ?n { { SELECT (SUM(?o) AS ?n) { ?s ?p ?o } } }", True),
        ("SELECT DISTINCT ?n { BIND(STRUUID() AS ?n) ?s ?p ?o }", True),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER (?o > 1) }", False),
        ("CONSTRUCT WHERE { ?s ?p ?o }", False),
        ("CONSTRUCT { ?s ?p [] } WHERE { ?s ?p ?o }", True),
        ("CONSTRUCT { ?s ?p _:b } WHERE { ?s ?p ?o }", True),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 10", True),
        ("DESCRIBE ?s { ?s ?p ?o }", False),
        ("DESCRIBE ?s { ?s ?p ?o } LIMIT 1", True),
    ],
)
def test_which_queries_count(text: str, expected: bool) -> None:
    assert counts(text) is expected


def test_a_new_blank_node_is_made_once_for_a_triple(trig: Path) -> None:
    text = f"CONSTRUCT {{ ?s <{E}one> [] }} WHERE {{ ?s <{E}heads> 7 . <{E}a> <{E}heads> 4 }}"
    found = open_files([trig]).construct(text)
    assert isinstance(found, Triples)
    assert len(found.triples) == 1


# ---------------------------------------------------------------- any query, any split

GRAPHS = ("", *(f"<{E}g{n}>" for n in range(3)))
NODES = [f"<{E}n{n}>" for n in range(3)]
LINKS = [f"<{E}p>", f"<{E}q>"]
NUMBER = f"<{E}number>"
VARIABLES = ["?a", "?b", "?c"]

triples = st.one_of(
    st.tuples(st.sampled_from([*NODES, "_:x"]), st.sampled_from(LINKS), st.sampled_from(NODES)),
    st.tuples(
        st.sampled_from([*NODES, "_:x"]),
        st.just(NUMBER),
        st.integers(1, 3).map(lambda n: f'"{n}"^^<http://www.w3.org/2001/XMLSchema#integer>'),
    ),
)
split = st.lists(
    st.tuples(triples, st.sets(st.sampled_from(GRAPHS), min_size=1)), min_size=1, max_size=12
)
patterns = st.builds(
    "{} {} {}".format,
    st.sampled_from([*VARIABLES, NODES[0]]),
    st.sampled_from([*LINKS, f"{LINKS[0]}/{LINKS[1]}", f"^{LINKS[0]}", f"{LINKS[0]}+", "?p"]),
    st.sampled_from([*VARIABLES, NODES[1]]),
)
parts = st.one_of(
    patterns.map("OPTIONAL {{ {} }}".format),
    patterns.map("FILTER EXISTS {{ {} }}".format),
    patterns.map("FILTER NOT EXISTS {{ {} }}".format),
    st.builds("{{ {} }} UNION {{ {} }}".format, patterns, patterns),
    # Never of nothing: rdflib then finds one group, and there is none.
    patterns.map(
        "{{ SELECT ?a (COUNT(*) AS ?k) {{ ?a ?r ?d OPTIONAL {{ {} }} }} GROUP BY ?a }}".format
    ),
    patterns.map("{{ SELECT DISTINCT ?a ?b WHERE {{ {} }} }}".format),
)
heads = st.sampled_from(
    [
        ("?a ?b ?c ?v", ""),
        ("DISTINCT ?a ?v", ""),
        ("(COUNT(*) AS ?n) (SUM(?v) AS ?t)", ""),
        ("?a (COUNT(*) AS ?n) (SUM(?v) AS ?t) (COUNT(DISTINCT ?b) AS ?d)", "GROUP BY ?a"),
        ("?b (COUNT(?c) AS ?n) (MAX(?v) AS ?m)", "GROUP BY ?b HAVING (COUNT(*) > 1)"),
    ]
)


@st.composite
def queries(draw: st.DrawFn) -> str:
    shown, end = draw(heads)
    steps = [f"?a {NUMBER} ?v", *draw(st.lists(patterns, max_size=2)), draw(parts)]
    return f"SELECT {shown} %s WHERE {{ {' . '.join(steps)} }} {end}"


def bag(rows: Iterator[Any]) -> Counter[tuple[str, ...]]:
    """Return rows as a bag of texts; all blank nodes look alike."""
    return Counter(
        tuple("" if term is None else str(getattr(term, "value", term)) for term in row)
        for row in rows
    )


def without_names(rows: Iterator[Any]) -> Iterator[list[Any]]:
    for row in rows:
        yield ["_" if isinstance(t, ox.BlankNode | rdflib.BNode) else t for t in row]


def expected_rows(lines: list[str], text: str) -> Counter[tuple[str, ...]]:
    """Return what rdflib finds in the merged graph."""
    graph = rdflib.Graph().parse(data="\n".join(lines), format="nt")
    return bag(without_names(iter(graph.query(text % ""))))


@settings(max_examples=tries(sample=60, prove=1000), deadline=None)
@given(split, queries())
def test_any_query_gives_the_rows_of_the_merged_graph(
    data: list[tuple[tuple[str, ...], set[str]]], text: str
) -> None:
    quads = [f"{' '.join(t)} {graph} ." for t, graphs in data for graph in sorted(graphs)]
    every = [f"{' '.join(t)} ." for t, _ in data]
    named = [f"{' '.join(t)} ." for t, graphs in data if graphs - {""}]
    from_all = " ".join(f"FROM {graph}" for graph in GRAPHS[1:] if any(graph in q for q in quads))
    with TemporaryDirectory() as folder:
        path = Path(folder, "data.nq")
        path.write_text("\n".join(quads), encoding="utf-8")
        store = open_files([path])
        for dataset, lines in (("", every), (from_all, named)):
            if dataset or lines is every:
                found = answer(store, text % dataset)
                assert isinstance(found, Rows)
                assert bag(without_names(iter(found.rows))) == expected_rows(lines, text)


@settings(max_examples=8, deadline=None)
@given(split, st.lists(queries(), min_size=8, max_size=8))
def test_any_query_of_a_store_likewise(
    data: list[tuple[tuple[str, ...], set[str]]], texts: list[str]
) -> None:
    with TemporaryDirectory() as folder:
        for part, graph in enumerate(GRAPHS):  # blank nodes of files stay apart
            lines = [f"{' '.join(t)} {graph} ." for t, g in data if graph in g and "_:x" not in t]
            Path(folder, f"{part}.nq").write_text("\n".join(lines), encoding="utf-8")
        load([Path(folder)], Path(folder, "store"))
        store = open_store(Path(folder, "store"))
        every = [f"{' '.join(t)} ." for t, _ in data if "_:x" not in t]
        for text in texts:
            found = answer(store, text % "")
            assert isinstance(found, Rows)
            assert bag(without_names(iter(found.rows))) == expected_rows(every, text)


def test_a_copy_is_merged_and_the_original_stays_as_it_is(trig: Path) -> None:
    store = ox.Store()
    store.load(path=trig, format=ox.RdfFormat.TRIG)
    copied = merged_copy(store)
    assert len(store) == 10
    assert len(copied) == 14


def test_nothing_is_copied_where_no_triple_stands_in_two_graphs(tmp_path: Path) -> None:
    path = tmp_path / "apart.trig"
    path.write_text(f"<{E}g> {{ <{E}a> <{E}p> 1 , 2 }} <{E}h> {{ <{E}a> <{E}p> 3 }}")
    load([path], tmp_path / "store")
    for store in (open_files([path]), open_store(tmp_path / "store")):
        assert value(store.select("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")) == "3"
        both = f"SELECT (SUM(?o) AS ?n) FROM <{E}g> FROM <{E}h> {{ ?s ?p ?o }}"
        assert value(store.select(both)) == "6"
        assert len(store.raw) == 3


def test_a_store_is_merged_by_the_load_that_brings_a_triple_again(tmp_path: Path) -> None:
    for name, text in (("a.ttl", "1 , 2"), ("b.ttl", "3"), ("c.ttl", "3 , 4")):
        (tmp_path / name).write_text(f"<{E}a> <{E}p> {text} .")
        load([tmp_path / name], tmp_path / "store")
    store = open_store(tmp_path / "store")
    assert value(store.select("SELECT (SUM(?o) AS ?n) { ?s ?p ?o }")) == "10"
    assert value(store.select("SELECT (SUM(?o) AS ?n) { GRAPH ?g { ?s ?p ?o } }")) == "13"
