"""The literature graph: counts, evidence, references, BibTeX both ways, every query's answer."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from bibtexparser.entrypoint import parse_string

from k20kg.bibliography import render_bibtex
from k20kg.sources.published import load_published
from k20kg.vocabulary import BASE, K20, packaged

LITERATURE = packaged("data", "literature")
QUERIES = sorted(packaged("queries", "literature").glob("*.rq"))
ONTOLOGY = packaged("ontology", "literature.ttl")
HEAD = ("summary", "id", "description", "tags", "parameters", "expects")
PREFIXES = f"""
BASE <{BASE}>
PREFIX k20: <{K20}>
PREFIX bibo: <http://purl.org/ontology/bibo/>
PREFIX cito: <http://purl.org/spar/cito/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
Row = list[str]


def load(*paths: Path) -> ox.Store:
    store = ox.Store()
    load_published(store, {path: ox.NamedNode(BASE + path.name) for path in paths})
    return store


@cache
def literature() -> ox.Store:
    files = sorted(LITERATURE.glob("*.ttl"))
    assert len(files) == 11
    return load(*files)


@cache
def with_ontology() -> ox.Store:
    ontology = sorted(packaged("ontology").glob("*.ttl"))
    assert ontology
    return load(*sorted(LITERATURE.glob("*.ttl")), *ontology)


def ask_rows(store: ox.Store, text: str) -> tuple[Row, list[Row]]:
    found = store.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QuerySolutions)
    columns = [variable.value for variable in found.variables]
    return columns, [["" if v is None else str(v.value) for v in row] for row in found]


def rows(text: str, store: ox.Store | None = None) -> list[Row]:
    return ask_rows(store or literature(), PREFIXES + text)[1]


# ---------------------------------------------------------------- what is there


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("?x a k20:Work ; k20:evidencedBy/a k20:ListEntry .", 98),
        ("?x a k20:Work FILTER NOT EXISTS { ?x k20:evidencedBy/a k20:ListEntry }", 6),
        ("?x a k20:PossibleWork .", 7),
        ("?x a k20:Citation .", 99),
        ('?x a k20:ReadingNote FILTER STRSTARTS(STR(?x), CONCAT(STR(<>), "discrepancy/"))', 95),
        ("?x a k20:DefinitionPattern .", 4),
        ("?x a k20:ReviewQuestion .", 5),
        ("?c cito:hasCitedEntity ?x . ?x k20:evidencedBy/a k20:ListEntry .", 53),
    ],
)
def test_as_many_are_recorded_as_the_documents_have(pattern: str, count: int) -> None:
    select = f"SELECT (COUNT(DISTINCT ?x) AS ?n) WHERE {{ {pattern} }}"
    assert rows(select) == [[str(count)]]


def test_every_record_has_a_source_and_a_line() -> None:
    kinds = rows(
        "SELECT DISTINCT ?kind WHERE { ?kind rdfs:subClassOf+ k20:Record }", with_ontology()
    )
    listed = " ".join(f"<{kind}>" for [kind] in kinds)
    records = rows(
        f"""SELECT DISTINCT ?record WHERE {{ VALUES ?kind {{ {listed} }} ?record a ?kind }}"""
    )
    located = rows(
        """SELECT DISTINCT ?record WHERE {
            ?record k20:evidencedBy ?item .
            ?item k20:source ?source ; k20:firstLine ?line ; k20:lastLine ?last ;
                k20:locator ?locator ; k20:section ?section ; k20:method ?how ; k20:codedBy ?who .
            FILTER (?line <= ?last && CONTAINS(?locator, STR(?line)))
        }"""
    )
    assert len(records) > 800
    bare = {record for [record] in records} - {record for [record] in located}
    # definitions keep their evidence on their components
    elsewhere = (
        BASE + "definition/",
        BASE + "source/paper/chart/",
        BASE + "note/mappings-of-literature",
    )
    assert {iri for iri in bare if not iri.startswith(elsewhere)} == set()


def test_a_citation_rests_on_its_own_place_and_line() -> None:
    elsewhere = rows(
        """SELECT ?c WHERE { ?c a k20:Citation ; rdfs:label ?label ; k20:evidencedBy ?place .
            ?place k20:firstLine ?line
            FILTER (!STRSTARTS(STR(?place), CONCAT(STR(?c), "/"))
                || !CONTAINS(?label, CONCAT("line ", STR(?line), ":"))) }"""
    )
    assert elsewhere == []


def test_every_line_lies_within_its_document() -> None:
    out_of_range = rows(
        """SELECT ?item WHERE { ?item k20:source ?source ; k20:firstLine ?line ; k20:lastLine ?last
            FILTER (?line < 1 || ?last > IF(?source = <source/paper>, 659, 203)) }"""
    )
    assert out_of_range == []


def test_no_reference_within_the_literature_dangles() -> None:
    store = with_ontology()
    store.load(path=packaged("data", "context.ttl"), format=ox.RdfFormat.TURTLE)
    described = {quad.subject.value for quad in store if isinstance(quad.subject, ox.NamedNode)}
    referred = {
        quad.object.value
        for quad in literature()
        if isinstance(quad.object, ox.NamedNode) and quad.object.value.startswith(BASE)
    }
    # cases and definitions are described elsewhere
    elsewhere = "case|definition|note-kind"
    own = {iri for iri in referred if not re.match(rf"{BASE}({elsewhere})/", iri)}
    assert len(own) > 1500
    assert {iri for iri in own if "ontology#" not in iri} - described == set()


def test_no_blank_node_and_no_bare_date_is_used() -> None:
    for quad in literature():
        assert isinstance(quad.subject, ox.NamedNode)
        assert not isinstance(quad.object, ox.BlankNode)
        if isinstance(quad.object, ox.Literal):
            assert quad.object.datatype.value != "http://www.w3.org/2001/XMLSchema#date"


def test_authors_are_numbered_without_a_gap() -> None:
    counted = rows(
        """SELECT ?work (COUNT(?a) AS ?n) (MAX(?order) AS ?last) WHERE {
            ?work k20:authorship ?a . ?a k20:order ?order ; k20:nameAsPrinted ?name
        } GROUP BY ?work"""
    )
    assert len(counted) == 104
    assert all(count == last for _, count, last in counted)


def test_entries_stand_in_the_order_of_the_list() -> None:
    entries = rows(
        """SELECT ?order ?line WHERE {
            ?entry a k20:ListEntry ; k20:order ?order ; k20:firstLine ?line } ORDER BY ?order"""
    )
    assert [int(order) for order, _ in entries] == list(range(1, 99))
    lines = [int(line) for _, line in entries]
    assert lines == sorted(set(lines))
    assert (lines[0], lines[-1]) == (502, 659)


# ---------------------------------------------------------------- what hangs together


def test_each_stance_is_on_the_node_and_stated_as_a_triple() -> None:
    on_nodes = rows(
        """SELECT DISTINCT ?from ?stance ?to WHERE { ?c cito:hasCitationCharacterization ?stance ;
            cito:hasCitingEntity ?from ; cito:hasCitedEntity ?to } ORDER BY ?from ?stance ?to"""
    )
    as_triples = rows(
        """SELECT DISTINCT ?from ?stance ?to WHERE { ?from ?stance ?to
            FILTER STRSTARTS(STR(?from), CONCAT(STR(<>), "source/"))
            FILTER STRSTARTS(STR(?stance), STR(cito:)) } ORDER BY ?from ?stance ?to"""
    )
    assert len(on_nodes) > 60
    assert on_nodes == as_triples


def test_a_citation_resolves_to_no_entry_only_if_the_work_has_none() -> None:
    unlike = rows(
        """SELECT ?c WHERE { ?c k20:resolution ?how ; cito:hasCitedEntity ?work
            BIND (EXISTS { ?work k20:evidencedBy/a k20:ListEntry } AS ?listed)
            FILTER (?listed = (?how = <resolution/none>)) }"""
    )
    assert unlike == []


def test_resolutions_are_as_many_of_each_kind_as_were_read() -> None:
    counted = rows(
        """SELECT ?how (COUNT(?c) AS ?n) WHERE { ?c a k20:Citation ; k20:resolution ?how }
            GROUP BY ?how ORDER BY ?how"""
    )
    assert {how.rpartition("/")[2]: int(n) for how, n in counted} == {
        "exact": 63,
        "variant": 23,
        "probable": 5,
        "none": 8,
    }


def test_every_discrepancy_has_all_its_positions_and_nothing_is_chosen() -> None:
    notes = rows(
        """SELECT ?note (COUNT(DISTINCT ?p) AS ?n) WHERE {
            ?note k20:severity ?severity ; k20:noteKind ?kind ; k20:noteCategory ?category ;
                k20:regards ?what ; rdfs:label ?label ; rdfs:comment ?comment ;
                k20:notePosition ?p .
            ?note k20:evidencedBy ?p .
            ?p k20:valueRead ?value ; k20:source ?source ; k20:firstLine ?line
        } GROUP BY ?note"""
    )
    assert len(notes) == 95
    assert sum(int(n) for _, n in notes) == 262


def test_every_term_is_documented_and_scoped() -> None:
    store = load(ONTOLOGY)
    own = "FILTER STRSTARTS(STR(?t), STR(k20:)) FILTER EXISTS { ?t skos:definition ?d0 }"
    terms = rows(f"SELECT DISTINCT ?t WHERE {{ ?t a ?kind {own} }}", store)
    documented = rows(
        f"""SELECT DISTINCT ?t WHERE {{ ?t rdfs:label ?l ; skos:prefLabel ?l ; skos:definition ?d ;
            dcterms:source ?s {own} }}""",
        store,
    )
    assert len(terms) > 70
    assert sorted(terms) == sorted(documented)
    unscoped = rows(
        f"""SELECT DISTINCT ?t WHERE {{ VALUES ?kind {{ owl:ObjectProperty owl:DatatypeProperty }}
            ?t a ?kind {own} FILTER NOT EXISTS {{ ?t k20:unscopedBecause ?why }}
            FILTER NOT EXISTS {{ ?t rdfs:domain ?domain ; rdfs:range ?range }} }}""",
        store,
    )
    assert unscoped == []


# ---------------------------------------------------------------- BibTeX


def unescaped(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text)


def entries_of(text: str) -> set[tuple[str, str, str, tuple[str, ...], str, str]]:
    library = parse_string(text)
    assert library.failed_blocks == []
    found = set()
    for entry in library.entries:
        fields = {field.key: str(field.value) for field in entry.fields}
        title = unescaped(fields.get("title", "").removeprefix("{").removesuffix("}"))
        authors = tuple(
            unescaped(name.removeprefix("{").removesuffix("}"))
            for name in fields["author"].split(" and ")
        )
        pages, volume = fields.get("pages", ""), fields.get("volume", "")
        found.add((entry.key, title, fields.get("year", ""), authors, pages, volume))
    return found


def works_of(store: ox.Store) -> set[tuple[str, str, str, tuple[str, ...], str, str]]:
    names: dict[str, list[str]] = {}
    for work, name in rows(
        """SELECT ?work ?name WHERE { ?work a k20:Work ; k20:authorship ?a .
            ?a k20:order ?order ; k20:authorName ?name } ORDER BY ?work ?order""",
        store,
    ):
        names.setdefault(work, []).append(name)
    fields = rows(
        """SELECT ?work ?title ?year ?pages ?volume WHERE { ?work a k20:Work
            OPTIONAL { ?work dcterms:title ?title } OPTIONAL { ?work k20:publicationYear ?year }
            OPTIONAL { ?work bibo:pages ?pages } OPTIONAL { ?work bibo:volume ?volume } }""",
        store,
    )
    return {
        (work.rpartition("/")[2], title, year, tuple(names[work]), pages, volume)
        for work, title, year, pages, volume in fields
    }


def test_bibtex_says_what_the_graph_says_and_no_more() -> None:
    entries = entries_of(render_bibtex(literature()))
    assert len(entries) == 104
    assert entries == works_of(literature())


def test_the_bibtex_file_is_the_one_that_the_graph_gives() -> None:
    shipped = (LITERATURE / "works.bib").read_text(encoding="utf-8")
    assert shipped == render_bibtex(literature())


def test_bibtex_tells_unlisted_and_undated_works_apart() -> None:
    entries = {e.key: e for e in parse_string(render_bibtex(literature())).entries}
    assert entries["wenger-1998"]["note"] == "cited, not listed"
    assert entries["osthoff-forthcoming"]["note"] == "forthcoming; cited, not listed"
    assert entries["winkler-undated"]["note"] == "unpublished working paper"
    assert "note" not in entries["goodlad-1991"].fields_dict
    assert "lang-gordon-2002" not in entries


def test_an_empty_store_gives_no_bibtex() -> None:
    assert render_bibtex(ox.Store()) == ""


# ---------------------------------------------------------------- queries


def test_there_are_literature_queries_and_no_stray_answers() -> None:
    assert len(QUERIES) >= 40
    answers = {path.stem for path in packaged("queries", "literature").glob("*.csv")}
    assert answers == {path.stem for path in QUERIES}
    heads = [path.read_text(encoding="utf-8").splitlines()[1] for path in QUERIES]
    assert len(set(heads)) == len(heads), "two queries share an id"


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_returns_exactly_its_expected_rows(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    with path.with_suffix(".csv").open(encoding="utf-8", newline="") as file:
        header, *expected = list(csv.reader(file))
    columns, found = ask_rows(literature(), text)
    assert columns == header
    assert found == expected
    assert f"#+ expects: rows {len(expected)}\n" in text


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_an_answer_stays_the_same_beside_the_ontology(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert ask_rows(with_ontology(), text) == ask_rows(literature(), text)


@pytest.mark.parametrize("path", QUERIES, ids=lambda path: path.stem)
def test_a_query_documents_itself(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    head = re.findall(r"^#\+ (\S[^:]*):", text, re.MULTILINE)
    assert tuple(name for name in head if name != "values") == HEAD
    assert "SELECT *" not in text
    assert "ORDER BY" in text
    assert re.fullmatch(r"[a-z0-9-]+", path.stem)
