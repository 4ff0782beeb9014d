"""The vocabulary: one label a term, a home for each, and one account of it for page and command."""

from __future__ import annotations

import re
import runpy
from collections import Counter
from functools import cache

import pytest
from test_cli import Captured, run

from k20kg.find.usage import usage
from k20kg.rdf.graph import Graph
from k20kg.report.listing import term_entries
from k20kg.sheets.schema import STARTER
from k20kg.sheets.workbooks import workbook
from k20kg.sources.published import read_published
from k20kg.sources.terms import reference, vocabulary
from k20kg.sparql.sparql import Rows
from k20kg.sparql.store import open_packaged
from k20kg.vocabulary import BASE, K20, OWL, RDFS, SKOS, packaged, shorten

FILES = sorted(packaged("ontology").rglob("*.ttl"))


@cache
def published() -> Graph:
    return Graph(read_published(*FILES))


@cache
def terms() -> list[str]:
    return [iri for iri in vocabulary().having(SKOS + "prefLabel") if iri.startswith(K20)]


def test_no_two_terms_have_one_label() -> None:
    labels = Counter(vocabulary().label(iri).lower() for iri in terms())
    assert [label for label, count in labels.items() if count > 1] == []


def test_each_term_says_where_it_is_defined_and_each_file_what_it_needs() -> None:
    known = set(published().of_type(OWL + "Ontology"))
    assert len(known) == len(FILES)
    for iri in terms():
        assert len(published().values(iri, RDFS + "isDefinedBy")) == 1, iri
        assert set(published().values(iri, RDFS + "isDefinedBy")) <= known
    for ontology in known:
        needed = set(published().values(ontology, OWL + "imports"))
        assert needed <= known - {ontology}
        assert ontology == BASE + "ontology" or needed, ontology


@pytest.mark.parametrize("name", ["k20:Work", "k20:goal", "k20:Interview", "k20:SubGroup"])
def test_explain_tells_how_often_a_term_is_used(name: str, capsys: Captured) -> None:
    code, out, _ = run(capsys, "explain", name, "-f", "csv")
    assert code == 0
    use = usage().get(K20 + name.removeprefix("k20:"))
    assert (f"{use.times} ×" in out and use.example in out) if use else "×" not in out


def test_uses_are_counted_as_a_query_counts_them() -> None:
    for pattern, term in (("?s a k20:Goal", "Goal"), ("?s k20:goal ?o", "goal")):
        found = open_packaged().select(f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}")
        assert isinstance(found, Rows)
        ((count,),) = found.rows
        assert count
        assert usage()[K20 + term].times == int(count.value)  # type: ignore[union-attr]


def test_the_page_says_of_each_term_what_explain_says() -> None:
    made = runpy.run_path(str(packaged("docs", "generate.py")), run_name="generate")
    page = "\n".join(made["Vocabulary"]().page())
    rows = dict(re.findall(r'^\| <a id="(\w+)"></a>(.*)$', page, re.MULTILINE))
    told = {iri: dict(term_entries(iri)) for iri in terms()}
    assert len(rows) > 400
    for name, row in rows.items():
        means = told[K20 + name]["means"].replace("|", "\\|")
        assert means in row, name
        use = usage().get(K20 + name)
        assert f"| {use.times}<br>" in row if use else row.endswith("| – |"), name


def test_a_list_has_terms_or_addresses_of_words_and_shapes_ask_for_terms() -> None:
    by_list: dict[str, set[str]] = {}
    for iri in reference().having(SKOS + "inScheme"):
        for scheme in reference().values(iri, SKOS + "inScheme"):
            by_list.setdefault(scheme, set()).add(re.sub("[^/#]+$", "", iri))
    assert len(by_list) > 30
    assert {scheme: kinds for scheme, kinds in by_list.items() if len(kinds) > 1} == {}
    records = (record for sheet in workbook(STARTER).sheets for record in sheet.records)
    offered = {c for record in records for rule in record.rules for c in rule.kind.choices}
    assert {kind for kind in offered if not kind.startswith(K20)} == set(
        reference().values(f"{BASE}scheme/institutional-aims", SKOS + "hasTopConcept")
    )  # of the definition by Catelli and others
    described = {kind for (kind,) in by_list.values()} - {K20, f"{BASE}figure-topic/"}
    """Of a figure's topic no condition asks: a report sets it beside what it counts."""
    folders = (packaged("shapes", "clifford-millar-2007"), packaged("shapes", "record"))
    files = [path for folder in folders for path in folder.glob("*.ttl")]
    shapes = "".join(path.read_text("utf-8") for path in files)
    assert len(files) > 10
    assert [kind for kind in described if f"<{kind}" in shapes] == []


def test_a_value_that_the_data_add_is_explained_by_address_and_by_name(capsys: Captured) -> None:
    for name in ("construct/trust", "trust", f"{BASE}construct/trust"):
        code, out, _ = run(capsys, "explain", name, "-f", "csv")
        assert code == 0
        assert "construct/trust (trust)" in out


def test_the_tutorial_names_each_property_that_holds_sentences() -> None:
    told = packaged("docs", "from-question-to-rows.md").read_text("utf-8")
    words = r'REGEX(STR(?o), "^([^ ]+ +){5}[^ ]+")'
    found = open_packaged().select(
        f"SELECT ?p {{ ?s ?p ?o FILTER(isLiteral(?o) && {words}) MINUS {{ ?s a owl:Ontology }} }}"
        " GROUP BY ?p HAVING (COUNT(DISTINCT ?s) > 8)"
    )
    assert isinstance(found, Rows)
    names = {shorten(p.value) for (p,) in found.rows}  # type: ignore[union-attr]
    other = {"k20:locator", "k20:section", "dcterms:source", "k20:membersFoundBy"}
    assert len(names) > 15
    assert [n for n in names - other if f"`{n}`" not in told and "AsPrinted" not in n] == []
